"""Groups of notice kinds, and the places in their texts: what people choose by, and what editors of texts read."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STAFF, RESIDENT = "staff", "resident"


@dataclass(frozen=True, slots=True)
class NoticeGroup:
    """Kinds that somebody wants, or does not want, together.

    `key` is "<app_label>.<name>" and stays for ever: people's choices name it. `reader` says in words whom the kinds
    go to. `chosen_by` is the kind of person who finds the group on the page of choices ("" for nobody: its readers
    have no account, or each letter ends itself). `fixed` says why it cannot be switched off, "" where it can.
    `has_sms`: whether a kind of this group may go to a telephone.
    """

    key: str
    title: str | Promise
    reader: str | Promise
    chosen_by: str = ""
    fixed: str | Promise = ""
    has_sms: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """A `{placeholder}`: what will stand there, and an example as a context holds it."""

    meaning: str | Promise
    example: Any


OTHER = NoticeGroup("notifications.other", _("其他"), _("相关的人"))
UPKEEP = NoticeGroup("notifications.upkeep", _("设置要人看一看"), _("管这项设置的人"), STAFF)

_places: dict[str, dict[str, Place]] = {}


def describe_places(app_label: str, places: Mapping[str, Place]) -> None:
    """Say what the placeholders of an app's kinds mean; a name means the same in all kinds of one app."""
    known = _places.setdefault(app_label, {})
    if twice := known.keys() & places.keys():
        raise ImproperlyConfigured(f"Placeholders of {app_label!r} are described twice: {sorted(twice)}.")
    known.update(places)


def place_of(kind_key: str, name: str) -> Place | None:
    """Return what a kind's placeholder means; None where its app does not say."""
    return _places.get(kind_key.partition(".")[0], {}).get(name)
