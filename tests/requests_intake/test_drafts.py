"""Drafts: what was typed and chosen is kept until it is filed, and filed once."""

from datetime import timedelta
from io import BytesIO
from uuid import UUID, uuid4

import pytest
from django.core.files.storage import default_storage

from governance.access.viewer import ANONYMOUS
from governance.errors import DomainError, StaleState
from governance.files.models import StoredFile
from governance.files.services import files_expire, image_store
from governance.refs import ref_of
from requests_intake.flow import missing_step
from requests_intake.models import Attachment, Draft, PolicyClock, RequesterContact, ServiceRequest
from requests_intake.services.drafts import (
    draft_find,
    draft_photo_add,
    draft_photo_remove,
    draft_start,
    draft_submit,
    draft_update,
    drafts_expire,
)
from requests_intake.services.submission import limits_forget
from tests.factories.world import EAST_GRID, IN_EAST, MORNING
from tests.governance.file_samples import drawing, encoded

WEEK = timedelta(days=7)


def picture(width=80):
    return BytesIO(encoded(drawing(width), "JPEG"))


TOKENS: dict[int, str] = {}  # tokens of the drafts made here: the rows hold digests only


def filled(world, at=MORNING, **changes):
    """A draft with every question answered, as the pages keep it."""
    draft, token = draft_start(data={"kind": "help", "raw": {}}, at=at)
    TOKENS[draft.pk] = token
    answers = {
        "place_kind": "pin",
        "lng": IN_EAST[0],
        "lat": IN_EAST[1],
        "address": "",
        "area_code": EAST_GRID,
        "body": "路灯不亮了。请来看看。",
        "category_id": world.categories["lamp"].pk,
        "name": "周梅",
        "phone": "13912342046",
        "email": "",
        "may_be_public": True,
    }
    return draft_update(draft=draft, changes=answers | changes, at=at)


def with_photos(draft, count, at=MORNING):
    for number in range(count):
        stored = image_store(upload=picture(80 + number * 8), owner_ref="", actor=ANONYMOUS, at=at)
        draft = draft_photo_add(draft=draft, file=stored, at=at)
    return draft


def submit(draft, at=MORNING):
    return draft_submit(
        token=TOKENS[draft.pk],
        submission_key=draft.data["submission_key"],
        language="zh-hans",
        is_complete=lambda data: missing_step(data) is None,
        actor=ANONYMOUS,
        at=at,
    )


def test_a_draft_is_found_by_its_token_only_for_seven_days(db):
    draft, token = draft_start(data={"kind": "help"}, at=MORNING)
    assert draft_find(token, at=MORNING + WEEK - timedelta(seconds=1)) == draft
    assert draft_find(token, at=MORNING + WEEK) is None
    assert draft_find(token[:-1], at=MORNING) is None
    assert token not in draft.token_digest


def test_every_change_gives_it_seven_more_days_and_its_photos_too(world):
    draft = with_photos(filled(world), 1)
    sixth = MORNING + timedelta(days=6)
    draft_update(draft=draft, changes={"body": "改了几个字"}, at=sixth)
    later = MORNING + timedelta(days=8)
    assert drafts_expire(at=later) == files_expire(later) == 0
    submitted = submit(Draft.objects.get(), at=later)
    assert submitted.request.body == "改了几个字"
    assert Attachment.objects.filter(request=submitted.request).count() == 1
    assert drafts_expire(at=later + WEEK) == 0


def test_what_nobody_touched_dies_with_its_photos(world):
    with_photos(filled(world), 1)
    path = StoredFile.objects.get().path()
    assert drafts_expire(at=MORNING + WEEK) == 1
    assert files_expire(MORNING + WEEK) == 1
    assert not Draft.objects.exists()
    assert default_storage.exists(path)  # the bytes go at the commit, which a test never reaches


