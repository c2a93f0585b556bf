"""The person for whom somebody else reported gets number and link, if that was wished; nothing else goes to them."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.contacts import Contact, register_resolver
from governance.notifications.registry import SMS, Recipient
from governance.text import mobile_number
from requests_intake.models import ConcernedPerson
from requests_intake.notice_groups import MUST_KNOW
from requests_intake.notices import request_kind

_PERSON = ConcernedPerson._meta.label_lower


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _persons(events: Sequence[Any]) -> list[list[Recipient]]:
    """The person of each request who is to be told. 1 SQL a batch."""
    pks = {_pk(event.subject_ref) for event in events}
    found = {one.request_id: one for one in ConcernedPerson.objects.filter(request__in=pks, is_told=True)}
    told = []
    for event in events:
        one = found.get(_pk(event.subject_ref))
        reached = one is not None and mobile_number(one.phone)
        told.append([Recipient(f"{_PERSON}:{one.pk}", (SMS,))] if one is not None and reached else [])
    return told


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The tracking link, looked up at sending."""
    rows = ConcernedPerson.objects.filter(pk__in={_pk(message.recipient_ref) for message in messages})
    tokens = {f"{_PERSON}:{row.pk}": row.request.track_token for row in rows.select_related("request")}
    return [
        {"link": reverse("intake:track", args=[tokens[ref]]) if ref in tokens else "/"}
        for ref in (message.recipient_ref for message in messages)
    ]


def _contacts(refs: Sequence[str]) -> dict[str, Contact]:
    found = ConcernedPerson.objects.filter(pk__in=[_pk(ref) for ref in refs]).select_related("request")
    return {f"{_PERSON}:{one.pk}": Contact("", one.request.language, one.name, phone=one.phone) for one in found}


register_resolver(_PERSON, _contacts)

request_kind(
    "requests_intake.received_for_you",
    "requests_intake.submitted",
    _("收到替您反映的事"),
    (
        "有人替您反映了一件事：{number}",
        "您好：\n\n有人替您反映了一件事，我们收到了，受理编号 {number}。最晚 {due_at} 前答复。\n\n看进展：{link}\n\n"
        "这个链接只给您和反映的人，请不要转给别人。",
    ),
    (
        "Somebody has reported a matter for you: {number}",
        "Hello,\n\nSomebody has reported a matter on your behalf. We have it; its number is {number} and the answer is "
        "due by {due_at}.\n\nFollow it here: {link}\n\nThe link is for you and the person who reported; please do not "
        "pass it on.",
    ),
    group=MUST_KNOW,
    audiences=_persons,
    late=_links,
    is_urgent=True,
    sms=(
        "有人替您反映了一件事，编号 {number}，最晚 {due_at} 前答复。看进展：{link}（请不要转给别人）",
        "A matter was reported for you, no. {number}. Answer by {due_at}. Follow it: {link}",
    ),
)
