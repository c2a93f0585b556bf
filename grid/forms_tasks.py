"""Forms of tasks: asking, doing, answering to what was done. The rules are in the services."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from governance import facts
from governance.files.models import StoredFile
from governance.organisations.models import OUTSIDE_KINDS, Organisation
from governance.web.forms import Hinted, IdempotencyField
from grid.field_values import NO, YES, FilledField
from grid.models import CommunityList, DutyItem, DutyKind, FieldKind, Repeat, TaskKind, TaskPolicy
from grid.services.tasks import FIELDS_MAX, GROUND_MAX, LABEL_MAX, PURPOSE_MAX, TEXT_MAX, TITLE_MAX, TaskDraft
from grid.services.tasks_doing import PHOTOS_MAX
from grid.services.tasks_outside import OutsideDraft

LINES = 8
_FACT = "fact:"
_KINDS = [
    (TaskKind.ACT, Hinted(_("做事"), _("贴通知、清理、检查、开会……做完说一声"))),
    (TaskKind.FORM, Hinted(_("填报"), _("填几项数。门户知道的先填好，社区只要确认"))),
    (TaskKind.VISIT, Hinted(_("走访"), _("上门看看、问问"))),
]
_WHOLE = {"invalid": _("请写一个整数")}


def _words(label: Any, most: int, *, rows: int = 0, required: bool = False, **options: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows}) if rows else forms.TextInput()
    return forms.CharField(label=label, max_length=most, required=required, widget=widget, **options)


def _day(label: Any, **options: Any) -> forms.DateField:
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": _("日期没有看懂，请写成 2026-01-05")},
        **options,
    )


def duty_choices() -> list[Any]:
    """Duties in groups: what communities may be asked for first. 1 SQL."""
    groups: dict[str, list[tuple[str, str]]] = {
        str(_("可以让社区做的")): [],
        str(_("街道自己的，要申请准入")): [],
        str(_("上级收回的，要申请准入")): [],
        str(_("负面清单，不能让社区做")): [],
    }
    allowed, own, withdrawn, barred = groups.values()
    for duty in DutyItem.objects.order_by("code"):
        into = own
        if duty.community_list == CommunityList.BARRED:
            into = barred
        elif duty.kind == DutyKind.WITHDRAWN:
            into = withdrawn
        elif duty.community_list:
            into = allowed
        into.append((str(duty.pk), f"{duty.code} {duty.label}"))
    return [("", _("没有对应的事项，要申请准入")), *((name, rows) for name, rows in groups.items() if rows)]


def what_choices() -> list[Any]:
    """What a line of a form may be filled with; what the portal knows itself below."""
    known = [(f"{_FACT}{fact.key}", fact.title) for fact in facts.all_facts()]
    return [("", "—"), *FieldKind.choices, *([(str(_("门户知道的，先填好")), known)] if known else [])]


class AskForm(forms.Form):
    """What is asked of whom. `places` are (code, name) of those that can be asked, `organisations` (pk, name)."""

    title = _words(_("任务的名称"), TITLE_MAX, help_text=_("例如：核对独居老人联系方式"))
    purpose = _words(_("为了什么、怎么做"), PURPOSE_MAX, rows=4, help_text=_("看了就会做，不用再打电话问"))
    kind = forms.ChoiceField(label=_("哪一种"), choices=_KINDS, widget=forms.RadioSelect, required=False)
    everyone = forms.BooleanField(label=_("全部都给"), required=False)
    addressees = forms.MultipleChoiceField(label=_("给谁"), widget=forms.CheckboxSelectMultiple, required=False)
    days = forms.IntegerField(
        label=_("给几个工作日"), required=False, initial=5, error_messages=_WHOLE, widget=forms.NumberInput()
    )
    hours = forms.DecimalField(
        label=_("大概要花几个小时"),
        required=False,
        decimal_places=1,
        help_text=_("一家要多久，照实写：社区看得到，也记进负担台账。例如 1.5"),
        error_messages={"invalid": _("请写一家大概要几个小时，例如 1.5")},
    )
    duty = forms.ChoiceField(label=_("属于哪个履职事项"), required=False)
    legal_ground = _words(_("依据"), GROUND_MAX, help_text=_("法规的名称和第几条，或者文件的文号"))
    organisation = forms.ChoiceField(
        label=_("替哪个单位下达"), required=False, help_text=_("部门要社区做事，由街道下达，写部门的名字")
    )
    repeat = forms.ChoiceField(
        label=pgettext_lazy("of a task", "重复"), required=False, choices=[("", _("只这一次")), *Repeat.choices]
    )
    repeat_until = _day(_("重复到哪天"), help_text=_("一年以内"))
    is_appraisal = forms.BooleanField(
        label=_("这是考核、评比或检查"), required=False, help_text=_("要先申请准入，也要在考核登记里记一笔")
    )
    weight = forms.IntegerField(label=_("分值"), required=False, min_value=1, max_value=100, error_messages=_WHOLE)
    grounds = _words(
        _("申请准入的理由"), TEXT_MAX, rows=3, help_text=_("清单上有的不用写。没有的要写明为什么非要社区做。")
    )
    key = IdempotencyField()

    def __init__(
        self,
        data: Any = None,
        *,
        places: Sequence[tuple[str, str]],
        organisations: Sequence[tuple[str, str]],
        weights_on: bool,
        **options: Any,
    ) -> None:
        super().__init__(data, **options)
        self.places = places
        self.fields["addressees"].choices = places  # type: ignore[attr-defined]
        self.fields["organisation"].choices = organisations  # type: ignore[attr-defined]
        self.fields["duty"].choices = duty_choices()  # type: ignore[attr-defined]
        if not weights_on:
            del self.fields["weight"]
        what = what_choices()
        for number in range(LINES):
            self.fields[f"label_{number}"] = _words(_("第 %(n)s 项叫什么") % {"n": number + 1}, LABEL_MAX)
            self.fields[f"what_{number}"] = forms.ChoiceField(label=_("填什么"), required=False, choices=what)

    @property
    def lines(self) -> list[tuple[BoundField, BoundField]]:
        """The lines of the form that is asked for: name and kind."""
        return [(self[f"label_{number}"], self[f"what_{number}"]) for number in range(LINES)]

    @property
    def shows_lines(self) -> bool:
        """Whether somebody has begun to write a form, or must."""
        return self.is_bound and (self.data.get("kind") == TaskKind.FORM or bool(self.data.get("label_0")))

    def draft(self, area_code: str, organisations: dict[str, Any]) -> TaskDraft:
        """As the service wants it."""
        said = self.cleaned_data
        duty = DutyItem.objects.filter(pk=said["duty"]).first() if said["duty"] else None
        return TaskDraft(
            title=said["title"],
            purpose=said["purpose"],
            kind=said["kind"],
            legal_ground=said["legal_ground"],
            organisation=organisations.get(said["organisation"]) or next(iter(organisations.values())),
            area_code=area_code,
            addressees=[code for code, _name in self.places] if said["everyone"] else said["addressees"],
            hours=said["hours"] or Decimal(0),
            days=said["days"] or 0,
            duty=duty,
            fields=self._fields(),
            repeat=said["repeat"],
            repeat_until=said["repeat_until"],
            is_appraisal=said["is_appraisal"],
            weight=said.get("weight"),
            grounds=said["grounds"],
        )

    def _fields(self) -> list[dict[str, str]]:
        said, made = self.cleaned_data, []
        for number in range(min(LINES, FIELDS_MAX)):
            label, what = said[f"label_{number}"], said[f"what_{number}"]
            if label or what:
                fact = what.removeprefix(_FACT) if what.startswith(_FACT) else ""
                made.append({"label": label, "kind": "" if fact else what, "fact": fact})
        return made


class OutsideForm(forms.Form):
    """An ask that came by telephone, on paper or in a chat. `places` are (code, name) of the viewer's communities."""

    title = _words(_("任务的名称"), TITLE_MAX)
    purpose = _words(_("怎么说的"), PURPOSE_MAX, rows=3, help_text=_("谁、怎么通知的，要交什么"))
    organisation = forms.ChoiceField(label=_("谁要的"), required=False)
    area_code = forms.ChoiceField(label=_("哪个社区"), required=False)
    days = forms.IntegerField(
        label=_("给几个工作日"), required=False, initial=3, error_messages=_WHOLE, widget=forms.NumberInput()
    )
    hours = forms.DecimalField(
        label=_("大概要花几个小时"),
        required=False,
        decimal_places=1,
        error_messages={"invalid": _("请写一家大概要几个小时，例如 1.5")},
    )
    duty = forms.ChoiceField(label=_("属于哪个履职事项"), required=False)
    legal_ground = _words(_("依据"), GROUND_MAX, help_text=_("没有说就空着"))
    key = IdempotencyField()

    def __init__(self, data: Any = None, *, places: Sequence[tuple[str, str]]) -> None:
        super().__init__(data)
        offices = Organisation.objects.filter(is_active=True).exclude(kind__in=["community", *OUTSIDE_KINDS])
        self.fields["organisation"].choices = [(str(row.pk), row.label) for row in offices]  # type: ignore[attr-defined]
        self.fields["area_code"].choices = places  # type: ignore[attr-defined]
        self.fields["duty"].choices = duty_choices()  # type: ignore[attr-defined]

    def draft(self) -> OutsideDraft:
        """As the service wants it."""
        said = self.cleaned_data
        return OutsideDraft(
            title=said["title"],
            purpose=said["purpose"],
            organisation=Organisation.objects.filter(pk=said["organisation"] or 0).first(),
            area_code=said["area_code"],
            hours=said["hours"] or Decimal(0),
            days=said["days"] or 0,
            legal_ground=said["legal_ground"],
            duty=DutyItem.objects.filter(pk=said["duty"]).first() if said["duty"] else None,
        )


