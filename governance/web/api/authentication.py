"""Programs show a token in each call; there are no sessions and no cookies, so nothing to forge."""

from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from governance.access.models import ApiToken, User
from governance.access.selectors import token_by_digest
from governance.access.services import token_digest, token_used
from governance.access.viewer import remembered_viewer

SCHEME = "Bearer"


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer liren_…`. 2 SQL: token with account, grants; a third on its first call of a day.

    Unknown, expired and revoked tokens are refused alike, and so is everything else that stands in the header.
    """

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return account and token, None without the header; raises `AuthenticationFailed`."""
        parts = get_authorization_header(request).split()
        if not parts:
            return None
        if len(parts) != 2 or parts[0].lower() != SCHEME.lower().encode():
            raise AuthenticationFailed(_("请求头 Authorization 要写成：Bearer 加空格加令牌"), "token_unreadable")
        at = timezone.now()
        secret = parts[1].decode("ascii", "replace")
        token = token_by_digest(token_digest(secret), at=at)
        if token is None:
            raise AuthenticationFailed(_("令牌不对、已到期或已收回。请找发令牌的管理员。"), "token_invalid")
        token_used(token=token, day=timezone.localdate(at))
        inner: Any = request._request
        inner.viewer = remembered_viewer(token.user, at)
        inner._cached_user = token.user  # the log line names the account
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """What a 401 asks for."""
        return SCHEME