def test_filing_takes_everything_and_removes_the_draft(world):
    draft = with_photos(filled(world), 3)
    files = [UUID(pk) for pk in draft.data["photos"]]
    request = submit(draft).request
    assert not Draft.objects.exists()
    assert (request.area_code, request.may_be_public, request.category) == (EAST_GRID, True, world.categories["lamp"])
    assert [row.file_id for row in Attachment.objects.filter(request=request)] == files
    assert set(StoredFile.objects.values_list("owner_ref", "expires_at")) == {(ref_of(request), None)}
    assert RequesterContact.objects.get(request=request).phone == "13912342046"


def test_sending_again_gives_the_first_request(world):
    draft = filled(world)
    first, second = submit(draft), submit(draft)
    assert (second.request, second.token, second.is_repeat) == (first.request, first.token, True)
    assert ServiceRequest.objects.count() == 1


def test_sending_again_gives_the_first_request_even_if_it_could_not_be_filed_any_more(world):
    draft = filled(world)
    first = submit(draft)
    PolicyClock.objects.all().delete()
    limits_forget()
    assert submit(draft).request == first.request


def test_what_is_filed_is_what_is_kept_not_what_one_page_remembers(world):
    draft = filled(world)
    draft_update(draft=draft, changes={"body": "另一个窗口里改过"}, at=MORNING)
    assert submit(draft).request.body == "另一个窗口里改过"


@pytest.mark.parametrize(
    "changes",
    [{"body": ""}, {"category_id": 10**9}, {"lng": 200.0}, {"photos": [str(uuid4())]}, {"photos": [str(uuid4())] * 10}],
    ids=["no words", "no such category", "no such place", "a photo that is gone", "ten photos"],
)
def test_a_failure_leaves_the_draft_and_files_nothing(world, changes):
    draft = filled(world, **changes)
    kept = dict(draft.data)
    with pytest.raises(DomainError):
        submit(draft)
    assert Draft.objects.get().data == kept
    assert not ServiceRequest.objects.exists()
    assert submit(draft_update(draft=draft, changes={"photos": [], **_repaired(world)}, at=MORNING)).request


def _repaired(world):
    return {"body": "好了", "category_id": world.categories["lamp"].pk, "lng": IN_EAST[0]}


def test_nine_photos_and_not_ten(world):
    draft = with_photos(filled(world), 9)
    tenth = image_store(upload=picture(), owner_ref="", actor=ANONYMOUS, at=MORNING)
    with pytest.raises(DomainError) as refused:
        draft_photo_add(draft=draft, file=tenth, at=MORNING)
    assert refused.value.code == "too_many_photos"
    assert Attachment.objects.filter(request=submit(draft).request).count() == 9


def test_a_photo_can_be_taken_out_and_only_one_s_own(world):
    draft = with_photos(filled(world), 2)
    first, second = draft.data["photos"]
    somebody_elses = image_store(upload=picture(), owner_ref="", actor=ANONYMOUS, at=MORNING)
    draft = draft_photo_remove(draft=draft, file_id=somebody_elses.pk, at=MORNING)
    assert draft.data["photos"] == [first, second]
    draft = draft_photo_remove(draft=draft, file_id=UUID(first), at=MORNING)
    assert draft.data["photos"] == [second]
    assert set(StoredFile.objects.values_list("pk", flat=True)) == {UUID(second), somebody_elses.pk}
    StoredFile.objects.filter(pk=second).delete()
    assert draft_photo_remove(draft=draft, file_id=UUID(second), at=MORNING).data["photos"] == []


def test_changing_a_draft_that_was_sent_says_so(world):
    draft = filled(world)
    draft_update(draft=draft, changes={"name": "周"}, at=MORNING)
    submit(draft)
    for change in (
        lambda: draft_update(draft=draft, changes={"name": "周"}, at=MORNING),
        lambda: draft_photo_remove(draft=draft, file_id=uuid4(), at=MORNING),
    ):
        with pytest.raises(StaleState) as refused:
            change()
        assert refused.value.code == "draft_gone"


def test_what_a_draft_holds_is_unreadable_in_the_database(world):
    from django.db import connection

    draft = filled(world)
    with connection.cursor() as cursor:
        cursor.execute("SELECT data FROM requests_intake_draft WHERE id = %s", [draft.pk])
        stored = str(cursor.fetchone()[0])
    assert "路灯" not in stored
    assert "13912342046" not in stored
