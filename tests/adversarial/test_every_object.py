"""Things of one's own area, of another's and of other people, tried by everybody: objects.txt says who reaches them."""

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from json import dumps
from typing import Any
from uuid import uuid4
from zlib import compress

import pytest
from django.urls import reverse

from governance.access.models import User
from governance.access.viewer import viewer_for
from governance.dashboards.models import Export
from governance.jobs.models import Job, State
from governance.protection.person_requests.services import person_request_file, person_request_take
from grid.models import (
    Application,
    Assignment,
    Check,
    CodeItem,
    CodeList,
    Component,
    ComponentExport,
    ComponentImport,
    Post,
    Task,
    TerritoryImport,
)
from grid.services.area_sets import area_set_make
from grid.services.findings import FindingDraft, finding_report
from grid.services.patrols import route_make
from population.models import (
    BindingCode,
    Correction,
    DwellingBinding,
    LegalEntity,
    RegistryImport,
    UndergroundSpace,
)
from requests_intake.models import ExternalLink, Macro, SavedWorklist, ServiceRequest, StandIn
from requests_intake.services.appointments import appointment_book
from requests_intake.services.drafts import draft_start
from requests_intake.services.entry import entry_keep
from requests_intake.services.handling import order_contact, order_sign
from requests_intake.services.triage import request_dispatch
from requests_intake.services.windows import WindowDraft, window_create
from tests.adversarial.people import LETTERS, NOBODY, NOW, Caller, callers, is_refused, populate, table
from tests.factories import world as worlds
from tests.factories.population import building_make, household_make, person_row, residency_make
from tests.factories.residents import resident
from tests.factories.world import IN_EAST, IN_WEST, MORNING, World
from tests.requests_intake.public_side import open_version
from tests.requests_intake.walk import to_state

MIRROR = str.maketrans("ewgjhx", "wejgxh")
ALL = NOBODY + "".join(LETTERS)
AREA_FILE = {"type": "FeatureCollection", "features": [{"properties": {"code": "990109", "name": "x"}}]}
ONLY_FOR_THE_CLERK = "只有这位柜台的人写过这句"
Things = dict[str, dict[str, Any]]


def _of_a_place(world: World, place: tuple[float, float], office: str, handler: str, head: str) -> Things:
    """A request in work, an appointment and their like, in one community."""
    request, later = (
        to_state(world, "accepted", lng=place[0], lat=place[1], may_be_public=True),
        NOW - timedelta(hours=1),
    )
    order = request_dispatch(
        request=request, organisation=world.organisations[office], actor=world.viewer("dispatcher"), at=later
    )
    order_sign(order=order, actor=world.viewer(handler), at=later)
    order_contact(order=order, how="phone", reached=True, note="", actor=world.viewer(handler), at=later)
    window = window_create(
        draft=WindowDraft(
            organisation=world.organisations[head.replace("west_head", "west").replace("head", "east")],
            name="接待室",
            address="3 号楼",
            hours={day: [(510, 720)] for day in range(5)},
            slot_minutes=30,
            slot_seats=2,
            book_from_days=1,
            book_until_days=7,
        ),
        actor=world.viewer(head),
        at=MORNING,
    )
    appointment = appointment_book(
        window=window,
        starts_at=(MORNING + timedelta(days=1)).replace(hour=1),
        subject="",
        name="周梅",
        phone="13912342046",
        email="",
        language="zh-hans",
        submission_key=uuid4(),
        at=MORNING,
    )
    answered = to_state(world, "callback", lng=place[0], lat=place[1], may_be_public=True)
    open_version(answered)
    link = ExternalLink.objects.create(
        order=order,
        token_digest=f"{order.pk:064}",
        token="x",
        made_by=world.people[handler],
        made_at=later,
        expires_at=NOW + timedelta(days=3),
    )
    number = {"number": request.number}
    post = Post.objects.create(
        kind="building", area_code=request.area_code, holder_name="周梅", starts_at=MORNING, created_at=MORNING,
        changed_at=MORNING, reason="x",
    )  # fmt: skip
    check = Check.objects.create(
        kind="before_filing", subject_ref=f"x.y:{request.pk}", area_code=request.area_code, what="灯亮不亮",
        asked_at=MORNING, due_at=NOW,
    )  # fmt: skip
    grid = request.area_code
    component = Component.objects.create(
        identity=f"99010501037{request.pk % 10**6:06}", item=_lamp(), name="x", area_code=grid,
        lng=place[0], lat=place[1], manager=world.organisations[office], started_on=MORNING.date(), changed_at=MORNING,
    )  # fmt: skip
    return (
        _of_a_task(world, grid[:12])
        | _of_a_walk(world, grid, head)
        | _of_the_registry(grid)
        | {
            "component": {"public_id": component.public_id},
            "grid": {"code": request.area_code},
            "post": {"pk": post.pk},
            "check": {"public_id": check.public_id},
            "request": number,
            "released": {"number": answered.number},
            "contact": number | {"name": "contact"},
            "reply": number | {"name": "reply"},
            "link": number | {"pk": link.pk},
            "appointment": {"number": appointment.number},
            "window": {"public_id": window.public_id},
        }
    )


