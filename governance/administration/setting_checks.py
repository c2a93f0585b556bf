"""System checks of sign-in settings: what does not fit together is found when the portal starts."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

NEEDED = ("OIDC_ISSUER", "OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET")


def check_provider(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Check that the identity provider is named whole, is reached by TLS, and that a claim says who comes."""
    missing = [name for name in NEEDED if not getattr(settings, name)]
    if len(missing) == len(NEEDED):
        return []
    if missing:
        return [Error(f"Sign-in through a provider needs {', '.join(missing)} as well.", id="administration.E001")]
    faults: list[CheckMessage] = []
    place = urlsplit(settings.OIDC_ISSUER)
    is_here = place.scheme == "http" and place.hostname in ("localhost", "127.0.0.1")
    if place.scheme != "https" and not is_here:
        faults.append(Error("OIDC_ISSUER must begin with https://.", id="administration.E002"))
    if not settings.OIDC_CLAIM:
        faults.append(Error("OIDC_CLAIM must name a claim, for example email.", id="administration.E003"))
    if "openid" not in settings.OIDC_SCOPES:
        faults.append(Error("OIDC_SCOPES must hold openid.", id="administration.E004"))
    if "pwd" in settings.OIDC_SECOND_STEP:
        faults.append(
            Warning("OIDC_SECOND_STEP trusts pwd: a password alone is no second step.", id="administration.W001")
        )
    return faults
