"""Appointing people to posts of grids: the appointment gives the grant, its end takes it away, in one transaction."""

import re
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.models import Grant, GrantLife, Role, User, UserKind
from governance.access.reasons import checked_reason
from governance.access.services import check_period, grants_end
from governance.access.services.ending import grant_extend
from governance.access.services.sourced import grant_follow
from governance.access.services.standing_in import stand_in_give
from governance.access.viewer import SYSTEM, Scope, Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.events import EventType
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from grid import events
from grid.models import Area, Post, PostKind
from grid.models.post import ROLE_OF_KIND
from grid.permissions import Capability

PHONE = re.compile(r"\+?[0-9][0-9 \-]{3,18}[0-9](?:\u8f6c[0-9]{1,6})?")


def post_appoint(
    *,
    kind: str,
    area_code: str,
    user: User | None,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    holder_name: str = "",
    public_phone: str = "",
    is_public: bool = False,
    submission_key: UUID | None = None,
) -> Post:
    """Put a colleague, or as building captain a neighbour by name, into a post of an area, and give what it needs.

    Raises `Forbidden` out of the actor's reach and for oneself; `DomainError` with the field for an area that is no
    more or does not have such posts, nobody or somebody impossible, a second captain, a wrong period or telephone, a
    telephone that is not released, no reason.
    """
    require(actor, Capability.APPOINT_POSTS, Scope(area_code))
    why = checked_reason(reason, missing=_("请写明任命的依据，例如会议或文件"))
    _check_holder(kind, user, holder_name, actor)
    if not Area.objects.valid_on(timezone.localdate(at)).filter(code=area_code).exists():
        raise DomainError("area_unknown", _("没有这个区域，请从列表里选"), field="area_code")
    check_period(starts_at, ends_at, at)
    post = Post(
        kind=kind,
        area_code=area_code,
        user=user,
        holder_name=None if user else clean_text(holder_name, multiline=False),
        public_phone=checked_phone(public_phone, is_public=is_public),
        is_public=is_public,
        starts_at=starts_at,
        ends_at=ends_at,
        appointed_by=actor.staff_user,
        reason=why,
        created_at=at,
        changed_at=at,
        submission_key=submission_key,
    )
    with constraint_errors(), transaction.atomic():
        # one at a time in an area: two that meet in the exclusion constraint may wait for each other
        Area.objects.select_for_update(no_key=True).only("pk").get(code=area_code)
        post.save(force_insert=True)
        if user is not None and kind in ROLE_OF_KIND:
            post.grant = grant_follow(
                source=ref_of(post),
                user=user,
                role=Role.objects.select_related("group").get(key=ROLE_OF_KIND[kind]),
                area_code=area_code,
                starts_at=starts_at,
                ends_at=ends_at,
                reason=why,
                actor=actor,
                at=at,
            )
            post.save(update_fields=["grant"])
        more = {"starts_at": starts_at, "ends_at": ends_at, "is_public": is_public}
        _publish(events.POST_APPOINTED, post, actor, at, **more)
    return post


def post_end(*, post: Post, reason: str, actor: Viewer, at: datetime) -> Post:
    """End a post now, with its grant and whoever stands in; one that has not begun is taken back.

    Raises `Forbidden` out of reach, `StaleState` for one that is over, `DomainError` without a reason.
    """
    why = checked_reason(reason, missing=_("请写明为什么离任，以后查起来才清楚"))
    with transaction.atomic():
        one = _locked(post, actor, at)
        grants_end(_given(one, at), actor=actor, at=at, source=ref_of(one))
        _end(one, why, actor, at)
    return one


def post_extend(*, post: Post, ends_at: datetime | None, reason: str, actor: Viewer, at: datetime) -> Post:
    """Let a post, and its grant, end later or never (None).

    Raises `Forbidden` out of reach and for one's own, `StaleState` for one that is over, `DomainError` with the field
    for an end that is not later, somebody else's term as captain that has begun by then, no reason.
    """
    why = checked_reason(reason, missing=_("请写明为什么延期，以后查起来才清楚"))
    with constraint_errors(), transaction.atomic():
        one = _locked(post, actor, at)
        if one.user_id is not None and one.user_id == actor.user_id:
            raise Forbidden("post_to_self", _("不能给自己延期，请由上一级办理"))
        if one.ends_at is None or (ends_at is not None and ends_at <= one.ends_at):
            raise DomainError("not_later", _("延期要晚于现在的结束时间"), field="ends_at")
        one.ends_at, one.changed_at = ends_at, at
        one.save(update_fields=["ends_at", "changed_at"])
        for grant in _given(one, at):
            grant_extend(grant=grant, ends_at=ends_at, reason=why, actor=actor, at=at, source=ref_of(one))
        _publish(events.POST_EXTENDED, one, actor, at, ends_at=ends_at)
    return one


def post_release(*, post: Post, is_public: bool, public_phone: str, actor: Viewer, at: datetime) -> Post:
    """Say whether name and telephone stand on the public page, and which telephone.

    Raises `Forbidden` out of reach, `StaleState` for one that is over, `DomainError` on "public_phone".
    """
    phone = checked_phone(public_phone, is_public=is_public)
    with constraint_errors(), transaction.atomic():
        one = _locked(post, actor, at)
        one.is_public, one.public_phone, one.changed_at = is_public, phone, at
        one.save(update_fields=["is_public", "public_phone", "changed_at"])
        _publish(events.POST_RELEASED, one, actor, at, is_public=is_public, has_phone=bool(phone))
    return one


