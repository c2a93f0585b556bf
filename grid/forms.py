"""Forms that change the territory: coordinates as text, which a map on the page writes into.

Each form is sent twice: once to see what would change, once to do it. `seen` is a digest of what was shown: whoever
changes a field afterwards is shown the result again before anything is written.
"""

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from shapely.geometry import shape
from shapely.geometry.base import BaseGeometry

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from grid import services
from grid.features import AreaDraft
from grid.models import Area, AreaChange
from grid.models.area import KINDS_OF_LEVEL, AreaKind
from grid.numbering import next_codes
from grid.outline_text import outline_of, outline_text, points_of
from grid.reshaping import cut, redrawn

TEXT_ROWS = 8
NAME_MAX, NAME_EN_MAX, CODE_MAX, REASON_MAX = 60, 100, 17, 200


class ChangeForm(forms.Form):
    """What all have: why, and what was seen."""

    reason = forms.CharField(
        label=gettext_lazy("为什么改"),
        required=False,
        max_length=REASON_MAX,
        help_text=gettext_lazy("进入记录，例如：按新修的道路划界，会议纪要的编号"),
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"max_length": gettext_lazy("理由请写在 200 字以内")},
    )
    versions = forms.CharField(required=False, widget=forms.HiddenInput)
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    title: Any = ""

    def __init__(self, data: QueryDict | None, *, area: Area, siblings: Sequence[Area]) -> None:
        self.area, self.siblings = area, {one.code: one for one in siblings}
        super().__init__(data)
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])

    def clean_versions(self) -> dict[str, int]:
        """Versions of the areas as the person saw them; nobody types them, so a mangled value means none."""
        try:
            read = json.loads(self.cleaned_data["versions"] or "{}")
            return {str(code): int(version) for code, version in read.items()}
        except (ValueError, TypeError, AttributeError):
            return {}

    def apply(self, *, reason: str, actor: Viewer, at: datetime) -> AreaChange:
        """Do it. Raises `DomainError`."""
        raise NotImplementedError

    def proposal(self) -> list[str]:
        """Everything that was entered and what follows from it, for the digest."""
        return [f"{name}={self.cleaned_data.get(name)}" for name in self.fields if name not in {"reason", "seen"}]

    def digest(self) -> str:
        """Changes with everything that would be written."""
        return hashlib.sha256("\n".join(self.proposal()).encode()).hexdigest()[:32]

    def concerned(self) -> list[str]:
        """Codes of the areas whose records would be touched."""
        return [self.area.code]

    def _try(self, read: Callable[[], Any]) -> Any:
        try:
            return read()
        except DomainError as error:
            add_domain_error(self, error)
            return None


