"""References to any object as text, "app_label.model:pk", and the registry that says what they mean to a viewer.

Notices, files, audit rows and the Explain page point at objects of apps that the kernel does not know. Each app
registers its kinds in `<app>/refs.py`; what a viewer may not see does not resolve.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.db.models import Model, QuerySet
from django.urls import Resolver404
from django.urls import resolve as resolve_path


@dataclass(frozen=True)
class RefKind:
    """How objects of one model are found, named and linked.

    `kind` is Django's lower-case label ("grid.task"); `visible(viewer)` returns the objects that viewer may know of.
    For the page that explains access, `find(text)` returns the object that a pasted address or number means, for
    nobody's eyes, and `limits(object, viewer)` says in sentences what somebody who sees it does not see of it.
    """

    kind: str
    label: Callable[[Any], str]
    url: Callable[[Any], str]
    visible: Callable[[Any], "QuerySet[Any]"]
    find: Callable[[str], Any | None] | None = None
    limits: Callable[[Any, Any], list[Any]] | None = None


class Described(NamedTuple):
    """What a link to an object shows and where it leads."""

    label: str
    url: str


_kinds: dict[str, RefKind] = {}


def register(kind: RefKind) -> None:
    """Make a kind known. Two different registrations of one kind are a fault of the program."""
    known = _kinds.setdefault(kind.kind, kind)
    if known != kind:
        raise ImproperlyConfigured(f"The reference kind {kind.kind!r} is registered twice.")


def registered_kinds() -> frozenset[str]:
    """Return the names of all registered kinds."""
    return frozenset(_kinds)


def addressed(model: type[Model], lookup: str, *routes: str) -> Callable[[str], Any | None]:
    """Return a `find` for objects with pages of their own: `lookup` is the field that these routes' address holds."""

    def found(text: str) -> Any | None:
        try:
            match = resolve_path(urlsplit(text.strip()).path)
        except (Resolver404, ValueError):
            return None
        if match.view_name not in routes:
            return None
        return model._default_manager.filter(**{lookup: next(iter(match.kwargs.values()))}).first()

    return found


def find(text: str) -> Any | None:
    """Return the first object that a pasted address or number means, whoever asks; None for none. 1 SQL a kind.

    Only for the page that explains access: it shows rules, never the object.
    """
    for kind in _kinds.values():
        if kind.find is not None and (found := kind.find(text)) is not None:
            return found
    return None


def limits_of(obj: Model, viewer: Any) -> list[Any]:
    """Return what this viewer does not see of an object that they see: sentences."""
    kind = _kinds.get(obj._meta.label_lower)
    return kind.limits(obj, viewer) if kind is not None and kind.limits is not None else []


def ref_of(obj: Model) -> str:
    """Return "app_label.model:pk" for a saved object."""
    if obj.pk is None:
        raise ValueError(f"An unsaved {obj._meta.label_lower} has no reference yet.")
    return f"{obj._meta.label_lower}:{obj.pk}"


def kind_of(ref: str) -> str:
    """Return the "app_label.model" part of a reference."""
    return ref.partition(":")[0]


def resolve(ref: str, viewer: Any) -> Any | None:
    """Return the object a reference means to this viewer.

    None stands alike for a malformed reference, an unknown kind, an object that is gone and one the viewer may not see:
    whoever may not see an object must not learn that it exists. 1 SQL.
    """
    return _resolve_all([ref], viewer).get(ref)


def describe(ref: str, viewer: Any) -> Described | None:
    """Return label and address of the object, or None exactly when `resolve` does. 1 SQL plus what the label reads."""
    return describe_many([ref], viewer).get(ref)


def describe_many(refs: Iterable[str], viewer: Any) -> dict[str, Described]:
    """Describe a page of references with one SQL a kind; those that do not resolve are left out."""
    found = _resolve_all(refs, viewer)
    return {
        ref: Described(_kinds[kind_of(ref)].label(obj), _kinds[kind_of(ref)].url(obj)) for ref, obj in found.items()
    }


def _resolve_all(refs: Iterable[str], viewer: Any) -> dict[str, Any]:
    wanted: defaultdict[str, dict[Any, str]] = defaultdict(dict)
    querysets: dict[str, QuerySet[Any]] = {}
    for ref in refs:
        name, _, text = ref.partition(":")
        if name not in _kinds:
            continue
        if name not in querysets:
            querysets[name] = _kinds[name].visible(viewer)
        try:
            pk = querysets[name].model._meta.pk.to_python(text)
        except ValidationError:
            continue
        if pk is not None:
            wanted[name][pk] = ref
    return {keys[obj.pk]: obj for name, keys in wanted.items() for obj in querysets[name].filter(pk__in=list(keys))}
