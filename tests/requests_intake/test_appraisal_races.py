"""Two people freeze the same month at once: one bulletin, and the other is told who was first."""

import threading
from datetime import date, timedelta

import pytest
from django.db import connections

from governance.errors import StaleState
from requests_intake.models import Bulletin
from requests_intake.services.appraisal import bulletin_freeze, bulletin_publish
from tests.factories.bulk import scatter
from tests.factories.world import MORNING

NOVEMBER = date(2026, 11, 1)
LATER = MORNING + timedelta(days=15)


@pytest.mark.django_db(transaction=True)
def test_two_people_freeze_the_same_month_at_once(committed_world, time_machine):
    time_machine.move_to(LATER, tick=False)
    scatter(committed_world, 20, seed=5)
    actor, done = committed_world.viewer("district"), []
    gate = threading.Barrier(2)

    def run():
        gate.wait()
        try:
            done.append(bulletin_freeze(month=NOVEMBER, actor=actor, at=LATER).version)
        except StaleState as late:
            done.append(late.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert sorted(map(str, done)) == ["1", "already_frozen"]
    assert Bulletin.objects.count() == 1
    published = [
        bulletin_publish(bulletin=Bulletin.objects.get(), actor=actor, at=LATER + n * timedelta(days=1)) for n in (0, 1)
    ]
    assert [one.published_at for one in published] == [LATER, LATER]  # once
