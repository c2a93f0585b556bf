"""Named visibility rules against a brute-force reading of the same rows."""

import random

import pytest
from django.db import connection

from governance.access.models import Grant
from governance.access.permissions import Capability
from governance.access.rules import area_q, held_in_organisation, matching_rules
from governance.access.viewer import ANONYMOUS, SYSTEM, HeldGrant, Viewer, viewer_for
from governance.organisations.models import Organisation
from tests.access.conftest import EAST, LAKE, LAKE_1, NAMES, WEST

pytestmark = pytest.mark.django_db


def holding_view(*codes: str) -> Viewer:
    held = frozenset({str(Capability.VIEW_GRANT)})
    return Viewer(
        kind="staff", grants=tuple(HeldGrant(n, "administrator", held, code, None) for n, code in enumerate(codes))
    )


def test_area_rule_equals_brute_force(make_user, give):
    people = [make_user() for _ in range(len(NAMES))]
    for person, code in zip(people, NAMES, strict=True):
        give(person, "handler", code)
    rows = list(Grant.objects.values_list("pk", "area_code"))
    dice = random.Random(7)
    for _ in range(60):
        prefixes = dice.sample(sorted(NAMES), dice.randrange(0, 4))
        expected = {pk for pk, code in rows if any(code[: len(prefix)] == prefix for prefix in prefixes)}
        visible = Grant.objects.visible_to(holding_view(*prefixes))
        assert {grant.pk for grant in visible} == expected, prefixes
        condition = area_q(prefixes)
        assert (set(Grant.objects.filter(condition).values_list("pk", flat=True)) if condition else set()) == expected


def test_no_area_matches_nothing():
    assert area_q([]) is None


def test_a_prefix_is_text_and_not_a_pattern(make_user, give):
    give(make_user(), "handler", LAKE)
    assert not Grant.objects.filter(area_q(["9901%"])).exists()
    assert not Grant.objects.filter(area_q(["99010_"])).exists()


def test_own_grants_are_visible_anywhere_and_others_are_not(make_user, give, at):
    person = make_user()
    own, other = give(person, "handler", EAST), give(make_user(), "handler", EAST)
    viewer = viewer_for(person, at)
    assert list(Grant.objects.visible_to(viewer)) == [own]
    assert [rule.key for rule in matching_rules(own, viewer)] == ["own"]
    assert matching_rules(other, viewer) == []


def test_explain_names_every_rule_that_applies(administrator):
    own = Grant.objects.get(user=administrator.user)
    assert [rule.key for rule in matching_rules(own, administrator)] == ["own", "grant-area"]


def test_nobody_sees_nothing_and_the_system_sees_all(make_user, give):
    grant = give(make_user(), "handler", LAKE_1)
    assert not Grant.objects.visible_to(ANONYMOUS).exists()
    assert list(Grant.objects.visible_to(SYSTEM)) == [grant]


def test_organisation_rule(organisation):
    held = frozenset({"x.view"})
    viewer = Viewer(kind="staff", grants=(HeldGrant(1, "handler", held, None, organisation.pk),))
    other = Organisation.objects.create(kind="department", name="城管局", short_name="城管", area_code=WEST)
    rule = held_in_organisation("x.view", "pk")
    assert list(Organisation.objects.filter(rule(viewer))) == [organisation]
    assert rule(ANONYMOUS) is None
    assert other.pk


def test_the_prefix_test_walks_an_index(make_user, give):
    """`LIKE 'x%'` on a C-collated column is a range of the index; without the collation it would read every row."""
    person = make_user()
    for code in NAMES:
        give(person, "handler", code)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        query, params = Grant.objects.filter(area_q([LAKE])).query.sql_with_params()
        cursor.execute(f"EXPLAIN {query}", params)
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert f"Index Cond: (((area_code)::text >= '{LAKE}'::text)" in plan, plan
