"""Forms of named sets of grids; the rules are in the services."""

import re
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.web.forms import IdempotencyField
from grid.models import Area, AreaSet, Level, SetKind
from grid.permissions import Capability
from grid.post_forms import DAY_WRONG

SHOWN = 200
_CODE = re.compile(r"[0-9A-Z]{15}")
_DAY = {"required": DAY_WRONG, "invalid": DAY_WRONG}


class AreaSetForm(forms.Form):
    """A set: what for, its name, where, which grids. The button `find` looks for grids and saves nothing."""

    kind = forms.ChoiceField(
        label=_("做什么用"),
        choices=SetKind.choices,
        widget=forms.RadioSelect(attrs={"class": "lr-choices--two"}),
        error_messages={"required": _("请选是巡查片区还是评价网格")},
    )
    name = forms.CharField(label=_("名称"), max_length=40, error_messages={"required": _("请写名称")})
    name_en = forms.CharField(label=_("英文名称"), required=False, max_length=80)
    area_code = forms.ChoiceField(label=_("在哪个街道或社区"), error_messages={"required": _("请选在哪个街道或社区")})
    starts_on = forms.DateField(
        label=_("从哪天起"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY,
    )
    q = forms.CharField(
        label=_("找网格"), required=False, max_length=40, widget=forms.TextInput(attrs={"type": "search"})
    )
    codes = forms.Field(label=_("网格"), required=False)
    key = IdempotencyField()
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self, data: Any = None, *, viewer: Viewer, area_set: AreaSet | None = None, initial: Any = None
    ) -> None:
        super().__init__(data, initial=initial)
        self.area_set = area_set
        self._posted = data
        if area_set is not None:
            for name in ("kind", "area_code", "starts_on"):
                del self.fields[name]
            return
        inside = area_q(viewer.areas(Capability.PLAN_PATROL), "code")
        rows = Area.objects.valid_on(timezone.localdate()).filter(level__in=(Level.SUBDISTRICT, Level.COMMUNITY))
        places = rows.filter(inside).order_by("code").only("code", "name", "name_en") if inside is not None else ()
        choices = [(area.code, area.label) for area in places]
        self.fields["area_code"].choices = choices if len(choices) == 1 else [("", _("请选")), *choices]  # type: ignore[attr-defined]

    def chosen(self) -> set[str]:
        """Codes with a tick: of the form that was sent, else of the set as it is. At most 1 SQL."""
        if self._posted is not None:
            return {code for code in self._posted.getlist("codes") if _CODE.fullmatch(code)}
        if self.area_set is not None:
            return set(self.area_set.members.values_list("area_code", flat=True))
        return set()

    def grids(self) -> tuple[list[tuple[Area, bool]], bool]:
        """Grids to choose from with their ticks, those with one first; whether there are more than shown. 1-2 SQL."""
        where = self.area_set.area_code if self.area_set is not None else str(self["area_code"].value() or "")
        where = where or next((str(value) for value, _label in self._places() if value), "")
        ticked = self.chosen()
        rows = Area.objects.valid_on(timezone.localdate()).filter(level=Level.GRID).only("code", "name", "name_en")
        own = list(rows.filter(code__in=ticked).order_by("code")) if ticked else []
        if len(where) < 9:
            return [(area, True) for area in own], False
        words = str(self["q"].value() or "").strip()
        found = rows.filter(code__startswith=where).exclude(code__in=ticked)
        if words:
            found = (
                found.filter(name__icontains=words)
                | found.filter(name_en__icontains=words)
                | found.filter(code__startswith=words.upper())
            )
        others = list(found.order_by("code")[: SHOWN + 1])
        return [*((area, True) for area in own), *((area, False) for area in others[:SHOWN])], len(others) > SHOWN

    def _places(self) -> list[Any]:
        choices = list(self.fields["area_code"].choices)  # type: ignore[attr-defined]
        return choices if len(choices) == 1 else []

    def without_judgement(self) -> None:
        """Look only: what was typed stays, nothing is called wrong."""
        self._errors = ErrorDict()
        self.cleaned_data = {}


class LastDayForm(forms.Form):
    """The last day on which a set is in use."""

    last_day = forms.DateField(
        label=_("用到哪天为止"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages=_DAY,
    )
