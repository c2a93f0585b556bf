"""The form of the register of appraisals; the rules are in the services."""

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.organisations.models import Organisation
from governance.web.forms import IdempotencyField
from grid.models import Admission, Appraisal, Area, Task
from grid.permissions import Capability
from grid.services.burden import AppraisalDraft

INDENT = "\u3000"
_WRONG = {"invalid": _("日期没有看懂，请写成 2026-01-05")}


def _day(label: Any) -> forms.DateField:
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), error_messages=_WRONG
    )


class AppraisalForm(forms.Form):
    """Who appraises whom, on what ground, by what."""

    title = forms.CharField(label=_("叫什么"), max_length=60, required=False, help_text=_("例如：年底综合考核"))
    organisation = forms.ChoiceField(label=_("谁来考核"), required=False)
    area_code = forms.ChoiceField(label=_("考核哪里"), required=False)
    ground = forms.CharField(
        label=_("依据"), max_length=300, required=False, help_text=_("法规的名称和第几条，或者文件的文号")
    )
    indicators = forms.CharField(
        label=_("考核什么"), max_length=1000, required=False, widget=forms.Textarea(attrs={"rows": 4})
    )
    starts_on = _day(_("从哪天"))
    ends_on = _day(_("到哪天"))
    task = forms.ChoiceField(
        label=_("经过准入的任务"), required=False, help_text=_("超过上限的才要选：先下达任务、勾上考核、申请准入")
    )
    key = IdempotencyField()

    def __init__(self, data: Any = None, *, viewer: Viewer, today: date) -> None:
        super().__init__(data)
        inside = area_q(viewer.areas(Capability.ASK_TASK), "code")
        places = Area.objects.valid_on(today).filter(level__in=("district", "subdistrict", "community"))
        found = places.filter(inside).only("code", "name", "name_en").order_by("code") if inside else places.none()
        self.fields["area_code"].choices = [  # type: ignore[attr-defined]
            (area.code, f"{INDENT * max(0, (len(area.code) - 9) // 3)}{area.label}") for area in found
        ]
        kinds = ("department", "district_office", "subdistrict_office")
        offices = Organisation.objects.filter(is_active=True, kind__in=kinds)
        self.fields["organisation"].choices = [(str(row.pk), row.label) for row in offices]  # type: ignore[attr-defined]
        tasks = Task.objects.visible_to(viewer).filter(is_appraisal=True, admission=Admission.ADMITTED)
        free = tasks.exclude(pk__in=Appraisal.objects.filter(task__isnull=False).values("task"))
        self.fields["task"].choices = [  # type: ignore[attr-defined]
            ("", "—"),
            *((str(row.pk), row.title) for row in free.order_by("-id")[:50]),
        ]

    def draft(self) -> AppraisalDraft:
        """As the service wants it."""
        said = self.cleaned_data
        return AppraisalDraft(
            title=said["title"],
            organisation=Organisation.objects.filter(pk=said["organisation"] or 0).first(),
            area_code=said["area_code"],
            ground=said["ground"],
            indicators=said["indicators"],
            starts_on=said["starts_on"],
            ends_on=said["ends_on"],
            task=Task.objects.filter(pk=said["task"]).first() if said["task"] else None,
        )
