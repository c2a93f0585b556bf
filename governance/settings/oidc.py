"""Sign-in of staff through an office's own identity provider (OpenID Connect); off unless an issuer is named.

`manage.py check` says what does not fit together (`governance/administration/setting_checks.py`).
"""

from environs import Env

env = Env()

OIDC_ISSUER = env.str("OIDC_ISSUER", "")  # exactly as the provider calls itself in its discovery document
OIDC_CLIENT_ID = env.str("OIDC_CLIENT_ID", "")
OIDC_CLIENT_SECRET = env.str("OIDC_CLIENT_SECRET", "")
OIDC_NAME = env.str("OIDC_NAME", "")  # on the button; without it: 统一身份认证
OIDC_SCOPES = env.list("OIDC_SCOPES", ["openid", "profile", "email"])
# Which claim names the colleague the first time: "email" is their address here and must be verified over there, any
# other is their staff number. From then on the provider's own name for them (`sub`) counts.
OIDC_CLAIM = env.str("OIDC_CLAIM", "email")
# Values of `acr` or `amr` that are worth a second step here; none: whoever needs one gives it here as well
OIDC_SECOND_STEP: list[str] = env.list("OIDC_SECOND_STEP", [])
OIDC_TIMEOUT = env.float("OIDC_TIMEOUT", 5.0)  # seconds for each call
