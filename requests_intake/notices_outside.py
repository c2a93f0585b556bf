"""What a party outside the portal is sent: its link, and word that what it answered is not enough."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.notifications.contacts import Contact, register_resolver
from governance.notifications.registry import EMAIL, SMS, Recipient
from requests_intake.models import ExternalLink
from requests_intake.notice_groups import OUTSIDE
from requests_intake.notices import request_kind

_LINK = ExternalLink._meta.label_lower


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _contacts(refs: Sequence[str]) -> dict[str, Contact]:
    """Addresses of links that still open: one that was called back a moment ago is not sent any more. 1 SQL."""
    living = ExternalLink.objects.living(timezone.now()).filter(pk__in=[_pk(ref) for ref in refs])
    return {f"{_LINK}:{link.pk}": Contact(link.email, "zh-hans", "", phone=link.phone) for link in living}


register_resolver(_LINK, _contacts)


def _parties(events: Sequence[Any]) -> list[list[Recipient]]:
    """Where the living link to the order of each event was sent; nobody where it was handed over. 1 SQL a batch."""
    orders = {event.payload["order_id"] for event in events}
    links = ExternalLink.objects.filter(order__in=orders, revoked_at__isnull=True)
    found = {link.order_id: _recipients(link) for link in links}
    return [found.get(event.payload["order_id"], []) for event in events]


def _recipients(link: ExternalLink) -> list[Recipient]:
    way = EMAIL if link.email else SMS if link.phone else ""
    return [Recipient(f"{_LINK}:{link.pk}", (way,))] if way else []


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    """The link itself, looked up at sending: a secret is never stored in a message's context."""
    found = ExternalLink.objects.in_bulk([_pk(message.recipient_ref) for message in messages])
    tokens = [found.get(_pk(message.recipient_ref)) for message in messages]
    return [{"link": reverse("intake:outside", args=[link.token]) if link is not None else "/"} for link in tokens]


_party_kind = partial(request_kind, group=OUTSIDE, audiences=_parties, late=_links)

_party_kind(
    "requests_intake.sent_outside",
    "requests_intake.sent_outside",
    _("给外单位的链接"),
    (
        "有一件事请您单位办：{number}",
        "您好：\n\n有一件居民反映的事（{number}）请您单位办。不用登录，打开这个链接就能看、签收、交结果：\n\n{link}\n\n"
        "谁有这个链接，谁就能替您单位签收，请只给经手的人。",
    ),
    (
        "A job for your organisation: {number}",
        "Hello,\n\nA resident's report ({number}) needs your organisation. No account is needed: read it, sign for it "
        "and hand in your result here:\n\n{link}\n\n"
        "Whoever has this link can act for you, so give it only to those who do the work.",
    ),
    sms=(
        "有一件事（{number}）请您单位办，凭链接签收、交结果：{link}（只给经手的人）",
        "Job {number} for your organisation. Sign and hand in here (keep it to yourselves): {link}",
    ),
)
for _event, _key in (("sent_back", "outside_sent_back"), ("brought_back", "outside_brought_back")):
    _party_kind(
        f"requests_intake.{_key}",
        f"requests_intake.{_event}",
        _("外单位的结果退回重办"),
        (
            "{number} 还要再办一下",
            "您好：\n\n您单位交的结果（{number}）还不行，哪里没有办好写在链接里，请再办一次，"
            "{due_at} 前要答复居民：\n\n{link}",
        ),
        (
            "{number} needs more work",
            "Hello,\n\nYour result for {number} is not enough yet. What is missing is written here; the resident must "
            "have an answer by {due_at}:\n\n{link}",
        ),
        sms=(
            "您单位办的 {number} 还要再办一下，看链接：{link}",
            "Your result for {number} needs more work: {link}",
        ),
    )
