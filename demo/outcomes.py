"""How each request went: a time-line from submission to closing, cut off where the seeding day begins.

Times keep their order and office hours; about one in fourteen is answered late, one in fifteen comes back for rework,
one in five is never rated. Deadlines here are only good enough to plan with (they ignore public holidays): the loader
computes the real ones from the policies.
"""

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from random import Random

from demo.schedule import ZONE, Plan
from setup_wizard.starter.catalogue import CatalogueEntry
from setup_wizard.starter.policies import BY_KEY

OFFICE = ((time(8, 30), time(12, 0)), (time(13, 30), time(18, 0)))
RATING_DAYS = 7
STATES = ("submitted", "accepted", "dispatched", "in_progress", "callback", "closed")


@dataclass(frozen=True, slots=True)
class CallBack:
    """One round of call-back. `source`: link (the resident), agent, or silent (not rated: the other fields empty).
    `solved`: yes, partly, no. `grade`: 5 best to 1 worst."""

    at: datetime
    source: str
    contacted: bool | None
    solved: str
    grade: int | None


@dataclass(frozen=True, slots=True)
class Step:
    """One transition. `name`: submit, accept, dispatch, sign, contact, reply, bring_back, close or close_unrated;
    `state` of the request and `order_state` of its lead order after it; `actor`: requester, dispatcher, handler,
    agent or system. A contact that reached nobody has `reached` False."""

    name: str
    at: datetime
    state: str
    order_state: str
    actor: str
    reached: bool = True


@dataclass(frozen=True, slots=True)
class Outcome:
    """A whole time-line up to the seeding moment. `due_at` is the planned answer date of the first round."""

    steps: tuple[Step, ...]
    due_at: datetime
    callbacks: tuple[CallBack, ...]

    @property
    def state(self) -> str:
        """State of the request now."""
        return self.steps[-1].state

    @property
    def order_state(self) -> str:
        """State of the lead order now; empty before dispatch."""
        return self.steps[-1].order_state

    def at(self, name: str) -> datetime | None:
        """When a step first happened; None if it has not."""
        return next((step.at for step in self.steps if step.name == name), None)

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state != "closed"

    @property
    def is_overdue(self) -> bool:
        """Whether the first answer came, or is still missing, after the planned date."""
        replied = self.at("reply")
        return replied is not None and replied > self.due_at


def office_time(at: datetime) -> datetime:
    """The same moment if an office is open (Monday to Friday), else the next opening."""
    while True:
        if at.weekday() < 5:
            for opens, closes in OFFICE:
                if at.time() < opens:
                    return datetime.combine(at.date(), opens, ZONE)
                if at.time() < closes:
                    return at
        at = datetime.combine(at.date() + timedelta(days=1), time(), ZONE)


def add_office_hours(at: datetime, hours: float) -> datetime:
    """Later by so many hours of open office."""
    left = timedelta(hours=hours)
    at = office_time(at)
    while True:
        closes = next(end for _, end in OFFICE if at.time() < end)
        room = datetime.combine(at.date(), closes, ZONE) - at
        if left < room:
            return at + left
        left -= room
        at = office_time(datetime.combine(at.date(), closes, ZONE))


def planned_due(entry: CatalogueEntry, submitted: datetime) -> datetime:
    """The answer date that was promised: days end at 18:00."""
    clock = BY_KEY[entry.policy].clock("resolve")
    if clock.unit == "natural_hour":
        return submitted + timedelta(hours=clock.amount)
    day = submitted.date()
    left = clock.amount
    while left:
        day += timedelta(days=1)
        if clock.unit == "natural_day" or day.weekday() < 5:
            left -= 1
    return datetime.combine(day, time(18), ZONE)


class _Line:
    """Steps under construction; times can only grow."""

    def __init__(self, plan: Plan) -> None:
        self.steps = [Step("submit", plan.submitted_at, "submitted", "", "requester")]
        self.callbacks: list[CallBack] = []

    @property
    def now(self) -> datetime:
        return self.steps[-1].at

    def add(self, name: str, at: datetime, states: tuple[str, str], actor: str, *, reached: bool = True) -> None:
        at = max(at.replace(microsecond=0), self.now + timedelta(minutes=1))
        self.steps.append(Step(name, at, *states, actor, reached))


def outcome(plan: Plan, entry: CatalogueEntry, until: datetime, rng: Random) -> Outcome:
    """The time-line of one request up to `until`."""
    line = _Line(plan)
    due = planned_due(entry, plan.submitted_at)
    _hand_over(line, plan, entry, rng)
    line.add("reply", _reply_at(line, plan, entry, due, rng), ("callback", "replied"), "handler")
    if not _call_back(line, rng, second=False):
        _contact(line, entry, rng, rework=True)
        line.add("reply", add_office_hours(line.now, rng.uniform(5, 34)), ("callback", "replied"), "handler")
        _call_back(line, rng, second=True)
    steps = tuple(step for step in line.steps if step.at < until)
    return Outcome(steps, due, tuple(c for c in line.callbacks if c.at < until))


