"""One request through the same services as a resident's, taken back at once: what it shows is what would happen."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.checks import require
from governance.access.viewer import ANONYMOUS, Scope, Viewer, requester
from governance.refs import ref_of
from grid.district import district_code
from requests_intake.models import PlaceKind, RequestKind, ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.services.closing import request_withdraw
from requests_intake.services.submission import Submission, request_submit


@dataclass(frozen=True, slots=True)
class Trial:
    """What was filed and withdrawn. It stays in the list of requests: nothing that was filed is ever deleted."""

    request: ServiceRequest
    due: list[tuple[str, Any]]


def trial_run(*, area_code: str, category_id: int | None, key: str, actor: Viewer, at: datetime) -> Trial:
    """File a request without name or telephone, and withdraw it. Raises as `request_submit` does.

    It notifies nobody: it is withdrawn before any message leaves, and nobody's address is on it.
    """
    require(actor, Capability.EDIT_CATALOGUE, Scope(district_code()))
    submission = Submission(
        kind=RequestKind.HELP,
        body=_("开通前的试用：看看这件事会派给谁、什么时候答复。交上去马上撤回。"),
        submission_key=key,
        category_id=category_id,
        place_kind=PlaceKind.ADDRESS if area_code else PlaceKind.NONE,
        area_code=area_code,
        may_be_public=False,
    )
    with transaction.atomic():
        submitted = request_submit(submission=submission, actor=ANONYMOUS, at=at)
        filed = submitted.request
        due = list(filed.clocks.order_by("due_at").values_list("kind", "due_at"))
        if not submitted.is_repeat:
            filed = request_withdraw(request=filed, comment=_("开通前的试用"), actor=requester(ref_of(filed)), at=at)
    return Trial(filed, due)