def _of_a_task(world: World, community: str) -> Things:
    """A task that the street gave to one community, and an application for another."""
    values = {
        "title": "x", "purpose": "x", "kind": "act", "legal_ground": "x", "area_code": worlds.STREET, "created_at": NOW,
        "organisation": world.organisations["street"], "hours": 1, "days": 5,
    }  # fmt: skip
    sent = {"sent_at": NOW, "due_at": NOW + timedelta(days=7)}
    task = Task.objects.create(state="sent", admission="listed", total=1, **values, **sent)
    row = Assignment.objects.create(task=task, area_code=community, state="open", changed_at=NOW, **sent)
    application = Application.objects.create(
        task=Task.objects.create(state="applied", **values), area_code=worlds.STREET, grounds="x", asked_at=NOW,
        decide_by=NOW, earliest_at=NOW,
    )  # fmt: skip
    ask, one = {"public_id": task.public_id}, {"public_id": row.public_id}
    return {
        "task": one,
        "answer": one | {"step": "answer"},
        "taken_back": one | {"step": "cancel"},
        "ask": ask,
        "ask_step": ask | {"step": "cancel"},
        "application": {"pk": application.pk},
    }


def _of_a_walk(world: World, grid: str, head: str) -> Things:
    """Findings of the grid's worker, a route and a set of grids by the head of the community."""
    worker, boss = world.viewer(head.replace("head", "grid_worker")), world.viewer(head)
    found = {
        kind: finding_report(
            uuid=uuid4(), draft=FindingDraft(kind=kind, text="x", area_code=grid), actor=worker, at=MORNING
        )
        for kind in ("matter", "dispute")
    }
    made = {"submission_key": uuid4(), "actor": boss, "at": MORNING}
    route = route_make(name="x", area_code=grid, area_set=None, **made)
    area_set = area_set_make(
        kind="patrol", name="x", name_en="", area_code=grid[:12], codes=[grid], starts_on=MORNING.date(), **made
    )
    return {
        "finding": {"uuid": found["matter"].uuid},
        "dispute": {"uuid": found["dispute"].uuid},
        "route": {"public_id": route.public_id},
        "area-set": {"public_id": area_set.public_id},
    }


def _of_a_home(world: World, grid: str, account: User) -> Things:
    """A person of the registry, an account that is theirs, and a letter for somebody else of the household."""
    dwelling = building_make(estate="居所", building=grid[-6:], area_code=grid).dwellings.order_by("pk")[0]
    people = [person_row(name, dwelling) for name in ("王桂兰", "周梅")]
    for person in people:
        person.save()
    values = {"dwelling": dwelling, "area_code": grid}
    boss = world.people["head"]
    tie = DwellingBinding.objects.create(
        user=account, person=people[0], method="code", confirmed_by=boss, begun_at=MORNING, **values
    )
    letter = BindingCode.objects.create(
        person=people[1], digest=grid, submission_key=uuid4(), issued_at=MORNING, issued_by=boss,
        expires_at=NOW + timedelta(days=3), **values,
    )  # fmt: skip
    correction = Correction.objects.create(
        user=account, person=people[0], kind="fields", proposed={"phone": "1"}, submission_key=uuid4(),
        asked_at=MORNING, **values,
    )  # fmt: skip
    return {
        "correction": {"public_id": correction.public_id},
        "tied": {"public_id": people[0].public_id},
        "tie": {"public_id": tie.public_id},
        "letter": {"public_id": letter.public_id},
    }


