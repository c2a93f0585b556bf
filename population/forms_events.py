"""Forms of what happens to people and households: moving in and out, birth, death, splits, a new head, corrections."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from django import forms
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance.access.viewer import Viewer
from governance.web.forms import IdempotencyField, add_domain_error
from governance.web.templatetags.liren import lang_of
from population.models import DocumentKind, EndReason, Person, Purpose, Relation, Residency, ResidencyKind, Sex, Source
from population.models.people import NAME_MAX, NUMBER_MAX, PHONE_MAX
from population.services.households import Stay
from population.services.people import PersonData, change_judged, document_judged, person_judged, proposed

DATE_WRONG = _("日期没有看懂，请写成 2026-01-05")
_DOCUMENTS = [("", _("没有证件")), *DocumentKind.choices]
Member = tuple[Residency, SafeString]  # with the words that a form names them by: masked
_NONE = ("", "—")  # nothing is chosen for the clerk
_SOURCES = [(one.value, one.label) for one in (Source.DOOR, Source.COUNTER, Source.OFFICIAL)]


def spoken(words: str) -> SafeString:
    """Words of people or places inside a label, marked with their language where the page has another."""
    return format_html("<span{}>{}</span>", lang_of(words), words)


def date_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    """A day, with words for what cannot be read."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help_text,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": DATE_WRONG, "invalid": DATE_WRONG},
    )


def choice_field(label: Any, choices: Any, wrong: Any, **more: Any) -> forms.ChoiceField:
    """A choice with one message for none and for a wrong one."""
    return forms.ChoiceField(
        label=label, choices=choices, error_messages={"required": wrong, "invalid_choice": wrong}, **more
    )


class SourceForm(forms.Form):
    """Where the clerk has it from."""

    source = choice_field(_("从哪里知道的"), _SOURCES, _("请选从哪里知道的"))

    @staticmethod
    def usual_source(viewer: Viewer) -> str:
        """At the counter for who works there, else at the door."""
        at_counter = any(one.role == "counter_clerk" for one in viewer.grants)
        return Source.COUNTER.value if at_counter else Source.DOOR.value


