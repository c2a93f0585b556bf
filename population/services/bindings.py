"""The only writers of bindings and of the codes in sealed letters.

Whoever holds the letter still has to say who they are: full name and the end of the document's number. What of that
was wrong is never told, and after `TRIES_MOST` wrong answers the code is dead.
"""

import hmac
import secrets
import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import SYSTEM, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.privacy.keys import keyed_digest, keyed_digests
from population import events
from population.models import DocumentKind, Dwelling, Person, Residency
from population.models.bindings import TRIES_MOST, BindingCode, BindingEnd, BindingMethod, DwellingBinding
from population.models.settings import registry_settings
from population.permissions import Capability
from population.selectors.accounts import account_with, can_be_reached
from population.services.people import person_locked

# No 0, O, 1, I, L, U: what is read from paper is typed on a telephone. 30 ** 10 codes are 49 bits.
SIGNS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
CODE_LENGTH, TAIL = 10, 6
OWN_AGE = 14  # below, a guardian speaks for the child (PIPL art. 31)
_PURPOSE = "population.binding_code"


def binding_code_issue(
    *, person: Person, dwelling: Dwelling, submission_key: UUID, actor: Viewer, at: datetime
) -> tuple[BindingCode, str]:
    """Issue a code for a person in a dwelling, and return it with its text: the only time that it can be read.

    An earlier code of theirs is revoked. Raises `StaleState` for the same form sent twice (its letter was shown),
    `DomainError` for somebody who cannot be asked for a number, is bound already, does not live there or is a child.
    """
    text = "".join(secrets.choice(SIGNS) for _sign in range(CODE_LENGTH))
    with constraint_errors(), transaction.atomic():
        locked = person_locked(person.pk)
        require(actor, Capability.BIND_DWELLING, dwelling)
        if BindingCode.objects.filter(submission_key=submission_key).exists():
            raise StaleState("code_shown", _("这封信已经打开过一次，绑定码不再显示；丢了请重新发码，旧码自动作废"))
        _check_bindable(locked, dwelling, at)
        if not locked.document_number:
            raise DomainError("number_missing", _("登记里没有证件号码，本人没法核对身份；请到窗口看证件绑定"))
        BindingCode.objects.waiting().filter(person=locked, dwelling=dwelling).update(revoked_at=at)
        code = BindingCode(
            submission_key=submission_key,
            person=locked,
            dwelling=dwelling,
            area_code=dwelling.area_code,
            digest=keyed_digest(text, purpose=_PURPOSE),
            issued_at=at,
            issued_by=actor.user,
            expires_at=at + timedelta(days=registry_settings().binding_days),
        )
        code.save(force_insert=True)
        _tell(events.BINDING_CODE_ISSUED, code, actor, at, expires_at=code.expires_at)
    return code, f"{text[:5]}-{text[5:]}"


def binding_code_revoke(*, code: BindingCode, actor: Viewer, at: datetime) -> BindingCode:
    """Make a code worthless. A second time changes nothing; raises `StaleState` for one that was used."""
    with transaction.atomic():
        locked = _lock_code(code.pk)
        require(actor, Capability.BIND_DWELLING, locked)
        if locked.used_at is not None:
            raise StaleState("code_used", _("这个码已经用过了；要解除绑定，请在下面解除"))
        if locked.revoked_at is None:
            locked.revoked_at = at
            locked.save(update_fields=["revoked_at"])
            _tell(events.BINDING_CODE_REVOKED, locked, actor, at)
    return locked


def binding_redeem(*, code: str, name: str, tail: str, actor: Viewer, at: datetime) -> DwellingBinding:
    """Tie the resident's account to the person of a code: the code is right, and name and number are theirs.

    Raises `DomainError` "binding_refused" in the same words whatever was wrong, and counts it against the code.
    """
    _require_account(actor)
    digests = keyed_digests(code_plain(code), purpose=_PURPOSE)
    with constraint_errors(), transaction.atomic():
        known = BindingCode.objects.filter(digest__in=digests).order_by("pk").first()
        if known is None:
            raise _refusal()
        person = person_locked(known.person_id)  # people before codes, everywhere
        found = _lock_code(known.pk)
        is_theirs = _is_same(person, name, tail)
        if is_theirs and (done := _done(found, actor)) is not None:
            return done
        if is_theirs and _is_open(found, at):
            _check_bindable(person, found.dwelling, at, is_told=False)
            found.used_at = at
            found.save(update_fields=["used_at"])
            return _bind(
                person,
                found.dwelling,
                user_id=actor.user_id,
                confirmed_by_id=found.issued_by_id,
                method=BindingMethod.CODE,
                actor=actor,
                at=at,
            )
        if _is_open(found, at):
            found.tries += 1
            found.save(update_fields=["tries"])
            _tell(events.BINDING_CODE_REFUSED, found, actor, at, tries=found.tries)
    raise _refusal()


