"""Exceptional grants: ten thousand cost the lists nothing, Explain names them, and they end when somebody leaves."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from governance.access.explaining import Standing, explain
from governance.access.models import User
from governance.access.services import grant_end
from governance.access.services.leaving import person_leave, person_return
from governance.access.services.standing_in import stand_in_give
from governance.access.viewer import viewer_for
from governance.outbox import relay
from requests_intake.models import RequestGrant, ServiceRequest, StandIn
from requests_intake.selectors.absences import substitutes_of
from requests_intake.services.standins import stand_ins_follow
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state, whistle

LATER = MORNING + timedelta(hours=1)
PEOPLE = 1250  # each with eight grants, half of them over


@pytest.fixture(autouse=True)
def _now(time_machine):
    time_machine.move_to(LATER + timedelta(minutes=5), tick=False)


def statements(read):
    with CaptureQueriesContext(connection) as captured:
        read()
    return [one["sql"] for one in captured.captured_queries]


def test_ten_thousand_change_nothing_of_what_is_read_and_every_reading_finds_its_own_by_index(world, client_of):
    called = to_state(world, "contacted")
    whistle(world, called, LATER)
    others = [world.submit().request for _number in range(7)]
    client, person = client_of("other_handler"), world.people["other_handler"]
    pages = [reverse("intake:orders"), reverse("intake:request", args=[called.number])]
    supervisor = client_of("supervisor")
    seen = [(client, page) for page in pages] + [(supervisor, reverse("intake:queue")), (supervisor, pages[1])]
    for who, page in seen:
        assert who.get(page).status_code == 200
    few = [len(statements(lambda who=who, page=page: who.get(page))) for who, page in seen]
    view = Permission.objects.get(codename="view_servicerequest")
    people = User.objects.bulk_create(
        User(email=f"expert{number}@liren.example", display_name="专家") for number in range(PEOPLE)
    )
    rows = [
        RequestGrant(
            user=who,
            permission=view,
            content_object=request,
            organisation=world.organisations["parks"],
            granted_at=MORNING - timedelta(days=9),
            expires_at=LATER + timedelta(days=3 if number % 2 else -3),
        )
        for who in people
        for number, request in enumerate([called, *others])
    ]
    RequestGrant.objects.bulk_create(rows)
    assert RequestGrant.objects.count() >= 10_000
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE requests_intake_requestgrant")
    worlds.forget()
    assert [len(statements(lambda who=who, page=page: who.get(page))) for who, page in seen] == few
    table, plans = "requests_intake_requestgrant", []
    for who, page in seen:
        for sql in statements(lambda who=who, page=page: who.get(page)):
            if table in sql and sql.lstrip().startswith("SELECT"):
                with connection.cursor() as cursor:
                    cursor.execute(f"EXPLAIN {sql}")
                    plans.append("\n".join(line for (line,) in cursor.fetchall()))
    assert plans, "they are read"
    assert not [plan for plan in plans if f"Seq Scan on {table}" in plan]
    visible = ServiceRequest.objects.visible_to(viewer_for(people[0], LATER))
    assert not visible.exists(), "a grant opens nothing to somebody without any role"
    assert ServiceRequest.objects.visible_to(viewer_for(person, LATER)).get() == called


def test_explain_names_it_and_leaving_ends_it(world, client_of):
    request = to_state(world, "contacted")
    whistle(world, request, LATER)
    person, boss = world.people["other_handler"], world.viewer("administrator", LATER)
    until = RequestGrant.objects.get(user=person).expires_at
    answer = explain(person=person, record=request, at=LATER)
    assert [(str(one.text), one.until) for one in answer.rules if one.standing is Standing.HOLDS] == [
        ("因吹哨报到临时可看，到期为止", until)
    ]
    asked = {"who": person.email, "record": request.number, "can": ""}
    assert client_of("administrator").get(reverse("access:explain"), asked).context["explanation"].sees
    other, office = world.people["handler"], world.organisations["parks"]
    period = {"starts_at": MORNING, "ends_at": LATER + timedelta(days=3), "created_at": MORNING}
    StandIn.objects.create(person=other, substitute=person, organisation=office, **period)
    person_leave(user=person, reason="调走了", actor=boss, at=LATER)
    relay.drain()
    assert not substitutes_of([other.pk], LATER + timedelta(minutes=6))
    person_return(user=person, reason="回来了", actor=boss, at=LATER)
    assert not RequestGrant.objects.filter(user=person, expires_at__gt=LATER + timedelta(minutes=6)).exists()


def test_an_administrators_stand_in_looks_after_the_orders_too(world):
    person, substitute, boss = (
        world.people["handler"],
        world.people["grid_worker"],
        world.viewer("administrator", LATER),
    )
    own = person.grants.get(role__key="handler")
    asked = {"person": person, "substitute": substitute, "starts_at": LATER, "ends_at": LATER + timedelta(days=5)}
    given = stand_in_give(**asked, grants=[own.pk], reason="年休假", actor=boss, at=LATER)
    relay.drain()
    row = StandIn.objects.get(person=person)
    assert (row.substitute, row.organisation_id, row.ends_at) == (substitute, own.organisation_id, given[0].ends_at)
    assert stand_ins_follow(person_id=person.pk, substitute_id=substitute.pk, at=LATER) == 0, "once"
    assert substitutes_of([person.pk], LATER + timedelta(minutes=6)) == {person.pk: {substitute.pk}}
    grant_end(grant=given[0], actor=boss, at=LATER)
    relay.drain()
    assert not substitutes_of([person.pk], LATER + timedelta(minutes=6))
