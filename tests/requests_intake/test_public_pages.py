"""Public pages: what is released and nothing else, in the list, on the map, in the feed, in the figures."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest
from django.test import Client
from django.urls import reverse

from governance.outbox import relay
from grid.boxes import Box
from requests_intake.models import Publication, PublicReason, PublicState
from requests_intake.selectors.public import PublicQuery, clusters, figure_rows
from requests_intake.services.figures import figures_refresh
from requests_intake.services.moderation import publication_keep
from tests.factories.world import EAST, EAST_GRID, IN_EAST, IN_WEST, MORNING, WEST
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
WORLD_BOX = "-180,-90,180,90"
SECRET = "只有我们家知道的事"


@pytest.fixture
def clock(time_machine):
    """Pages read the clock: it stands a day after the requests."""
    time_machine.move_to(MORNING + timedelta(days=1), tick=False)
    return time_machine


@pytest.fixture
def mixed(world, clock):
    """One released request, and one of each sort that nobody may see; all say SECRET but the first."""
    public = release(world, to_state(world, "callback", may_be_public=True))
    open_version(world.submit(may_be_public=True, body=SECRET).request)
    world.submit(body=SECRET)
    world.submit(kind="tip_off", may_be_public=True, body=SECRET)
    kept = open_version(world.submit(may_be_public=True, body=SECRET).request)
    moderator = world.viewer("dispatcher")
    publication_keep(publication=kept, version=0, reason=PublicReason.WORDS, actor=moderator, at=LATER)
    back = release(world, world.submit(may_be_public=True, body=SECRET).request)
    publication_keep(publication=back, version=1, reason=PublicReason.REQUESTER, actor=moderator, at=LATER)
    relay.drain()
    return public, back


def places(client, **query):
    response = client.get(reverse("intake:public-map"), {"box": WORLD_BOX, "zoom": "10", **query})
    assert response.status_code == 200
    return response.json()["clusters"]


# ---------- privacy ----------


def test_private_ones_are_in_no_list_map_feed_or_figure(mixed):
    public, back = mixed
    client = Client()
    listing = client.get(reverse("intake:public")).content.decode()
    assert listing.count("r-item__n") == 1
    assert SECRET not in listing
    assert [place[2] for place in places(client)] == [1]
    feed = client.get(reverse("intake:public-feed")).content.decode()
    assert SECRET not in feed
    assert len(ElementTree.fromstring(feed.encode()).findall("channel/item")) == 1
    assert client.get(reverse("intake:public"), {"q": SECRET}).content.decode().count("r-item__n") == 0
    figures = figures_refresh(at=MORNING + timedelta(days=1))
    assert figures.data["all"]["received"] == 1
    assert {cell["received"] for cell in figures.data["areas"].values()} == {1}
    assert client.get(reverse("intake:public-one", args=[back.key])).status_code == 404
    assert client.get(reverse("intake:public-one", args=[public.key])).status_code == 200


def test_pages_name_no_person_number_or_address(world, clock):
    request = to_state(world, "callback", may_be_public=True, address="槐安里 7 号楼 301", lng=121.9012, lat=30.9013)
    public = release(world, request)
    client = Client()
    pages = client.get(reverse("intake:public")).content.decode()
    pages += client.get(reverse("intake:public-one", args=[public.key])).content.decode()
    pages += client.get(reverse("intake:public-feed")).content.decode()
    pages += str(places(client))
    for private in (
        "周梅",
        "13912342046",
        "301",
        "121.9012",
        request.number,
        request.number_grouped,
        request.track_token,
        "Handler Person",
    ):
        assert private not in pages, private
    assert places(client) == [[*IN_EAST, 1, EAST_GRID]]  # the label of the grid


def test_taken_back_photos_and_pages_close_for_staff_of_other_areas_too(mixed, client_of):
    _public, back = mixed
    assert client_of("handler").get(reverse("intake:public-one", args=[back.key])).status_code == 404


# ---------- the list ----------


def test_the_list_costs_the_same_for_many(world, clock):
    client = Client()
    for number in range(25):
        release(world, world.submit(may_be_public=True).request, at=LATER + timedelta(minutes=number))
    address = reverse("intake:public")
    with assert_sql(5):  # kinds, areas, rows, names, counts
        page = client.get(address)
    assert page.content.decode().count("r-item__n") == 20
    with assert_sql(4):  # counts are remembered for a minute
        client.get(address)
    after = page.context["page"].next_cursor
    second = client.get(address, {"cursor": after}).content.decode()
    assert second.count("r-item__n") == 5


def test_filters_of_the_address(world, clock):
    lamp = release(world, to_state(world, "callback", may_be_public=True, body="七号楼北边路灯不亮"))
    noise = release(
        world,
        world.submit(
            may_be_public=True,
            kind="complaint",
            body="工地半夜施工太吵",
            category_id=world.categories["noise"].pk,
            lng=IN_WEST[0],
            lat=IN_WEST[1],
        ).request,
    )
    client = Client()

    def keys(**query):
        return {row.key for row, _place in client.get(reverse("intake:public"), query).context["rows"]}

    assert keys() == {lamp.key, noise.key}
    assert keys(q="路灯") == {lamp.key}  # two characters, which trigrams do not find
    assert keys(q="路灯 施工") == set()
    assert keys(area=WEST) == {noise.key}
    assert keys(area=EAST_GRID) == {lamp.key}
    assert keys(kind="complaint") == {noise.key}
    assert keys(state="answered") == {lamp.key}
    assert keys(state="open") == {noise.key}
    assert keys(state="late") == set()
    assert keys(period="7") == {lamp.key, noise.key}
    clock.move_to(MORNING + timedelta(days=10), tick=False)
    assert keys(state="late") == {noise.key}
    assert keys(period="7") == set()
    assert len(places(client, area=WEST)) == 1
    assert places(client, q="路灯")[0][3] == EAST_GRID


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ({"q": "路" * 10_000}, "最多 100 个字"),
        ({"q": "灯"}, "至少写两个字"),
        ({"area": "x' OR 1=1"}, "请从列表里选"),
        ({"category": "99"}, "请从列表里选"),
        ({"state": "secret"}, ""),
        ({"period": "-1"}, "请从列表里选"),
        ({"cursor": "forged"}, ""),
        ({"kind": "tip_off"}, "请从列表里选"),
    ],
)
def test_bad_filters_get_words_and_the_list(mixed, query, words):
    response = Client().get(reverse("intake:public"), query)
    assert response.status_code == 200
    assert words in response.content.decode()
    assert response.content.decode().count("r-item__n") == 1


def test_robots_and_caches(mixed):
    client = Client()
    assert "X-Robots-Tag" not in client.get(reverse("intake:public"))
    assert client.get(reverse("intake:public"), {"q": "路灯"})["X-Robots-Tag"] == "noindex, follow"
    assert client.get(reverse("intake:public-map"), {"box": WORLD_BOX})["Cache-Control"] == "public, max-age=60"
    assert client.get(reverse("intake:public-feed"))["Cache-Control"] == "public, max-age=300"


def test_expensive_addresses_are_throttled(mixed):
    client = Client()
    answers = {client.get(reverse("intake:public-feed")).status_code for _number in range(121)}
    assert answers == {200, 429}


# ---------- the map ----------


@pytest.mark.parametrize("box", ["", "1,2,3", "a,b,c,d", "nan,0,1,1", "inf,0,1,1", "5,5,1,1", "1,1,1,1", "1," * 5000])
def test_a_box_that_is_none_is_refused_in_words(world, box):
    response = Client().get(reverse("intake:public-map"), {"box": box, "zoom": "12"})
    assert response.status_code == 400
    assert "box" in response.json()["error"]


@pytest.mark.parametrize("zoom", ["", "-5", "99", "1e400", "x", "nan"])
def test_the_whole_world_at_any_zoom_is_few_clusters(mixed, zoom):
    response = Client().get(reverse("intake:public-map"), {"box": "-999,-999,999,999", "zoom": zoom})
    assert response.status_code == 200
    assert sum(cluster[2] for cluster in response.json()["clusters"]) == 1


def test_clusters_part_when_one_comes_near(world, clock):
    release(world, world.submit(may_be_public=True).request)
    release(world, world.submit(may_be_public=True, lng=IN_WEST[0], lat=IN_WEST[1]).request)
    box = Box(121.8, 30.8, 122.0, 31.0)
    far, near = (clusters(PublicQuery(), box, zoom, at=LATER) for zoom in (8, 16))
    assert [(one.count, one.area) for one in far] == [(2, "")]
    assert sorted(one.count for one in near) == [1, 1]
    assert {one.area[:12] for one in near} == {EAST, WEST}
    outside = Box(10, 10, 11, 11)
    assert clusters(PublicQuery(), outside, 12, at=LATER) == []


def test_the_map_costs_the_same_for_many(world, clock):
    for _number in range(4):
        release(world, world.submit(may_be_public=True).request)
    with assert_sql(3):  # kinds and areas of the filter, clusters
        places(Client())


# ---------- feed and figures ----------


def test_the_feed_is_sound_xml_with_the_filters_of_the_list(world, clock):
    release(world, world.submit(may_be_public=True, body="路灯 <b>不亮</b> & 很黑").request)
    release(world, world.submit(may_be_public=True, body="别的事情", lng=IN_WEST[0], lat=IN_WEST[1]).request)
    client = Client()
    client.get(reverse("intake:public-feed"))
    with assert_sql(4):
        response = client.get(reverse("intake:public-feed"), {"area": EAST})
    channel = ElementTree.fromstring(response.content).find("channel")
    items = channel.findall("item")
    assert [item.findtext("title") for item in items] == ["路灯 <b>不亮</b> & 很黑"]
    assert items[0].findtext("link").startswith("http")
    assert channel.findtext("link").endswith(f"?area={EAST}")


def test_figures_hide_small_cells_and_the_one_that_would_betray_them():
    cell = {"answered": 6, "done": 5, "days": 2.04}
    cells = {"a": {"received": 40, **cell}, "b": {"received": 9, **cell}, "c": {"received": 3, **cell}}
    rows = figure_rows(cells, {"a": "甲", "b": "乙", "c": "丙"})
    assert [(row.label, row.received, row.days) for row in rows] == [
        ("甲", 40, 2.0),
        ("乙", None, None),
        ("丙", None, None),
    ]
    few = {"a": {"received": 40, "answered": 4, "done": 0, "days": 1.0}}
    assert figure_rows(few, {"a": "甲"})[0].days is None


def test_the_figures_page_reads_what_a_task_has_counted(world, clock):
    client = Client()
    address = reverse("intake:public-figures")
    assert "还没有数字" in client.get(address).content.decode()
    for _number in range(6):
        release(world, to_state(world, "callback", may_be_public=True))
    figures_refresh(at=MORNING + timedelta(days=1))
    with assert_sql(3):
        page = client.get(address).content.decode()
    assert "槐安社区" in page
    release(world, world.submit(may_be_public=True).request)
    assert Publication.objects.filter(state=PublicState.RELEASED).count() == 7
    assert client.get(address).context["all"]["received"] == 6  # as of the last count


# ---------- one ----------


def test_one_says_how_it_went_without_names(world, clock):
    public = release(world, to_state(world, "closed", may_be_public=True))
    client = Client()
    client.get(reverse("intake:public-one", args=[public.key]))
    with assert_sql(3):
        page = client.get(reverse("intake:public-one", args=[public.key])).content.decode()
    for words in ("两盏灯都修好了。", "市政设施所", "一位居民提交", "已受理", "已办结"):
        assert words in page
    assert client.get(reverse("intake:public-one", args=["nothingxxx"])).status_code == 404
