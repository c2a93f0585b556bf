"""The only writers of findings: noting one on a walk, and what became of it.

What is noted is what was seen. There is no service for a way, a check-in or a time on the round, and none is to come:
nobody who walks a grid is followed, counted or ranked (国办函〔2026〕12号, STANDARDS 0.2).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.checks import can, require
from governance.access.viewer import Viewer
from governance.errors import DomainError, StaleState, constraint_errors, fields_checked
from governance.files.services import files_adopt
from governance.outbox.services import publish
from governance.refs import ref_of
from governance.text import clean_text, find_personal_data
from grid import events
from grid.lookup import grid_at
from grid.models import CodeItem, CodeKind, Component, Finding, FindingKind, FindingPhoto, FindingState, RoutePoint
from grid.models.findings import LINKED, PLACE_MAX, TEXT_MAX
from grid.permissions import Capability
from grid.services.codes import code_list_on
from grid.services.components import component_inspect
from grid.services.patrols import point_seen

PHOTOS_MAX = 6
_REPORTED = {
    FindingKind.MATTER: events.FINDING_REPORTED,
    FindingKind.HAZARD: events.HAZARD_REPORTED,
    FindingKind.DISPUTE: events.DISPUTE_REPORTED,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class FindingDraft:
    """What a form says. `area_code` counts where the position, or the component, lies in no grid.

    `done_on_spot` tells what was done at once (随手处理): nobody is sent then, no order is opened.
    """

    kind: str
    text: str = ""
    place: str = ""
    area_code: str = ""
    matter: CodeItem | None = None
    component: Component | None = None
    lng: float | None = None
    lat: float | None = None
    settled_on_spot: bool = False
    done_on_spot: str = ""
    component_state: str = ""  # how the component is now, "" where nobody said


def finding_report(
    *,
    uuid: UUID,
    draft: FindingDraft,
    file_ids: Sequence[UUID] = (),
    point: RoutePoint | None = None,
    actor: Viewer,
    at: datetime,
) -> Finding:
    """Note what was found. The same `uuid` again, also at the same moment, is the finding that is there already.

    Whoever may note findings anywhere may note one wherever they walk: what lies behind the border of a grid is told to
    those who look after it. What stands at a `point` of a route was looked at by it; so was the component whose state
    was said. Raises `DomainError` beside the field for nothing said and no photo, a place that is
    nobody's, a kind of matter that is not in use, numbers of people in a note of a dispute, more than six photos.
    """
    require(actor, Capability.REPORT_FINDING, None)
    with constraint_errors(), transaction.atomic():
        with connection.cursor() as cursor:  # the second sender waits for the first and then finds its row
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 7))", [f"grid.finding:{uuid}"])
        if (known := Finding.objects.filter(uuid=uuid).first()) is not None:
            if known.found_by_id != actor.user_id:
                raise StaleState("finding_of_another", _("这一条已经由别人记下了，请打开新的一页再记"))
            return known
        finding = _row(uuid, draft, bool(file_ids), actor, at)
        finding.save(force_insert=True)
        _attach(finding, file_ids, actor, at)
        _publish(finding, bool(file_ids), actor, at)
        _looked_at(draft, uuid, point, actor, at)
    return finding


def finding_link_order(*, uuid: UUID, ref: str, number: str, state: str, at: datetime) -> Finding | None:
    """Keep what became of a finding: whose reference, the number that people say, one of `LINKED`; None for no such.

    Called by the app that handles it, for it alone knows. Word that is older than what is kept (`at`) changes nothing,
    so calls may come twice and in any order. Raises `DomainError` for a state that no order can bring about.
    """
    if state not in LINKED:
        raise DomainError("state_unknown", _("没有这种进展"), field="state")
    with constraint_errors(), transaction.atomic():
        finding = Finding.objects.select_for_update(of=("self",), no_key=True).filter(uuid=uuid).first()
        if finding is None or finding.settled_on_spot or (finding.told_at is not None and finding.told_at > at):
            return finding
        finding.order_ref, finding.order_number, finding.state, finding.told_at = ref, number, state, at
        finding.save(update_fields=["order_ref", "order_number", "state", "told_at"])
    return finding


def _row(uuid: UUID, draft: FindingDraft, has_photos: bool, actor: Viewer, at: datetime) -> Finding:
    if draft.kind not in FindingKind.values:
        raise DomainError("kind_unknown", _("请选是事项、隐患还是纠纷线索"), field="kind")
    text, done = clean_text(draft.text), clean_text(draft.done_on_spot)
    place = clean_text(draft.place, multiline=False)
    _check_words(draft, text, done, place, has_photos)
    finding = Finding(
        uuid=uuid,
        kind=draft.kind,
        state=FindingState.SETTLED if draft.settled_on_spot else FindingState.REPORTED,
        matter=_matter(draft, at),
        component=draft.component,
        area_code=_area_code(draft),
        lng=draft.lng,
        lat=draft.lat,
        place=place,
        text=text,
        done_on_spot=done if draft.settled_on_spot else "",
        found_by=actor.staff_user,
        found_at=at,
    )
    fields_checked(finding, "finding", exclude=["matter", "component", "found_by", "place", "text", "done_on_spot"])
    return finding


def _check_words(draft: FindingDraft, text: str, done: str, place: str, has_photos: bool) -> None:
    if not text and not (has_photos and draft.kind == FindingKind.MATTER):
        message = (
            _("请写一句看到了什么") if draft.kind != FindingKind.MATTER else _("请写一句看到了什么，或者放一张照片")
        )
        raise DomainError("nothing_said", message, field="text")
    if draft.settled_on_spot and not done:
        raise DomainError("done_missing", _("请写一句当场做了什么"), field="done_on_spot")
    for name, words, limit in (("text", text, TEXT_MAX), ("done_on_spot", done, TEXT_MAX), ("place", place, PLACE_MAX)):
        if len(words) > limit:
            raise DomainError("too_long", _("太长了，最多 %(limit)s 个字") % {"limit": limit}, field=name)
        if draft.kind == FindingKind.DISPUTE and find_personal_data(words):
            message = _("纠纷线索里不写电话、证件号、车牌，请改成“住户甲”“住户乙”这样说")
            raise DomainError("person_in_dispute", message, field=name)


def _matter(draft: FindingDraft, at: datetime) -> CodeItem | None:
    """The kind of matter: one in use of today's list, or none."""
    if draft.matter is None or draft.kind != FindingKind.MATTER:
        return None
    today, matter = code_list_on(timezone.localdate(at)), draft.matter
    if not matter.is_active or matter.kind != CodeKind.MATTER or today is None or matter.code_list_id != today.pk:
        raise DomainError("matter_not_in_use", _("这一种现在不用了，请另选，或者不选"), field="matter")
    return matter


