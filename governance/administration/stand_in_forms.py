"""Who stands in for a colleague, in which of their grants, from when to when, why."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.models import Grant
from governance.access.viewer import Viewer
from governance.administration.fields import reason_field
from governance.administration.forms import MOMENT, NOT_UNDERSTOOD
from governance.web.finding import FindPerson
from governance.web.forms import Hinted, IdempotencyField

FOR_TWO_WEEKS = timedelta(days=14)


class StandInForm(FindPerson):
    """The colleague's grants are all chosen to begin with."""

    grants = forms.MultipleChoiceField(
        label=_("代哪几项"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请选至少一项这位同事自己的授权")},
    )
    starts_at = forms.DateTimeField(
        label=_("从什么时候起"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"required": _("请写开始时间"), "invalid": NOT_UNDERSTOOD},
    )
    ends_at = forms.DateTimeField(
        label=_("到什么时候止"),
        help_text=_("到时自动结束；同事自己的授权先结束，代班也跟着结束"),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={"required": _("请写到什么时候止，要晚于开始，也要晚于现在"), "invalid": NOT_UNDERSTOOD},
    )
    reason = reason_field(
        _("为什么"),
        missing=_("请写明为什么要人代班，以后查起来才清楚"),
        help_text=_("进入记录，例如：年休假，十天"),
    )
    key = IdempotencyField()

    def __init__(
        self, data: QueryDict | None = None, *, viewer: Viewer, at: datetime, grants: Sequence[tuple[Grant, str, str]]
    ) -> None:
        """`grants` are those that may be chosen, each with its place and its time in words."""
        now = timezone.localtime(at)
        own = [str(grant.pk) for grant, _place, _period in grants]
        initial: dict[str, Any] = {"starts_at": now, "ends_at": now + FOR_TWO_WEEKS, "grants": own, "user": ""}
        super().__init__(data, viewer=viewer, initial=initial)
        fields: dict[str, Any] = self.fields
        self["user_words"].label = _("谁来代班")  # made already: the search has read it
        fields["grants"].choices = [
            (str(grant.pk), Hinted(str(grant.role), f"{place} · {period}")) for grant, place, period in grants
        ]

    def order(self) -> dict[str, Any]:
        """Return what `stand_in_give` takes besides the person, of a valid form."""
        data = self.cleaned_data
        return {
            "substitute": self.chosen(),
            "grants": [int(pk) for pk in data["grants"]],
            "starts_at": data["starts_at"],
            "ends_at": data["ends_at"],
            "reason": data["reason"],
            "submission_key": data["key"],
        }
