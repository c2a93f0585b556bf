"""Kinds of communities: a village has its own words and items, on every way in; who edits them, and what is refused."""

from importlib import import_module

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox.models import DomainEvent
from requests_intake.models import Category, CommunityProfile, Draft, Offer, ProfileArea, ServiceRequest
from requests_intake.selectors.profiles import communities_by_street, profile_at
from requests_intake.services.drafts import draft_start
from requests_intake.services.profiles import communities_assign, profile_change, profile_make_default
from tests.factories.world import EAST, EAST_GRID, MORNING, STREET, WEST, WEST_GRID, add_person
from tests.sql import assert_sql
from tests.web.english import chinese_in

LAMP_WORDS = "路灯不亮了，晚上看不清。"


@pytest.fixture
def profiles(world) -> dict[str, CommunityProfile]:
    for key, name, name_en, words in import_module("requests_intake.migrations.0036_three_profiles").PROFILES:
        own = {word: {"zh": zh, "en": en} for word, (zh, en) in words.items()}
        defaults = {"name": name, "name_en": name_en, "words": own, "is_default": key == "estate"}
        CommunityProfile.objects.get_or_create(key=key, defaults=defaults)
    return {row.key: row for row in CommunityProfile.objects.all()}


@pytest.fixture
def village(world, profiles, django_capture_on_commit_callbacks) -> CommunityProfile:
    """The east is a village without street lights, the west what the district is."""
    row, lamp = profiles["village"], world.categories["lamp"]
    words = {key: (said["zh"], said["en"]) for key, said in row.words.items()}
    with django_capture_on_commit_callbacks(execute=True):
        communities_assign(codes=[EAST], profile=row, actor=world.viewer("operations"), at=MORNING)
        return change(world, row, words=words, offers={lamp.pk: Offer.OFF, world.categories["noise"].pk: Offer.FIRST})


def change(world, row, *, actor="operations", **values) -> CommunityProfile:
    usual = {"words": {}, "offers": {}, "is_confirmed": False, "reason": "各村的叫法", "seen": row.changed_at}
    return profile_change(profile=row, actor=world.viewer(actor), at=MORNING, **usual | values)


def test_a_village_has_its_own_words_and_items_and_the_rest_has_the_usual_ones(world, village):
    assert (profile_at(EAST_GRID).key, profile_at(WEST_GRID).key, profile_at("").key) == ("village", "estate", "estate")
    assert (profile_at(EAST).word("estate"), profile_at(WEST).word("estate")) == ("自然村", "小区或道路")
    lamp, noise = world.categories["lamp"], world.categories["noise"]
    assert profile_at(EAST).arranged([lamp, noise]) == [noise]
    assert profile_at(WEST).arranged([lamp, noise]) == [lamp, noise]
    rows = Category.objects.filter(pk__in=[lamp.pk, noise.pk])
    assert list(profile_at(EAST).arranged_rows(rows)) == [noise]
    lamp.stop_text = "请打电话"
    assert profile_at(EAST).offers(lamp)  # an emergency is told everywhere
    with assert_sql(0):
        profile_at(EAST)
    said = {event.name: event.payload for event in DomainEvent.objects.filter(name__contains="profile")}
    assert said["requests_intake.profile_assigned"] == {"key": "village"}
    assert said["requests_intake.profile_changed"]["off"] == [lamp.code]


def test_what_is_off_is_refused_on_every_way_in_but_what_others_filed(world, village):
    with pytest.raises(DomainError) as refused:
        world.submit()
    assert (refused.value.code, refused.value.field) == ("category_not_here", "category")
    assert not ServiceRequest.objects.exists()
    assert world.submit(lng=121.915).request.area_code == WEST_GRID
    assert world.submit(received_at=MORNING).request.area_code == EAST_GRID  # a record of the past
    old = ServiceRequest.objects.filter(area_code=EAST_GRID).get()
    assert old.category == world.categories["lamp"]


def test_residents_are_asked_in_the_words_of_the_place(world, village, client):
    data = {"kind": "help", "body": LAMP_WORDS, "area_code": EAST, "place_kind": "address", "address": "三组"}
    draft, token = draft_start(data=data | {"raw": {"where": {"area_code": EAST}}}, at=timezone.now())

    def page(step, **posted):
        url = reverse("intake:step", args=[token, step])
        return client.post(url, posted) if posted else client.get(url)

    where = page("where").content.decode()
    assert "不写组别和门牌" in where
    assert "上塘三组" in where
    assert "楼栋" not in where
    lamp, noise = world.categories["lamp"], world.categories["noise"]
    form = page("category").context["form"]
    assert [value for value, _label in form["category"].field.choices] == ["unsure", "other"]
    assert list(form.fields["other"].queryset) == [noise, world.categories["fire"]]
    refused = page("category", category=str(lamp.pk))
    assert refused.status_code == 422
    # chosen elsewhere, then moved here: asked anew, and told why
    Draft.objects.filter(pk=draft.pk).update(data=draft.data | {"category_id": lamp.pk, "may_be_public": False})
    assert page("preview")["Location"] == reverse("intake:step", args=[token, "category"])
    assert "不适用于现在这个地方" in page("category").content.decode()
    Draft.objects.filter(pk=draft.pk).update(data=draft.data | {"category_id": noise.pk, "may_be_public": True})
    assert "不写组别和门牌" in page("preview").content.decode()


