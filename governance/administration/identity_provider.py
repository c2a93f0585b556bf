"""The office's own identity provider, by OpenID Connect: authorisation code with state, nonce and PKCE (authlib).

What comes back is believed when its signature, issuer, audience, nonce and times are right; keys that the provider has
changed are fetched anew. Nothing of it is kept but who it was (`ExternalIdentity`).
"""

import time
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import requests
import structlog
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.django_client import OAuth
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _
from joserfc.errors import JoseError

log = structlog.get_logger("liren.identity_provider")

SKEW = 120  # seconds by which the two clocks may differ
FOUND_ANEW = 3600  # seconds after which the provider's addresses are read again
# keys of two halves only: what the provider signs with must be nothing that this portal knows, too
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
CAME = "through_provider"  # in the session of whoever came this way
_STATE = "_state_staff_"


class ProviderDown(Exception):
    """It cannot be reached, or does not answer as a provider does."""


class ProviderRefused(Exception):
    """What came back is not to be believed: an old link, a wrong signature, somebody who did not agree."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a provider says of whoever has just signed in there."""

    subject: str
    claims: dict[str, Any]
    target: str

    @property
    def has_second_step(self) -> bool:
        """Whether they came in with something that this office trusts as a second step."""
        said = {self.claims.get("acr"), *(self.claims.get("amr") or [])}
        return bool(said & set(settings.OIDC_SECOND_STEP))


def is_on() -> bool:
    """Whether an office has named a provider."""
    return bool(settings.OIDC_ISSUER and settings.OIDC_CLIENT_ID and settings.OIDC_CLIENT_SECRET)


def name() -> str:
    """What the provider is called on the button."""
    return settings.OIDC_NAME or _("统一身份认证")


def begin(request: HttpRequest, *, target: str) -> str:
    """The address at the provider that asks who it is; `target` is where they go afterwards. Raises `ProviderDown`."""
    try:
        client, back = _client(), request.build_absolute_uri(reverse("access:provider-back"))
        asked = client.create_authorization_url(back)
        client.save_authorize_data(request, redirect_uri=back, target=target, **asked)
        return str(asked["url"])
    except (requests.RequestException, OAuthError, RuntimeError, ValueError, KeyError, TypeError) as error:
        log.warning("provider_down", error=type(error).__name__)
        raise ProviderDown from error


def finish(request: HttpRequest) -> Told:
    """What the provider said of whoever comes back. Raises `ProviderDown` and `ProviderRefused`.

    The state is used up by the first try, so an address that is opened twice is refused the second time.
    """
    kept = request.session.get(_STATE + request.GET.get("state", ""))
    target = str(((kept or {}).get("data") or {}).get("target", ""))
    try:
        client = _client()
        wanted = {
            "iss": {"essential": True, "value": settings.OIDC_ISSUER},
            "aud": {"essential": True, "value": settings.OIDC_CLIENT_ID},
            "sub": {"essential": True},
        }
        token = client.authorize_access_token(request, claims_options=wanted, leeway=SKEW)
        claims = dict(token["userinfo"])
        if settings.OIDC_CLAIM not in claims and client.server_metadata.get("userinfo_endpoint"):
            more = dict(client.userinfo(token=token))
            if more.get("sub") == claims["sub"]:  # of the same person: else it is left unread
                claims = {**more, **claims}
    except requests.RequestException as error:
        log.warning("provider_down", error=type(error).__name__)
        raise ProviderDown from error
    except (OAuthError, JoseError, RuntimeError, ValueError, KeyError, TypeError) as error:
        log.warning("provider_refused", error=type(error).__name__, what=str(getattr(error, "error", "")))
        raise ProviderRefused from error
    return Told(subject=str(claims["sub"]), claims=claims, target=target)


def end_address(request: HttpRequest) -> str:
    """Where one signs out at the provider, too; "" where it has no such address, or is away."""
    if not is_on():
        return ""
    back = request.build_absolute_uri(reverse("access:sign-in"))
    try:
        ends = _client().create_logout_url(post_logout_redirect_uri=back, client_id=settings.OIDC_CLIENT_ID)
    except (requests.RequestException, RuntimeError, ValueError, KeyError, TypeError, ProviderDown):
        return ""
    return str(ends["url"])


def _client() -> Any:
    client = _made(
        settings.OIDC_ISSUER, settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET, int(time.time() // FOUND_ANEW)
    )
    found = client.load_server_metadata()
    if found.get("issuer") != settings.OIDC_ISSUER:
        raise ValueError("the discovery document names another issuer")
    offered = found.get("id_token_signing_alg_values_supported") or ["RS256"]
    found["id_token_signing_alg_values_supported"] = [one for one in offered if one in ALGORITHMS]
    return client


@lru_cache(maxsize=2)
def _made(issuer: str, client_id: str, client_secret: str, hour: int) -> Any:
    """One client a process and hour: it holds what the provider said of itself."""
    return OAuth().register(
        "staff",
        client_id=client_id,
        client_secret=client_secret,
        server_metadata_url=issuer.rstrip("/") + "/.well-known/openid-configuration",
        client_kwargs={
            "scope": " ".join(settings.OIDC_SCOPES),
            "code_challenge_method": "S256",
            "default_timeout": settings.OIDC_TIMEOUT,
        },
    )
