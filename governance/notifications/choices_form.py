"""The form in which people choose how they are told: one field for each group and channel, and the hours."""

from collections.abc import Mapping
from datetime import datetime, time
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.viewer import Viewer
from governance.notifications.groups import NoticeGroup
from governance.notifications.models import NoticePreference
from governance.notifications.registry import EMAIL, SMS, groups_for
from governance.notifications.services.preferences import WAYS, field_of, preference_save
from governance.notifications.wishes import AT_ONCE, DIGEST, NEVER

WAY_WORDS = {AT_ONCE: _("一有就发"), DIGEST: _("放进每日汇总"), NEVER: _("不发")}
CHANNEL_WORDS = {EMAIL: _("邮件"), SMS: _("短信")}
HOURS = [time(hour) for hour in range(6, 23)]


class HoursForm(forms.Form):
    """Quiet hours and the hour of the digest."""

    quiet_from = forms.TimeField(
        label=_("安静时间从"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "lr-input--short"}),
        error_messages={"invalid": _("请写成 22:00 这样")},
        help_text=_("这段时间邮件、短信和单位群消息先等着，到点再发；验证码这类马上要用的照发。"),
    )
    quiet_until = forms.TimeField(
        label=_("安静时间到"),
        required=False,
        widget=forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "lr-input--short"}),
        error_messages={"invalid": _("请写成 7:00 这样")},
        help_text=_("可以跨过半夜，比如 22:00 到 7:00。两个都空着，就是没有安静时间。"),
    )
    digest_at = forms.TypedChoiceField(
        label=_("每日汇总几点发"),
        choices=[(f"{hour:%H:%M}", f"{hour:%H:%M}") for hour in HOURS],
        coerce=lambda value: time.fromisoformat(value),
        widget=forms.Select(attrs={"class": "lr-input--short"}),
        help_text=_("汇总是一封邮件；没有内容就不发。"),
    )

    def hours(self) -> dict[str, Any]:
        """The hours as the services take them."""
        return {name: self.cleaned_data[name] for name in ("quiet_from", "quiet_until", "digest_at")}


class ChoicesForm(HoursForm):
    """What one person wants of each group, over each channel that can reach them."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        groups = groups_for(user.kind)
        self.fixed = [group for group in groups if group.fixed]
        self.ways: dict[str, tuple[str, str]] = {}
        for group in groups:
            for channel in _channels(group):
                if not group.fixed:
                    self._add(group, channel, has_email=bool(user.email))
        self.order_fields([*self.ways, "digest_at", "quiet_from", "quiet_until"])

    def _add(self, group: NoticeGroup, channel: str, *, has_email: bool) -> None:
        ways = [way for way in WAY_WORDS if way == AT_ONCE or way in WAYS[channel]]
        if not has_email:  # the digest is a letter
            ways = [way for way in ways if way != DIGEST]
        name = field_of(group.key, channel)
        self.ways[name] = (group.key, channel)
        self.fields[name] = forms.ChoiceField(
            label=_("%(group)s：%(channel)s") % {"group": group.title, "channel": CHANNEL_WORDS[channel]},
            choices=[(way, WAY_WORDS[way]) for way in ways],
        )

    def chosen(self) -> dict[str, dict[str, str]]:
        """{group: {channel: way}} as typed."""
        found: dict[str, dict[str, str]] = {}
        for name, (group, channel) in self.ways.items():
            found.setdefault(group, {})[channel] = self.cleaned_data[name]
        return found

    def save(self, actor: Viewer, at: datetime) -> None:
        """Keep it. Raises as `preference_save`."""
        preference_save(user=actor.user, choices=self.chosen(), actor=actor, at=at, **self.hours())


def _channels(group: NoticeGroup) -> list[str]:
    return [EMAIL, SMS] if group.has_sms else [EMAIL]


def initial_for(user: User | None) -> dict[str, Any]:
    """What holds for somebody now, as the forms show it: 1 SQL."""
    rows = NoticePreference.objects.filter(Q(user=user) | Q(user__isnull=True))
    known = {row.user_id: row for row in rows}
    row = known.get(user.pk if user is not None else None) or known.get(None)
    if row is None:
        return {"digest_at": "08:00"}
    values: dict[str, Any] = {
        "quiet_from": row.quiet_from,
        "quiet_until": row.quiet_until,
        "digest_at": f"{row.digest_at:%H:%M}",
    }
    choices: Mapping[str, Mapping[str, str]] = row.choices
    for group, ways in choices.items():
        values |= {field_of(group, channel): way for channel, way in ways.items()}
    return values