def _hand_over(line: _Line, plan: Plan, entry: CatalogueEntry, rng: Random) -> None:
    """From acceptance to the handler's first contact with the resident."""
    quick = entry.urgency in {"urgent", "immediate"}
    awake = 7 <= plan.submitted_at.hour < 21
    hours = rng.uniform(0.08, 0.9) if awake else rng.uniform(0.3, 1.95)
    late = 5 if rng.random() < 0.015 else 0
    line.add("accept", line.now + timedelta(hours=hours + late), ("accepted", ""), "dispatcher")
    dispatch = line.now + timedelta(hours=rng.uniform(0.1, 0.8 if quick else 2.6))
    if not quick and not 7 <= dispatch.hour < 22:
        dispatch = (dispatch + timedelta(hours=10)).replace(hour=7, minute=rng.randrange(30, 60))
    line.add("dispatch", dispatch, ("dispatched", "dispatched"), "dispatcher")
    if quick:
        line.add("sign", line.now + timedelta(hours=rng.uniform(0.05, 0.7)), ("in_progress", "signed"), "handler")
    else:
        wait = rng.uniform(0.1, 1.9) + (6 if rng.random() < 0.04 else 0)
        line.add("sign", add_office_hours(line.now, wait), ("in_progress", "signed"), "handler")
    _contact(line, entry, rng, rework=False)


def _contact(line: _Line, entry: CatalogueEntry, rng: Random, *, rework: bool) -> None:
    """A call to the resident, sometimes a vain one before."""
    states = ("in_progress", "in_progress")
    if entry.urgency in {"urgent", "immediate"}:
        reach = line.now + timedelta(hours=rng.uniform(0.05, 0.7 if entry.urgency == "urgent" else 5))
    else:
        reach = line.now + timedelta(hours=rng.uniform(6, 40) if rework else rng.uniform(0.4, 18))
        if not 8 <= reach.hour < 20:
            reach = (reach + timedelta(hours=11)).replace(hour=9, minute=rng.randrange(60))
    if not rework and entry.urgency != "urgent" and rng.random() < 0.11:
        line.add("contact", line.now + (reach - line.now) * 0.4, states, "handler", reached=False)
    line.add("contact", reach, states, "handler")


def _reply_at(line: _Line, plan: Plan, entry: CatalogueEntry, due: datetime, rng: Random) -> datetime:
    """Mostly well before the promise; one in fourteen after it."""
    if rng.random() < 0.072:
        late = due + timedelta(hours=rng.uniform(3, 30 if entry.urgency in {"urgent", "immediate"} else 90))
        return late if entry.urgency in {"urgent", "immediate"} else office_time(late)
    if plan.kind == "enquiry" and rng.random() < 0.45:
        return line.now + timedelta(minutes=rng.randint(5, 170))
    share = rng.betavariate(3, 2) if entry.urgency == "complex" else rng.betavariate(2.6, 2.2)
    reply = line.now + max(due - line.now, timedelta(minutes=20)) * (0.06 + 0.86 * share)
    if entry.urgency in {"urgent", "immediate"}:
        return reply
    settled = office_time(reply)
    return settled if settled < due else line.now + timedelta(minutes=rng.randint(15, 90))


def _call_back(line: _Line, rng: Random, *, second: bool) -> bool:
    """What the resident says afterwards; False when it brings the request back."""
    way = rng.random()
    if way < 0.2:
        at = datetime.combine((line.now + timedelta(days=RATING_DAYS)).date(), time(18), ZONE)
        line.add("close_unrated", at, ("closed", "done"), "system")
        line.callbacks.append(CallBack(line.now, "silent", None, "", None))
        return True
    if way < 0.62:
        at, source, actor = line.now + timedelta(hours=rng.uniform(0.3, 90)), "link", "requester"
        at = at if 7 <= at.hour < 23 else at + timedelta(hours=9)
    else:
        at, source, actor = add_office_hours(line.now, rng.uniform(2, 30)), "agent", "agent"
    solved = rng.choices(("yes", "partly", "no"), weights=(93, 7, 0) if second else (88, 5.5, 6.5))[0]
    weights = {"yes": (0.2, 0.6, 3.2, 38, 58), "partly": (1, 7, 44, 40, 8), "no": (40, 45, 13, 2, 0)}[solved]
    grade = rng.choices((1, 2, 3, 4, 5), weights=weights)[0]
    contacted = rng.random() < (0.985 if solved == "yes" else 0.86)
    if solved == "no":
        line.add("bring_back", at, ("in_progress", "rework"), actor)
    else:
        line.add("close", at, ("closed", "done"), actor)
    line.callbacks.append(CallBack(line.now, source, contacted, solved, grade))
    return solved != "no"
