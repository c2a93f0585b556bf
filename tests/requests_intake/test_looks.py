"""Who looked at somebody's contact details: every look, by office, for the holder of the link and of the account."""

from datetime import timedelta

import pytest
from django.urls import reverse

from requests_intake.models import ServiceRequest
from requests_intake.services.handling import contact_reveal
from tests.factories.residents import resident
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
LATER = MORNING + timedelta(hours=4)


def test_every_look_is_told_and_no_colleague_named(world, client, time_machine):
    time_machine.move_to(LATER, tick=False)
    request = to_state(world, "contacted", at=MORNING)
    other = to_state(world, "contacted", at=MORNING)
    page = reverse("intake:looks", args=[request.track_token])
    assert "还没有人看过" in client.get(page).content.decode()
    for purpose, hours in (("visit", 1), ("contact", 2)):
        at = MORNING + timedelta(hours=hours)
        contact_reveal(request=request, purpose=purpose, actor=world.viewer("handler"), at=at)
    contact_reveal(request=other, purpose="callback", actor=world.viewer("handler"), at=LATER)
    html = client.get(page).content.decode()
    assert html.index("联系您核实情况") < html.index("约上门时间"), "the latest first"
    assert "回访" not in html, "another request's"
    assert world.organisations["lamps"].name in html
    assert world.people["handler"].display_name not in html
    assert (
        reverse("intake:looks", args=[request.track_token])
        in client.get(reverse("intake:track", args=[request.track_token])).content.decode()
    )
    assert client.get(reverse("intake:looks", args=["nothing"])).status_code == 404


def test_an_account_sees_the_looks_at_all_its_requests(world, client, time_machine):
    time_machine.move_to(LATER, tick=False)
    owner, stranger = resident(at=MORNING), resident(name="陈立", phone="+8613812340000", at=MORNING)
    requests = [to_state(world, "contacted", at=MORNING) for _number in range(3)]
    ServiceRequest.objects.filter(pk__in=[one.pk for one in requests[:2]]).update(account=owner)
    for one in requests:
        contact_reveal(request=one, purpose="visit", actor=world.viewer("handler"), at=LATER)
    client.force_login(owner, backend="governance.accounts.backends.ResidentBackend")
    with assert_sql(9, at_most=True):
        html = client.get(reverse("intake:my-looks")).content.decode()
    assert html.count("约上门时间") == 2
    client.force_login(stranger, backend="governance.accounts.backends.ResidentBackend")
    assert "还没有人看过" in client.get(reverse("intake:my-looks")).content.decode()
    client.force_login(world.people["handler"], backend="governance.access.backends.GrantBackend")
    assert client.get(reverse("intake:my-looks")).status_code == 403
