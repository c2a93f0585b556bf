"""Why each field of the registry is kept: purpose, ground, source, who collects it, how fresh it must be.

个人信息保护法 §6 (a plain purpose for each), §13 (a ground), §8 (accuracy), §17 (people are told). A field that is
declared nowhere fails a test, so that none is added without its reason. A page is written from these lines.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Literal

from django.apps import apps
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis
from population.models import Source
from population.models.settings import RegistrySettings

Words = str | Promise
Term = Literal["dwelling_months", "person_months", "entity_months", ""]  # of RegistrySettings; "": nothing goes stale

# What a record says of itself, the keys and copies of the machine: no fact about anybody.
TECHNICAL = frozenset(
    {
        "id", "public_id", "submission_key", "area_code", "search_text", "changed_at", "merged_into", "name_index",
        "document_index", "phone_index", "birth_year", "source", "collected_at", "collected_by", "confirmed_at",
        "confirmed_by", "purpose", "position",
    }
)  # fmt: skip
DOOR = (Source.DOOR, Source.COUNTER, Source.RESIDENT, Source.IMPORT, Source.OFFICIAL)
OFFICE = (Source.DOOR, Source.COUNTER, Source.IMPORT, Source.OFFICIAL)


@dataclass(frozen=True, slots=True)
class FieldUse:
    """Some fields of one model ("name sex") that are kept for one purpose on one ground.

    `term` names the number of months in the office's settings after which somebody has to look again. `is_needed`:
    a record without them is not complete.
    """

    model: str
    fields: str
    purpose: Words
    basis: Basis
    sources: tuple[Source, ...]
    collector: Words
    term: Term
    is_needed: bool = False

    def columns(self) -> Iterator["models.Field[object, object]"]:
        """Yield the model's fields; raises `FieldDoesNotExist` for a name that is none."""
        meta = apps.get_model(self.model)._meta
        return (meta.get_field(name) for name in self.fields.split())  # type: ignore[misc]

    @property
    def titles(self) -> list[Words]:
        """What the fields are called."""
        return [_LINKS.get(field.name, field.verbose_name) for field in self.columns()]

    @property
    def model_title(self) -> Words:
        """What a record is called, as the trail calls it."""
        return MODELS[self.model]

    def months(self, settings: RegistrySettings) -> int | None:
        """After how many months they are due for a look; None where nothing goes stale."""
        return getattr(settings, self.term) if self.term else None


# What a record points at has no name of its own as a field.
_LINKS: dict[str, Words] = {
    "home": _("住处"),
    "person": _("人"),
    "household": _("户"),
    "dwelling": _("户室"),
    "entrance": _("单元"),
    "building": _("楼栋"),
    "compound": _("小区"),
    "address": _("标准地址"),
    "entity": _("单位"),
    "organisation": _("门户里的单位"),
    "keeper": _("管理单位"),
}
MODELS: dict[str, Words] = {
    "population.Person": _("人"),
    "population.Residency": _("居住登记"),
    "population.Household": _("户"),
    "population.Ownership": _("产权"),
    "population.Dwelling": _("户室"),
    "population.Building": _("楼栋"),
    "population.Compound": _("小区"),
    "population.Entrance": _("单元"),
    "population.LegalEntity": _("单位"),
    "population.UndergroundSpace": _("地下空间"),
}
_STAFF = _("网格员上门、窗口登记员办理；本人可以提出更正")
_KEEPERS = _("网格员上门核对，社区登记")

FIELD_USES: tuple[FieldUse, ...] = (
    FieldUse(
        "population.Person",
        "name sex birth_date",
        _("知道为谁提供服务；按年龄提供老人、儿童的服务"),
        Basis.DUTY,
        DOOR,
        _STAFF,
        "person_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Person",
        "document_kind document_number",
        _("分清同名的人，不重复登记；办户籍、居住登记时核对身份"),
        Basis.DUTY,
        DOOR,
        _STAFF,
        "person_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Person",
        "phone",
        _("有事找得到本人；火灾、停气时通知"),
        Basis.DUTY,
        DOOR,
        _STAFF,
        "person_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Person",
        "died_on",
        _("不再打扰家人；登记不把去世的人算进去"),
        Basis.DUTY,
        OFFICE,
        _STAFF,
        "",
    ),
    FieldUse(
        "population.Person",
        "home",
        _("紧急时知道去哪里找人；哪个社区为他服务"),
        Basis.DUTY,
        DOOR,
        _STAFF,
        "person_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Residency",
        "person household dwelling kind is_main relation from_date to_date end_reason",
        _("谁住在哪一户、从什么时候到什么时候：协助户籍和居住登记，户的事找得到户主"),
        Basis.DUTY,
        DOOR,
        _STAFF,
        "person_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Household",
        "dwelling kind number formed_on ended_on",
        _("同住一处的人算一户：按户提供的服务、按户发的通知"),
        Basis.DUTY,
        OFFICE,
        _STAFF,
        "dwelling_months",
    ),
    FieldUse(
        "population.Ownership",
        "dwelling person entity share of from_date to_date",
        _("业主共同决定的事算得清谁有几份；房屋安全找得到产权人"),
        Basis.DUTY,
        OFFICE,
        _("社区按不动产登记或本人出示的证件登记"),
        "dwelling_months",
    ),
    FieldUse(
        "population.Dwelling",
        "building entrance floor door use occupancy dispute area_m2 ended_on",
        _("以住房为登记单元：哪一户有人、出租、空着，紧急时敲哪些门"),
        Basis.DUTY,
        DOOR,
        _KEEPERS,
        "dwelling_months",
        is_needed=True,
    ),
    FieldUse(
        "population.Building",
        "address compound use floors_above floors_below skipped_floors built_year ended_on",
        _("一栋楼有哪些楼层，登记不出现不存在的门"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "",
    ),
    FieldUse(
        "population.Entrance",
        "building name has_lift",
        _("走哪个门上楼；担架、轮椅有没有电梯"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "",
    ),
    FieldUse("population.Compound", "name name_en kind", _("人们怎么叫这个地方"), Basis.DUTY, OFFICE, _KEEPERS, ""),
    FieldUse(
        "population.LegalEntity",
        "name name_en credit_code kind trade building dwelling organisation opened_on closed_on",
        _("知道辖区里有哪些单位、在哪里、做什么"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "entity_months",
        is_needed=True,
    ),
    FieldUse(
        "population.LegalEntity",
        "representative phone staff",
        _("安全检查、疏散时找得到负责的人，知道大约有多少人"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "entity_months",
    ),
    FieldUse(
        "population.UndergroundSpace",
        "label kind use level area_m2 building compound ended_on",
        _("汛期、火灾时知道地下有什么、能不能有人"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "entity_months",
        is_needed=True,
    ),
    FieldUse(
        "population.UndergroundSpace",
        "keeper keeper_name keeper_phone inspected_on inspect_due",
        _("检查到期找得到管的人"),
        Basis.DUTY,
        OFFICE,
        _KEEPERS,
        "entity_months",
        is_needed=True,
    ),
)


@cache
def uses_by_field() -> dict[tuple[str, str], FieldUse]:
    """Return the use of every declared field: ("population.Person", "phone") -> use. No SQL."""
    return {(use.model, name): use for use in FIELD_USES for name in use.fields.split()}
