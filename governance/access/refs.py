"""How people and grants are named and found by reference."""

from typing import Any

from django.urls import reverse

from governance.access.models import ApiToken, Grant, User
from governance.access.selectors import people_visible_to
from governance.refs import RefKind, register


def _user_label(user: User) -> str:
    return user.display_name


def _user_url(user: User) -> str:
    return reverse("access:person", args=[user.public_id])


def _grant_label(grant: Grant) -> str:
    return f"{grant.user.display_name} · {grant.role}"


def _grant_url(grant: Grant) -> str:
    return reverse("access:grants", query={"person": grant.user.public_id})


def _visible_grants(viewer: Any) -> Any:
    return Grant.objects.visible_to(viewer).select_related("user", "role")


register(RefKind("access.user", label=_user_label, url=_user_url, visible=people_visible_to))
register(RefKind("access.grant", label=_grant_label, url=_grant_url, visible=_visible_grants))
register(
    RefKind(
        "access.apitoken",
        label=lambda token: token.user.display_name,
        url=lambda token: reverse("access:tokens"),
        visible=lambda viewer: ApiToken.objects.visible_to(viewer).select_related("user"),
    )
)