def _area_code(draft: FindingDraft) -> str:
    """The grid of the position, else of the component, else the one that was said."""
    found = grid_at(draft.lng, draft.lat) if draft.lng is not None and draft.lat is not None else None
    code = found or (draft.component.area_code if draft.component else "") or draft.area_code
    if not code:
        raise DomainError("area_missing", _("没有位置，请选在哪个网格"), field="area_code")
    if not areas.exists(code):
        raise DomainError("area_unknown", _("没有这个区域"), field="area_code")
    return code


def _attach(finding: Finding, file_ids: Sequence[UUID], actor: Viewer, at: datetime) -> None:
    if len(file_ids) > PHOTOS_MAX:
        raise DomainError("too_many_photos", _("最多放 6 张照片"), field="photos")
    if file_ids:
        files = files_adopt(files=file_ids, owner_ref=ref_of(finding), actor=actor, at=at)
        FindingPhoto.objects.bulk_create(
            FindingPhoto(finding=finding, file=file, position=position) for position, file in enumerate(files)
        )


def _looked_at(draft: FindingDraft, uuid: UUID, point: RoutePoint | None, actor: Viewer, at: datetime) -> None:
    component = draft.component
    if component is not None and draft.component_state and can(actor, Capability.INSPECT_COMPONENT, component):
        component_inspect(component=component, state=draft.component_state, text="", actor=actor, at=at)
    if point is not None and point.component_id is None and can(actor, Capability.REPORT_FINDING, point):
        point_seen(point=point, key=uuid, actor=actor, at=at)


def _publish(finding: Finding, has_photos: bool, actor: Viewer, at: datetime) -> None:
    """Ids and codes only: whoever handles it reads the row, by its `uuid` or as the event's subject."""
    payload = {
        "uuid": finding.uuid,
        "kind": finding.kind,
        "matter": finding.matter.code if finding.matter else "",
        "component": finding.component.identity if finding.component else "",
        "has_point": finding.lng is not None,
        "has_place": bool(finding.place),
        "has_text": bool(finding.text),
        "has_photos": has_photos,
    }
    event = events.FINDING_SETTLED if finding.settled_on_spot else _REPORTED[FindingKind(finding.kind)]
    publish(event, subject=finding, actor=actor, area_code=finding.area_code, payload=payload, at=at)
