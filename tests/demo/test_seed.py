"""A small demo, seeded: complete rows, clocks as the machines say, and not a second time."""

import json
from datetime import timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from django.db.models import Count, F, Q
from django.utils import timezone

from demo.job_kinds import register
from demo.loading.copying import copy_in
from demo.loading.registry import people_and_offices
from demo.registry.district import district
from demo.staff import staff
from governance.access.viewer import SYSTEM
from governance.organisations.models import Organisation
from population.models import (
    Dwelling,
    Household,
    LegalEntity,
    Ownership,
    Person,
    Residency,
    UndergroundSpace,
)
from requests_intake.models import (
    CallBack,
    Clock,
    CommunityProfile,
    Publication,
    RequesterContact,
    RequestTransition,
    RequestWords,
    ServiceRequest,
    WorkOrder,
    WorkOrderTransition,
)
from requests_intake.numbers import number_for
from requests_intake.workflow import FINAL_REQUEST_STATES, ClockKind
from tests.factories import world as worlds

COUNT = 240
REGISTER_SHARE = 0.01


@pytest.fixture(scope="module")
def seeded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The demo in one transaction, taken back at the end."""
    from django.conf import settings
    from django.db import transaction

    kept = settings.VAR_DIR
    settings.VAR_DIR = tmp_path_factory.mktemp("seed")
    with django_db_blocker.unblock():
        transaction.set_autocommit(False)
        try:
            if not CommunityProfile.objects.exists():  # a test that committed emptied the tables
                import_module("requests_intake.migrations.0036_three_profiles").fill(apps, None)
                worlds._ladder()
            call_command("seed_demo", requests=COUNT, registry=REGISTER_SHARE)
            yield settings.VAR_DIR
        finally:
            transaction.rollback()
            transaction.set_autocommit(True)
            settings.VAR_DIR = kept


pytestmark = pytest.mark.usefixtures("seeded", "db")


def test_every_request_is_whole(seeded: Path) -> None:
    requests = ServiceRequest.objects.exclude(channel="patrol")  # what patrols found comes besides
    assert requests.count() == RequestWords.objects.count() == COUNT
    assert RequesterContact.objects.count() == COUNT
    one = requests.order_by("submitted_at", "pk")[COUNT // 2]
    assert len(one.track_token) == 24
    contact = RequesterContact.objects.get(request=one)
    assert contact.phone.isdigit()
    logins = json.loads((seeded / "run" / "demo_logins.json").read_text("utf-8"))
    assert {"dispatcher", "administrator"} <= {row["role"] for row in logins}


def test_most_are_closed_and_some_of_each_state_are_open() -> None:
    states = dict(ServiceRequest.objects.values_list("state").annotate(count=Count("pk")))
    still_open = {state: count for state, count in states.items() if state not in FINAL_REQUEST_STATES}
    assert 10 <= sum(still_open.values()) <= 60
    assert {"in_progress", "callback"} <= set(still_open)
    assert {"submitted", "accepted", "dispatched"} & set(still_open)  # which of them, the hour of the day says
    late = ServiceRequest.objects.filter(closed_at=None, next_due_at__lt=timezone.now()).count()
    assert late < sum(still_open.values()) / 2


def test_histories_join_up() -> None:
    """Each step begins where the one before ended, and the last one ends where the request stands."""
    for request in ServiceRequest.objects.order_by("pk")[:40]:
        steps = list(RequestTransition.objects.filter(request=request).order_by("at", "pk"))
        assert steps[0].from_state == ""
        assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]
        assert steps[-1].to_state == request.state
    for order in WorkOrder.objects.order_by("pk")[:40]:
        steps = list(WorkOrderTransition.objects.filter(order=order).order_by("at", "pk"))
        assert steps[-1].to_state == order.state
    assert not WorkOrder.objects.exclude(organisation_id=F("request__organisation_id")).exists()


def test_clocks_run_exactly_where_somebody_is_waited_for() -> None:
    running = Clock.objects.filter(stopped_at=None)
    assert not running.filter(request__closed_at__isnull=False).exists()
    waiting = {"submitted": "accept", "accepted": "dispatch", "dispatched": "sign", "callback": "rate"}
    for state, kind in waiting.items():
        of_state = ServiceRequest.objects.filter(state=state).exclude(channel="patrol")  # nobody is there to rate it
        of_kind = of_state.filter(Q(clocks__kind=kind, clocks__stopped_at=None))
        assert of_state.count() == of_kind.count(), state
    unanswered = ["submitted", "accepted", "dispatched", "in_progress", "ledgered"]  # on the ledger it stands still
    answering = ServiceRequest.objects.filter(state__in=unanswered)
    assert running.filter(kind=ClockKind.ANSWER).count() == answering.count()
    assert not running.filter(kind=ClockKind.ANSWER, request__state="callback").exists()
    assert running.filter(kind__in=["sign", "contact"], order=None).count() == 0


def test_the_public_sees_what_was_released() -> None:
    released = Publication.objects.filter(state="released")
    assert released.count() > COUNT / 5
    assert not released.filter(request__may_be_public=False).exists()
    assert all(one.history and one.title for one in released[:20])
    assert CallBack.objects.values("request", "round").distinct().count() == CallBack.objects.count()


def test_the_next_number_is_free_and_a_second_seed_changes_nothing() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval('requests_intake_number_seq')")
        following = cursor.fetchone()[0]
    assert not ServiceRequest.objects.filter(number=number_for(timezone.localdate(), following)).exists()
    newest = ServiceRequest.objects.order_by("-submitted_at")[0]
    assert timezone.now() - newest.submitted_at < timedelta(days=2)
    call_command("seed_demo", requests=5)
    assert ServiceRequest.objects.exclude(channel="patrol").count() == COUNT


def test_the_register_is_there_encrypted_and_found_again() -> None:
    told = district(timezone.localdate(), REGISTER_SHARE)
    rows = {Dwelling: told.dwellings, Person: told.people, Residency: told.residencies, Ownership: told.ownerships,
            LegalEntity: told.entities, UndergroundSpace: told.spaces, Household: told.households}  # fmt: skip
    assert {model: model.objects.count() for model in rows} == {model: len(found) for model, found in rows.items()}
    for one, row in zip(told.people[:40], Person.objects.order_by("pk"), strict=False):
        assert (row.name, row.birth_date, row.document_number or "") == (one.name, str(one.born), one.document_number)
        digests = Person._meta.get_field("name_index").digests(one.name)  # type: ignore[union-attr]
        assert row in Person.objects.filter(name_index__in=digests)
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM population_person ORDER BY id LIMIT 1")
        assert told.people[0].name.encode() not in bytes(cursor.fetchone()[0])
    assert not Person.objects.exclude(area_code=F("home__area_code")).exists()
    assert not Residency.objects.exclude(dwelling=F("household__dwelling")).exists()
    assert not Dwelling.objects.filter(confirmed_by=None).exists()
    assert not Person.objects.filter(confirmed_at__gte=timezone.now()).exists()


def test_the_job_leaves_a_register_that_is_there_alone() -> None:
    before = Person.objects.count()
    assert register(params={"share": 0.01}, cursor=None, limit=500, actor=SYSTEM, at=timezone.now()).rows == 0
    assert Person.objects.count() == before
    people, offices = people_and_offices()
    assert {one.key for one in staff()} == set(people)
    assert offices["district"].area_code == "990105"


def test_copied_text_comes_back_letter_for_letter() -> None:
    name = 'tab\t, line\nbreak\r, \\N and "quotes" \\'
    copy_in([Organisation(kind="community", name=name, area_code="990101001")])
    row = Organisation.objects.get(name=name)
    assert (row.parent, row.name_en) == (None, "")