def _lamp() -> CodeItem:
    """The kind of a component, in a list of its own."""
    codes, _made = CodeList.objects.get_or_create(
        key="x", defaults={"standard": "x", "title": "x", "valid_from": MORNING.date()}
    )
    item, _made = CodeItem.objects.get_or_create(
        code_list=codes, kind="component", code="01037", defaults={"name": "x"}
    )
    return item


def _of_the_registry(grid: str) -> Things:
    """A building of a grid with somebody in it, an entity and an underground space."""
    home = building_make(estate=f"x{grid}", building="1幢", area_code=grid).dwellings.order_by("pk")[0]
    person = person_row("周建国", home, number=f"x{grid}", phone="13912342046")
    person.save()
    household = household_make(home)
    residency_make(person, household, "0")
    known = {
        "area_code": grid, "source": "door", "collected_at": MORNING, "confirmed_at": MORNING, "changed_at": MORNING,
    }  # fmt: skip
    entity = LegalEntity.objects.create(name="x", search_text="x", kind="other", building=home.building, **known)
    space = UndergroundSpace.objects.create(
        label="x", kind="basement", use="empty", compound=home.building.compound, keeper=entity, **known
    )
    rows = {
        "dwelling": home, "household": household, "person": person, "entity": entity, "space": space,
        "building": home.building, "compound": home.building.compound,
    }  # fmt: skip
    return {name: {"public_id": row.public_id} for name, row in rows.items()}


def _of_people(world: World) -> Things:
    """What belongs to one person."""
    people = world.people
    job = Job.objects.create(
        kind="x", owner=people["dispatcher"], state=State.RUNNING, created_at=NOW, touched_at=NOW, total=3
    )
    worklist = SavedWorklist.objects.create(
        owner=people["dispatcher"], name="x", query="路灯", created_at=NOW, submission_key=uuid4()
    )
    macro = Macro.objects.create(
        name="x", owner=people["handler"], steps=[{"step": "sign", "values": {}}], changed_at=NOW
    )
    stand_in = StandIn.objects.create(
        person=people["handler"],
        substitute=people["second_handler"],
        organisation=world.organisations["lamps"],
        starts_at=NOW,
        ends_at=NOW + timedelta(days=3),
        created_at=NOW,
    )
    done = Job.objects.create(
        kind="x", owner=people["supervisor"], state=State.DONE, created_at=NOW, touched_at=NOW, finished_at=NOW
    )
    export = Export.objects.create(
        owner=people["supervisor"],
        job=done,
        area=worlds.STREET,
        sheets=[{"title": "x", "titles": ["x"], "rows": []}],
        created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )
    file = TerritoryImport.objects.create(
        submission_key=uuid4(), owner=people["administrator"], file_name="x", features=1, created_at=NOW,
        content=compress(dumps(AREA_FILE).encode()), columns={"code": "code", "name": "name"}, datum="wgs84",
    )  # fmt: skip
    components = ComponentExport.objects.create(
        owner=people["supervisor"], job=done, format="csv", content=b"x", created_at=NOW,
        expires_at=NOW + timedelta(days=1),
    )  # fmt: skip
    parts = ComponentImport.objects.create(
        submission_key=uuid4(), owner=people["operations"], file_name="x", content=b"", format="csv", titles=["x"],
        created_at=NOW, checked_at=NOW,
    )  # fmt: skip
    registry = RegistryImport.objects.create(
        submission_key=uuid4(), owner=people["supervisor"], kind="people", file_name="x", format="csv", titles=["x"],
        created_at=NOW, checked_at=NOW,
    )  # fmt: skip
    key = uuid4().hex
    entry_keep(key=key, changes={"raw": {"body": ONLY_FOR_THE_CLERK}}, actor=world.viewer("clerk", NOW), at=NOW)
    asked = person_request_file(
        kind="correct",
        words="x",
        language="zh-hans",
        submission_key=uuid4(),
        actor=viewer_for(people["owner"], NOW),
        at=NOW,
    )
    taken = person_request_take(
        kind="copy",
        name="王桂兰",
        contact="13912340001",
        words="",
        identity="",
        identity_note="",
        is_number_proved=False,
        language="zh-hans",
        submission_key=uuid4(),
        actor=world.viewer("clerk", NOW),
        at=NOW,
    )
    draft, _token = draft_start(data={"kind": "help", "raw": {}}, at=NOW, actor=viewer_for(people["owner"], NOW))
    return {
        "job": {"public_id": job.public_id},
        "worklist": {"pk": worklist.pk},
        "macro": {"pk": macro.pk},
        "stand_in": {"pk": stand_in.pk},
        "export": {"public_id": export.public_id},
        "component_export": {"public_id": components.public_id},
        "component_import": {"public_id": parts.public_id},
        "registry_import": {"public_id": registry.public_id},
        "territory_import": {"public_id": file.public_id},
        "entry": {"key": key},
        "draft": {"pk": draft.pk},
        "asked": {"public_id": asked.public_id},
        "taken_down": {"public_id": taken.public_id},
        "at_counter": {"public_id": taken.public_id, "name": "identity"},
    }


