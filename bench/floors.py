"""What the same work costs without our code: flat templates of the same rows, and the same statements by cursor."""

import re
import secrets
import time
import types
import uuid
from contextlib import nullcontext
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import include, path
from django.utils import timezone

from governance.access.decorators import public, requires
from governance.access.permissions import Capability
from governance.outbox import nudging

WORDS = "槐安里北侧小路的路灯不亮了，晚上看不清台阶，请来修一修。"
PLAIN = ("BEGIN", "COMMIT", "SAVEPOINT", "RELEASE", "ROLLBACK")


def install() -> None:
    """Add the floor's addresses and templates to the running settings."""
    from pathlib import Path

    urls = types.ModuleType("bench_urls")
    urls.urlpatterns = [
        path("bench/queue/", queue),
        path("bench/detail/<str:number>/", detail),
        path("bench/submit/", submit),
        path("", include("governance.urls")),
    ]
    import sys

    sys.modules["bench_urls"] = urls
    settings.ROOT_URLCONF = "bench_urls"
    settings.TEMPLATES[0]["DIRS"] = [*settings.TEMPLATES[0]["DIRS"], Path(__file__).parent / "templates"]


@requires(Capability.WORK)
def queue(request: HttpRequest) -> HttpResponse:
    """The rows of the queue, fetched by the same statement, written by a flat template in the same frame."""
    from requests_intake.selectors.queue import WORKLISTS, place_names, requests_in

    at = timezone.now()
    worklist = next(one for one in WORKLISTS if one.key == "open")
    rows = list(requests_in(worklist, request.viewer, at=at).order_by("next_due_at", "id")[:51])[:50]
    places = place_names(rows)
    cells = [
        {
            "number": row.number,
            "tail": row.number_tail,
            "title": row.title,
            "kind": row.kind,
            "category": row.category.name if row.category else "",
            "place": places.get(row.area_code, ""),
            "office": row.organisation.short_name if row.organisation else "",
            "handler": row.handler.display_name if row.handler else "",
            "due": row.next_due_at,
            "state": row.state,
        }
        for row in rows
    ]
    return render(request, "bench/queue_flat.html", {"rows": cells})


@requires(Capability.WORK)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """The data of one request by the same selectors, written by a flat template in the same frame."""
    from requests_intake.selectors.detail import request_detail, request_for

    found = request_for(number, request.viewer)
    page = request_detail(found, request.viewer, at=timezone.now())
    return render(request, "bench/detail_flat.html", {"detail": page, "service_request": found})


_statements: list[str] = []
# the captured request's primary key, and the replayed one's while a replay runs
_pk: dict[str, Any] = {"old": re.compile("(?!)"), "new": None}


@public("A floor of the benchmark.")
def submit(request: HttpRequest) -> HttpResponse:
    """The captured statements of a submission, by cursor, in one transaction."""
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in _statements:
            cursor.execute(statement if _pk["new"] is None else _pk["old"].sub(_pk["new"], statement))
            if statement.startswith('INSERT INTO "requests_intake_servicerequest"'):
                _pk["new"] = str(cursor.fetchone()[0])
    _pk["new"] = None
    return HttpResponseRedirect("/")


submit.csrf_exempt = True


class Replay:
    """Times a submission of `words` and its replay. `seconds` is the time of the last final POST alone."""

    def __init__(self, client: Client, words: str = WORDS) -> None:
        self.client = client
        self.words = words
        self.seconds = 0.0
        self.statements = 0
        self._captured: list[str] = []

    def _draft(self) -> str:
        from requests_intake.models import Category
        from requests_intake.services.drafts import draft_start

        category = Category.objects.filter(code__regex=r"^\d{6}$", stop_text="").order_by("code")[0]
        data = {
            "kind": "help",
            "body": self.words,
            "category_id": category.pk,
            "place_kind": "none",
            "name": "周梅",
            "phone": "13912342046",
            "may_be_public": False,
        }
        return draft_start(data=data, at=timezone.now())[1]

    def submit(self, counting: bool = False) -> None:
        """One final POST through the whole stack; the draft is made before the clock starts."""
        token = self._draft()
        nudging.settle()  # the last one's nudge is sent beside it and must not be paid for by this one
        with CaptureQueriesContext(connection) if counting else nullcontext() as captured:
            start = time.perf_counter()
            response = self.client.post(f"/report/{token}/preview/", {})
            self.seconds = time.perf_counter() - start
        if counting:
            self.statements = sum(not query["sql"].startswith(PLAIN) for query in captured.captured_queries)
        if response.status_code != 302 or "/receipt/" not in response["Location"]:
            raise SystemExit(f"the submission answered {response.status_code}")
        if not self._captured:
            self._capture()

    def _capture(self) -> None:
        token = self._draft()
        with CaptureQueriesContext(connection) as captured:
            self.client.post(f"/report/{token}/preview/", {})
        from requests_intake.models import ServiceRequest

        _pk["old"] = re.compile(rf"\b{ServiceRequest.objects.order_by('-pk')[0].pk}\b")
        self._captured = [q["sql"] for q in captured.captured_queries if not q["sql"].startswith(PLAIN)]

    def floor(self) -> None:
        """The same statements with fresh unique values, through the same middleware."""
        known = self._known()
        _statements[:] = [_renewed(statement, known) for statement in self._captured]
        nudging.settle()
        start = time.perf_counter()
        response = self.client.post("/bench/submit/", {"body": self.words})
        self.seconds = time.perf_counter() - start
        if response.status_code != 302:
            raise SystemExit(f"the floor answered {response.status_code}")

    def _known(self) -> dict[str, str]:
        """Unique values of the captured statements."""
        text = "\n".join(self._captured)
        digits = re.findall(r"'([0-9a-f]{64}|[0-9a-f]{32}|\d{15})'", text)
        fresh = {
            value: secrets.token_hex(len(value) // 2) if len(value) > 15 else f"9{secrets.randbelow(10**14):014d}"
            for value in digits
        }
        uuids = re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text)
        return fresh | {value: str(uuid.uuid4()) for value in uuids}


def _renewed(statement: str, known: dict[str, str]) -> str:
    for old, new in known.items():
        statement = statement.replace(old, new)
    return statement


def make_due(count: int, at: datetime) -> None:
    """Set the clocks of `count` open requests to fall due now."""
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM requests_intake_escalation")
        cursor.execute("DELETE FROM requests_intake_clock WHERE kind = 'accept'")
        cursor.execute(
            "UPDATE requests_intake_clock SET started_at = %s, warn_at = %s, due_at = %s, next_at = %s, level = 0 "
            "WHERE id IN (SELECT id FROM requests_intake_clock WHERE stopped_at IS NULL AND kind = 'answer' LIMIT %s)",
            [
                at - timedelta(days=5),
                at - timedelta(minutes=5),
                at + timedelta(days=2),
                at - timedelta(minutes=5),
                count,
            ],
        )
        missing = count - cursor.rowcount
        if missing > 0:  # closed requests lend theirs
            cursor.execute(
                "INSERT INTO requests_intake_clock "
                "(request_id, kind, started_at, warn_at, due_at, original_due_at, level, next_at, is_working) "
                "SELECT id, 'accept', submitted_at, %s, %s, %s, 0, %s, false FROM requests_intake_servicerequest "
                "WHERE state = 'closed' ORDER BY id LIMIT %s",
                [
                    at - timedelta(minutes=5),
                    at + timedelta(days=2),
                    at + timedelta(days=2),
                    at - timedelta(minutes=5),
                    missing,
                ],
            )