class RedrawForm(ChangeForm):
    """A new outline; the neighbours follow, or keep theirs."""

    outline = forms.CharField(
        label=gettext_lazy("边界的坐标"),
        help_text=gettext_lazy("一行一个点：经度, 纬度（WGS-84，单位度），也可以贴 GeoJSON。图上改了，这里跟着改。"),
        widget=forms.Textarea(attrs={"rows": TEXT_ROWS, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请画出或写出新的边界")},
    )
    follow = forms.BooleanField(
        label=gettext_lazy("旁边的区域跟着改"),
        help_text=gettext_lazy("占到的地方从旁边划过来，让出的地方划给挨着最长的那一个"),
        required=False,
        initial=True,
    )
    title = gettext_lazy("改%(area)s的边界")

    def __init__(self, data: QueryDict | None, *, area: Area, siblings: Sequence[Area]) -> None:
        super().__init__(data, area=area, siblings=siblings)
        self.initial["outline"] = outline_text(area.geometry)
        self.outlines: dict[str, BaseGeometry] = {}

    def clean(self) -> dict[str, Any]:
        """Work out the outlines of all areas that change."""
        cleaned = super().clean() or self.cleaned_data
        if "outline" in cleaned:
            self.outlines = self._try(lambda: self._reshape(cleaned)) or {}
        return cleaned

    def _reshape(self, cleaned: Mapping[str, Any]) -> dict[str, BaseGeometry]:
        outline = outline_of(cleaned["outline"], self.area.label)
        before = {one.code: shape(one.geometry) for one in (self.area, *self.siblings.values()) if one.geometry}
        if not cleaned["follow"] or self.area.code not in before:
            return {self.area.code: outline}
        if not outline.is_valid:
            raise DomainError("area_invalid", _("边界自己和自己相交，请改一改再看"), field="outline")
        result = redrawn(self.area.code, outline, before)
        if result.swallowed:
            names = _("、").join(self.siblings[code].label for code in result.swallowed)
            message = _("新边界把%(names)s整个盖住了；要并进来，请用“合并”") % {"names": names}
            raise DomainError("area_swallowed", message, field="outline")
        return result.outlines

    def proposal(self) -> list[str]:
        """The outlines that would be written."""
        return [*super().proposal(), *(f"{code}={outline.wkt}" for code, outline in sorted(self.outlines.items()))]

    def concerned(self) -> list[str]:
        """The area and the neighbours that follow."""
        return sorted(self.outlines)

    def apply(self, *, reason: str, actor: Viewer, at: datetime) -> AreaChange:
        """Draw anew. An area that the person did not see before counts as changed meanwhile."""
        return services.areas_redraw(
            outlines=self.outlines, versions=self.cleaned_data["versions"], reason=reason, actor=actor, at=at
        )


class PartFields:
    """Code, names and kind of one new area, as fields of a form with a number behind their names."""

    def __init__(self, form: ChangeForm, number: int, code: str, like: Area, suffix: str = "") -> None:
        self.form, self.number = form, number
        name_en = f"{like.name_en}{suffix}" if like.name_en else ""
        kinds = [(kind, AreaKind(kind).label) for kind in KINDS_OF_LEVEL[like.level] if kind]
        fields: dict[str, tuple[forms.Field, str]] = {
            "code": (
                forms.CharField(label=_("新编码"), max_length=CODE_MAX, help_text=_("还没有用过的下一个编码，可以改")),
                code,
            ),
            "name": (forms.CharField(label=_("名称"), max_length=NAME_MAX), like.name + suffix),
            "name_en": (forms.CharField(label=_("英文名称"), max_length=NAME_EN_MAX, required=False), name_en),
        }
        if kinds:
            fields["kind"] = (forms.ChoiceField(label=_("类别"), choices=kinds), like.kind)
        for key, (field, initial) in fields.items():
            form.fields[f"{key}_{number}"] = field
            form.initial.setdefault(f"{key}_{number}", initial)
        self.keys = list(fields)

    def __iter__(self) -> Any:
        """The bound fields."""
        return iter([self.form[f"{key}_{self.number}"] for key in self.keys])

    def draft(self, polygon: BaseGeometry | None) -> AreaDraft:
        """The area as entered."""
        values = {key: str(self.form.cleaned_data.get(f"{key}_{self.number}", "")).strip() for key in self.keys}
        return AreaDraft(values["code"], values["name"], values["name_en"], values.get("kind", ""), polygon)


def _completed(data: QueryDict | None, parts: Sequence[PartFields]) -> QueryDict | None:
    """The data with what is proposed for fields that were not on the page yet."""
    if data is None:
        return None
    data = data.copy()
    for part in parts:
        for key in part.keys:
            name = f"{key}_{part.number}"
            if name not in data:
                data[name] = part.form.initial[name]
    return data


class SplitForm(ChangeForm):
    """A line that cuts the area; for each piece a code and a name."""

    line = forms.CharField(
        label=gettext_lazy("分割线的坐标"),
        help_text=gettext_lazy("一行一个点：经度, 纬度。两头都画到边界外面一点。图上画了，这里跟着改。"),
        widget=forms.Textarea(attrs={"rows": 5, "spellcheck": "false"}),
        error_messages={"required": gettext_lazy("请画出或写出分割线")},
    )
    title = gettext_lazy("拆分%(area)s")

    def __init__(self, data: QueryDict | None, *, area: Area, siblings: Sequence[Area]) -> None:
        super().__init__(data, area=area, siblings=siblings)
        self.pieces: list[BaseGeometry] = []
        self.fault: DomainError | None = None
        if data is not None:
            try:
                self.pieces = self._cut(data.get("line", ""))
            except DomainError as error:
                self.fault = error
        codes = next_codes(like=area.code, count=len(self.pieces)) if self.pieces else []
        codes += [""] * (len(self.pieces) - len(codes))
        self.parts = [PartFields(self, number, code, area, f"-{number}") for number, code in enumerate(codes, start=1)]
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])
        if data is not None:
            self.data = _completed(data, self.parts)  # type: ignore[assignment]

    def _cut(self, text: str) -> list[BaseGeometry]:
        if not text.strip():
            return []
        if self.area.geometry is None:
            raise DomainError("area_without_outline", _("这个区域还没有边界，请先画好再拆分"), field="line")
        points = points_of(text, field="line")
        if len(points) < 2:
            raise DomainError("line_points", _("分割线至少要两个点"), field="line")
        pieces = cut(shape(self.area.geometry), points)
        if len(pieces) < 2:
            raise DomainError("line_misses", _("这条线没有把区域分开：两头都要画到边界外面"), field="line")
        if len(pieces) > services.PARTS_MAX:
            raise DomainError(
                "parts_number", _("拆分要分成 2 到 %(most)s 块") % {"most": services.PARTS_MAX}, field="line"
            )
        return pieces

    def clean(self) -> dict[str, Any]:
        """Tell what was wrong with the line."""
        cleaned = super().clean() or self.cleaned_data
        if self.fault is not None:
            add_domain_error(self, self.fault)
        return cleaned

    def apply(self, *, reason: str, actor: Viewer, at: datetime) -> AreaChange:
        """Split."""
        drafts = [part.draft(piece) for part, piece in zip(self.parts, self.pieces, strict=True)]
        version = self.cleaned_data["versions"].get(self.area.code, 0)
        return services.area_split(
            code=self.area.code, parts=drafts, version=version, reason=reason, actor=actor, at=at
        )