def test_the_counter_is_told_what_to_ask_and_cannot_file_it_either(world, village, client_of):
    client = client_of("clerk")
    url = reverse("intake:entry", args=["f" * 32])
    told = {"channel": "phone", "kind": "help", "body": LAMP_WORDS, "area_code": EAST, "language": "zh-hans"}
    aside = client.post(f"{url}?aside=1", told).content.decode()
    assert "自然村、村民小组" in aside
    assert world.categories["lamp"].name not in aside
    shown = client.post(url, told | {"look": "1"}).content.decode()
    assert f'<option value="{world.categories["lamp"].name}' not in shown
    refused = client.post(url, told | {"category_words": world.categories["lamp"].name})
    assert refused.status_code == 422
    assert "不适用于这个地方" in refused.content.decode()
    assert LAMP_WORDS in refused.content.decode()


def test_what_an_editor_may_say(world, profiles, django_capture_on_commit_callbacks):
    row = profiles["old_estate"]
    for values, field in [
        ({"words": {"estate": ("弄堂", "")}}, "estate_en"),
        ({"words": {"estate": ("弄" * 61, "Lane")}}, "estate_zh"),
        ({"reason": " ", "offers": {world.categories["lamp"].pk: "off"}}, "reason"),
    ]:
        with pytest.raises(DomainError) as refused:
            change(world, row, **values)
        assert refused.value.field == field
    changed = change(world, row, words={"estate": ("弄堂", "Lane")}, offers={world.categories["lamp"].pk: "first"})
    assert changed.words == {"estate": {"zh": "弄堂", "en": "Lane"}}
    with pytest.raises(DomainError, match="没有改动"):
        change(world, changed, words={"estate": ("弄堂", "Lane")}, offers={world.categories["lamp"].pk: "first"})
    with pytest.raises(StaleState):
        change(world, changed, seen=None)
    for codes in ([], [STREET], [EAST, "990105001999"]):
        with pytest.raises(DomainError):
            communities_assign(codes=codes, profile=row, actor=world.viewer("operations"), at=MORNING)
    add_person(world, "part", "operations_admin", STREET, world.organisations["street"])
    for person in ("supervisor", "part"):
        with pytest.raises(Forbidden):
            change(world, changed, actor=person)
        with pytest.raises(Forbidden):
            communities_assign(codes=[EAST], profile=row, actor=world.viewer(person), at=MORNING)
        with pytest.raises(Forbidden):
            profile_make_default(profile=row, actor=world.viewer(person), at=MORNING)
    actor = world.viewer("operations")
    with assert_sql(6, at_most=True):
        assert communities_assign(codes=[EAST, WEST], profile=row, actor=actor, at=MORNING) == 2
    assert communities_assign(codes=[EAST, WEST], profile=row, actor=actor, at=MORNING) == 0
    assert communities_assign(codes=[WEST], profile=None, actor=actor, at=MORNING) == 1
    with django_capture_on_commit_callbacks(execute=True):
        profile_make_default(profile=profiles["village"], actor=actor, at=MORNING)
    assert (profile_at(EAST).key, profile_at(WEST).key) == ("old_estate", "village")


def test_the_pages_of_the_editor(world, village, client_of):
    client = client_of("operations")
    listing = reverse("intake:profiles")
    with assert_sql(8, at_most=True):  # session, person, viewer, calendar
        assert client.get(listing).status_code == 200
    lines = client.get(listing).context["lines"]
    assert {line.profile.key: line.communities for line in lines} == {"estate": 1, "old_estate": 0, "village": 1}
    refused = client.post(listing, {"profile": "old_estate"})
    assert (refused.status_code, "请先勾上社区" in refused.content.decode()) == (422, True)
    assert client.post(listing, {"profile": "old_estate", "communities": [WEST]}).status_code == 302
    assert ProfileArea.objects.get(area_code=WEST).profile.key == "old_estate"
    edit = reverse("intake:profile", args=["village"])
    form = client.get(edit).context["form"]
    posted = {name: form[name].value() or "" for name in form.fields} | {"building_en": "", "reason": "核对"}
    refused = client.post(edit, posted)
    assert refused.status_code == 422
    assert "村民小组" in refused.content.decode()  # what was typed is kept
    assert client.post(edit, posted | {"building_en": "Team"}).status_code == 302
    assert CommunityProfile.objects.get(key="village").words["building"]["en"] == "Team"
    assert client.post(reverse("intake:profile-default", args=["village"])).status_code == 302
    preview = client.post(reverse("intake:profile-preview", args=["village"]))
    assert "不写组别和门牌" in client.get(preview["Location"]).content.decode()
    lamp = world.categories["lamp"]
    preview = client.post(reverse("intake:category-preview", args=[lamp.pk]), {"profile": "village"})
    assert "不适用于现在这个地方" in client.get(preview["Location"]).content.decode()
    for person, status in (("supervisor", 403), ("handler", 403)):
        assert client_of(person).get(listing).status_code == status
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    for url in (listing, edit, reverse("intake:category", args=[lamp.pk]), preview["Location"]):
        assert chinese_in(client.get(url).content.decode()) == []
    assert [name for name, _rows in communities_by_street([])] == ["柳塘街道"]
