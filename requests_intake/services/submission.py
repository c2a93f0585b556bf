"""A request comes in: one transaction from words to number, owner and promise."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from time import monotonic
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, constraint_errors
from governance.text import clean_text, mobile_number
from grid.district import district_code
from grid.lookup import district_contains, grid_at
from requests_intake.models import (
    Category,
    Channel,
    PlaceKind,
    PolicyClock,
    Relation,
    RequestKind,
    RuleFault,
    ServiceRequest,
)
from requests_intake.permissions import Capability
from requests_intake.questions import kept_answers, questions_of
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.selectors.profiles import profile_at
from requests_intake.selectors.rules import Matter, ask_rules, rules_forget
from requests_intake.services.clocks import Limits, limits_of
from requests_intake.services.filing import Checked, file_one
from requests_intake.services.rules import rules_switch_off
from requests_intake.services.submission_data import TITLE_MAX, Concerned, Submission, Submitted, title_of, token_digest

__all__ = [
    "TITLE_MAX",
    "Concerned",
    "Submission",
    "Submitted",
    "request_submit",
    "rules_forget",
    "title_of",
    "token_digest",
]

BODY_MAX = 2000
LONG_BODY_MAX = 10_000  # what others wrote down for a person, or long ago
PHOTOS_MAX = 9
NAME_MAX = 40
_CACHE_SECONDS = 60
DEFAULT_POLICY = "general"


def request_submit(*, submission: Submission, actor: Viewer, at: datetime) -> Submitted:
    """File a request and return its number and tracking token.

    The same `submission_key` a second time returns the first request unchanged (double click, reload, lost answer).
    A point outside the district is kept and goes to the district desk. Raises `DomainError` with the field for
    empty or over-long words, an unknown kind, an emergency category, one that its place does not have, too many photos.
    """
    with filed_once(submission.submission_key) as filed, transaction.atomic():
        filed.result = request_file(submission=submission, actor=actor, at=at)
    return filed.result


@dataclass(slots=True)
class Filed:
    """Where the block of `filed_once` leaves its request."""

    result: Submitted = field(init=False)


@contextmanager
def filed_once(submission_key: str) -> Iterator[Filed]:
    """Give the request that was filed under this key before, should the block fail because it was sent twice.

    Put it around the transaction: PostgreSQL has given that up by the time a violated constraint arrives.
    """
    filed = Filed()
    try:
        with constraint_errors():
            yield filed
    except (IntegrityError, DomainError):
        # perhaps at this very moment by the other half of a double click
        found = _repeat(submission_key)
        if found is None:
            raise
        filed.result = found


def request_file(*, submission: Submission, actor: Viewer, at: datetime) -> Submitted:
    """Check and write one request in the caller's transaction, under `filed_once`; raises as `request_submit` does."""
    return file_one(checked(submission, actor, at), actor=actor, at=at)


def checked(submission: Submission, actor: Viewer, at: datetime) -> Checked:
    """Return the submission with all that was found for it; raises `DomainError` as `request_submit` does.

    0 SQL while this process knows catalogue, limits, rules and territory, which it reads once a minute.
    """
    body = _checked_shape(submission, actor)
    category = checked_category(submission.category_id)
    area_code, outside = _place(submission)
    if submission.channel not in (Channel.HOTLINE, Channel.PATROL) and submission.received_at is None:
        check_offered(category, area_code)  # what others filed already, or saw, is taken as it comes
    return Checked(
        submission=submission,
        body=body,
        category=category,
        area_code=area_code,
        outside=outside,
        limits=limits_on(
            submission.policy_key or (category.policy_key if category else DEFAULT_POLICY), timezone.localdate(at)
        ),
        answers=_checked_answers(category, submission),
        concerned=checked_concerned(submission.concerned),
        probable_id=submission.organisation_id
        or probable_organisation_id(
            Matter(
                category_code=category.code if category else "",
                area_code=area_code,
                at=submission.received_at or at,
                kind=submission.kind,
                channel=submission.channel,
                words=body,
            )
        ),
    )


def _checked_shape(submission: Submission, actor: Viewer) -> str:
    """Return the cleaned words if channel, kind, place and photos are right as well; else raise `DomainError`."""
    _check_channel(submission.channel, actor)
    is_own = submission.channel == Channel.WEB and submission.received_at is None
    body = checked_body(submission.body, most=BODY_MAX if is_own else LONG_BODY_MAX)
    if submission.kind not in RequestKind.values:
        raise DomainError("kind_unknown", _("请选一样，我们才知道怎么接下去"), field="kind")
    if submission.place_kind not in PlaceKind.values:
        raise DomainError("place_unknown", _("地点没有看懂，请重新选一次"), field="place")
    if len(submission.file_ids) > PHOTOS_MAX:
        raise DomainError("too_many_photos", _("最多放 9 张照片，请去掉几张"), field="photos")
    return body


def checked_concerned(concerned: Concerned | None) -> Concerned | None:
    """Return whom it is for, cleaned; raises `DomainError` on "other_name", "other_phone" or "relation"."""
    if concerned is None:
        return None
    name = clean_text(concerned.name, multiline=False)
    phone = re.sub(r"[\s\-]", "", concerned.phone)
    if not name:
        raise DomainError("other_name_required", _("请写这个人怎么称呼"), field="other_name")
    if len(name) > NAME_MAX:
        raise DomainError("other_name_too_long", _("称呼太长了，最多 40 个字"), field="other_name")
    if concerned.relation not in {"", *Relation.values}:
        raise DomainError("relation_unknown", _("没有这种关系"), field="relation")
    if concerned.is_called and not phone:
        raise DomainError("other_phone_required", _("要打给这个人，请写电话"), field="other_phone")
    if concerned.is_told and not mobile_number(phone):
        raise DomainError("other_phone_mobile", _("要发短信给这个人，请写手机号"), field="other_phone")
    return replace(concerned, name=name, phone=phone)