class FindPersonForm(forms.Form):
    """Is this person registered already? By the number of a document, or by name and phone."""

    document_number = forms.CharField(
        label=_("证件号码"),
        required=False,
        max_length=NUMBER_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    name = forms.CharField(
        label=_("姓名"), required=False, max_length=NAME_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("电话"), required=False, max_length=PHONE_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def clean(self) -> dict[str, Any]:
        """A number, or a name with a phone."""
        data = super().clean() or {}
        if not data.get("document_number") and not (data.get("name") and data.get("phone")):
            self.add_error("document_number", _("请写证件号码；没有证件的，写姓名和电话"))
        return data


class PersonForm(forms.Form):
    """A person as their document says, or as they say."""

    name = forms.CharField(label=_("姓名"), max_length=NAME_MAX, error_messages={"required": _("请写姓名")})
    sex = choice_field(pgettext_lazy("person", "性别"), Sex.choices, _("请选性别"))
    birth_date = date_field(_("出生日期"), required=False)
    document_kind = choice_field(_("证件类型"), _DOCUMENTS, _("证件类型没有看懂"), required=False)
    document_number = forms.CharField(
        label=_("证件号码"),
        required=False,
        max_length=NUMBER_MAX,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = forms.CharField(
        label=_("电话"), required=False, max_length=PHONE_MAX, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )

    def __init__(self, *args: Any, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.today = today

    def clean(self) -> dict[str, Any]:
        """Judge all fields as the registry does, each fault beside its field."""
        data = super().clean() or {}
        if not self.errors:
            _kept, faults = person_judged(self.person_data(data), today=self.today)
            for fault in faults:
                add_domain_error(self, fault)
        return data

    def person_data(self, data: dict[str, Any]) -> PersonData:
        """What the form says of the person."""
        return PersonData(
            name=data["name"], sex=data["sex"], birth_date=data.get("birth_date"),
            document_kind=data.get("document_kind", ""), document_number=data.get("document_number", ""),
            phone=data.get("phone", ""),
        )  # fmt: skip

    @staticmethod
    def begun(typed: dict[str, Any], today: date) -> dict[str, Any]:
        """What the form of somebody new begins with: what was searched for, and what the number proposes."""
        found = {name: typed.get(name, "") for name in ("name", "phone", "document_number")}
        judged = proposed(str(found["document_number"]), today=today) if found["document_number"] else None
        if judged is None or judged.kind is None:
            return found
        kind, _number, _words = document_judged("", str(found["document_number"]), today, old_numbers_too=True)
        return {**found, "document_kind": kind, "birth_date": judged.birth_date, "sex": judged.sex}


class StayForm(SourceForm):
    """On what footing somebody comes into a household."""

    kind = choice_field(_("居住类型"), [_NONE, *ResidencyKind.choices], _("请选居住类型"))
    relation = choice_field(_("与户主的关系"), [_NONE, *Relation.choices], _("请选与户主的关系"))
    from_date = date_field(_("从哪天起住在这里"))
    is_main = forms.BooleanField(
        label=_("人住在这里"), required=False, initial=True, help_text=_("只有户口在这里、人住别处的，不勾。")
    )
    purpose = choice_field(_("登记用来做什么"), Purpose.choices, _("请选用途"))
    key = IdempotencyField()

    def stay(self) -> Stay:
        """The stay as the service takes it."""
        data = self.cleaned_data
        return Stay(
            kind=data["kind"], relation=data["relation"], from_date=data["from_date"], is_main=data["is_main"],
            purpose=data["purpose"],
        )  # fmt: skip


class MoveInForm(StayForm):
    """Somebody known moves in; where they live elsewhere they leave there."""

    leaves_previous = forms.BooleanField(
        label=_("从原来的住处搬走"), required=False, help_text=_("同一天起，原来那一户不再有这个人；那边的社区会知道。")
    )
    new_head = forms.ChoiceField(
        label=_("原来那一户，留下的人里谁是户主"),
        widget=forms.RadioSelect,
        required=False,
    )

    def __init__(
        self, *args: Any, lives_elsewhere: bool, staying: Sequence[tuple[str, SafeString]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        if not lives_elsewhere:
            del self.fields["leaves_previous"]
        if not staying:
            del self.fields["new_head"]
        else:
            self.fields["new_head"].choices = staying  # type: ignore[attr-defined]


class NewcomerForm(PersonForm, StayForm):
    """Somebody who is not in the registry yet moves in."""


class BirthForm(PersonForm, SourceForm):
    """A child is born into a household."""

    birth_date = date_field(_("出生日期"))
    relation = choice_field(
        _("与户主的关系"),
        [_NONE, *(one for one in Relation.choices if one[0] != Relation.HEAD)],
        _("请选与户主的关系"),
    )
    kind = choice_field(_("居住类型"), ResidencyKind.choices, _("请选居住类型"))
    key = IdempotencyField()

    field_order = ("name", "sex", "birth_date", "relation", "kind", "document_kind", "document_number", "phone")


class PersonChangeForm(SourceForm):
    """Correct a person without seeing them in the clear: what is left empty stays as it is."""

    name = forms.CharField(label=_("姓名"), required=False, max_length=NAME_MAX)
    sex = choice_field(pgettext_lazy("person", "性别"), Sex.choices, _("请选性别"))
    birth_date = date_field(_("出生日期"), required=False)
    document_kind = choice_field(_("证件类型"), _DOCUMENTS, _("证件类型没有看懂"), required=False)
    document_number = forms.CharField(label=_("证件号码"), required=False, max_length=NUMBER_MAX)
    no_document = forms.BooleanField(label=_("删掉证件"), required=False)
    phone = forms.CharField(label=_("电话"), required=False, max_length=PHONE_MAX)
    no_phone = forms.BooleanField(label=_("删掉电话"), required=False)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    field_order = (
        "name", "sex", "birth_date", "document_kind", "document_number", "no_document", "phone", "no_phone",
    )  # fmt: skip

    def __init__(self, *args: Any, person: Person, shown: dict[str, Any], today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.person, self.today = person, today
        for name, masked in (
            ("name", shown["name"]), ("document_number", shown["document_number"]), ("phone", shown["phone"]),
            ("birth_date", shown["age"]),
        ):  # fmt: skip
            known = format_html(str(_("现在：{value}。不改就空着。")), value=spoken(masked))
            self.fields[name].help_text = known if masked else _("没有登记")
            self.fields[name].widget.attrs["autocomplete"] = "off"
        if not person.document_number:
            del self.fields["no_document"]
        if not person.phone:
            del self.fields["no_phone"]

    def clean(self) -> dict[str, Any]:
        """Judge the person as they would be."""
        data = super().clean() or {}
        if not self.errors:
            kept, faults = change_judged(self.person, self.person_data(data), today=self.today)
            data["person"] = kept
            for fault in faults:
                add_domain_error(self, fault)
        return data

    def person_data(self, data: dict[str, Any]) -> PersonData:
        """The person as they are, with what was written."""
        now = PersonData(
            name=str(self.person.name), sex=data["sex"], birth_date=data["birth_date"] or self.person.born_on,
            document_kind=self.person.document_kind, document_number=str(self.person.document_number or ""),
            phone=str(self.person.phone or ""),
        )  # fmt: skip
        if data["name"]:
            now = replace(now, name=data["name"])
        if data["document_number"]:
            now = replace(now, document_kind=data["document_kind"], document_number=data["document_number"])
        elif data.get("no_document"):
            now = replace(now, document_kind="", document_number="")
        elif data["document_kind"] and now.document_number:
            now = replace(now, document_kind=data["document_kind"])
        if data["phone"] or data.get("no_phone"):
            now = replace(now, phone=data["phone"])
        return now


class MembersForm(SourceForm):
    """What is done to members of a household: `members` are (residency's public id, masked name)."""

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = {str(row.public_id): row for row, _name in members}
        choices = [(str(row.public_id), name) for row, name in members]
        for name, field in self.fields.items():
            if name in ("leaving", "new_head", "head", "stays_head"):
                field.choices = choices  # type: ignore[attr-defined]

    def one(self, name: str) -> Residency | None:
        """The member chosen in a field."""
        return self.members.get(self.cleaned_data.get(name, ""))

    def several(self, name: str) -> list[Residency]:
        """The members chosen in a field."""
        return [self.members[key] for key in self.cleaned_data.get(name, [])]


class MoveOutForm(MembersForm):
    """Members, or all, leave the household."""

    leaving = forms.MultipleChoiceField(
        label=_("谁搬走"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请选谁搬走")}
    )
    on = date_field(_("从哪天起不住这里了"))
    reason = choice_field(
        _("原因"),
        [(one.value, one.label) for one in (EndReason.MOVED, EndReason.MISTAKE)],
        _("请选原因"),
    )
    to = forms.CharField(
        label=_("搬到本区哪一户"), required=False, max_length=120,
        help_text=_("例如：槐安里7幢2单元301。搬出本区、不知道搬到哪里的，空着。"),
    )  # fmt: skip
    new_head = forms.ChoiceField(
        label=_("留下的人里谁是户主"),
        widget=forms.RadioSelect,
        required=False,
        help_text=_("户主搬走时才要选。"),
    )
    ends_household = forms.BooleanField(
        label=_("整户都搬走，这一户不在了"), required=False, help_text=_("所有的人都搬走时勾选。")
    )


class SplitForm(MembersForm):
    """Some form a household of their own."""

    leaving = forms.MultipleChoiceField(
        label=_("谁分出去"), widget=forms.CheckboxSelectMultiple, error_messages={"required": _("请选谁分出去")}
    )
    new_head = forms.ChoiceField(
        label=_("新的一户谁是户主"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选新的一户谁是户主")},
    )
    stays_head = forms.ChoiceField(
        label=_("原来的一户谁是户主"),
        widget=forms.RadioSelect,
        required=False,
        help_text=_("户主分出去时才要选。"),
    )
    on = date_field(_("从哪天算起"))


class HeadForm(MembersForm):
    """Another member is the head."""

    head = forms.ChoiceField(
        label=_("谁是新户主"),
        widget=forms.RadioSelect,
        error_messages={"required": _("请选谁是新户主")},
    )
    on = date_field(_("从哪天算起"))

    def __init__(self, *args: Any, members: Sequence[Member], **kwargs: Any) -> None:
        super().__init__(*args, members=members, **kwargs)
        for row, name in members:
            known = Relation.OTHER if row.relation == Relation.HEAD else row.relation
            self.fields[f"relation_{row.public_id}"] = choice_field(
                format_html(str(_("{name}：与新户主的关系")), name=name),
                [one for one in Relation.choices if one[0] != Relation.HEAD],
                _("请选与户主的关系"),
                required=False,
                initial=known,
            )
        self.order_fields(["head", "on"])

    def relations(self) -> dict[int, str]:
        """Relation to the new head by the residency's key; the new head's own is left out."""
        head = self.one("head")
        return {
            row.pk: self.cleaned_data[f"relation_{key}"] or row.relation
            for key, row in self.members.items()
            if head is None or row.pk != head.pk
        }


class DeathForm(SourceForm):
    """Somebody died; `households`: those of which they were head, with those who stay."""

    died_on = date_field(_("死亡日期"))

    def __init__(
        self,
        *args: Any,
        households: Sequence[tuple[int, str, Sequence[Member]]],
        ends: bool,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.staying: dict[int, dict[str, Residency]] = {}
        for pk, place, members in households:
            self.staying[pk] = {str(row.public_id): row for row, _name in members}
            self.fields[f"head_{pk}"] = choice_field(
                format_html(str(_("{place}：以后谁是户主")), place=spoken(place)),
                [(str(row.public_id), name) for row, name in members],
                _("请选以后谁是户主"),
                widget=forms.RadioSelect,
            )
        if ends:
            self.fields["ends_households"] = forms.BooleanField(
                label=_("这是那一户最后一个人，这一户不在了"), required=False
            )
        self.order_fields(["died_on"])

    def new_heads(self) -> dict[int, Residency]:
        """Who is head from then on, by household."""
        return {pk: members[self.cleaned_data[f"head_{pk}"]] for pk, members in self.staying.items()}
