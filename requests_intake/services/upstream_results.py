"""Results for the upstream hotline: collected in steps by a job, kept with what was handed back and when."""

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Viewer
from governance.errors import StaleState
from governance.jobs.models import Job
from governance.jobs.services import job_start
from governance.outbox.services import publish
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import UpstreamBatch, UpstreamOrder
from requests_intake.permissions import Capability
from requests_intake.services.upstream import RESULTS
from requests_intake.upstream.results import results_of


def results_start(*, batch: UpstreamBatch, actor: Viewer, at: datetime) -> Job:
    """Start collecting what became of a batch's orders; raises `StaleState` while that is already going on."""
    require(actor, Capability.IMPORT_ORDERS, batch)
    with transaction.atomic():
        locked = (
            UpstreamBatch.objects.select_for_update(of=("self",), no_key=True)
            .select_related("results_job", "source")
            .get(pk=batch.pk)
        )
        if locked.results_job is not None and locked.results_job.is_active:
            raise StaleState("results_running", _("正在汇总办理结果"))
        locked.results_job = job_start(kind=RESULTS, params={"batch": locked.pk}, actor=actor, at=at)
        locked.save(update_fields=["results_job"])
        publish(
            events.BATCH_RETURNED,
            subject=ref_of(locked),
            actor=actor,
            area_code=locked.area_code,
            payload={"source": locked.source.key, "rows": locked.orders.count()},
            at=at,
        )
    return locked.results_job


def results_step(*, batch: UpstreamBatch, after: int, limit: int, actor: Viewer, at: datetime) -> list[int]:
    """Collect the results of at most `limit` orders after the key `after`; return their keys. 4 SQL."""
    require(actor, Capability.IMPORT_ORDERS, batch)
    orders = list(
        UpstreamOrder.objects.filter(batch=batch, pk__gt=after)
        .select_related("request__organisation")
        .order_by("pk")[:limit]
    )
    for order, result in zip(orders, results_of(orders), strict=True):
        order.returned, order.returned_at = result, at
    UpstreamOrder.objects.bulk_update(orders, ["returned", "returned_at"])
    return [order.pk for order in orders]