def binding_at_counter(
    *, person: Person, dwelling: Dwelling, contact: str, document_kind: str, is_seen: bool, actor: Viewer, at: datetime
) -> DwellingBinding:
    """Tie an account to a person who stands at the counter. `contact`: the number or address they sign in with.

    Raises `DomainError` on "contact", "document_kind", "is_seen": the clerk must have seen the document itself.
    """
    with constraint_errors(), transaction.atomic():
        locked = person_locked(person.pk)
        require(actor, Capability.BIND_DWELLING, dwelling)
        if document_kind not in DocumentKind.values:
            raise DomainError("document_kind_required", _("请选看了什么证件"), field="document_kind")
        if not is_seen:
            raise DomainError("document_unseen", _("要看过证件原件、确认是本人，才能绑定"), field="is_seen")
        user = account_with(contact)
        if user is None:
            message = _("没有用这个手机号或邮箱登录的居民账号；请本人先注册、收到验证码")
            raise DomainError("account_unknown", message, field="contact")
        _check_bindable(locked, dwelling, at)
        BindingCode.objects.waiting().filter(person=locked, dwelling=dwelling).update(revoked_at=at)
        return _bind(
            locked,
            dwelling,
            user_id=user.pk,
            confirmed_by_id=actor.user_id,
            method=BindingMethod.COUNTER,
            document_kind=document_kind,
            actor=actor,
            at=at,
        )


def binding_end(*, binding: DwellingBinding, actor: Viewer, at: datetime) -> DwellingBinding:
    """End a binding: the resident their own, staff those of their area. A second time changes nothing."""
    with transaction.atomic():
        rows = DwellingBinding.objects.select_for_update(of=("self",), no_key=True)
        locked: DwellingBinding = rows.get(pk=binding.pk)
        is_own = actor.kind == "resident" and actor.user_id == locked.user_id
        if not is_own:
            require(actor, Capability.BIND_DWELLING, locked)
        if locked.ended_at is None:
            _end(locked, BindingEnd.RESIDENT if is_own else BindingEnd.STAFF, actor, at)
    return locked


def bindings_follow(*, person_ids: Collection[int], at: datetime) -> int:
    """End the bindings of people who died, whose record was merged, or who are not in that dwelling any more.

    Returns how many. A merged record may turn out to be somebody else's, so the account is bound anew.
    """
    with transaction.atomic():
        rows = DwellingBinding.objects.live().filter(person__in=person_ids).order_by("pk")
        live = list(rows.select_for_update(of=("self",), no_key=True).select_related("person"))
        holding = set(rows.holding(timezone.localdate(at)).values_list("pk", flat=True))
        over = [one for one in live if one.pk not in holding]
        for one in over:
            _end(one, _why_over(one.person), SYSTEM, at)
        codes = BindingCode.objects.waiting().filter(person__in=person_ids)
        stays = Residency.objects.on(timezone.localdate(at)).filter(person__in=person_ids)
        homes = set(stays.values_list("person_id", "dwelling_id"))
        gone = [
            one.pk
            for one in codes.select_related("person").order_by("pk")
            if (one.person_id, one.dwelling_id) not in homes or _why_over(one.person) != BindingEnd.MOVED
        ]
        codes.filter(pk__in=gone).update(revoked_at=at)
    return len(over)


def bindings_drop(*, user_id: int, at: datetime) -> None:
    """End what ties a closed account to a person."""
    with transaction.atomic():
        rows = DwellingBinding.objects.live().filter(user=user_id).order_by("pk")
        for one in rows.select_for_update(of=("self",), no_key=True):
            _end(one, BindingEnd.ACCOUNT, SYSTEM, at)


