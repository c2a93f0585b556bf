"""An identity provider of a few lines, on the loopback address: discovery, keys, authorise, token, userinfo."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey


class Provider:
    """What it says of the person at it can be bent by each test (`bend`), and it forgets everything between two."""

    def __init__(self) -> None:
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), type("Handler", (_Handler,), {"provider": self}))
        self.issuer = f"http://127.0.0.1:{self.server.server_address[1]}"
        self.first = new_key("one")
        self.forget()
        Thread(target=self.server.serve_forever, daemon=True).start()

    def forget(self) -> None:
        self.keys = [self.first]
        self.person: dict[str, Any] = {"sub": "u-1"}
        self.bend: dict[str, Any] = {}
        self.userinfo: dict[str, Any] = {}
        self.is_down = False
        self.signer: RSAKey | None = None
        self.forge: Callable[[dict[str, Any]], str] | None = None
        self.asked: dict[str, dict[str, str]] = {}
        self.calls: list[str] = []

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def authorise(self, address: str) -> str:
        """What a browser does there: somebody agrees; returns the address they are sent back to."""
        said = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}
        assert said["response_type"] == "code"
        assert said["code_challenge_method"] == "S256"
        code = f"code-{len(self.asked)}"
        self.asked[code] = said
        return said["redirect_uri"] + "?" + urlencode({"code": code, "state": said["state"]})

    def token(self, form: dict[str, str]) -> dict[str, Any] | None:
        asked = self.asked.pop(form.get("code", ""), None)
        if asked is None:
            return None
        digest = hashlib.sha256(form["code_verifier"].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        if challenge != asked["code_challenge"] or form["redirect_uri"] != asked["redirect_uri"]:
            return None
        now = int(time.time())
        claims = {
            "iss": self.issuer,
            "aud": asked["client_id"],
            "iat": now,
            "exp": now + 300,
            "nonce": asked["nonce"],
            **self.person,
            **self.bend,
        }
        answer = {"access_token": "at", "token_type": "Bearer", "expires_in": 300}
        signed = self.forge(claims) if self.forge else self._signed(claims)
        return answer | ({"id_token": signed} if signed else {})

    def _signed(self, claims: dict[str, Any]) -> str:
        signer = self.signer or self.keys[0]
        return jwt.encode({"alg": "RS256", "kid": signer.kid}, claims, signer)


def forged(claims: dict[str, Any], *, algorithm: str, kid: str, secret: bytes) -> str:
    """A token by hand: unsigned, or "signed" with what everybody may read."""
    parts = [json.dumps(part).encode() for part in ({"alg": algorithm, "kid": kid}, claims)]
    text = b".".join(base64.urlsafe_b64encode(part).rstrip(b"=") for part in parts)
    made = hmac.digest(secret, text, "sha256") if algorithm == "HS256" else b""
    return (text + b"." + base64.urlsafe_b64encode(made).rstrip(b"=")).decode()


def new_key(name: str) -> RSAKey:
    """A key of two halves under a name."""
    return RSAKey.generate_key(2048, {"kid": name, "use": "sig", "alg": "RS256"})


class _Handler(BaseHTTPRequestHandler):
    provider: Provider

    def do_GET(self) -> None:
        one = self.provider
        self._answer(
            {
                "/.well-known/openid-configuration": {
                    "issuer": one.issuer,
                    "authorization_endpoint": f"{one.issuer}/authorize",
                    "token_endpoint": f"{one.issuer}/token",
                    "jwks_uri": f"{one.issuer}/keys",
                    "userinfo_endpoint": f"{one.issuer}/userinfo",
                    "end_session_endpoint": f"{one.issuer}/end",
                    "id_token_signing_alg_values_supported": ["RS256", "HS256", "none"],
                },
                "/keys": {"keys": [key.as_dict(private=False) for key in one.keys]},
                "/userinfo": one.userinfo,
            }.get(self.path)
        )

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        self._answer(self.provider.token({name: values[0] for name, values in parse_qs(body).items()}))

    def _answer(self, said: Any) -> None:
        self.provider.calls.append(self.path)
        status = 503 if self.provider.is_down else 200 if said is not None else 400
        data = json.dumps(said if said is not None else {"error": "invalid_grant"}).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_words: Any) -> None:
        """Not in the tests' output."""
