"""The demo district measured from outside: codes, areas, catalogue, people, and what two thousand letters say."""

import itertools
import re
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest
from shapely import STRtree, unary_union
from shapely.geometry import Point, Polygon

from demo.histories import DemoHistory, histories
from demo.organisations import KINDS, answering, by_key, dispatch_rules, organisations
from demo.staff import ROLE_KEYS, staff
from demo.territory import territory
from demo.topics import KINDS as REQUEST_KINDS
from demo.topics import topics, topics_for
from setup_wizard.starter.catalogue import DUTY_KINDS, catalogue, leaves
from setup_wizard.starter.policies import BY_KEY, STAGES

NOW = datetime(2026, 11, 21, 4, 30, tzinfo=UTC)
OTHER_DAY = datetime(2026, 3, 9, 4, 30, tzinfo=UTC)
COUNT = 2000  # a small demo: ten times as many take ten times as long, and follow the same rules
SHARE_LIMIT = 0.005
STATES = {"submitted", "accepted", "dispatched", "in_progress", "callback", "closed"}
STEP_AREA = 1e-12  # square degrees; the smallest grid has some 1e-6
# Second to third digit of numbers that carriers have issued; 160, 161, 163, 164, 168 and 169 are not among them.
ISSUED = re.compile(r"1(3\d|4[5-9]|5[0-35-9]|6[2567]|7[0-8]|8\d|9[0-35-9])\d{8}")
MOBILE = re.compile(r"(?<!\d)1\d{10}(?!\d)")


def _sentences(text: str) -> set[str]:
    """Sentences of a text, cut by the stops of its language."""
    chinese = any("\u4e00" <= char <= "\u9fff" for char in text)
    parts = re.split(r"[。！？；\n]+" if chinese else r"[.!?\n]+", text)
    return {part.strip() for part in parts if part.strip()}


def _replies(told: tuple[DemoHistory, ...]) -> list[str]:
    return [step.text for history in told for step in history.steps if step.name == "reply"]


@pytest.fixture(scope="module", params=[NOW, OTHER_DAY], ids=["november", "march"])
def told(request: pytest.FixtureRequest) -> tuple[DemoHistory, ...]:
    return histories(request.param, COUNT)


@pytest.fixture(scope="module")
def today() -> tuple[DemoHistory, ...]:
    return histories(NOW, COUNT)


# Territory


def test_numbers_and_shapes_of_codes() -> None:
    codes = {level: [a.code for a in territory().areas if a.level == level] for level in
             ("district", "subdistrict", "community", "grid")}  # fmt: skip
    assert [len(codes[level]) for level in codes] == [1, 3, 12, 60]
    every = [code for level in codes.values() for code in level]
    assert len(set(every)) == len(every)
    for area in territory().areas:
        assert re.fullmatch(r"99\d{4}(\d{3}){0,3}", area.code)
        if area.level != "district":
            assert area.code[:-3] == area.parent
            assert area.parent in territory().by_code
    for code in codes["community"]:
        assert 1 <= int(code[-3:]) <= 199 or 200 <= int(code[-3:]) <= 399


@pytest.mark.parametrize("level", ["grid", "community", "subdistrict"])
def test_areas_fill_the_district_without_gap_or_overlap(level: str) -> None:
    district = Polygon(next(a for a in territory().areas if a.level == "district").ring)
    shapes = [Polygon(a.ring) for a in territory().areas if a.level == level]
    assert all(shape.is_valid and shape.area > STEP_AREA for shape in shapes)
    assert unary_union(shapes).symmetric_difference(district).area < STEP_AREA
    tree = STRtree(shapes)
    pairs = {tuple(sorted((i, int(j)))) for i, shape in enumerate(shapes) for j in tree.query(shape) if i != j}
    assert len(pairs) >= len(shapes) - 1
    assert max(shapes[i].intersection(shapes[j]).area for i, j in pairs) < STEP_AREA


def test_children_make_up_their_parent() -> None:
    by_code = territory().by_code
    for area in territory().areas:
        children = [Polygon(a.ring) for a in territory().areas if a.parent == area.code]
        if children:
            assert unary_union(children).symmetric_difference(Polygon(by_code[area.code].ring)).area < STEP_AREA


# Catalogue, policies, offices, people


def test_sixty_matters_in_three_levels() -> None:
    assert len(leaves()) == 60
    codes = {entry.code for entry in catalogue()}
    assert {entry.level for entry in catalogue()} == {1, 2, 3}
    for entry in catalogue():
        assert entry.name
        assert entry.name_en
        assert entry.level == 1 or entry.parent in codes
        assert entry.level == 1 or entry.code.startswith(entry.parent)


