"""Forms of legal entities and underground spaces. Who answers for one is masked: left empty, it stays as it is."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.privacy.masks import mask_name, mask_phone
from governance.web.forms import add_domain_error
from governance.web.templatetags.liren import lang_of
from population.forms_events import SourceForm, choice_field, date_field, spoken
from population.models import EntityKind, LegalEntity, SpaceKind, SpaceUse, StaffBand, UndergroundSpace
from population.models.people import NAME_MAX, PHONE_MAX
from population.services.entities import CONTACTS, EntityData, SpaceData, entity_judged, space_judged

_QUIET = {"autocomplete": "off"}


class NamesSelect(forms.Select):
    """A choice among names that people wrote, each marked with its language where the page has another."""

    def create_option(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Mark the option: it can hold no element that would."""
        option = super().create_option(*args, **kwargs)
        if "zh" in lang_of(option["label"]):
            option["attrs"]["lang"] = "zh-Hans"
        return option


class ContactForm(SourceForm):
    """A record with somebody who answers for it. `row`: the one that is changed, None for a new one."""

    no_contact = forms.BooleanField(label=_("删掉现在写的姓名和电话"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: LegalEntity | UndergroundSpace | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.row = row
        if row is None:
            del self.fields["no_contact"]
            return
        for name, mask in zip(CONTACTS[type(row)], (mask_name, mask_phone), strict=True):
            if value := str(getattr(row, name) or ""):
                self.fields[name].help_text = format_html(
                    str(_("现在：{value}。不改就空着。")), value=spoken(mask(value))
                )

    def contacts(self, data: dict[str, Any]) -> dict[str, Any]:
        """Name and phone as they are to be: what was written, else what is there, unless that is to go."""
        names = ("representative", "phone") if "representative" in self.fields else ("keeper_name", "keeper_phone")
        keeps = self.row is not None and not data.get("no_contact")
        return {name: data[name] or (str(getattr(self.row, name) or "") if keeps else "") for name in names}

    def judge(self, judged: Callable[[Any], tuple[Any, list[DomainError]]], said: Any) -> None:
        """Say each fault beside its field."""
        for fault in judged(said)[1]:
            add_domain_error(self, fault)


class EntityForm(ContactForm):
    """A legal entity."""

    name = forms.CharField(label=_("名称"), max_length=120, error_messages={"required": _("请写单位的名称")})
    name_en = forms.CharField(label=_("英文名称"), required=False, max_length=200)
    kind = choice_field(_("类型"), [("", "—"), *EntityKind.choices], _("请选单位的类型"))
    credit_code = forms.CharField(
        label=_("统一社会信用代码"), required=False, max_length=30, widget=forms.TextInput(attrs=_QUIET),
        help_text=_("18 位，营业执照上有。没有的空着。"),
    )  # fmt: skip
    trade = forms.CharField(label=_("做什么的"), required=False, max_length=60)
    staff = choice_field(_("人数"), [("", _("不清楚")), *StaffBand.choices], _("人数没有看懂"), required=False)
    representative = forms.CharField(
        label=_("负责人"), required=False, max_length=NAME_MAX, widget=forms.TextInput(attrs=_QUIET)
    )
    phone = forms.CharField(label=_("电话"), required=False, max_length=PHONE_MAX, widget=forms.TextInput(attrs=_QUIET))
    opened_on = date_field(_("成立或迁入日期"), required=False)
    field_order = (
        "name", "name_en", "kind", "credit_code", "trade", "staff", "representative", "phone", "no_contact",
        "opened_on", "source",
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """Judge it as the registry does."""
        data = super().clean() or {}
        if not self.errors:
            self.judge(entity_judged, self.entity_data(data))
        return data

    def entity_data(self, data: dict[str, Any]) -> EntityData:
        """What the form says."""
        told = {name: data[name] for name in ("name", "name_en", "kind", "credit_code", "trade", "staff", "opened_on")}
        return EntityData(**told, **self.contacts(data))

    @staticmethod
    def of(row: LegalEntity) -> dict[str, Any]:
        """What the form of a known entity begins with: all but the people."""
        names = ("name", "name_en", "kind", "credit_code", "trade", "staff", "opened_on")
        return {name: getattr(row, name) for name in names} | {"seen": row.changed_at.isoformat()}


class SpaceForm(ContactForm):
    """An underground space; `keepers`: entities that may keep it."""

    label = forms.CharField(label=_("叫什么"), max_length=60, error_messages={"required": _("请写这里叫什么")})
    kind = choice_field(_("类型"), [("", "—"), *SpaceKind.choices], _("请选类型"))
    use = choice_field(_("用途"), [("", "—"), *SpaceUse.choices], _("请选用途"))
    level = forms.IntegerField(label=_("地下几层"), min_value=1, max_value=6, initial=1)
    area_m2 = forms.DecimalField(label=_("面积（平方米）"), required=False, min_value=0, max_digits=9, decimal_places=2)
    keeper = forms.ModelChoiceField(
        label=_("管理单位"),
        queryset=LegalEntity.objects.none(),
        required=False,
        to_field_name="public_id",
        widget=NamesSelect,
    )
    keeper_name = forms.CharField(
        label=_("管理人"), required=False, max_length=NAME_MAX, widget=forms.TextInput(attrs=_QUIET)
    )
    keeper_phone = forms.CharField(
        label=_("管理人电话"), required=False, max_length=PHONE_MAX, widget=forms.TextInput(attrs=_QUIET)
    )
    inspect_due = date_field(_("下次检查"), required=False)
    field_order = (
        "label", "kind", "use", "level", "area_m2", "keeper", "keeper_name", "keeper_phone", "no_contact",
        "inspect_due", "source",
    )  # fmt: skip

    def __init__(self, *args: Any, keepers: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["keeper"].queryset = keepers  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Judge it as the registry does."""
        data = super().clean() or {}
        if not self.errors:
            self.judge(space_judged, self.space_data(data))
        return data

    def space_data(self, data: dict[str, Any]) -> SpaceData:
        """What the form says."""
        told = {name: data[name] for name in ("label", "kind", "use", "level", "area_m2", "keeper", "inspect_due")}
        return SpaceData(**told, **self.contacts(data))

    @staticmethod
    def of(row: UndergroundSpace) -> dict[str, Any]:
        """What the form of a known space begins with: all but the people."""
        names = ("label", "kind", "use", "level", "area_m2", "inspect_due")
        keeper = row.keeper.public_id if row.keeper is not None else None
        return {name: getattr(row, name) for name in names} | {
            "seen": row.changed_at.isoformat(), "keeper": keeper,
        }  # fmt: skip


class InspectForm(SourceForm):
    """An inspection, and when the next is due."""

    inspected_on = date_field(_("检查日期"))
    inspect_due = date_field(_("下次检查"), required=False)
    field_order = ("inspected_on", "inspect_due", "source")

    @staticmethod
    def begun(today: Any) -> dict[str, Any]:
        """Today; the next in a year, as a proposal."""
        return {"inspected_on": today, "inspect_due": today + timedelta(days=365)}


class CloseForm(SourceForm):
    """An entity is closed, or moves away."""

    closed_on = date_field(_("注销或迁走日期"))
    field_order = ("closed_on", "source")
