"""Similar requests while reporting, and "I have this too"."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from requests_intake.models import Draft, MeToo, Publication, ServiceRequest
from requests_intake.selectors.similar_public import similar_for
from requests_intake.services.me_too import me_too_add
from tests.factories.world import IN_EAST, IN_WEST
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.resident import Resident
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
WORDS = "槐安里 7 号楼北侧的路灯不亮了，晚上看不清。"


@pytest.fixture
def resident(world, time_machine):
    time_machine.move_to(LATER, tick=False)
    return Resident(clock=time_machine)


def draft_of(world, **changes):
    return {
        "kind": "help",
        "body": WORDS,
        "category_id": world.categories["lamp"].pk,
        "lng": IN_EAST[0],
        "lat": IN_EAST[1],
        "area_code": "",
        **changes,
    }


def found(world, **changes):
    return [one.publication.key for one in similar_for(draft_of(world, **changes), at=LATER)]


def test_open_public_ones_near_by_and_nothing_else(world):
    near = release(world, world.submit(may_be_public=True).request)
    open_version(world.submit(may_be_public=True).request)  # not released
    world.submit()  # private
    release(world, to_state(world, "callback", may_be_public=True))  # answered
    assert found(world) == [near.key]


def test_what_is_far_or_something_else_is_not_offered(world):
    lamp = release(world, world.submit(may_be_public=True).request)
    release(
        world,
        world.submit(
            may_be_public=True, body="工地半夜还在打桩，吵得睡不着", category_id=world.categories["noise"].pk
        ).request,
    )
    assert found(world) == [lamp.key]
    assert found(world, lng=IN_WEST[0], lat=IN_WEST[1]) == []
    assert found(world, lng=121.9095, lat=IN_WEST[1]) == [lamp.key]
    # 100 m beyond the border of the community: the neighbouring grid counts as near
    assert found(world, lng=121.911, lat=IN_WEST[1]) == [lamp.key]


def test_never_for_tip_offs_questions_or_without_a_place(world):
    release(world, world.submit(may_be_public=True).request)
    assert found(world, kind="tip_off") == []
    assert found(world, kind="enquiry") == []
    assert found(world, lng=None, lat=None) == []


def test_the_search_costs_the_same_for_many(world):
    for _number in range(6):
        release(world, world.submit(may_be_public=True).request)
    found(world)
    with assert_sql(3):
        assert len(found(world)) == 4


def test_nothing_similar_goes_straight_on(world, resident):
    assert to_category(world, resident)["Location"].endswith("/photos/")
    here = reverse("intake:similar", args=[resident.token])
    assert resident.client.get(here)["Location"].endswith("/photos/")


def to_category(world, resident):
    resident.begin()
    resident.send(lng=str(IN_EAST[0]), lat=str(IN_EAST[1]))
    resident.send(body=WORDS)
    return resident.send(category=str(world.categories["lamp"].pk))


def test_i_have_this_too_counts_once_and_offers_to_follow(world, resident):
    public = release(world, world.submit(may_be_public=True).request)
    assert to_category(world, resident)["Location"].endswith("/similar/")
    page = resident.client.get(resident.address).content.decode()
    assert "我也遇到了" in page
    assert "继续提交" in page
    for _time in range(2):
        answer = resident.client.post(resident.address, {"me_too": public.key})
        assert answer.status_code == 302
    after = resident.client.get(answer["Location"]).content.decode()
    assert 'type="email"' in after
    public.refresh_from_db()
    assert (public.me_too_count, MeToo.objects.count()) == (1, 1)
    assert ServiceRequest.objects.get(pk=public.request_id).me_too_count == 1
    assert Draft.objects.count() == 1  # nothing typed is lost
    onward = resident.client.post(resident.address, {"onward": "1"})
    assert onward["Location"].endswith("/photos/")


def test_a_key_that_was_not_offered_counts_nothing(world, resident):
    release(world, world.submit(may_be_public=True).request)
    other = release(world, world.submit(may_be_public=True, lng=IN_WEST[0], lat=IN_WEST[1]).request)
    to_category(world, resident)
    assert resident.client.post(resident.address, {"me_too": other.key}).status_code == 200
    assert not MeToo.objects.exists()


def test_a_draft_that_is_gone(world, resident):
    assert resident.client.get("/report/unknown/similar/").status_code == 410


def test_neighbours_count_once_a_browser_on_the_public_page(world, time_machine):
    time_machine.move_to(LATER, tick=False)
    public = release(world, world.submit(may_be_public=True).request)
    address = reverse("intake:public-me-too", args=[public.key])
    one, other = Client(), Client()
    for client in (one, one, other):
        assert client.post(address).status_code == 302
    public.refresh_from_db()
    assert public.me_too_count == 2
    assert one.get(address).status_code == 405


def test_what_is_answered_is_not_counted_any_more(world):
    from governance.errors import DomainError

    public = release(world, to_state(world, "callback", may_be_public=True))
    with pytest.raises(DomainError):
        me_too_add(publication=public, person="cookie:1", at=LATER + timedelta(minutes=1))
    assert Publication.objects.get().me_too_count == 0