def test_every_matter_has_guide_policy_duty_and_keywords() -> None:
    for code, entry in leaves().items():
        assert len(entry.guide) > 20, code
        assert re.search("[\u4e00-\u9fff]", entry.guide), code
        assert len(entry.guide_en) > 40, code
        assert not re.search("[\u4e00-\u9fff]", entry.guide_en), code
        assert [clock.stage for clock in BY_KEY[entry.policy].clocks] == list(STAGES), code
        assert entry.duty in DUTY_KINDS, code
        assert entry.keywords, code
    assert {entry.duty for entry in leaves().values()} == set(DUTY_KINDS)


def test_emergencies_say_whom_to_call() -> None:
    emergencies = [entry for entry in leaves().values() if entry.is_emergency]
    assert len(emergencies) == 5
    for entry in emergencies:
        assert re.search("110|119|120", entry.stop_text)
        assert set(re.findall("110|119|120", entry.stop_text)) == set(re.findall("110|119|120", entry.stop_text_en))
    assert set(re.findall("110|119|120", " ".join(e.stop_text for e in emergencies))) == {"110", "119", "120"}


def test_offices_of_every_kind_and_staff_of_every_role() -> None:
    assert {organisation.kind for organisation in organisations()} == set(KINDS)
    assert {person.role for person in staff()} == set(ROLE_KEYS)
    assert {person.role for person in staff() if person.is_demo_login} == set(ROLE_KEYS)
    for person in staff():
        assert person.organisation_key in by_key()
        for grant in person.grants:
            assert bool(grant.area_code) != bool(grant.organisation_key)
            assert not grant.area_code or grant.area_code in territory().by_code
            assert not grant.organisation_key or grant.organisation_key in by_key()
        assert person.email.endswith(".example")
    for field in ("key", "email", "phone", "staff_no"):
        assert len({getattr(person, field) for person in staff()}) == len(staff())


def test_dispatch_rules_cover_every_matter_in_every_community() -> None:
    rules = {(rule.category_code, rule.area_code): rule.organisation_key for rule in dispatch_rules()}
    assert len(rules) == len(dispatch_rules())
    for code in leaves():
        for community in territory().communities:
            found = [rules.get((code, community.code[:length])) for length in (12, 9, 6)]
            chosen = next(key for key in found if key)
            assert chosen in by_key()
            assert chosen == answering(code, community.code)


# Letters


def test_two_thousand_requests_of_twelve_months_in_the_published_mix(told: tuple[DemoHistory, ...]) -> None:
    assert len(told) == COUNT
    start = told[-1].request.submitted_at
    assert timedelta(days=340) < start - told[0].request.submitted_at <= timedelta(days=366)
    months = Counter(history.request.submitted_at.strftime("%Y-%m") for history in told)
    assert len(months) >= 12
    kinds = Counter(history.request.kind for history in told)
    assert set(kinds) == set(REQUEST_KINDS)
    total = 47.6 + 29.4 + 15.6 + 5.0
    for names, share in (
        (("enquiry",), 47.6),
        (("help",), 29.4),
        (("suggestion",), 15.6),
        (("complaint", "tip_off"), 5.0),
    ):
        assert sum(kinds[name] for name in names) / COUNT == pytest.approx(share / total, abs=0.006)
    assert {history.request.category_code for history in told} == set(leaves())


def test_no_sentence_is_common(told: tuple[DemoHistory, ...]) -> None:
    replies = _replies(told)
    assert len(replies) > 1800
    for texts in ([history.request.body for history in told], replies):
        counts = Counter(sentence for text in texts for sentence in _sentences(text))
        sentence, count = counts.most_common(1)[0]
        assert count <= SHARE_LIMIT * len(texts), sentence


def test_bodies_are_mostly_unique(told: tuple[DemoHistory, ...]) -> None:
    assert len({history.request.body for history in told}) >= 0.85 * len(told)


def test_texts_are_filled_in_and_titles_short(told: tuple[DemoHistory, ...]) -> None:
    for history in told:
        request = history.request
        notes = [text for call in history.callbacks for text in (call.comment, call.note)]
        for text in (request.title, request.body, *(step.text for step in history.steps), *notes):
            assert not re.search(r"[{}|]|。。|，，|None", text), text
        assert request.body.strip()
        assert 2 <= len(request.title) <= (30 if request.language != "en" else 60), request.title
        if request.kind in {"complaint", "tip_off", "help"}:
            assert not request.title.endswith(("要办什么手续", "怎么办手续", "要什么材料")), request.title
        assert not (request.kind == "enquiry" and request.title.startswith("建议")), request.title