class AnswerForm(forms.Form):
    """The answer to an assignment: words, and the lines of its form with what is known put in."""

    text = _words(_("做了什么"), TEXT_MAX, rows=3)
    taken: Sequence[StoredFile] = ()
    most = PHOTOS_MAX

    def __init__(self, data: Any = None, *, lines: Sequence[FilledField], **options: Any) -> None:
        super().__init__(data, **options)
        if lines:
            self.fields["text"].label = _("还有什么要说的")
        self.lines = lines
        for line in lines:
            self.fields[line.name] = _field_of(line)
        self.order_fields([line.name for line in lines])

    @property
    def asked(self) -> list[tuple[BoundField, FilledField]]:
        """The lines with what is known of them."""
        return [(self[line.name], line) for line in self.lines]

    def values(self) -> list[str]:
        """What was written in the lines, in their order."""
        return [str(self.cleaned_data.get(line.name) or "") for line in self.lines]


def _field_of(line: FilledField) -> forms.Field:
    hint: Any = ""
    if line.known is not None:
        hint = _("已知：%(value)s（%(source)s）。对就不用动，不对就改。") % {
            "value": line.known.value,
            "source": line.known.source,
        }
    options: dict[str, Any] = {"label": line.label, "required": False, "initial": line.value, "help_text": hint}
    if line.kind == FieldKind.YES_NO:
        choices = [(YES, _("是")), (NO, _("否"))]
        return forms.ChoiceField(choices=choices, widget=forms.RadioSelect, **options)
    widget: forms.Widget = forms.TextInput(attrs={"inputmode": "decimal"} if line.kind == FieldKind.NUMBER else {})
    if line.kind == FieldKind.DATE:
        widget = forms.DateInput(attrs={"type": "date"})
    return forms.CharField(widget=widget, **options)


