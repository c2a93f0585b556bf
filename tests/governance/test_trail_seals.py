"""Proving the trail every night, noting its digest outside, and telling those who review it when either is amiss."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from governance.access.viewer import SYSTEM
from governance.audit.models import TrailAnchor, TrailCheck
from governance.audit.services import checking, trail_anchor, trail_check
from governance.jobs.models import Job
from governance.jobs.services import job_run
from governance.notifications.models import Message
from governance.notifications.posting import PostError
from governance.notifications.sms import signature
from governance.outbox import relay
from governance.outbox.anchors import FILE
from governance.outbox.models import DomainEvent, Seal
from governance.outbox.sealing import fingerprint, manifest_of, seal_digest
from governance.privacy.models import AccessLog
from governance.privacy.services import log_read
from tests.factories import world as worlds
from tests.governance.outbox_tools import AT, publish_some, seal_settled, sql, without_trigger

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.sealing]


@pytest.fixture
def town():
    yield worlds.build()
    worlds.forget()


@pytest.fixture
def folder(settings, tmp_path):
    settings.TRAIL_ANCHORS = str(tmp_path / "anchors")
    return tmp_path / "anchors"


def verified(**options) -> str:
    out = StringIO()
    call_command("outbox_verify", stdout=out, **options)
    return out.getvalue()


def told(kind: str) -> set[str]:
    relay.drain()
    return set(Message.objects.filter(kind=kind).values_list("user__email", flat=True))


def rewrite_everything() -> None:
    """What the owner of the database could do: forge a row, then its digest, its seal and every seal after it."""
    with without_trigger("outbox_domainevent"), without_trigger("outbox_seal"), transaction.atomic():
        victim = DomainEvent.objects.earliest("pk")
        victim.area_code, victim.digest = "440310009", ""
        sql(
            "UPDATE outbox_domainevent SET area_code = %s, digest = %s WHERE id = %s",
            victim.area_code,
            victim.stamp().digest,
            victim.pk,
        )
        previous = ""
        for seal in Seal.objects.order_by("pk"):
            model = AccessLog if seal.kind == "privacy.AccessLog" else DomainEvent
            rows = model._default_manager.filter(seal=seal).order_by("pk").values_list("pk", "digest")
            seal.previous, seal.manifest = previous, manifest_of(rows)
            seal.digest = previous = seal_digest(seal)
            sql(
                "UPDATE outbox_seal SET previous = %s, manifest = %s, digest = %s WHERE id = %s",
                seal.previous,
                bytes(seal.manifest),
                seal.digest,
                seal.pk,
            )
    assert fingerprint(victim.digest)


def test_a_rewritten_trail_is_found_by_what_was_noted_outside(town, folder):
    assert trail_anchor(at=AT) is None, "nothing is sealed yet"
    publish_some(3)
    seal_settled()
    made = trail_anchor(at=AT)
    publish_some(2)
    log_read(user_id=None, subject="x.person:1", fields=["phone"], purpose="contact", at=AT)
    seal_settled()
    trail_anchor(at=AT)
    lines = [json.loads(line) for line in (folder / FILE).read_text().splitlines()]
    assert [line["seal"] for line in lines] == list(TrailAnchor.objects.order_by("pk").values_list("seal", flat=True))
    assert lines[0]["digest"] == made.digest == Seal.objects.get(pk=made.seal).digest
    assert "2 anchors compared" in verified(anchors=folder / FILE)
    check = trail_check(actor=SYSTEM, at=AT)
    assert (check.is_whole, check.anchors, told("audit.trail_broken")) == (True, 2, set())

    rewrite_everything()
    assert "The trail is whole" in verified(), "alone it looks whole: that is why anchors exist"
    with pytest.raises(CommandError, match=f"seal {made.seal}: has another digest than the one noted outside"):
        verified(anchors=folder / FILE)
    check = trail_check(actor=SYSTEM, at=AT)
    assert (check.is_whole, check.seal, check.row) == (False, made.seal, None)
    assert told("audit.trail_broken") == {"administrator@example.com"}


def test_a_trail_cut_off_is_found(town, folder):
    publish_some(1)
    seal_settled()
    publish_some(1)
    last = seal_settled()[-1]
    trail_anchor(at=AT)
    with without_trigger("outbox_domainevent"), without_trigger("outbox_seal"), transaction.atomic():
        sql("DELETE FROM outbox_delivery")
        sql("DELETE FROM outbox_domainevent WHERE seal_id = %s", last.pk)
        sql("DELETE FROM outbox_seal WHERE id = %s", last.pk)
    with pytest.raises(CommandError, match=f"seal {last.pk}: was noted outside and is gone"):
        verified(anchors=folder / FILE)
    (folder / FILE).write_text("nonsense\n")
    with pytest.raises(CommandError, match="line 1: no anchor"):
        verified(anchors=folder / FILE)
    with pytest.raises(CommandError):
        verified(anchors=folder / "missing")
    assert trail_check(actor=SYSTEM, at=AT).problem == "the file of anchors cannot be read"


def test_the_webhook_gets_a_signed_anchor_and_what_fails_is_told(town, folder, settings, monkeypatch):
    settings.TRAIL_ANCHOR_URL, settings.TRAIL_ANCHOR_SECRET = "https://anchors.example/", "shared"
    posted = []
    monkeypatch.setattr(checking, "post", lambda url, body, **rest: posted.append((url, body, rest["headers"])))
    publish_some(1)
    seal_settled()
    made = trail_anchor(at=AT)
    ((url, body, headers),) = posted
    assert url == "https://anchors.example/"
    assert json.loads(body) == {"at": AT.isoformat(), "seal": made.seal, "digest": made.digest}
    assert headers["X-Liren-Signature"] == signature("shared", headers["X-Liren-Timestamp"], body)
    assert told("audit.anchor_failed") == set()

    def refuse(*_args, **_rest):
        raise PostError("HTTP 500")

    monkeypatch.setattr(checking, "post", refuse)
    folder.joinpath(FILE).unlink()
    folder.joinpath(FILE).mkdir()  # nothing can be written there
    assert trail_anchor(at=AT).failed == ["file", "webhook"]
    assert told("audit.anchor_failed") == {"administrator@example.com"}


def test_the_page_proves_names_the_break_and_speaks_both_languages(town, folder, client):
    client.force_login(town.people["administrator"])
    page = reverse("audit:seals")
    assert "还没有核对过" in client.get(page).content.decode()
    events = publish_some(3)
    seal_settled()
    answer = client.post(page)
    job = Job.objects.get(kind="audit.check")
    assert answer.url == reverse("jobs:show", args=[job.public_id])
    assert job_run(job_id=job.pk, clock=lambda: AT).state == "done"
    TrailCheck.objects.update(at=timezone.now())
    assert "完整，没有动过" in client.get(page).content.decode()
    with without_trigger("outbox_domainevent"):
        sql("UPDATE outbox_domainevent SET area_code = '1' WHERE id = %s", events[1].pk)
    check = trail_check(actor=SYSTEM, at=AT)
    assert (check.table, check.row, check.problem) == ("outbox.DomainEvent", events[1].pk, "was changed")
    client.cookies["liren_lang"] = "en"
    TrailCheck.objects.exclude(pk=check.pk).delete()
    html = client.get(page).content.decode()
    assert f"row {events[1].pk}" in html
    client.force_login(town.people["dispatcher"])
    assert client.get(page).status_code == 403


@pytest.mark.parametrize("table", ["outbox_domainevent", "outbox_seal", "privacy_accesslog"])
def test_the_portals_own_role_may_not_even_try(table):
    """Besides the trigger: no privilege. Setting the first seal stays possible."""
    for statement in (f"UPDATE {table} SET digest = 'x'", f"DELETE FROM {table}"):
        with pytest.raises(ProgrammingError, match="permission denied"), connection.cursor() as cursor:
            cursor.execute(statement)
