"""Reads: somebody's inbox, the number on the bell, the delivery log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import reduce
from operator import or_

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.notifications import contacts, texts
from governance.notifications.models import Channel, Message, OfficeRobot, State, within, without_area
from governance.notifications.permissions import Capability
from governance.notifications.registry import get
from governance.notifications.services.messages import WITHDRAWN
from governance.notifications.services.sending import BLOCKED, DECLINED, NO_ADDRESS, NO_ANSWER, TOO_LATE
from governance.organisations.models import Organisation
from governance.organisations.selectors import organisations_within
from governance.privacy.masks import mask_email, mask_name, mask_phone
from governance.refs import Described, describe_many
from governance.web.keyset import KeysetPage

BELL_CAP = 100
INBOX_ROWS = 30
LOG_ROWS = 50
SHOWN_ROWS = 30

REASONS: dict[str, str | Promise] = {
    NO_ANSWER: _("发送时程序中断，结果不明"),
    TOO_LATE: _("过了有效时间，没有再发"),
    BLOCKED: _("地址在停发名单上"),
    DECLINED: _("本人选了不收这一类"),
    WITHDRAWN: _("说的事马上撤回了，没有发"),
}
NO_ADDRESS_REASONS: dict[str, str | Promise] = {
    Channel.EMAIL: _("没有登记邮箱"),
    Channel.SMS: _("没有登记手机号，或者还没有接短信网关"),
    Channel.WEBHOOK: _("单位没有登记群机器人的地址"),
}


@dataclass(frozen=True, slots=True)
class InboxItem:
    """One message as its reader sees it."""

    pk: int
    subject: str
    body: str
    at: datetime
    is_read: bool


@dataclass(frozen=True, slots=True)
class InboxPage:
    """A page of an inbox; `next_cursor` continues it ("" at the end)."""

    items: Sequence[InboxItem]
    next_cursor: str
    unread: int

    @property
    def unread_label(self) -> str:
        """The number as the bell shows it."""
        return unread_label(self.unread)


@dataclass(frozen=True, slots=True)
class LogItem:
    """One message as the log shows it: who is masked, what is named, the text is not there."""

    pk: int
    title: str | Promise
    about: Described | None
    recipient: str
    address: str
    channel: str | Promise
    state: str
    state_label: str | Promise
    reason: str | Promise
    attempts: int
    at: datetime
    sent_at: datetime | None
    next_at: datetime | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the delivery log, with the cursors of its neighbours ("" where there is none)."""

    items: Sequence[LogItem]
    next_cursor: str
    previous_cursor: str

    @property
    def has_next(self) -> bool:
        """Whether older messages follow."""
        return bool(self.next_cursor)

    @property
    def has_previous(self) -> bool:
        """Whether newer messages come before."""
        return bool(self.previous_cursor)


def unread_count(user_id: int) -> int:
    """Return how many messages somebody has not opened, counted no further than 100: 1 SQL on a partial index."""
    return Message.objects.inbox_of(user_id).unread().order_by("-id")[:BELL_CAP].count()


def unread_label(count: int) -> str:
    """Return the number on the bell: "" for none, "99+" from a hundred."""
    return "" if not count else f"{BELL_CAP - 1}+" if count >= BELL_CAP else str(count)


def inbox_page(*, user_id: int, language: str, cursor: str = "", rows: int = INBOX_ROWS) -> InboxPage:
    """Return a page of an inbox: unread messages first, each part newest first.

    `cursor` is "u<id>" or "r<id>" of the last message shown; anything else begins at the top. At most 4 SQL: unread,
    read, the office's own texts, the number on the bell; kinds with late values add what these need.
    """
    part, position = _position(cursor)
    inbox = Message.objects.inbox_of(user_id).order_by("-id")
    found: list[Message] = []
    if part == "u":
        unread = inbox.unread() if position is None else inbox.unread().filter(pk__lt=position)
        found = list(unread[: rows + 1])
    if len(found) <= rows:
        read = inbox.filter(read_at__isnull=False)
        if part == "r" and position is not None:
            read = read.filter(pk__lt=position)
        found += list(read[: rows + 1 - len(found)])
    shown = found[:rows]
    last = shown[-1] if len(found) > rows else None
    return InboxPage(
        items=_inbox_items(shown, texts.language_of(language)),
        next_cursor="" if last is None else f"{'u' if last.read_at is None else 'r'}{last.pk}",
        unread=unread_count(user_id),
    )


def inbox_link(message: Message, viewer: Viewer) -> str:
    """Return the path that a message leads its reader to, "" when there is none (any more) for them."""
    values = texts.late_values([message])
    texts.add_staff_links([message], values, viewer)
    return str(values[0].get("link", ""))


def log_page(*, viewer: Viewer, state: str = "", channel: str = "", cursor: str = "", rows: int = LOG_ROWS) -> LogPage:
    """Return a page of the messages about matters inside the viewer's areas, newest first.

    1 SQL, 1 a kind of recipient, 1 a kind of subject; the encrypted text is not read.
    """
    messages = Message.objects.visible_to(viewer).defer("body")
    if state in State.values:
        messages = messages.filter(state=state)
    if channel in Channel.values:
        messages = messages.filter(channel=channel)
    page = KeysetPage(messages, ("-id",), rows, cursor)
    return LogPage(_log_items(page.rows, viewer), page.next_cursor, page.previous_cursor)


def log_item(message: Message, viewer: Viewer) -> LogItem:
    """Return one message as the log shows it."""
    return _log_items([message], viewer)[0]


