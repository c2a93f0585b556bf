"""Posts of grids: the appointment gives the grant, its end takes it; uncovered grids are listed."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.models import Grant, Role, User
from governance.access.services import grant_end
from governance.access.services.leaving import person_leave
from governance.access.services.moving import grants_move
from governance.access.viewer import SYSTEM, Scope, Viewer, viewer_for
from governance.errors import DomainError, Forbidden, StaleState
from governance.outbox import relay
from governance.outbox.models import DomainEvent
from grid.coverage import Held, grid_rows, grids_listed
from grid.models import Post
from grid.permissions import Capability
from grid.services import post_appoint, post_end, post_extend, post_release, post_stand_in
from tests.grid import shapes
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
GRID_1, GRID_2 = shapes.grid_code(1), shapes.grid_code(2)
NOW = datetime.now(UTC)
Person = Callable[..., User]


@pytest.fixture
def person(territory: Any) -> Person:
    """Make a colleague, with a role where one is named."""

    def make(name: str, role: str = "", area: str = shapes.COMMUNITY) -> User:
        user = User.objects.create_user(f"{User.objects.count()}@example.com", "a long password", display_name=name)
        if role:
            started = {"starts_at": datetime(2020, 1, 1, tzinfo=UTC), "created_at": NOW, "reason": "test"}
            Grant.objects.create(user=user, role=Role.objects.get(key=role), area_code=area, **started)
        return user

    return make


@pytest.fixture
def head(person: Person) -> Viewer:
    return viewer_for(person("谭书记", "community_head"), NOW)


def appoint(actor: Viewer, user: User | None, kind: str = "captain", area: str = GRID_1, **more: Any) -> Post:
    values: dict[str, Any] = {"starts_at": NOW, "ends_at": None, "reason": "居委会十一月会议", "at": NOW} | more
    return post_appoint(kind=kind, area_code=area, user=user, actor=actor, **values)


def may_see(user: User, area: str, at: datetime) -> bool:
    return viewer_for(User.objects.get(pk=user.pk), at).holds(Capability.VIEW_AREA, Scope(area))


class TestGrant:
    def test_an_appointment_gives_the_grant_and_its_end_takes_that_one_alone(
        self, head: Viewer, person: Person
    ) -> None:
        lin = person("林海生")
        by_hand = Grant.objects.create(
            user=lin,
            role=Role.objects.get(key="grid_worker"),
            area_code=GRID_1,
            starts_at=NOW - timedelta(days=9),
            created_at=NOW,
            reason="早先给的",
        )
        captain = appoint(head, lin)
        worker = appoint(head, lin, "full_time")
        assert captain.grant is not None
        assert worker.grant is not None
        assert captain.grant.source == f"grid.post:{captain.pk}"
        assert captain.grant.granted_by_id == head.user_id
        post_end(post=captain, reason="换届", actor=head, at=NOW + timedelta(hours=1))
        live = Grant.objects.filter(user=lin).live(NOW + timedelta(hours=2))
        assert {grant.pk for grant in live} == {by_hand.pk, worker.grant.pk}
        with pytest.raises(StaleState):
            post_end(post=captain, reason="换届", actor=head, at=NOW + timedelta(hours=2))
        names = list(DomainEvent.objects.filter(subject_ref=f"grid.post:{captain.pk}").values_list("name", flat=True))
        assert sorted(names) == ["grid.post_appointed", "grid.post_ended"]

    def test_it_all_happens_or_nothing_does(self, head: Viewer, person: Person) -> None:
        gone = person("走了的人")
        User.objects.filter(pk=gone.pk).update(is_active=False)
        with pytest.raises(DomainError):  # the row read before they left says that they are there
            appoint(head, gone)
        appoint(head, person("前一位"))
        with pytest.raises(DomainError) as refused:
            appoint(head, person("后一位"), starts_at=NOW + timedelta(days=3))
        assert refused.value.code == "post_one_captain"
        assert Post.objects.count() == Grant.objects.exclude(source="").count() == 1

    def test_a_role_that_gives_rights_is_never_given_by_a_post(self, head: Viewer, person: Person) -> None:
        from django.contrib.auth.models import Permission

        Role.objects.get(key="grid_worker").group.permissions.add(Permission.objects.get(codename="give_grant"))
        with pytest.raises(DomainError) as refused:
            appoint(head, person("林海生"))
        assert refused.value.code == "role_gives"

    def test_nobody_reaches_beyond_their_area_or_appoints_themselves(self, head: Viewer, person: Person) -> None:
        lin = person("林海生")
        elsewhere = viewer_for(person("别处的书记", "community_head", "990101002001"), NOW)
        worker = viewer_for(person("同事", "grid_worker"), NOW)
        for actor in (elsewhere, worker):
            with pytest.raises(Forbidden):
                appoint(actor, lin)
        with pytest.raises(Forbidden):
            appoint(head, head.user)
        post = appoint(head, lin, ends_at=NOW + timedelta(days=9))
        for change in (
            lambda: post_end(post=post, reason="x", actor=elsewhere, at=NOW),
            lambda: post_extend(post=post, ends_at=None, reason="x", actor=elsewhere, at=NOW),
            lambda: post_release(post=post, is_public=True, public_phone="", actor=elsewhere, at=NOW),
            lambda: post_stand_in(
                post=post, substitute=worker.user, starts_at=NOW, ends_at=None, reason="x", actor=elsewhere, at=NOW
            ),
        ):
            with pytest.raises(Forbidden):
                change()

    def test_the_grant_is_prolonged_with_the_post(self, head: Viewer, person: Person) -> None:
        post = appoint(head, person("林海生"), ends_at=NOW + timedelta(days=9))
        until = NOW + timedelta(days=90)
        post_extend(post=post, ends_at=until, reason="续聘", actor=head, at=NOW)
        post.refresh_from_db()
        assert post.grant is not None
        assert post.ends_at == post.grant.ends_at == until
        with pytest.raises(DomainError) as refused:
            post_extend(post=post, ends_at=NOW + timedelta(days=5), reason="续聘", actor=head, at=NOW)
        assert refused.value.field == "ends_at"

    def test_what_follows_a_split_of_the_area_ends_with_the_post_too(self, head: Viewer, person: Person) -> None:
        post = appoint(head, person("林海生"), ends_at=NOW + timedelta(days=9))
        grants_move(prefixes=[GRID_1], heirs=lambda _code: [GRID_1, GRID_2], at=NOW)
        until = NOW + timedelta(days=90)
        post_extend(post=post, ends_at=until, reason="续聘", actor=head, at=NOW)
        assert list(Grant.objects.exclude(source="").values_list("area_code", "ends_at").order_by("area_code")) == [
            (GRID_1, until),
            (GRID_2, until),
        ]
        post_end(post=post, reason="换届", actor=head, at=NOW + timedelta(hours=1))
        assert not Grant.objects.exclude(source="").live(NOW + timedelta(hours=2)).exists()


class TestLeaving:
    def test_the_posts_of_a_leaver_end_and_so_do_those_whose_grant_is_ended_by_hand(
        self, head: Viewer, person: Person
    ) -> None:
        lin, ji = person("林海生"), person("纪小芸")
        first, second = appoint(head, lin), appoint(head, ji, "full_time")
        alone = appoint(head, lin, "building")  # a post without a grant ends with the person, too
        assert second.grant is not None
        person_leave(user=lin, reason="退休", actor=SYSTEM, at=timezone.now())
        grant_end(grant=second.grant, actor=SYSTEM, at=timezone.now())
        relay.drain()
        assert not Post.objects.live(timezone.now()).filter(pk__in=[first.pk, second.pk, alone.pk])
        relay.drain()
        assert DomainEvent.objects.filter(name="grid.post_ended").count() == 3


class TestHolder:
    def test_a_neighbour_looks_after_a_stairwell_by_name_alone_and_encrypted(self, head: Viewer) -> None:
        post = appoint(head, None, "building", holder_name="周阿姨", public_phone="8812 0316", is_public=True)
        post.refresh_from_db()
        assert (post.name, post.phone, post.tel, post.grant) == ("周阿姨", "8812 0316", "88120316", None)
        raw = bytes(
            Post.objects.filter(pk=post.pk).extra(select={"raw": "holder_name"}).values_list("raw", flat=True)[0]
        )
        assert "周阿姨".encode() not in raw

    @pytest.mark.parametrize(
        ("kind", "more", "field"),
        [
            ("captain", {"holder_name": "周阿姨"}, "user"),
            ("building", {"holder_name": ""}, "user"),
            ("building", {"holder_name": "周阿姨", "public_phone": "8812 0316"}, "public_phone"),
            ("building", {"holder_name": "周阿姨", "public_phone": "call me", "is_public": True}, "public_phone"),
            ("building", {"holder_name": "周阿姨", "reason": " "}, "reason"),
            ("building", {"holder_name": "周阿姨", "ends_at": NOW - timedelta(days=1)}, "ends_at"),
        ],
    )
    def test_what_cannot_be_is_said_beside_its_field(
        self, head: Viewer, kind: str, more: dict[str, Any], field: str
    ) -> None:
        with pytest.raises(DomainError) as refused:
            appoint(head, None, kind, **more)
        assert refused.value.field == field
        assert not Post.objects.exists()

    def test_a_captain_is_of_a_grid(self, head: Viewer, person: Person) -> None:
        with pytest.raises(DomainError) as refused:
            appoint(head, person("林海生"), "captain", area=shapes.COMMUNITY)
        assert refused.value.code == "post_kind_fits_area"


class TestCoverage:
    def test_a_grid_is_covered_by_people_who_are_there_themselves(self, head: Viewer, person: Person) -> None:
        lin, ji = person("林海生"), person("纪小芸")
        for area in (GRID_1, GRID_2):
            appoint(head, lin, "captain", area=area)
            appoint(head, ji, "part_time", area=area)
        away = Post.objects.get(area_code=GRID_2, kind="captain")
        post_stand_in(
            post=away,
            substitute=person("冯家宝"),
            starts_at=NOW,
            ends_at=NOW + timedelta(days=7),
            reason="年休假",
            actor=head,
            at=NOW,
        )
        appoint(head, person("以后的"), "captain", area=shapes.grid_code(3), starts_at=NOW + timedelta(days=1))

        def uncovered(at: datetime) -> list[str]:
            return [area.code for area in grids_listed(head, at=at, uncovered=True).order_by("code")]

        others = [shapes.grid_code(n) for n in range(3, 7)]
        assert uncovered(NOW) == [GRID_2, *others]
        assert uncovered(NOW + timedelta(days=8)) == others
        rows = grid_rows(list(grids_listed(head, at=NOW).order_by("code")), head, at=NOW)
        assert [(row.captain, row.worker) for row in rows[:3]] == [
            (Held.YES, Held.YES),
            (Held.STAND_IN, Held.YES),
            (Held.NO, Held.NO),
        ]
        assert [row.area.code for row in rows if not row.is_covered] == uncovered(NOW)
        assert [area.code for area in grids_listed(head, at=NOW, words="海生").order_by("code")] == [GRID_1, GRID_2]


@pytest.fixture
def desk(head: Viewer, client: Client) -> Client:
    client.force_login(head.user)
    session = client.session
    session["proved_at"] = timezone.now().isoformat()
    session.save()
    return client


class TestPages:
    def test_the_list_costs_the_same_however_many_posts(self, desk: Client, head: Viewer, person: Person) -> None:
        desk.get(reverse("grid:posts"))
        lin, ji = person("林海生"), person("纪小芸")
        for number in range(1, 6):
            appoint(head, lin, "captain", area=shapes.grid_code(number))
            appoint(head, ji, "full_time", area=shapes.grid_code(number))
        with assert_sql(8):
            html = desk.get(reverse("grid:posts")).content.decode()
        assert html.count("林海生") == 5
        assert html.count("没人在岗</span>") == 2
        missing = desk.get(reverse("grid:posts"), {"state": "uncovered", "within": shapes.COMMUNITY}).content.decode()
        assert "林海生" not in missing
        assert "第6网格" in missing

    def test_appoint_prolong_release_stand_in_end(self, desk: Client, person: Person) -> None:
        lin, feng = person("林海生"), person("冯家宝")
        new = reverse("grid:post-new", args=[GRID_1])
        today = timezone.localdate()
        typed = {
            "user_words": "林海生",
            "kind": "captain",
            "starts_on": today.isoformat(),
            "last_day": (today + timedelta(days=30)).isoformat(),
            "is_public": "on",
            "public_phone": "8812 0316",
            "reason": "居委会会议",
            "key": "11111111-1111-4111-8111-111111111111",
        }
        found = desk.post(new, typed | {"find": "1"})
        assert found.status_code == 200
        assert str(lin.public_id) in found.content.decode()
        assert desk.post(new, typed).status_code == 422
        for _twice in range(2):
            assert desk.post(new, typed | {"user": str(lin.public_id)}).status_code == 302
        (post,) = Post.objects.all()
        second = desk.post(new, typed | {"user": str(feng.public_id), "key": "21111111-1111-4111-8111-111111111111"})
        assert second.status_code == 422
        assert "已经有网格长" in second.content.decode()

        def act(name: str, **data: str) -> int:
            return desk.post(reverse(f"grid:post-{name}", args=[post.pk]), data).status_code

        later, week = (today + timedelta(days=60)).isoformat(), (today + timedelta(days=7)).isoformat()
        assert act("extend", last_day=today.isoformat(), reason="续聘") == 422
        assert act("extend", last_day=later, reason="续聘") == 302
        assert act("release", public_phone="8812 0316") == 422
        assert act("release", is_public="on", public_phone="12345") == 302
        stand_in = {"user_words": "冯家宝", "user": str(feng.public_id), "starts_on": today.isoformat()}
        assert act("stand-in", **stand_in, last_day=week, reason="年休假") == 302
        page = desk.get(reverse("grid:post-area", args=[GRID_1])).content.decode()
        assert "只有人代班" in page
        assert "冯家宝" in page
        assert "12345" in page
        assert may_see(feng, GRID_1, timezone.now())
        assert act("stand-in-stop") == 302
        assert not may_see(feng, GRID_1, timezone.now())
        assert act("end", reason="") == 422
        assert act("end", reason="换届") == 302
        assert not may_see(lin, GRID_1, timezone.now())
        page = desk.get(reverse("grid:post-area", args=[GRID_1])).content.decode()
        assert "换届" in page
        assert "今天没有网格长" in page

    def test_elsewhere_is_404_and_what_one_may_only_see_403(
        self, desk: Client, head: Viewer, person: Person, client: Client
    ) -> None:
        post = appoint(head, person("林海生"))
        assert desk.get(reverse("grid:post-area", args=[shapes.DISTRICT])).status_code == 404
        assert desk.get(reverse("grid:post-new", args=["990101002001001"])).status_code == 404
        client.force_login(person("别处", "community_head", "990101002001"))
        assert client.get(reverse("grid:post-area", args=[GRID_1])).status_code == 404
        session = client.session
        session["proved_at"] = timezone.now().isoformat()
        session.save()
        assert client.get(reverse("grid:post-end", args=[post.pk])).status_code == 404
        client.force_login(person("同事", "grid_worker"))
        assert client.get(reverse("grid:post-area", args=[GRID_1])).status_code == 200
        assert client.get(reverse("grid:post-new", args=[GRID_1])).status_code == 403