@pytest.fixture(scope="module")
def town(django_db_setup: None, django_db_blocker: Any) -> Iterator[tuple[dict[str, Caller], Things, Things]]:
    with worlds.kept(django_db_blocker, _furnished) as found:
        yield found


def _furnished(world: worlds.World) -> tuple[dict[str, Caller], Things, Things]:
    populate(world)
    east = _of_a_place(world, IN_EAST, "lamps", "handler", "head") | _of_people(world)
    west = _of_a_place(world, IN_WEST, "parks", "other_handler", "west_head")
    east |= _of_a_home(world, worlds.EAST_GRID, world.people["owner"])
    west |= _of_a_home(world, worlds.WEST_GRID, resident("West", "+8613912340077"))
    east |= {"own_tie": east["tie"], "own_correction": east["correction"]}
    ServiceRequest.objects.filter(number=east["request"]["number"]).update(account=world.people["owner"])
    return callers(world), east, west


def tries(things: Things, *, mirrored: bool) -> Iterator[tuple[str, str, str, str, dict[str, str]]]:
    """(letters, method, route, address, data) of the lines about these things."""
    for letters, method, route, thing, *posted in table("objects.txt"):
        if thing in things:
            data = dict(pair.split("=", 1) for pair in posted)
            yield (
                letters.translate(MIRROR) if mirrored else letters,
                method,
                route,
                reverse(route, kwargs=things[thing]),
                data,
            )


def test_every_line_is_about_a_thing(town: tuple[dict[str, Caller], Things, Things]):
    assert {line[3] for line in table("objects.txt")} == set(town[1])


@pytest.mark.parametrize("letter", ALL)
def test_every_object(letter: str, town: Any, db: None, known_people: None, time_machine: Any, record_property: Any):
    """Whoever is not named is told nothing: 404, 403 or the way to sign in; whoever is named gets an answer."""
    worlds.forget()
    time_machine.move_to(NOW, tick=False)
    people, east, west = town
    wrong, counts = [], Counter()
    for things, mirrored in ((east, False), (west, True)):
        for letters, method, route, address, data in tries(things, mirrored=mirrored):
            answer = people[letter].ask(method, address, data)
            refused = is_refused(answer) or answer.status_code in (404, 410)
            if route == "intake:entry" and letter != "c":  # others begin an entry of their own under any key
                assert ONLY_FOR_THE_CLERK not in answer.content.decode()
            counts["refused" if refused else "reached"] += 1
            if refused == (letter in letters) or answer.status_code >= 500:
                side = "west" if mirrored else "east"
                wrong.append(f"{method} {route} {side}: {answer.status_code}, {'refused' if refused else 'reached'}")
    record_property("tried", ("things", letter, counts["refused"], counts.total() - counts["refused"]))
    assert not wrong, "\n".join(wrong)
