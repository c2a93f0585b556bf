"""References to people, grants and organisations resolve only for those who may know."""

import pytest

from governance.access.viewer import ANONYMOUS, SYSTEM, viewer_for
from governance.refs import describe, ref_of, resolve
from tests.access.conftest import EAST, LAKE, WEST

pytestmark = pytest.mark.django_db


def test_a_person_is_known_to_colleagues_and_to_themselves(make_user, viewer_with, at):
    person, outsider = make_user("林晓"), make_user("没有角色")
    colleague = viewer_with("grid_worker", EAST)
    assert describe(ref_of(person), colleague).label == "林晓"
    assert resolve(ref_of(person), viewer_for(person, at)) == person
    assert resolve(ref_of(person), viewer_for(outsider, at)) is None
    assert resolve(ref_of(person), ANONYMOUS) is None
    assert resolve(ref_of(person), SYSTEM) == person


def test_a_grant_is_known_where_grants_may_be_seen(make_user, give, administrator, viewer_with):
    near, far = give(make_user("林晓"), "handler", LAKE), give(make_user(), "handler", EAST)
    described = describe(ref_of(near), administrator)
    assert described.label == "林晓 · 承办人"
    assert described.url == f"/staff/admin/grants/?person={near.user.public_id}"
    assert resolve(ref_of(far), administrator) is None
    assert resolve(ref_of(near), viewer_with("supervisor", WEST)) is None


def test_an_organisation_is_known_to_everybody(organisation):
    assert describe(ref_of(organisation), ANONYMOUS).label == "安居物业有限公司"
