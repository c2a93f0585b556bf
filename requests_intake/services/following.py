"""Following public requests and areas by e-mail: asked for, confirmed by the address' owner, ended with one press."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.core import signing
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.viewer import ANONYMOUS, SYSTEM
from governance.errors import DomainError
from governance.notifications.blocking import block_of
from governance.outbox.services import NewEvent, publish, publish_many
from governance.privacy.blind_index import blind_index, blind_matches
from requests_intake import events
from requests_intake.models import Follow, Publication

LETTERS_A_DAY = 5
CONFIRM_WITHIN = timedelta(days=7)
NEWS_AT_MOST_EVERY = timedelta(hours=20)
NEWS_BATCH = 500
_SALT = "requests_intake.follow"


def follow_token(follow_id: int) -> str:
    """The token that stands in letters: it confirms this wish and ends it, and is good for nothing else."""
    return signing.Signer(salt=_SALT).sign(str(follow_id)).replace(":", ".")


def follow_by_token(token: str) -> Follow | None:
    """Return the wish of a letter's token, or None for a forged one. 1 SQL."""
    try:
        pk = signing.Signer(salt=_SALT).unsign(token.replace(".", ":"))
    except signing.BadSignature:
        return None
    return Follow.objects.filter(pk=int(pk)).select_related("publication").first()


def follow_ask(
    *, email: str, language: str, publication: Publication | None = None, area_code: str = "", at: datetime
) -> None:
    """Note a wish to follow and send the letter that asks to confirm it; says nothing of who follows already.

    The same wish again sends the letter again, while it is not confirmed. An address gets at most five such letters a
    day, whoever asks: a stranger cannot flood it. Raises `DomainError` on field "area" for an unknown area, on "email"
    for an address to which nothing is sent.
    """
    if publication is None and not (6 <= len(area_code) <= 15 and areas.exists(area_code)):
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area")
    if block_of(email, at=at) is not None:
        raise DomainError("email_blocked", _("我们现在不往这个邮箱发信"), field="email")
    index = blind_index(email, purpose="requests_intake.follow")
    known = blind_matches(email, purpose="requests_intake.follow")
    with transaction.atomic():
        if Follow.objects.filter(email_index__in=known, asked_at__gt=at - timedelta(days=1)).count() >= LETTERS_A_DAY:
            return
        wish = Follow.objects.filter(
            email_index__in=known, publication=publication, area_code="" if publication else area_code, ended_at=None
        )
        follow = wish.select_for_update(of=("self",), no_key=True).first()
        if follow is not None and follow.confirmed_at is not None:
            return
        try:
            with transaction.atomic():
                if follow is None:
                    follow = Follow(email_index=index, publication=publication)
                    follow.area_code = "" if publication else area_code
                follow.email, follow.language, follow.asked_at = email, language, at
                follow.save()
        except IntegrityError:  # the other half of a double click
            return
        publish(
            events.FOLLOW_ASKED,
            subject=follow,
            actor=ANONYMOUS,
            area_code=publication.area_code if publication else area_code,
            at=at,
        )


def follow_confirm(*, follow: Follow, at: datetime) -> Follow:
    """Begin to send; a second confirmation changes nothing. Raises `DomainError` when it is too late or ended."""
    with transaction.atomic():
        locked = Follow.objects.select_for_update(of=("self",), no_key=True).get(pk=follow.pk)
        if locked.ended_at is not None:
            raise DomainError("follow_ended", _("已经退订了。想再关注，请重新填一次邮箱。"))
        if locked.confirmed_at is None:
            if locked.asked_at + CONFIRM_WITHIN < at:
                raise DomainError("follow_too_late", _("确认信过了 7 天，请重新填一次邮箱。"))
            locked.confirmed_at = locked.told_until = at
            locked.save(update_fields=["confirmed_at", "told_until"])
    return locked


def follow_end(*, follow: Follow, at: datetime) -> None:
    """Send nothing more; ending twice changes nothing."""
    Follow.objects.filter(pk=follow.pk, ended_at__isnull=True).update(ended_at=at)


def follows_forget(*, at: datetime) -> int:
    """Delete wishes that nobody confirmed in time and those ended a month ago; return how many."""
    unconfirmed = Follow.objects.filter(confirmed_at__isnull=True, asked_at__lt=at - CONFIRM_WITHIN)
    ended = Follow.objects.filter(ended_at__lt=at - timedelta(days=30))
    return unconfirmed.delete()[0] + ended.delete()[0]


def area_news(*, at: datetime) -> int:
    """Tell followers of areas what was released since they were last told, once a day at most; return how many letters.

    Each step takes up to 500 follows, moves their `told_until` and publishes in one transaction: whatever crashes or
    runs twice, a release is told once. One count a different area and time.
    """
    told = 0
    while True:
        with transaction.atomic():
            due = list(
                Follow.objects.filter(
                    confirmed_at__isnull=False, ended_at__isnull=True, told_until__lte=at - NEWS_AT_MOST_EVERY
                )
                .exclude(area_code="")
                .select_for_update(of=("self",), skip_locked=True, no_key=True)
                .order_by("told_until", "pk")[:NEWS_BATCH]
            )
            if not due:
                return told
            told += _tell(due, at)
            Follow.objects.filter(pk__in=[follow.pk for follow in due]).update(told_until=at)


def _tell(due: Sequence[Follow], at: datetime) -> int:
    known: dict[tuple[str, datetime], int] = {}
    letters = []
    for follow in due:
        assert follow.told_until is not None  # noqa: S101 - confirmed ones have it
        since = follow.told_until
        key = (follow.area_code, since)
        if key not in known:
            known[key] = (
                Publication.objects.released()
                .filter(area_code__startswith=follow.area_code, released_at__gt=since, released_at__lte=at)
                .count()
            )
        if known[key]:
            letters.append(
                NewEvent(
                    event_type=events.AREA_NEWS_DUE,
                    subject=follow,
                    actor=SYSTEM,
                    area_code=follow.area_code,
                    payload={"since": since, "until": at, "count": known[key]},
                    at=at,
                )
            )
    publish_many(letters)
    return len(letters)
