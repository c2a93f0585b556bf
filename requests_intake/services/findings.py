"""What a patrol found becomes a request of the channel "patrol", filed at once (STANDARDS 2.5); its progress goes back.

The grid knows nothing of requests: it tells what was found by event, and keeps what is said here of its order.
"""

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import SYSTEM, Viewer
from governance.refs import ref_of
from grid.lookup import grid_at
from grid.models import Finding, FindingKind, FindingState
from grid.services.findings import finding_link_order
from requests_intake.models import Attachment, Channel, PlaceKind, RequestKind, ServiceRequest
from requests_intake.selectors.matters import category_of
from requests_intake.selectors.standards import policy_key_of
from requests_intake.services.filing import file_one
from requests_intake.services.submission import checked, filed_once
from requests_intake.services.submission_data import Submission
from requests_intake.services.triage import request_accept
from requests_intake.workflow import RequestState

_KEY = "finding:"
# What an order says of its finding; before it is accepted it says nothing.
_TOLD = {
    RequestState.ACCEPTED: FindingState.FILED,
    RequestState.CLOSED: FindingState.CLOSED,
    RequestState.ANSWERED: FindingState.CLOSED,
    RequestState.NOT_DISPATCHED: FindingState.DECLINED,
    RequestState.WITHDRAWN: FindingState.DECLINED,
    RequestState.MERGED: FindingState.HANDLING,
}


def finding_file(*, finding: Finding, at: datetime) -> ServiceRequest:
    """Open the request of a finding, once however often it is told.

    Where the matter's code leads to a category it is accepted at once: whoever patrols has seen it, nobody has to go
    and look first. Else the desk chooses the category. Nobody is called about it: it has no contact.
    """
    key = f"{_KEY}{finding.uuid}"
    with filed_once(key) as filed, transaction.atomic():
        by = Viewer(kind="staff", user=finding.found_by)
        filed.result = file_one(checked(_submission(finding, key), SYSTEM, at), actor=by, at=at)
        request = filed.result.request
        photos = finding.photos.order_by("position", "pk")
        Attachment.objects.bulk_create(
            Attachment(request=request, file_id=photo.file_id, position=photo.position) for photo in photos
        )
        if request.category is not None:
            filed.result = type(filed.result)(
                request_accept(request=request, category=None, actor=SYSTEM, at=at), filed.result.token
            )
    return filed.result.request


def findings_follow(*, request_ids: Iterable[int], at: datetime) -> int:
    """Tell the findings behind these requests how their orders stand; how many. 1 SQL where none came from a patrol."""
    rows = ServiceRequest.objects.filter(pk__in=list(request_ids), channel=Channel.PATROL)
    told = 0
    for request in rows.select_related("merged_into").order_by("pk"):
        state = _state(request)
        if state is None or not request.submission_key.startswith(_KEY):
            continue
        shown = request.merged_into or request
        uuid = UUID(request.submission_key.removeprefix(_KEY))
        finding_link_order(uuid=uuid, ref=ref_of(request), number=shown.number_grouped, state=state, at=at)
        told += 1
    return told


def _state(request: ServiceRequest) -> FindingState | None:
    if request.state == RequestState.SUBMITTED:
        return None
    state = RequestState(request.ended_as if request.state == RequestState.ARCHIVED else request.state)
    return _TOLD.get(state, FindingState.HANDLING)


def _submission(finding: Finding, key: str) -> Submission:
    category = category_of(finding.matter)
    has_grid = finding.lng is not None and finding.lat is not None and grid_at(finding.lng, finding.lat) is not None
    named = finding.matter or finding.component
    return Submission(
        kind=RequestKind.HELP,
        body=finding.text or (named.name if named is not None else _("见照片")),
        submission_key=key,
        channel=Channel.PATROL,
        category_id=category.pk if category is not None else None,
        component_id=finding.component_id,
        matter_id=finding.matter_id,
        policy_key=policy_key_of(finding.matter_id),
        place_kind=PlaceKind.PIN if has_grid else PlaceKind.ADDRESS,
        lng=finding.lng if has_grid else None,
        lat=finding.lat if has_grid else None,
        area_code=finding.area_code,
        address=finding.place,
        urgent_remark=_("安全隐患") if finding.kind == FindingKind.HAZARD else "",
    )
