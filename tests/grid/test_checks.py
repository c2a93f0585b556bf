"""Checks on site: who may go, who is kept away, what is kept of it."""

import re
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, transaction
from django.urls import reverse

from governance.errors import DomainError, Forbidden, StaleState
from governance.files.models import StoredFile
from governance.outbox.models import DomainEvent
from grid.checking import checks_about, checks_waiting
from grid.models import Check
from grid.services.checks import CheckPlace, check_complete, check_create, check_withdraw
from tests.factories.world import EAST_GRID, MORNING, WEST_GRID, add_person
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.conftest import _town, client_of, world  # noqa: F401
from tests.sql import assert_sql

LATER = MORNING + timedelta(hours=1)
SUBJECT = "requests_intake.servicerequest:17"


def asked(world, *, subject=SUBJECT, code=EAST_GRID, kind="before_filing", **excluded):  # noqa: F811
    return check_create(
        kind=kind,
        subject_ref=subject,
        place=CheckPlace(area_code=code, words="槐安里 7 号楼北侧"),
        what="路灯是不是不亮？打过电话 13912342046",
        due_at=MORNING + timedelta(days=1),
        actor=world.viewer("dispatcher"),
        at=MORNING,
        **excluded,
    )


def done(check, actor, **changes):
    values = {"result": "found", "words": "三盏不亮", "file_ids": []} | changes
    return check_complete(check=check, actor=actor, at=LATER, **values)


def test_it_is_asked_once_masked_and_done_once(world):  # noqa: F811
    check = asked(world)
    assert asked(world) == check, "while one is open, that one"
    assert "2046" not in check.what
    assert "路灯" in check.what
    worker = world.viewer("grid_worker")
    assert (checks_waiting(worker).total, checks_waiting(world.viewer("handler")).total) == (1, 0)
    for changes, field in (
        ({"result": "perhaps"}, "result"),
        ({"result": "cannot_tell", "words": " "}, "words"),
        ({"words": "字" * 501}, "words"),
        ({"file_ids": [1] * 7}, "photos"),
    ):
        with pytest.raises(DomainError) as error:
            done(check, worker, **changes)
        assert error.value.field == field
    seen = done(check, worker)
    assert (seen.state, seen.result, seen.checked_by, seen.ended_at) == ("done", "found", worker.user, LATER)
    assert done(check, worker, result="settled").result == "found", "sent again, kept once"
    with pytest.raises(StaleState, match="已经去看过"):
        done(check, world.viewer("head"))
    told = DomainEvent.objects.get(name="grid.check_completed")
    assert told.payload == {"kind": "before_filing", "subject": SUBJECT, "result": "found"}
    again = asked(world)
    assert again != check
    assert check_withdraw(subject_ref=SUBJECT, actor=world.viewer("dispatcher"), at=LATER) == again
    assert check_withdraw(subject_ref=SUBJECT, actor=world.viewer("dispatcher"), at=LATER) is None
    with pytest.raises(StaleState):
        done(again, worker)
    with assert_sql(2):
        assert [line.one.state for line in checks_about(SUBJECT)] == ["done", "withdrawn"]


def test_who_handled_it_is_kept_away_by_the_service_and_by_the_database(world):  # noqa: F811
    worker, head, lamps = world.people["grid_worker"], world.people["head"], world.organisations["lamps"]
    check = asked(world, kind="before_closing", excluded_user_ids=[worker.pk], excluded_organisation_ids=[lamps.pk])
    with pytest.raises(Forbidden, match="请别人去看"):
        done(check, world.viewer("grid_worker"))
    add_person(world, "turned", "supervisor", EAST_GRID, lamps)  # now a supervisor, of the office that handled it
    with pytest.raises(Forbidden, match="请别人去看"):
        done(check, world.viewer("turned"))
    assert [checks_waiting(world.viewer(name)).total for name in ("grid_worker", "turned", "head")] == [0, 0, 1]
    rows = Check.objects.filter(pk=check.pk)
    row = {"state": "done", "result": "settled", "ended_at": LATER}
    with pytest.raises(IntegrityError, match="check_not_by_excluded_person"), transaction.atomic():
        rows.update(**row, checked_by=worker)
    with pytest.raises(IntegrityError, match="check_not_by_excluded_office"), transaction.atomic():
        rows.update(**row, checked_by=head, checked_organisation_ids=[lamps.pk])
    with pytest.raises(IntegrityError, match="check_done_has_result"), transaction.atomic():
        rows.update(state="done")
    with pytest.raises(Forbidden):
        done(asked(world, subject="x.y:1", code=WEST_GRID), world.viewer("head"))  # not their area
    assert done(check, world.viewer("head")).checked_organisation_ids == [world.organisations["east"].pk]


def test_the_pages_on_the_phone(world, client_of):  # noqa: F811
    check, far = asked(world), asked(world, subject="x.y:1", code=WEST_GRID)
    own = asked(world, subject="x.y:2", excluded_user_ids=[world.people["grid_worker"].pk])
    page = client_of("grid_worker")
    with assert_sql(9, at_most=True):
        listed = page.get(reverse("grid:checks")).content.decode()
    assert reverse("grid:check", args=[check.public_id]) in listed
    assert reverse("grid:check", args=[far.public_id]) not in listed
    assert "您或您单位经手过" in listed
    url = reverse("grid:check", args=[check.public_id])
    assert page.get(reverse("grid:check", args=[far.public_id])).status_code == 404
    assert "要是不同的人" in page.get(reverse("grid:check", args=[own.public_id])).content.decode()
    assert page.post(reverse("grid:check", args=[own.public_id]), {"result": "found"}).status_code == 403
    assert client_of("handler").get(url).status_code == 403
    photo, paper = (SimpleUploadedFile("a.jpg", one, "image/jpeg") for one in (telephone_jpeg(), b"no photo"))
    refused = page.post(url, {"words": "灯杆在门口", "photos": [photo, paper]})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert ("灯杆在门口" in html, "“a.jpg”" in html) == (True, True), "what was typed stays, and what was wrong is said"
    (kept,) = re.findall(r'name="kept" value="([^"]+)"', html)
    sent = page.post(url, {"result": "found", "words": "三盏不亮", "kept": kept})
    assert (sent.status_code, StoredFile.objects.filter(owner_ref=f"grid.check:{check.pk}").count()) == (302, 1)
    shown = page.get(url).content.decode()
    assert "属实，问题在" in shown
    assert "三盏不亮" in shown
    with assert_sql(9, at_most=True):
        assert url in page.get(reverse("grid:checks"), {"done": "1"}).content.decode()