def test_a_reply_stands_for_every_question() -> None:
    """A line that is tied to a question has an answer and a title tied to the same question, for each kind."""
    for topic in topics():
        for kind in topic.kinds:
            asked = topic.fitting("core", kind)
            assert asked, (topic.key, kind)
            for line in (*asked, *topic.fitting("short", kind)):
                titles = topic.fitting("title", kind, line.points)
                assert titles, (topic.key, line.text)
                for title in titles:
                    points = (line.points & title.points) or line.points or title.points
                    assert topic.fitting("did", kind, points), (topic.key, line.text, title.text)


def test_no_answer_is_left_over() -> None:
    """An answer tied to a question that nobody can ask would show a slip in the tags."""
    for topic in topics():
        asked = [line.points for line in topic.variants("core")]
        for line in (*topic.variants("did"), *topic.variants("title")):
            assert not line.points or any(not points or points & line.points for points in asked), line.text


def test_every_matter_can_be_written_about() -> None:
    for history in histories(NOW, COUNT):
        request = history.request
        assert topics_for(request.category_code, request.kind, "en" if request.language == "en" else "zh")


def test_steps_come_in_order_and_lie_in_the_past(told: tuple[DemoHistory, ...]) -> None:
    now = NOW if told is histories(NOW, COUNT) else OTHER_DAY
    for history in told:
        times = [step.at for step in history.steps]
        assert times[0] == history.request.submitted_at
        assert all(a < b for a, b in itertools.pairwise(times))
        assert times[-1] < now
        assert all(times[0] < call.at < now for call in history.callbacks)
        assert history.steps[-1].state == history.state


def test_open_overdue_unrated_and_reworked(told: tuple[DemoHistory, ...]) -> None:
    states = Counter(history.state for history in told)
    assert set(states) == STATES
    assert 100 <= COUNT - states["closed"] <= 190
    now = told[-1].request.submitted_at
    assert [h for h in told if h.is_open and h.state != "callback" and h.due_at < now]
    overdue = sum(any(s.name == "reply" and s.at > h.due_at for s in h.steps) for h in told)
    assert 40 <= overdue <= 260
    names = Counter(step.name for history in told for step in history.steps)
    assert 200 <= names["close_unrated"] <= 500
    assert 40 <= names["bring_back"] <= 160


def test_numbers_belong_to_nobody(told: tuple[DemoHistory, ...]) -> None:
    numbers = {history.request.requester_phone for history in told} | {person.phone for person in staff()}
    for history in told:
        for text in (history.request.body, *(step.text for step in history.steps)):
            numbers.update(MOBILE.findall(text))
    assert len(numbers) > 1500
    assert not [number for number in numbers if ISSUED.fullmatch(number) or not re.fullmatch(r"1\d{10}", number)]


def test_pins_lie_in_the_grid_they_name(today: tuple[DemoHistory, ...]) -> None:
    rings = {grid.code: Polygon(grid.ring).buffer(1e-9) for grid in territory().grids}
    pinned = [history.request for history in today if history.request.lon is not None]
    assert len(pinned) > 800
    for request in pinned:
        assert rings[request.area_code].contains(Point(request.lon, request.lat))


DIGEST = """
from datetime import UTC, datetime
from hashlib import sha256
from demo.histories import histories
print(sha256(repr(histories(datetime({year}, {month}, {day}, {hour}, tzinfo=UTC), {count})).encode()).hexdigest())
"""


def test_the_same_hour_gives_the_same_demo_in_another_process(today: tuple[DemoHistory, ...]) -> None:
    here = sha256(repr(today).encode()).hexdigest()
    code = DIGEST.format(year=2026, month=11, day=21, hour=4, count=COUNT)
    there = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip()
    assert there == here
    assert here != sha256(repr(histories(OTHER_DAY, COUNT)).encode()).hexdigest()


def test_equal_bodies_are_of_one_matter(today: tuple[DemoHistory, ...]) -> None:
    seen: dict[str, set[str]] = {}
    for history in today:
        seen.setdefault(history.request.body, set()).add(history.request.category_code)
    assert all(len(codes) == 1 for codes in seen.values())
