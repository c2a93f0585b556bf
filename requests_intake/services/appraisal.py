"""The appraisal: schemes, the monthly run that freezes a bulletin, objections, and the next version they lead to."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Count, Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text
from requests_intake import events
from requests_intake.models import Bulletin, BulletinItem, BulletinRow, Objection, ScoringScheme
from requests_intake.models.appraisal import WEIGHTS
from requests_intake.permissions import Capability
from requests_intake.selectors.appraisal import counted_sql, month_window, scheme_of, sums_sql
from requests_intake.services.evidence import Evidence, evidence_attach

TEXT_MAX, DECISION_MAX, WHY_MAX = 1000, 500, 300
COUNTS = (
    "organisation_id", "valid", "unanswered", "contacted", "solved", "good", "fair", "excluded", "ledgered", "unrated",
    "marks", "marks_sum",
)  # fmt: skip
_COUNTED = ("valid", "unanswered", "contacted", "solved", "good", "fair")
_BESIDE = ("excluded", "ledgered", "unrated", "marks", "marks_sum")
_LOCK = 7_203_156  # one run at a time
_ITEM, _ROW = BulletinItem._meta.db_table, BulletinRow._meta.db_table


def scheme_add(*, values: dict[str, Any], why: str, actor: Viewer, at: datetime) -> ScoringScheme:
    """Add a version of the scheme, valid from the first of a month that has not been frozen yet.

    `values`: the fields of `ScoringScheme`. Raises `DomainError` on "why", "valid_from", or "weight_contacted" where
    the weights do not add up to 100.
    """
    reason = clean_text(why)[:WHY_MAX]
    with constraint_errors(), transaction.atomic():
        _run_lock()
        require_somewhere(actor, Capability.EDIT_SCHEMES)
        if not reason:
            raise DomainError("why_required", _("请写为什么改"), field="why")
        if sum(values[name] for name in WEIGHTS) != 100:
            raise DomainError("weights_sum", _("几项权重加起来要正好是 100"), field="weight_contacted")
        if values["valid_from"].day != 1:
            raise DomainError("valid_from_first", _("从哪个月的 1 日起用"), field="valid_from")
        if Bulletin.objects.filter(month__gte=values["valid_from"]).exists():
            raise DomainError("month_frozen", _("那个月的通报已经定稿，请从以后的月份起用"), field="valid_from")
        last = ScoringScheme.objects.aggregate(last=Max("version"))["last"] or 0
        return ScoringScheme.objects.create(
            version=last + 1, why=reason, created_by=actor.user, created_at=at, **values
        )


def require_somewhere(actor: Viewer, capability: Capability) -> None:
    """Raise `Forbidden` for who does not hold a capability anywhere."""
    if not actor.can(capability):
        raise Forbidden("forbidden", _("您的角色不能做这件事。如果工作需要，请找管理员授权。"))


def _run_lock() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])


def bulletin_freeze(*, month: date, actor: Viewer, at: datetime) -> Bulletin:
    """Freeze a month that is over: its requests, their sums, the scheme. The first version of its bulletin.

    Who comes second is told who was first. Raises `DomainError` for a month that is not over, `Forbidden`.
    """
    require_somewhere(actor, Capability.RUN_APPRAISAL)
    first = month.replace(day=1)
    since, until = month_window(first)
    if until > at:
        raise DomainError("month_not_over", _("这个月还没有过完，先用预览"), field="month")
    with constraint_errors(), transaction.atomic():
        _run_lock()
        known = Bulletin.objects.filter(month=first).select_related("frozen_by").first()
        if known is not None:
            raise StaleState(
                "already_frozen",
                _("%(who)s 已经定稿了这个月的通报，没有再做一份。") % {"who": known.frozen_by.display_name},
            )
        made = Bulletin.objects.create(
            month=first, version=1, scheme=scheme_of(first), frozen_at=at, frozen_by=actor.user
        )
        _fill(made, since, until)
        _publish(events.BULLETIN_FROZEN, made, actor, at)
    return made


def _fill(bulletin: Bulletin, since: datetime, until: datetime) -> None:
    """Write the items of a month and their sums: 2 SQL, whatever their number."""
    values: dict[str, Any] = {"bulletin": bulletin.pk, "since": since, "until": until}
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {_ITEM} (bulletin_id, organisation_id, request_id, how, contacted, solved, grade) "
            f"SELECT %(bulletin)s, organisation_id, request_id, how, contacted, solved, grade "
            f"FROM ({counted_sql()}) c WHERE how <> ''",
            values,
        )
        _sum(cursor, values)


def _sum(cursor: Any, values: dict[str, Any]) -> None:
    names = ", ".join(COUNTS)
    items = f"SELECT organisation_id, how, contacted, solved, grade FROM {_ITEM} WHERE bulletin_id = %(bulletin)s"
    cursor.execute(
        f"INSERT INTO {_ROW} (bulletin_id, {names}) SELECT %(bulletin)s, {names} FROM ({sums_sql(items)}) s", values
    )


def bulletin_publish(*, bulletin: Bulletin, actor: Viewer, at: datetime) -> Bulletin:
    """Put a bulletin on the public page, once.

    Raises `DomainError` while an objection to it waits, or was upheld and is not in it: two published versions that
    differ by a request tell how that request ended.
    """
    require_somewhere(actor, Capability.RUN_APPRAISAL)
    with transaction.atomic():
        _run_lock()
        locked = Bulletin.objects.select_for_update().get(pk=bulletin.pk)
        states = set(Objection.objects.filter(item__bulletin=locked).values_list("state", flat=True))
        if locked.published_at is None and Objection.State.ASKED in states:
            raise DomainError("objections_open", _("还有异议没有裁定，裁定以后再公布"))
        if locked.published_at is None and Objection.State.UPHELD in states:
            raise DomainError("objections_upheld", _("有异议成立，先出新的一版，再公布"))
        if locked.published_at is None:
            locked.published_at = at
            locked.save(update_fields=["published_at"])
            _publish(events.BULLETIN_PUBLISHED, locked, actor, at)
    return locked


def objection_raise(
    *, item: BulletinItem, text: str, evidence: Sequence[Evidence] = (), actor: Viewer, at: datetime
) -> Objection:
    """Object to one request of one's own organisation in the last version of a bulletin, with up to six files.

    Raises `DomainError` on "text" or "evidence".
    """
    words = clean_text(text)
    with constraint_errors(), transaction.atomic():
        if item.organisation_id not in actor.organisations(Capability.HANDLE_ORDER):
            raise Forbidden("not_your_organisation", _("只能对本单位的提出异议"))
        if not words:
            raise DomainError("text_required", _("请写哪里算得不对、有什么依据"), field="text")
        if len(words) > TEXT_MAX:
            raise DomainError("text_too_long", _("最多写 1000 字，请写短一些"), field="text")
        newest = Bulletin.objects.filter(month=item.bulletin.month).order_by("-version").values_list("pk", flat=True)
        if newest[0] != item.bulletin_id:
            raise StaleState("newer_version", _("已经有更新的一版，请在那一版上提出"))
        made = Objection.objects.create(
            item=item,
            organisation_id=item.organisation_id,
            area_code=item.organisation.area_code,
            text=words,
            asked_by=actor.user,
            asked_at=at,
        )
        evidence_attach(owner=made, evidence=evidence, actor=actor, at=at)
        publish(
            events.OBJECTION_RAISED,
            subject=ref_of(made),
            actor=actor,
            area_code=made.area_code,
            payload={"objection_id": made.pk, "organisation_id": made.organisation_id},
            at=at,
        )
    return made


def objection_decide(*, objection: Objection, is_upheld: bool, text: str, actor: Viewer, at: datetime) -> Objection:
    """Decide, with the reason; the next version leaves out what was upheld. Never by who raised it."""
    words = clean_text(text)
    require_somewhere(actor, Capability.RUN_APPRAISAL)
    with constraint_errors(), transaction.atomic():
        locked = Objection.objects.select_for_update(of=("self",)).select_related("item__bulletin").get(pk=objection.pk)
        if locked.state != Objection.State.ASKED:
            raise StaleState("stale_state", _("这条异议已经有人裁定了，请看结果。"))
        if locked.asked_by_id == actor.user_id:
            raise Forbidden("own_objection", _("自己提出的，要请别人裁定"))
        if not words:
            raise DomainError("text_required", _("裁定异议要写理由"), field="text")
        if len(words) > DECISION_MAX:
            raise DomainError("text_too_long", _("最多写 500 字，请写短一些"), field="text")
        locked.state = Objection.State.UPHELD if is_upheld else Objection.State.REFUSED
        locked.decided_by, locked.decided_at, locked.decision = actor.user, at, words
        locked.save()
        publish(
            events.OBJECTION_DECIDED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={"objection_id": locked.pk, "organisation_id": locked.organisation_id},
            at=at,
        )
    return locked


def bulletin_revise(*, bulletin: Bulletin, why: str, actor: Viewer, at: datetime) -> Bulletin:
    """Make the next version: the same requests under the same scheme, without those whose objections were upheld.

    The old version stays. Raises `DomainError` on "why", or where no objection has been upheld since.
    """
    require_somewhere(actor, Capability.RUN_APPRAISAL)
    reason = clean_text(why)[:WHY_MAX]
    with constraint_errors(), transaction.atomic():
        _run_lock()
        last = Bulletin.objects.filter(month=bulletin.month).select_related("scheme").order_by("-version")[0]
        if last.pk != bulletin.pk:
            raise StaleState("newer_version", _("已经有更新的一版，请看那一版"))
        if not reason:
            raise DomainError("why_required", _("请写为什么出新的一版"), field="why")
        upheld = Objection.objects.filter(item__bulletin=last, state=Objection.State.UPHELD).values("item__request")
        if not upheld.exists():
            raise DomainError("nothing_upheld", _("没有成立的异议，不用出新的一版"))
        made = Bulletin.objects.create(
            month=last.month,
            version=last.version + 1,
            scheme=last.scheme,
            frozen_at=at,
            frozen_by=actor.user,
            why=reason,
        )
        kept = BulletinItem.objects.filter(bulletin=last).exclude(request__in=upheld)
        fields = ("organisation_id", "request_id", "how", "contacted", "solved", "grade")
        BulletinItem.objects.bulk_create(
            (BulletinItem(bulletin=made, **dict(zip(fields, row, strict=True))) for row in kept.values_list(*fields)),
            batch_size=5000,
        )
        _carry(last, made)
        _publish(events.BULLETIN_FROZEN, made, actor, at)
    return made


def _carry(last: Bulletin, made: Bulletin) -> None:
    """Write the rows of a new version: its own items added up, what stands beside them as it was frozen."""
    items: Any = BulletinItem.objects.filter(bulletin=made).values("organisation_id").order_by()
    sums = items.annotate(
        valid=Count("pk", filter=Q(how=BulletinItem.How.RATED)),
        unanswered=Count("pk", filter=Q(how=BulletinItem.How.UNANSWERED)),
        contacted=Count("pk", filter=Q(contacted=True)),
        solved=Count("pk", filter=Q(solved=True)),
        good=Count("pk", filter=Q(grade__gte=4)),
        fair=Count("pk", filter=Q(grade=3)),
    )
    counted = {row["organisation_id"]: {name: row[name] for name in _COUNTED} for row in sums}
    BulletinRow.objects.bulk_create(
        BulletinRow(
            bulletin=made,
            organisation_id=row.organisation_id,
            **{name: getattr(row, name) for name in _BESIDE},
            **counted.get(row.organisation_id, {}),
        )
        for row in BulletinRow.objects.filter(bulletin=last)
    )


def _publish(event: Any, bulletin: Bulletin, actor: Viewer, at: datetime) -> None:
    publish(
        event,
        subject=ref_of(bulletin),
        actor=actor,
        area_code="",
        payload={"month": f"{bulletin.month:%Y-%m}", "version": bulletin.version},
        at=at,
    )


def month_before(at: datetime) -> date:
    """The first day of the month that ended last."""
    return (timezone.localtime(at).date().replace(day=1) - timedelta(days=1)).replace(day=1)
