"""Two workers with the same orders of the hotline."""

import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from django.db import connection

from governance.jobs.models import State
from governance.jobs.services import job_run
from requests_intake.models import BatchRow, ServiceRequest, UpstreamOrder
from requests_intake.services.upstream import batch_run
from tests.factories.world import MORNING
from tests.requests_intake.upstream_files import order, received, source_of, xlsx


def states(batch) -> Counter:
    return Counter(BatchRow.objects.filter(batch=batch).values_list("state", flat=True))


def test_two_batches_of_the_same_orders_filed_at_once(committed_world):
    """Both were checked while nothing was known; two workers file them at the same moment."""
    world, source = committed_world, source_of()
    batches = [received(world, source, xlsx([order(number) for number in range(40)])) for _ in range(2)]
    start = threading.Barrier(2)

    def file(batch):
        actor = world.viewer("dispatcher")
        job = batch_run(batch=batch, actor=actor, at=MORNING)
        start.wait()
        try:
            return job_run(job_id=job.pk, clock=lambda: MORNING).state
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(file, batches)) == [State.DONE, State.DONE]
    assert ServiceRequest.objects.count() == UpstreamOrder.objects.count() == 40
    assert states(batches[0]) + states(batches[1]) == {"filed": 40, "repeated": 40}
