"""How organisations are named and found by reference. Everybody may know them; they have no page of their own yet."""

from typing import Any

from django.db.models import QuerySet

from governance.organisations.models import Organisation
from governance.refs import RefKind, register


def _label(organisation: Organisation) -> str:
    return organisation.label


def _url(organisation: Organisation) -> str:
    return ""


def _visible(viewer: Any) -> "QuerySet[Organisation]":
    return Organisation.objects.all()


register(RefKind("organisations.organisation", label=_label, url=_url, visible=_visible))