_MAY_FILE = {
    Channel.COUNTER: Capability.ENTER_REQUEST,
    Channel.PHONE: Capability.ENTER_REQUEST,
    Channel.HOTLINE: Capability.IMPORT_ORDERS,
}


def _check_channel(channel: str, actor: Viewer) -> None:
    """The web is open to all. Whoever is asked first takes it down (首问负责): the capability anywhere is enough."""
    if channel == Channel.WEB or (channel == Channel.PATROL and actor.kind == "system"):
        return
    needed = _MAY_FILE.get(Channel(channel)) if channel in Channel.values else None
    if needed is None:
        raise DomainError("channel_unknown", _("没有这种来源"), field="channel")
    if not actor.can(needed):
        raise Forbidden("forbidden", _("您的角色不能代为登记。如果工作需要，请找管理员授权。"))


def checked_body(text: str, *, most: int = BODY_MAX) -> str:
    """Return the cleaned words, or raise `DomainError` on field "body" when empty or over `most` characters."""
    body = clean_text(text)
    if not body:
        raise DomainError("body_required", _("请写几句：在哪里、怎么了、希望怎么办"), field="body")
    if len(body) > most:
        raise DomainError(
            "body_too_long",
            _("写得太长了：最多 %(most)s 字。您写的都还在，请删掉一些，或者放照片说明。") % {"most": most},
            field="body",
        )
    return body


def limits_on(policy_key: str, day: date) -> Limits:
    """Return the limits of the version in force on `day`: 1 SQL, or none while this process read them a minute ago."""
    limits = _limits_on(policy_key, day, int(monotonic() // _CACHE_SECONDS))
    if limits is None:
        raise DomainError("policy_missing", _("这个事项还没有配置时限，请打电话告诉我们"))
    return limits


@lru_cache(maxsize=64)
def _limits_on(policy_key: str, day: date, bucket: int) -> Limits | None:
    rows = list(
        PolicyClock.objects.filter(policy__key=policy_key, policy__valid_from__lte=day).order_by(
            "-policy__version", "pk"
        )
    )
    return limits_of(row for row in rows if row.policy_id == rows[0].policy_id) if rows else None


def limits_forget() -> None:
    """Forget the kept limits (after an edit of a policy, and in tests)."""
    _limits_on.cache_clear()


def probable_organisation_id(matter: Matter) -> int | None:
    """Return the organisation that the first fitting rule names. 0 SQL while this process knows the rules.

    A rule that fails is passed over, and switched off once the request is safe.
    """
    answer = ask_rules(matter)
    if answer.broken:
        faults = dict.fromkeys(answer.broken, RuleFault.ERROR)
        transaction.on_commit(lambda: rules_switch_off(faults=faults, at=matter.at))
    return answer.rule.organisation_id if answer.rule is not None else None


def _repeat(key: str) -> Submitted | None:
    if not key:
        return None
    request = ServiceRequest.objects.filter(submission_key=key).first()
    return Submitted(request, request.track_token, is_repeat=True) if request is not None else None


def checked_category(pk: int | None) -> Category | None:
    """Return the category that was chosen, None for "not sure".

    Raises `DomainError` on field "category" for one that is not in use, and for an emergency, with what to do instead.
    0 SQL while this process read the catalogue within the last minute.
    """
    if pk is None:
        return None
    category = items_in_use().get(pk)
    if category is None:
        raise DomainError("category_unknown", _("这个事项已经停用，请重新选一个"), field="category")
    if category.stop_text:
        raise DomainError("emergency", category.stop_label, field="category")
    return category


def check_offered(category: Category | None, area_code: str) -> None:
    """Raise `DomainError` on field "category" for one that the community of this place does not have (its profile).

    0 SQL while this process read the profiles within the last minute.
    """
    profile = profile_at(area_code)
    if category is not None and not profile.offers(category):
        message = _("“%(category)s”不适用于这个地方（%(profile)s），请另选一类；拿不准就选“说不清”")
        names = {"category": category.label, "profile": profile.label}
        raise DomainError("category_not_here", message % names, field="category")


def _checked_answers(category: Category | None, submission: Submission) -> list[dict[str, Any]]:
    """Return the answers as they are stored; raises `DomainError` on field "q_<key>" as `kept_answers` does."""
    if category is None or submission.answers is None:
        return []
    # a clerk has read out whom to call instead, and takes it down all the same
    stops = submission.channel not in (Channel.COUNTER, Channel.PHONE)
    return kept_answers(questions_of(category.questions), submission.answers, stops=stops)


def _place(submission: Submission) -> tuple[str, bool]:
    """Return (area code, outside the district?). Without a place, the district desk finds the right community."""
    if submission.place_kind == PlaceKind.PIN and submission.lng is not None and submission.lat is not None:
        code = grid_at(submission.lng, submission.lat)
        if code:
            return code, False
        return district_code(), not district_contains(submission.lng, submission.lat)
    return submission.area_code or district_code(), False