class WordsForm(forms.Form):
    """A step that needs a reason, or takes one."""

    text = _words(_("原因"), TEXT_MAX, rows=3)


class ExtensionForm(forms.Form):
    """More time."""

    until = _day(_("延到哪天下班"))
    text = _words(_("为什么来不及"), TEXT_MAX, rows=2)


class DecisionForm(forms.Form):
    """Admitted or not."""

    text = _words(_("为什么这样决定"), 500, rows=3, help_text=_("申请的人会看到；以后查得到。"))


class DutyForm(forms.Form):
    """Where a duty stands in the three lists."""

    community_list = forms.ChoiceField(
        label=_("社区清单"),
        required=False,
        choices=[
            ("", Hinted(_("不在清单上"), _("要社区做，先申请准入"))),
            (CommunityList.OWN, Hinted(_("依法履职"), _("法律定的社区自己的事"))),
            (CommunityList.ASSIST, Hinted(_("依法协助"), _("街道的事，社区可以帮"))),
            (CommunityList.BARRED, Hinted(_("负面清单"), _("不能让社区做，也不能申请"))),
        ],
        widget=forms.RadioSelect,
    )
    legal_basis = _words(_("依据"), GROUND_MAX)
    note = _words(_("说明"), GROUND_MAX)


class DutyFilterForm(forms.Form):
    """Which duties are shown."""

    LISTS = (("", _("各种")), ("none", _("不在清单上")), *CommunityList.choices)

    listed = forms.ChoiceField(label=_("社区清单"), required=False, choices=LISTS)
    q = forms.CharField(label=_("编号或事项"), required=False, max_length=40)


class PolicyForm(forms.Form):
    """The numbers of the office."""

    apply_days = forms.IntegerField(label=_("准入要提前几个工作日申请"), error_messages=_WHOLE)
    decide_days = forms.IntegerField(label=_("几个工作日以内决定"), error_messages=_WHOLE)
    rework_max = forms.IntegerField(label=_("一个任务最多退回几次"), error_messages=_WHOLE)
    rework_days = forms.IntegerField(label=_("退回后至少给几个工作日"), error_messages=_WHOLE)
    checks_a_year = forms.IntegerField(label=_("一个社区一年最多几次考核"), error_messages=_WHOLE)
    is_confirmed = forms.BooleanField(
        label=_("本单位已核实"),
        required=False,
        help_text=_("勾上以后不再标“没有核实”。谁在什么时候勾的，留在记录里。"),
    )
    why = _words(_("为什么改"), 200, required=True, error_messages={"required": _("请写为什么改，以后查得到")})

    @classmethod
    def of(cls, row: TaskPolicy) -> dict[str, Any]:
        """What the row says now."""
        return {name: getattr(row, name) for name in cls.base_fields if name != "why"}


class WeightsForm(forms.Form):
    """What the weights rest on."""

    ground = _words(
        _("依据的文件"), GROUND_MAX, rows=2, help_text=_("名称、文号、第几条。谁在什么时候写的，留在记录里。")
    )
