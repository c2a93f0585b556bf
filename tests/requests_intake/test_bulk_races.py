"""Two dispatchers press for the same requests: each request is sent once, and whoever came second is told."""

from requests_intake.models import WorkOrder
from requests_intake.services.bulk import bulk_step
from tests.factories.world import EAST, MORNING, grant
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.test_bulk import outcome, start
from tests.requests_intake.walk import to_state


def test_two_dispatchers_at_once_send_each_request_once(committed_world):
    world = committed_world
    grant(world, "head", "dispatcher", EAST)
    requests = [to_state(world, "accepted") for _number in range(6)]
    runs = [
        start(world, name, "dispatch", requests, organisation=world.organisations[office].pk)
        for name, office in (("dispatcher", "lamps"), ("head", "parks"))
    ]
    actors = [world.viewer("dispatcher"), world.viewer("head")]
    run_in_threads(
        *(
            lambda run=run, actor=actor: bulk_step(run_id=run.pk, limit=100, actor=actor, at=MORNING)
            for run, actor in zip(runs, actors, strict=True)
        )
    )
    states = [[state for state, _reason in outcome(run)] for run in runs]
    assert all(sorted(pair) == ["done", "refused"] for pair in zip(*states, strict=True))
    assert WorkOrder.objects.count() == 6
