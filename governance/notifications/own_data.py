"""What was sent to somebody's account, for the copy of their own data."""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.notifications.models import Message
from governance.notifications.registry import get
from governance.privacy.sources import Part, PersonalDataSource, Whose, moment, register


def _messages(whose: Whose, at: datetime) -> Iterator[Part]:
    if whose.user is None:
        return
    rows = Message.objects.filter(user=whose.user).order_by("-pk").only("kind", "channel", "state", "created_at")
    lines = []
    for row in rows:
        kind = get(row.kind)
        title = kind.title if kind is not None else row.kind
        lines.append((moment(row.created_at), f"{title} · {row.get_channel_display()} · {row.get_state_display()}"))
    if lines:
        yield Part(_("发给您的消息"), lines)


register(PersonalDataSource("notifications.messages", gettext_lazy("消息"), _messages))