@dataclass(frozen=True, slots=True)
class ShownMessage:
    """One message as it went out, for the page of a demo."""

    pk: int
    channel: str
    to: str
    text: str
    at: datetime


def shown_messages(channel: str = "", rows: int = SHOWN_ROWS) -> list[ShownMessage]:
    """Return the last messages that went out over a channel with an address, whole: only for the page of a demo."""
    sent = Message.objects.filter(state=State.SENT, channel__in=[Channel.EMAIL, Channel.SMS, Channel.WEBHOOK])
    if channel in Channel.values:
        sent = sent.filter(channel=channel)
    found = list(sent.order_by("-id")[:rows])
    people = contacts.resolve(message.recipient_ref for message in found if message.address is None)
    return [
        ShownMessage(
            message.pk,
            message.channel,
            _address(message, people),
            str(message.body or ""),
            message.sent_at or message.created_at,
        )
        for message in found
    ]


def _address(message: Message, people: Mapping[str, contacts.Contact]) -> str:
    if message.address is not None:
        return str(message.address)
    contact = people.get(message.recipient_ref)
    if contact is None:
        return ""
    known = {Channel.EMAIL: contact.email, Channel.SMS: contact.phone, Channel.WEBHOOK: contact.name}
    return str(known[Channel(message.channel)])


def failed_count(viewer: Viewer) -> int:
    """Return how many failed messages the viewer may send again, counted no further than 100."""
    failed = Message.objects.filter(_retryable(viewer), state=State.FAILED)
    return failed.order_by("-id")[:BELL_CAP].count()


def failed_in_log(viewer: Viewer) -> int:
    """Return how many failed messages the viewer's log shows; failures are few, and have an index. 1 SQL."""
    return Message.objects.visible_to(viewer).filter(state=State.FAILED).count()


def failed_after(viewer: Viewer, position: int, limit: int) -> list[int]:
    """Return keys of failed messages that the viewer may send again, from `position` upwards."""
    failed = Message.objects.filter(_retryable(viewer), state=State.FAILED, pk__gt=position)
    return list(failed.order_by("pk").values_list("pk", flat=True)[:limit])


def failed_total(viewer: Viewer) -> int:
    """Return how many failed messages the viewer may send again: a whole count, for a job's progress only."""
    return Message.objects.filter(_retryable(viewer), state=State.FAILED).count()


def _retryable(viewer: Viewer) -> Q:
    conditions = [within(viewer, Capability.RETRY), without_area(viewer, Capability.RETRY)]
    return reduce(or_, [q for q in conditions if q is not None], Q(pk__in=[]))


def _position(cursor: str) -> tuple[str, int | None]:
    part, number = cursor[:1], cursor[1:]
    return (part, int(number)) if part in {"u", "r"} and number.isascii() and number.isdigit() else ("u", None)


def _inbox_items(messages: Sequence[Message], language: str) -> list[InboxItem]:
    overrides = texts.overrides_for(message.kind for message in messages) if messages else {}
    late = texts.late_values(messages)
    items = []
    for message, values in zip(messages, late, strict=True):
        try:
            text = texts.render(message, language, overrides, values)
        except DomainError:  # of a kind that this release does not know any more
            text = texts.Text(str(_("一条旧消息，内容已经不再提供")), "")
        items.append(InboxItem(message.pk, text.subject, text.body, message.created_at, message.read_at is not None))
    return items


def _log_items(messages: Sequence[Message], viewer: Viewer) -> list[LogItem]:
    people = contacts.resolve(message.recipient_ref for message in messages)
    abouts = describe_many({message.subject_ref for message in messages}, viewer)
    items = []
    for message in messages:
        kind, contact = get(message.kind), people.get(message.recipient_ref)
        items.append(
            LogItem(
                pk=message.pk,
                title=kind.title if kind is not None else message.kind,
                about=abouts.get(message.subject_ref),
                recipient=mask_name(contact.name) if contact is not None else "",
                address=_masked_address(message, contact),
                channel=Channel(message.channel).label,
                state=message.state,
                state_label=State(message.state).label,
                reason=_reason(message),
                attempts=message.attempts,
                at=message.created_at,
                sent_at=message.sent_at,
                next_at=message.next_at,
            )
        )
    return items


def _reason(message: Message) -> str | Promise:
    if message.error == NO_ADDRESS:
        return NO_ADDRESS_REASONS.get(message.channel, "")
    return REASONS.get(message.error, message.error)


def _masked_address(message: Message, contact: contacts.Contact | None) -> str:
    """Where it went, as much as lets somebody recognise their own."""
    if message.channel == Channel.SMS:
        phone = message.address or (contact.phone if contact is not None else "")
        return mask_phone(str(phone)) if phone else ""
    if message.channel == Channel.EMAIL:
        email = message.address or (contact.email if contact is not None else "")
        return mask_email(str(email)) if email else ""
    return ""


@dataclass(frozen=True, slots=True)
class OfficeChat:
    """An office that the viewer may enter a robot for; the address itself is nobody's to read."""

    organisation: Organisation
    has_robot: bool
    changed_at: datetime | None


def offices_for_robots(viewer: Viewer) -> list[OfficeChat]:
    """Return the active offices inside the areas in which the viewer may enter robots: 2 SQL."""
    offices = list(organisations_within(viewer.areas(Capability.EDIT_ROBOT)))
    known = dict(OfficeRobot.objects.filter(organisation__in=offices).values_list("organisation_id", "changed_at"))
    return [OfficeChat(office, office.pk in known, known.get(office.pk)) for office in offices]
