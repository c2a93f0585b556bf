"""Past requests with their whole histories: what was said, done, answered and rated, and when.

`histories(now, total)` is deterministic: the same day gives the same texts and times. Order: newest last. Everything is
before midnight of that day, local time (Asia/Shanghai); datetimes are aware.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from random import Random

from demo.grammar import Letter
from demo.land import SEED
from demo.organisations import answering
from demo.outcomes import CallBack, Outcome, outcome
from demo.people import Requester, invent, invent_foreigner
from demo.photos import scene_for
from demo.scene import (
    Moment,
    Place,
    choose_place,
    english_values,
    note_values,
    person_values,
    place_values,
    reply_values,
    time_values,
)
from demo.schedule import ENGLISH_SHARE, SMALL, Plan, anchor, mix, plans
from demo.staff import DemoStaff, handlers_of, staff, staff_by_role
from demo.texts import Writer
from demo.topics import Topic, topics, topics_for
from setup_wizard.starter.catalogue import CatalogueEntry, leaves

_ASKING = {"enquiry", "suggestion"}  # nothing is broken here: notes and comments speak of an answer, not of a repair
_CHANNELS = {"web": 66, "phone": 15, "counter": 11, "hotline": 8}


@dataclass(frozen=True, slots=True)
class DemoRequest:
    """What the resident sent. `area_code` is a grid where the place is known, else the community. `address` is exact
    and private, `public_place` stops at the estate or the street. `photos` are keys of `demo.photos`."""

    sequence: int
    kind: str
    category_code: str
    language: str
    channel: str
    title: str
    body: str
    area_code: str
    place_kind: str
    address: str
    public_place: str
    lon: float | None
    lat: float | None
    may_be_public: bool
    requester_name: str
    requester_phone: str
    submitted_at: datetime
    photos: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DemoStep:
    """One transition with what was written at it. `name` as in `demo.outcomes.Step`; `actor_key` is a staff key, empty
    for the requester and the system; `text` is the dispatch note, contact note, public reply or the resident's words;
    `how` and `reached` belong to contacts; `photos` to replies."""

    name: str
    at: datetime
    state: str
    order_state: str
    actor_kind: str
    actor_key: str
    text: str = ""
    how: str = ""
    reached: bool = True
    photos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DemoCallBack:
    """One round of call-back. `comment` is the resident's, `note` the agent's; both may be empty."""

    at: datetime
    source: str
    agent_key: str
    contacted: bool | None
    solved: str
    grade: int | None
    comment: str
    note: str


@dataclass(frozen=True, slots=True)
class DemoHistory:
    """A request and all that happened to it. `released_at` is when staff let the public see it, None if they have not;
    `organisation_key` is empty before dispatch; `probable_organisation_key` is what the rules say."""

    request: DemoRequest
    state: str
    order_state: str
    organisation_key: str
    probable_organisation_key: str
    handler_key: str
    due_at: datetime
    steps: tuple[DemoStep, ...]
    callbacks: tuple[DemoCallBack, ...]
    released_at: datetime | None

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something."""
        return self.state != "closed"


@lru_cache(maxsize=2)
def _histories(start: datetime, total: int) -> tuple[DemoHistory, ...]:
    return tuple(_Teller(start, total).tell())


def histories(now: datetime, total: int) -> tuple[DemoHistory, ...]:
    """All of them; a thousand take most of a second the first time they are asked for. `now` must be aware."""
    return _histories(anchor(now), total)


