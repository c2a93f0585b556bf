"""Findings of a walk: who is told what, who sees whose, what became of it."""

from datetime import timedelta
from io import BytesIO
from uuid import uuid4

import pytest
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from governance import refs
from governance.access.viewer import ANONYMOUS
from governance.errors import DomainError, Forbidden, StaleState
from governance.files.services import image_store
from governance.outbox.models import DomainEvent
from governance.refs import ref_of
from grid.code_files import SHIPPED
from grid.models import CodeItem, Finding, FindingState
from grid.services.codes import code_list_load
from grid.services.findings import FindingDraft, finding_link_order, finding_report
from tests.factories.world import EAST_GRID, IN_EAST, IN_WEST, MORNING, OUTSIDE, WEST_GRID, add_person
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401

SAID = {"kind": "matter", "text": "7 号楼东侧的灯杆歪了", "lng": IN_EAST[0], "lat": IN_EAST[1]}


def report(world, by="grid_worker", key=None, files=(), **changes):  # noqa: F811
    draft = FindingDraft(**SAID | changes)
    return finding_report(uuid=key or uuid4(), draft=draft, file_ids=files, actor=world.viewer(by), at=MORNING)


def photo(world, by="grid_worker"):  # noqa: F811
    return image_store(upload=BytesIO(telephone_jpeg()), owner_ref="", actor=world.viewer(by), at=MORNING).uuid


def test_what_is_told_holds_no_words(world):  # noqa: F811
    codes = code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=world.viewer("operations"), at=MORNING)
    matter = CodeItem.objects.get(code_list=codes, kind="matter", code="09005")
    found = report(world, matter=matter, place="7 号楼", files=[photo(world)])
    told = DomainEvent.objects.get(name="grid.finding_reported")
    assert (told.subject_ref, told.area_code) == (ref_of(found), EAST_GRID), "in the grid of its position"
    flags = dict.fromkeys(("has_point", "has_place", "has_text", "has_photos"), True)
    assert told.payload == {"uuid": str(found.uuid), "kind": "matter", "matter": "09005", "component": ""} | flags
    settled = report(world, settled_on_spot=True, done_on_spot="扶正了，拧紧了螺丝")
    assert (settled.state, settled.settled_on_spot) == ("settled", True)
    report(world, kind="hazard", text="楼道堆了纸箱", matter=matter)
    assert Finding.objects.get(kind="hazard").matter is None
    report(world, kind="dispute", text="三单元两户为漏水吵了几次")
    names = list(DomainEvent.objects.filter(name__startswith="grid.").order_by("pk").values_list("name", flat=True))
    assert names[-3:] == ["grid.finding_settled", "grid.hazard_reported", "grid.dispute_reported"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT text FROM grid_finding WHERE kind = 'dispute'")
        assert "漏水".encode() not in bytes(cursor.fetchone()[0]), "kept encrypted"
    CodeItem.objects.filter(pk=matter.pk).update(is_active=False)
    with pytest.raises(DomainError) as error:
        report(world, matter=CodeItem.objects.get(pk=matter.pk))
    assert error.value.field == "matter"


def test_little_is_asked_and_what_is_missing_is_said_beside_it(world):  # noqa: F811
    nowhere = {"lng": None, "lat": None}
    by_photo = report(world, text="", files=[photo(world)], **nowhere, area_code=EAST_GRID)
    assert (by_photo.matter, by_photo.lng, by_photo.area_code) == (None, None, EAST_GRID)
    assert report(world, lng=IN_WEST[0], lat=IN_WEST[1]).area_code == WEST_GRID, "behind the border of one's own grid"
    for changes, field in (
        ({"text": " "}, "text"),
        ({"kind": "hazard", "text": "", "files": [photo(world)]}, "text"),
        ({"kind": "rumour"}, "kind"),
        (nowhere, "area_code"),
        ({"lng": OUTSIDE[0], "lat": OUTSIDE[1]}, "area_code"),
        (nowhere | {"area_code": "990105001001999"}, "area_code"),
        ({"settled_on_spot": True}, "done_on_spot"),
        ({"kind": "dispute", "text": "电话 13912342046 的那户天天吵"}, "text"),
        ({"text": "灯" * 501}, "text"),
        ({"lng": 500.0}, None),
        ({"files": [uuid4()]}, "photos"),
        ({"files": [photo(world) for _each in range(7)]}, "photos"),
    ):
        with pytest.raises(DomainError) as error, transaction.atomic():
            report(world, **changes)
        assert error.value.field == field or changes.get("lng") == 500.0, changes
    for name in ("other_handler", "stranger"):
        with pytest.raises(Forbidden):
            report(world, by=name)
    assert Finding.objects.count() == 2
    with pytest.raises(StaleState):
        report(world, by="head", key=by_photo.uuid)
    with pytest.raises(IntegrityError), transaction.atomic():
        Finding.objects.filter(pk=by_photo.pk).update(state=FindingState.CLOSED)


def test_a_dispute_is_seen_by_its_author_and_those_who_answer_for_the_place(world, client_of):  # noqa: F811
    add_person(world, "west_head", "community_head", WEST_GRID[:12], world.organisations["west"])
    add_person(world, "second_worker", "grid_worker", EAST_GRID, world.organisations["east"])
    fault, dispute = report(world, files=[photo(world)]), report(world, kind="dispute", text="两户为漏水吵了几次")
    both = {"grid_worker", "head", "supervisor"}
    for name in world.people:
        seen = set(Finding.objects.visible_to(world.viewer(name)))
        assert (fault in seen) == (name in both | {"dispatcher", "second_worker", "administrator"}), name
        assert (dispute in seen) == (name in both), name
    assert not Finding.objects.visible_to(ANONYMOUS).exists()
    page = reverse("grid:finding", args=[dispute.uuid])
    assert "不要打听" in client_of("head").get(page).content.decode()
    assert client_of("second_worker").get(page).status_code == 404
    assert client_of("administrator").get(page).status_code == 404
    shown = client_of("second_worker").get(reverse("grid:finding", args=[fault.uuid])).content.decode()
    address = reverse("files:show", args=[fault.photos.get().file_id, "thumb"])
    assert address in shown
    assert client_of("second_worker").get(address).status_code == 200
    assert client_of("west_head").get(address).status_code == 404


def test_what_became_of_it_comes_twice_and_in_any_order(world, client_of):  # noqa: F811
    found, order = report(world), world.submit().request
    link = {"uuid": found.uuid, "ref": ref_of(order), "number": order.number}
    later = MORNING + timedelta(hours=1)
    for _twice in range(2):
        finding_link_order(**link, state="handling", at=later)
    finding_link_order(**link, state="filed", at=MORNING)
    found.refresh_from_db()
    assert (found.state, found.order_number, found.told_at) == ("handling", order.number, later)
    page = client_of("head").get(reverse("grid:finding", args=[found.uuid])).content.decode()
    assert "办理中" in page
    assert reverse("intake:request", args=[order.number]) in page
    for state in ("reported", "settled", "lost"):
        with pytest.raises(DomainError):
            finding_link_order(**link, state=state, at=later)
    assert finding_link_order(**link | {"uuid": uuid4()}, state="filed", at=later) is None
    settled = report(world, settled_on_spot=True, done_on_spot="扶正了")
    assert finding_link_order(**link | {"uuid": settled.uuid}, state="filed", at=later).state == "settled"
    assert refs.describe(ref_of(found), world.viewer("head")).url.endswith(f"/{found.uuid}/")