def post_stand_in(
    *,
    post: Post,
    substitute: User,
    starts_at: datetime,
    ends_at: datetime | None,
    reason: str,
    actor: Viewer,
    at: datetime,
    submission_key: UUID | None = None,
) -> Grant:
    """Let a colleague do the work of a post for some time, as a stand-in's grant. Raises as `stand_in_give` does.

    `DomainError` for a post that gives no grant: nobody needs a right to look after a stairwell.
    """
    with transaction.atomic():
        one = _locked(post, actor, at)
        if one.grant is None or one.user is None:
            raise DomainError("post_without_grant", _("这个岗位不带授权，换人直接离任、再任命"))
        (grant,) = stand_in_give(
            person=one.user,
            substitute=substitute,
            grants=[one.grant.pk],
            starts_at=starts_at,
            ends_at=ends_at,
            reason=reason,
            actor=actor,
            at=at,
            submission_key=submission_key,
            source=ref_of(one),
        )
        Post.objects.filter(pk=one.pk).update(changed_at=at)
    return grant


def post_stand_ins_stop(*, post: Post, actor: Viewer, at: datetime) -> int:
    """End all standing in for a post; return how many. Raises `Forbidden` out of reach, `StaleState` if it is over."""
    with transaction.atomic():
        one = _locked(post, actor, at)
        standing = list(Grant.objects.standing_in(at).filter(stands_in_for=one.grant)) if one.grant else []
        grants_end(standing, actor=actor, at=at, source=ref_of(one))
        Post.objects.filter(pk=one.pk).update(changed_at=at)
    return len(standing)


def posts_end_of(*, at: datetime, user_id: int | None = None, grant_ids: list[int] | None = None) -> int:
    """End the posts of somebody who has left, or whose grant was ended by hand; how many. Repeating changes nothing."""
    mine = Q(user=user_id) if user_id is not None else Q(grant__in=grant_ids or [], grant__ends_at__lte=at)
    with transaction.atomic():
        rows = Post.objects.open(at).filter(mine).select_for_update(of=("self",), no_key=True)
        posts = list(rows.select_related("grant").order_by("pk"))
        grants_end([grant for one in posts for grant in _given(one, at)], actor=SYSTEM, at=at)
        for one in posts:
            _end(one, "", SYSTEM, at)
    return len(posts)


def checked_phone(text: str, *, is_public: bool) -> str | None:
    """Return the telephone for the public, or None; raises `DomainError` on "public_phone"."""
    phone = clean_text(text, multiline=False)
    if not phone:
        return None
    if not PHONE.fullmatch(phone):
        raise DomainError("phone_invalid", _("电话没有看懂，请写成 0755-8812 0316 或 13800000000"), "public_phone")
    if not is_public:
        told = _("这里只记对外公布的电话；不公布就不要填")
        raise DomainError("post_phone_is_public", told, field="public_phone")
    return str(phone)


def _check_holder(kind: str, user: User | None, holder_name: str, actor: Viewer) -> None:
    if kind not in PostKind.values:
        raise DomainError("kind_unknown", _("请选一个岗位"), field="kind")
    if user is not None and holder_name.strip():
        raise DomainError("two_holders", _("选了同事就不用再写姓名"), field="holder_name")
    if user is None and not (kind == PostKind.BUILDING and holder_name.strip()):
        raise DomainError("post_one_holder", _("请先查找，再选一位；只有楼栋长可以没有账号，只写姓名"), field="user")
    if user is not None and user.pk == actor.user_id:
        raise Forbidden("post_to_self", _("不能任命自己，请由上一级办理"), field="user")
    if user is not None and (user.kind != UserKind.STAFF or not user.is_active):
        raise DomainError("user_not_staff", _("只能任命在用的工作人员账号"), field="user")


def _locked(post: Post, actor: Viewer, at: datetime) -> Post:
    rows = Post.objects.select_for_update(of=("self",), no_key=True).select_related("grant__role", "user")
    one: Post = rows.get(pk=post.pk)
    require(actor, Capability.APPOINT_POSTS, one)
    if one.life(at) is GrantLife.ENDED:
        raise StaleState("post_over", _("这个岗位已经结束了，要的话请重新任命"))
    return one


def _given(post: Post, at: datetime) -> list[Grant]:
    """What the post's holder has from it: one grant, and one more for each part of an area that was split since."""
    given = Grant.objects.filter(user=post.user_id, source=ref_of(post), stands_in_for=None).order_by("pk")
    return [grant for grant in given if grant.life(at) is not GrantLife.ENDED]


def _end(post: Post, why: str, actor: Viewer, at: datetime) -> None:
    post.ends_at, post.changed_at = max(at, post.starts_at), at
    post.ended_by, post.end_reason = actor.staff_user, why
    post.save(update_fields=["ends_at", "changed_at", "ended_by", "end_reason"])
    _publish(events.POST_ENDED, post, actor, at, ends_at=post.ends_at)


def _publish(event: EventType, post: Post, actor: Viewer, at: datetime, **more: object) -> None:
    payload = {"kind": post.kind, "user_id": post.user_id, **more}
    publish(event, subject=ref_of(post), actor=actor, area_code=post.area_code, payload=payload, at=at)