def _english_share(total: int) -> dict[tuple[str, str], int]:
    """How many of each (matter, kind) foreign residents write, spread over the topics there are in English."""
    wanted: Counter[tuple[str, str]] = Counter()
    pairs = [(t.category, kind) for t in topics() if t.language == "en" for kind in t.kinds]
    room = mix(total)
    for turn in range(round(ENGLISH_SHARE * total) * len(pairs)):
        if sum(wanted.values()) >= round(ENGLISH_SHARE * total):
            break
        pair = pairs[turn % len(pairs)]
        if wanted[pair] < max(1, room.get(pair, 0) // 3) and room.get(pair, 0) > wanted[pair]:
            wanted[pair] += 1
    return dict(wanted)


class _Teller:
    """Tells all histories in order, so that the writer can avoid what it has said."""

    def __init__(self, start: datetime, total: int) -> None:
        self.start = start
        self.total = total
        self.rng = Random(f"{SEED}-{start:%Y-%m-%d-%H}")
        self.writer = Writer(Random(f"{SEED}-words-{start:%Y-%m-%d-%H}"), max(1.0, total / SMALL))
        self.regulars: list[Requester] = []
        self.topic_turns: Counter[str] = Counter()

    def tell(self) -> Iterator[DemoHistory]:
        for plan in plans(self.start, self.total, _english_share(self.total), self.rng):
            yield self._one(plan)

    def _one(self, plan: Plan) -> DemoHistory:
        entry = leaves()[plan.category]
        topic = self._topic(plan)
        requester = self._requester(plan, topic)
        place = choose_place(topic, self.rng)
        result = outcome(plan, entry, self.start, self.rng)
        organisation = answering(plan.category, place.area_code)
        handler = self._handler(organisation, place)
        values = place_values(place, self.rng) | time_values(plan.submitted_at, self.rng)
        values |= person_values(requester, self.rng)
        moment = self._moment(plan, result)
        values |= reply_values(moment, place, organisation, handler, self.rng)
        if plan.language == "en":
            values |= english_values(place, moment, handler, self.rng)
        values |= note_values(requester)
        letter = Letter(self.rng, values)
        written = self.writer.letter(topic, plan.kind, requester, letter)
        letter.keep("asked", written.title)
        named = topic.fitting("point", plan.kind, letter.points)
        letter.keep("point", named[0].text if named else "这件事")
        scene = scene_for(plan.category, self.rng) if topic.where != "none" and plan.kind != "enquiry" else None
        request = self._request(plan, entry, topic, requester, place, written.title, written.body, scene)
        steps, callbacks = self._told(plan, topic, result, organisation, handler, letter, scene, place)
        accepted = result.at("dispatch")
        released = request.may_be_public and accepted is not None and self.rng.random() < 0.93
        return DemoHistory(
            request=request,
            state=result.state,
            order_state=result.order_state,
            organisation_key=organisation if accepted else "",
            probable_organisation_key=organisation,
            handler_key=handler.key if result.at("sign") else "",
            due_at=result.due_at,
            steps=steps,
            callbacks=callbacks,
            released_at=accepted + timedelta(seconds=40) if released and accepted else None,
        )

    def _topic(self, plan: Plan) -> Topic:
        """A topic in season, those used least coming first."""
        usable = topics_for(plan.category, plan.kind, plan.language)
        month = plan.submitted_at.month
        seasonal = [t for t in usable if not t.months or month in t.months] or list(usable)
        weights = [t.weight / (1 + self.topic_turns[t.key] / t.weight) for t in seasonal]
        topic = self.rng.choices(seasonal, weights=weights)[0]
        self.topic_turns[topic.key] += 1
        return topic

    def _requester(self, plan: Plan, topic: Topic) -> Requester:
        if plan.language == "en":
            return invent_foreigner(self.rng)
        if self.regulars and self.rng.random() < 0.06:
            return self.rng.choice(self.regulars[-60:])
        ages = (30, 45, 25) if topic.category[:2] != "07" else (24, 46, 30)
        requester = invent(self.rng, age=self.rng.choices(("old", "mid", "young"), weights=ages)[0])
        if self.rng.random() < 0.12:
            self.regulars.append(requester)
        return requester

    def _handler(self, organisation: str, place: Place) -> DemoStaff:
        people = handlers_of(organisation)
        return people[sum(map(ord, place.area_code)) % len(people)]

    def _moment(self, plan: Plan, result: Outcome) -> Moment:
        signed = (result.at("sign") or plan.submitted_at).date()
        replied = (result.at("reply") or result.due_at).date()
        span = max((replied - signed).days, 0)
        visited = signed + timedelta(days=self.rng.randint(0, max(0, span - 1)) if span else 0)
        checked = min(replied, visited + timedelta(days=self.rng.randint(0, 2)))
        promised = replied + timedelta(days=self.rng.randint(3, 16))
        return Moment(plan.submitted_at, visited, checked, replied, promised)

    def _request(
        self,
        plan: Plan,
        entry: CatalogueEntry,
        topic: Topic,
        requester: Requester,
        place: Place,
        title: str,
        body: str,
        scene: tuple[str, str] | None,
    ) -> DemoRequest:
        channel = self.rng.choices(list(_CHANNELS), weights=list(_CHANNELS.values()))[0]
        kind = "none" if place.lon is None else "pin" if channel == "web" and self.rng.random() < 0.7 else "address"
        private = plan.kind == "tip_off" or not entry.public_by_default
        return DemoRequest(
            sequence=plan.sequence,
            kind=plan.kind,
            category_code=plan.category,
            language="en" if plan.language == "en" else "zh-hans",
            channel="web" if plan.language == "en" else channel,
            title=title,
            body=body,
            area_code=place.area_code,
            place_kind=kind,
            address=place.address,
            public_place=place.public_place,
            lon=place.lon,
            lat=place.lat,
            may_be_public=not private and self.rng.random() < 0.78,
            requester_name=requester.name,
            requester_phone=requester.phone,
            submitted_at=plan.submitted_at,
            photos=(scene[0],) if scene and channel == "web" else (),
        )

    def _told(
        self,
        plan: Plan,
        topic: Topic,
        result: Outcome,
        organisation: str,
        handler: DemoStaff,
        letter: Letter,
        scene: tuple[str, str] | None,
        place: Place,
    ) -> tuple[tuple[DemoStep, ...], tuple[DemoCallBack, ...]]:
        """The steps with their words, and the call-backs."""
        desk = self._desk(place)
        agent = self.rng.choice(staff_by_role("callback_agent"))
        callbacks = [self._call_back(one, plan.kind, topic, agent, letter) for one in result.callbacks]
        told = {one.at: one for one in callbacks}
        steps = []
        for step in result.steps:
            people = {"dispatcher": desk.key, "handler": handler.key, "agent": agent.key}
            text, how, photos = "", "", ()
            if step.name == "dispatch" and self.rng.random() < 0.45:
                text = self.writer.phrase("dispatch_note", letter)
            elif step.name == "contact":
                how = (
                    self.rng.choices(("phone", "visit", "message"), weights=(80, 12, 8))[0] if step.reached else "phone"
                )
                text = self._contact_note(plan, topic, step.at, letter, reached=step.reached)
            elif step.name == "reply":
                again = step.at != result.at("reply")
                if again:
                    letter.keep("vdate", f"{step.at.month}月{step.at.day}日")
                    letter.keep("vdate2", f"{step.at.month}月{step.at.day}日")
                    letter.keep("rdate", f"{step.at.month}月{step.at.day}日")
                    later = step.at + timedelta(days=9)
                    letter.keep("fdate", f"{later.month}月{later.day}日")
                text = self.writer.reply(topic, plan.kind, letter, again=again)
                photos = (scene[1],) if scene and step.at == result.at("reply") else ()
            elif step.at in told:
                text = told[step.at].comment or told[step.at].note
            kind = step.actor if step.actor in {"requester", "system"} else "staff"
            steps.append(
                DemoStep(
                    step.name,
                    step.at,
                    step.state,
                    step.order_state,
                    kind,
                    people.get(step.actor, ""),
                    text,
                    how,
                    step.reached,
                    photos,
                )
            )
        return tuple(steps), tuple(callbacks)

    def _desk(self, place: Place) -> DemoStaff:
        """Who dispatches: the sub-district's own desk two times of three."""
        own = [p for p in staff() if p.organisation_key == f"sub:{place.area_code[:9]}" and p.role == "dispatcher"]
        centre = [p for p in staff_by_role("dispatcher") if p.organisation_key == "centre"]
        return own[0] if own and self.rng.random() < 0.66 else self.rng.choice(centre)

    def _contact_note(self, plan: Plan, topic: Topic, at: datetime, letter: Letter, *, reached: bool) -> str:
        letter.keep("ctime", f"{at.hour}:{at.minute:02d}")
        letter.keep("cwhen", self.rng.choice(("明天上午", "明天下午", "当天下午", "后天上午", "次日一早", "这个周六")))
        if not reached:
            return self.writer.phrase("noanswer", letter)
        section = f"contact_{plan.kind}" if plan.kind in _ASKING else "contact"
        return self.writer.phrase(section, letter)

    def _call_back(self, one: CallBack, kind: str, topic: Topic, agent: DemoStaff, letter: Letter) -> DemoCallBack:
        letter.keep("bctime", f"{one.at.month}月{one.at.day}日{one.at.hour}:{one.at.minute:02d}")
        comment = note = ""
        talks = 0.9 if one.solved == "no" else 0.42
        if one.grade is not None and one.source == "link" and self.rng.random() < talks:
            suffix = "_en" if topic.language == "en" else f"_{kind}" if kind in _ASKING else ""
            comment = self.writer.phrase(f"comment{one.grade}{suffix}", letter)
        if one.source == "agent":
            section = {"yes": "callback_good", "partly": "callback_partly", "no": "callback_bad"}[one.solved]
            note = self.writer.phrase(f"{section}_{kind}" if kind in _ASKING else section, letter)
        key = agent.key if one.source == "agent" else ""
        return DemoCallBack(one.at, one.source, key, one.contacted, one.solved, one.grade, comment, note)
