"""Who may take which turn from where: a table written by hand, tried through the table that the pages read."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import transaction

from governance.access.viewer import requester
from governance.errors import DomainError, Forbidden, StaleState
from governance.refs import ref_of
from requests_intake.actions import ACTIONS, Doing
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.own_turns import OWN_TURNS
from requests_intake.selectors.detail import available_steps, request_for
from requests_intake.services import closing
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.test_workflow_golden import STRAIGHT
from tests.requests_intake.walk import STATES, TURNS, to_state, to_turn

TABLE = Path(__file__).with_name("golden_turns.csv")
STAFF = (
    "dispatcher", "handler", "other_handler", "head", "agent", "supervisor", "district", "grid_worker",
    "administrator", "stranger",
)  # fmt: skip
# The state would allow it, the history does not: each has words of its own.
WORDS_FOR = {
    "remind": ("refused: already_answered", "refused: in_review"),
    "name_complained": ("refused: not_complaint",),
    "take_back": ("refused: not_outside",),
    "request_return": ("refused: order_designated",),
    "ask_extension": ("refused: extension_asked", "refused: extension_too_late"),
    "reach_stage": ("refused: stage_unknown",),
    "supervise": ("refused: supervised_already",),
    "call_at_limit": ("refused: limit_call_not_due",),
}
WHEN = MORNING.replace(hour=6)
WORDS = {
    "text": "写明理由",
    "comment": "还是不亮",
    "basis": "条例第十二条",
    "ground": "area",
    "reason": "beyond",
    "until": date(2026, 11, 20),
    "milestone": date(2027, 1, 20),
    "plan": "明年一起换",
    "amount": 2,
    "stage": "1",
    "steps": "2026-12-20 采购",
    "contacted": False,
    "solved": "no",
}
WORDS |= {"email": "", "phone": "", "instruction": "", "may_call": False}
WORDS |= {"issue": "一起去看", "commitment": "下午来", "word": "来得快", "grade": 4, "due_at": WHEN + timedelta(days=1)}


@pytest.fixture
def world(db):
    """A town for each test: one for the whole module would keep a transaction open for minutes."""
    yield worlds.build()
    worlds.forget()


def table():
    with TABLE.open(encoding="utf-8") as handle:
        return {row["turn"]: (set(row["who"].split()), set(row["from"].split())) for row in csv.DictReader(handle)}


def test_the_table_names_every_turn_that_somebody_may_take():
    staff = {
        step.name
        for step in [*REQUEST_TRANSITIONS.values(), *ORDER_TRANSITIONS.values()]
        if step.capability is not None
    } - set(STRAIGHT)
    assert set(table()) == (staff - {"keep"}) | set(OWN_TURNS)  # a dispute is kept through the form that decides it


def values(world, turn, request, other):
    form = ACTIONS[turn].form(request, None, None)
    cleaned = {name: WORDS.get(name) for name in form.fields}
    if "target" in cleaned:
        cleaned["target"] = other
    if "organisations" in cleaned:
        cleaned |= {"organisations": [world.organisations["street"]], "place": "", "is_on_site": False}
    if "step" in cleaned:
        cleaned["step"] = next((key for key, _label in form.fields["step"].choices), "1")
    if "assignee" in cleaned:  # a colleague in the office that has it
        del cleaned["assignee"]
        return cleaned | {"organisation": request.organisation, "handler": world.people["second_handler"]}
    if "organisation" in cleaned:
        cleaned["organisation"] = world.organisations["firm" if turn == "send_outside" else "parks"]
    return cleaned


def attempt(world, turn, request, viewer, other, hidden):
    """What becomes of it, with everything undone: done, hidden, forbidden, stale, or refused for its values."""
    step = ORDER_TRANSITIONS.get(turn)
    orders = WorkOrder.objects.filter(request=request, is_current=True).select_related("organisation")
    with transaction.atomic():
        try:
            if viewer.kind == "requester":
                own(turn, request, viewer)
            elif hidden:
                return "hidden"
            else:
                order = orders.filter(role__in=step.roles).first() if step else None
                if step and order is None:
                    return "stale"
                ACTIONS[turn].run(Doing(request, order, viewer, WHEN), values(world, turn, request, other))
        except Forbidden:
            return "forbidden"
        except StaleState:
            return "stale"
        except DomainError as error:
            return f"refused: {error.code}"
        finally:
            transaction.set_rollback(True)  # also what Django knows of the rows: each try reads them anew
    return "done"


def own(turn, request, viewer):
    common = {"request": request, "actor": viewer, "at": WHEN}
    if turn == "supplement":
        closing.request_supplement(text="又坏了一盏", file_ids=[], **common)
    elif turn == "answer":
        closing.request_answer(text="门口那一盏", file_ids=[], **common)
    elif turn == "remind":
        closing.request_remind(**common)
    elif turn in ("withdraw", "reopen"):
        getattr(closing, f"request_{turn}")(comment="还是不亮", **common)
    else:
        raise Forbidden("no_form", "no such form on the tracking page")


@pytest.mark.parametrize("state", [*STATES, *TURNS])
def test_every_turn_of_everybody_in_every_state(world, state):
    """The table holds, and what the page offers is what the service lets through."""
    request = to_turn(world, state) if state in TURNS else to_state(world, state)
    other = to_state(world, "accepted")
    viewers = {name: world.viewer(name, WHEN) for name in STAFF} | {"requester": requester(ref_of(request))}
    # Asked once: every try below is undone, as the end shows.
    hidden = {name for name in STAFF if request_for(request.number, viewers[name]) is None}
    wrong, works = [], {name: set() for name in viewers}
    for turn, (who, sources) in table().items():
        for name, viewer in viewers.items():
            if turn in OWN_TURNS and turn not in ACTIONS and name != "requester":
                continue  # has no form among staff
            if name not in who and state not in sources:
                continue  # refused twice over: each of the two reasons is tried where it stands alone
            found = attempt(world, turn, request, viewer, other, name in hidden)
            if name in who and state in sources:
                wanted = {"done"}
            elif name in who:
                wanted = {"stale", "hidden", *WORDS_FOR.get(turn, ())}
            else:
                wanted = {"hidden", "forbidden", "stale"}
                assert found != "done", (turn, name)
            if found == "done":
                works[name].add(turn)
            if found not in wanted:
                wrong.append((turn, name, found))
    assert wrong == []
    assert ServiceRequest.objects.get(pk=request.pk).state == request.state
    assert hidden == {name for name in STAFF if request_for(request.number, viewers[name]) is None}
    assert {name: offered(request, viewers[name]) for name in STAFF} == {name: works[name] for name in STAFF}


def offered(request, viewer):
    """The turns that the request's page offers."""
    found = request_for(request.number, viewer)
    if found is None:
        return set()
    orders = list(WorkOrder.objects.filter(request=found, is_current=True).select_related("organisation"))
    steps = available_steps(found, orders, viewer, at=WHEN)
    return {step.transition.name for step in steps} - set(STRAIGHT) - {"keep"}