class MergeForm(ChangeForm):
    """Which neighbours are joined with the area, and what the whole is called."""

    codes = forms.MultipleChoiceField(
        label=gettext_lazy("和哪些合并"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": gettext_lazy("请至少选一个旁边的区域"),
            "invalid_choice": gettext_lazy("选的区域已经不在这里了，请重新选"),
        },
    )
    title = gettext_lazy("把%(area)s和旁边的合并")

    def __init__(self, data: QueryDict | None, *, area: Area, siblings: Sequence[Area]) -> None:
        super().__init__(data, area=area, siblings=siblings)
        labels = [_("%(name)s（%(code)s）") % {"name": one.label, "code": one.code} for one in siblings]
        choices = list(zip((one.code for one in siblings), labels, strict=True))
        self.fields["codes"].choices = choices  # type: ignore[attr-defined]
        code = next(iter(next_codes(like=area.code, count=1)), "")
        self.parts = [PartFields(self, 1, code, area)]
        self.order_fields([name for name in self.fields if name != "reason"] + ["reason"])
        if data is not None:
            self.data = _completed(data, self.parts)  # type: ignore[assignment]

    def concerned(self) -> list[str]:
        """All that would end."""
        return sorted([self.area.code, *self.cleaned_data["codes"]])

    def apply(self, *, reason: str, actor: Viewer, at: datetime) -> AreaChange:
        """Merge."""
        versions = {code: self.cleaned_data["versions"].get(code, 0) for code in self.concerned()}
        return services.areas_merge(
            versions=versions, into=self.parts[0].draft(None), reason=reason, actor=actor, at=at
        )


class RetireForm(ChangeForm):
    """Only a reason."""

    title = gettext_lazy("停用%(area)s")

    def apply(self, *, reason: str, actor: Viewer, at: datetime) -> AreaChange:
        """End it."""
        version = self.cleaned_data["versions"].get(self.area.code, 0)
        return services.area_retire(code=self.area.code, version=version, reason=reason, actor=actor, at=at)


class DayForm(forms.Form):
    """A point and a day: which grid was it in?"""

    point = forms.CharField(
        label=gettext_lazy("位置"),
        help_text=gettext_lazy("经度, 纬度，例如：114.3012, 22.7034"),
        max_length=60,
        error_messages={"required": gettext_lazy("请写一个位置")},
    )
    day = forms.DateField(
        label=gettext_lazy("哪一天"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={
            "required": gettext_lazy("请写日期"),
            "invalid": gettext_lazy("日期没有看懂，请写成 2026-03-01"),
        },
    )

    def clean_point(self) -> tuple[float, float]:
        """The point in degrees."""
        try:
            points = points_of(self.cleaned_data["point"], field="point")
        except DomainError as error:
            raise forms.ValidationError(_("没有看懂这个位置，请写成：114.3012, 22.7034"), code="unreadable") from error
        if len(points) != 1:
            raise forms.ValidationError(_("没有看懂这个位置，请写成：114.3012, 22.7034"), code="unreadable")
        return points[0]
