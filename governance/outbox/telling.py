"""What the rows of the trail say in plain words. Apps register their words in `<app>/trail.py`.

An event's name and payload are for programs; whoever reviews the trail reads sentences. A word that is missing is
shown as its code: a new event is never hidden, and an architecture test asks for its words.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise


class TrailKind(TextChoices):
    """What sort of thing was done: what a review is narrowed to."""

    WRITE = "write", _("办理和改动")
    SIGN_IN = "sign_in", _("登录和退出")
    RIGHTS = "rights", _("权限变动")
    EXPORT = "export", _("导出")
    READ = "read", _("查看个人信息")
    REVIEW = "review", _("审计自身")


@dataclass(frozen=True, slots=True)
class Words:
    """What an event is called, and of which kind it is."""

    text: Text
    kind: TrailKind


@dataclass(frozen=True, slots=True)
class Key:
    """What a payload key is called. `points_at` is the kind of reference that its number belongs to, if it does."""

    text: Text
    points_at: str = ""


@dataclass(frozen=True, slots=True)
class Subject:
    """What a kind of object is called in the trail, for readers who may not open it. `is_one`: there is only one.

    `names(pks)` says for many at once what tells one from another: a number, never what is private. `owners(pks)`
    gives the references of what they are part of. `parts(owner)` lists the references that belong to an object, for
    whoever looks for everything that happened to it.
    """

    text: Text
    is_one: bool = False
    names: Callable[[list[int]], Mapping[int, str]] | None = None
    owners: Callable[[list[int]], Mapping[int, str]] | None = None
    parts: Callable[[Any], Iterable[str]] | None = None


_words: dict[str, Words] = {}
_keys: dict[str, Key] = {}
_subjects: dict[str, Subject] = {}
_codes: dict[str, Text] = {}


def tell(texts: Mapping[str, Text], *, kind: TrailKind = TrailKind.WRITE) -> None:
    """Say what events are called, by name."""
    _add(_words, {name: Words(text, kind) for name, text in texts.items()})


def tell_keys(keys: Mapping[str, Key]) -> None:
    """Say what keys of payloads are called; a key means the same in every event."""
    _add(_keys, keys)


def tell_subjects(subjects: Mapping[str, Subject]) -> None:
    """Say what kinds of object ("app_label.model") are called."""
    _add(_subjects, subjects)


def tell_codes(codes: Mapping[str, Text]) -> None:
    """Say what the purposes and the field names of the log of reading are called."""
    _add(_codes, codes)


def words_of(name: str) -> Words:
    """Return what an event is called; the code itself where nobody says."""
    return _words.get(name) or Words(name, TrailKind.WRITE)


def key_of(name: str) -> Key:
    """Return what a payload key is called."""
    return _keys.get(name) or Key(name)


def subject_of(kind: str) -> Subject:
    """Return what a kind of object is called."""
    return _subjects.get(kind) or Subject(kind)


def code_text(code: str) -> Text:
    """Return what a purpose or a field is called; words typed by hand stand as they were typed."""
    return _codes.get(code) or code


def told() -> Mapping[str, Words]:
    """Return all events that have words."""
    return dict(_words)


def told_keys() -> frozenset[str]:
    """Return the payload keys that have words."""
    return frozenset(_keys)


def told_codes() -> Mapping[str, Text]:
    """Return all codes of the log of reading that have words."""
    return dict(_codes)


def _add(registry: dict[str, Any], new: Mapping[str, Any]) -> None:
    for name, value in new.items():
        if registry.setdefault(name, value) != value:
            raise ImproperlyConfigured(f"{name!r} is told twice, in different words.")