def code_plain(text: str) -> str:
    """A code as it is digested: without spaces and dashes, in capitals."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(sign for sign in plain if sign in SIGNS)[: CODE_LENGTH + 1]


def _is_open(code: BindingCode, at: datetime) -> bool:
    return code.used_at is None and code.revoked_at is None and code.tries < TRIES_MOST and code.expires_at > at


def _is_same(person: Person, name: str, tail: str) -> bool:
    """Whether somebody knows the full name and the end of the number; compared in constant time."""
    number = _comparable(person.document_number or "")
    told = hmac.compare_digest(_comparable(name).encode(), _comparable(person.name).encode())
    ends = hmac.compare_digest(_comparable(tail).encode(), number[-TAIL:].encode())
    return told and ends and len(number) >= TAIL


def _comparable(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).casefold().split())


def _check_bindable(person: Person, dwelling: Dwelling, at: datetime, *, is_told: bool = True) -> None:
    """Raise unless this person may have an account for this dwelling. `is_told`: staff hear why, strangers do not."""
    today = timezone.localdate(at)
    age = person.age(today)
    why = ""
    if person.merged_into_id is not None:
        why = _("这条登记已经并到另一条里了")
    elif person.died_on is not None:
        why = _("这个人登记为已经去世")
    elif not Residency.objects.on(today).filter(person=person, dwelling=dwelling).exists():
        why = _("登记里这个人现在不在这一户")
    elif age is not None and age < OWN_AGE:
        why = _("不满 14 周岁，由监护人办理，不单独绑定")
    if why and not is_told:
        raise _refusal()
    if why:
        raise DomainError("not_bindable", why)
    if is_told and DwellingBinding.objects.live().filter(person=person, dwelling=dwelling).exists():
        raise DomainError("bound_already", _("这个人已经绑定了账号；换账号请先解除"))


def _bind(
    person: Person, dwelling: Dwelling, *, actor: Viewer, at: datetime, document_kind: str = "", **values: Any
) -> DwellingBinding:
    binding = DwellingBinding(
        person=person,
        dwelling=dwelling,
        area_code=dwelling.area_code,
        document_kind=document_kind,
        begun_at=at,
        **values,
    )
    binding.save(force_insert=True)
    _tell(events.DWELLING_BOUND, binding, actor, at, method=binding.method)
    return binding


def _end(binding: DwellingBinding, reason: str, actor: Viewer, at: datetime) -> None:
    binding.ended_at, binding.end_reason = at, reason
    binding.save(update_fields=["ended_at", "end_reason"])
    _tell(events.DWELLING_UNBOUND, binding, actor, at, reason=reason)


def _why_over(person: Person) -> str:
    if person.died_on is not None:
        return BindingEnd.DIED
    return BindingEnd.MERGED if person.merged_into_id is not None else BindingEnd.MOVED


def _require_account(actor: Viewer) -> None:
    if actor.kind != "resident" or actor.user is None:
        raise Forbidden("residents_only", _("居民用自己的账号绑定；工作人员的账号不绑定"))
    if not can_be_reached(actor.user):
        raise DomainError("contact_unverified", _("请先在账号里验证手机号或邮箱，再绑定"))


def _refusal() -> DomainError:
    message = _(
        "没有对上。请看信上的绑定码、您的姓名和证件号码的后 6 位；错满 %(most)s 次，这个码就作废，要到社区窗口重新领。"
    )
    return DomainError("binding_refused", message % {"most": TRIES_MOST})


def _lock_code(pk: int) -> BindingCode:
    rows = BindingCode.objects.select_for_update(of=("self",), no_key=True).select_related("dwelling")
    locked: BindingCode = rows.get(pk=pk)
    return locked


def _done(code: BindingCode, actor: Viewer) -> DwellingBinding | None:
    """What an earlier press of the same button made."""
    if code.used_at is None:
        return None
    live = DwellingBinding.objects.live().filter(user=actor.user_id, person=code.person_id, dwelling=code.dwelling_id)
    return live.first()


def _tell(event: Any, subject: BindingCode | DwellingBinding, actor: Viewer, at: datetime, **payload: Any) -> None:
    publish(event, subject=subject, actor=actor, area_code=subject.area_code, payload=payload, at=at)
