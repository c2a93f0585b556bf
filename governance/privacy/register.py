"""What the portal does with people's data: declared by each app in `<app>/personal.py`, gathered here.

    PERSONAL = (Processing(title=..., what=..., ..., fields={"app.Model": "name phone"}),)
    IMPERSONAL = {"app.Model": "key note"}
    SENSITIVE = (SensitiveUse(key=..., title=..., what=..., why=..., locked=...),)

Every column that could hold words, a picture or an address of the network stands in one of the two (a test walks all
tables): either as part of a processing with all that 个人信息保护法 §17 and §55 ask to be told, or as one with no
person in it. The register of the office and the public page about data are written from the same lines.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.util import find_spec

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


class Basis(models.TextChoices):
    """On what ground of 个人信息保护法 §13 people's data are used."""

    DUTY = "duty", _("履行法定职责（个人信息保护法第十三条第一款第三项）")
    CONSENT = "consent", _("本人同意（个人信息保护法第十三条第一款第一项）")
    LAW = "law", _("法律要求留的记录（个人信息保护法第十三条第一款第三项）")


@dataclass(frozen=True, slots=True)
class Processing:
    """One thing that is done with people's data. `fields` names columns by model, parted by spaces.

    `is_residents` says whether it is about residents, and so stands on the public page.
    """

    title: Words
    what: Words
    why: Words
    basis: Basis
    source: Words
    receivers: Words
    kept: Words
    fields: Mapping[str, str]
    is_residents: bool = True

    def columns(self) -> Iterator[tuple[str, str]]:
        """Yield (model label, column)."""
        for model, names in self.fields.items():
            for name in names.split():
                yield model, name


@dataclass(frozen=True, slots=True)
class SensitiveUse:
    """A use of people's data that stays locked until its impact was assessed (个人信息保护法 §55).

    `key` is "<app>.<use>"; `what` says whose data are used and how, `why` which case of §55 it is, `locked` what cannot
    be done without it.
    """

    key: str
    title: Words
    what: Words
    why: Words
    locked: Words


@dataclass(frozen=True, slots=True)
class Declared:
    """What one app says: its label and name, its processings, its columns without a person, its locked uses."""

    app: str
    title: Words
    personal: tuple[Processing, ...]
    impersonal: Mapping[str, str]
    sensitive: tuple[SensitiveUse, ...]


@cache
def declared() -> tuple[Declared, ...]:
    """Return what every installed app declares, in the order of the apps. No SQL."""
    return tuple(_find())


def _find() -> Iterator[Declared]:
    for config in apps.get_app_configs():
        if find_spec(f"{config.name}.personal") is not None:
            module = import_module(f"{config.name}.personal")
            sensitive = getattr(module, "SENSITIVE", ())
            yield Declared(config.label, module.TITLE, module.PERSONAL, module.IMPERSONAL, sensitive)


def processings_of_residents() -> list[Processing]:
    """Return what the public page tells. No SQL."""
    return [one for app in declared() for one in app.personal if one.is_residents]


def sensitive_uses() -> dict[str, SensitiveUse]:
    """Return every use that stays locked until its impact was assessed, by key. No SQL."""
    return {one.key: one for app in declared() for one in app.sensitive}
