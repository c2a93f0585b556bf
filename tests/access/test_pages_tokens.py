"""Tokens of the interface: who issues them, that the secret is shown once and kept nowhere, that revoking ends them."""

import re
import uuid
from datetime import timedelta

import pytest
from django.utils import timezone

from governance.access.models import ApiToken, Grant, Role, User
from governance.access.services import token_digest, token_issue, token_revoke
from governance.errors import DomainError, Forbidden
from governance.organisations.models import Organisation
from governance.outbox.models import DomainEvent
from tests.access import conftest as territory
from tests.access.conftest import EAST, LAKE, WEST
from tests.sql import assert_sql
from tests.web.english import chinese_in

pytestmark = pytest.mark.django_db

LIST, NEW = "/staff/admin/tokens/", "/staff/admin/tokens/new/"
LIST_SQL = 6  # session, person, own grants, tokens, their grants with roles (2); area names are 1 more with a map


@pytest.fixture
def admin_client(client, administrator):
    client.force_login(administrator.user)
    return client


@pytest.fixture
def issue(administrator, organisation, at):
    def make(**changes):
        order = {
            "name": "市热线工单系统",
            "organisation": organisation,
            "role": Role.objects.get(key="exchange"),
            "area_code": LAKE,
            "expires_at": at + timedelta(days=30),
            "reason": "热线来文〔2026〕7 号",
            "submission_key": uuid.uuid4(),
            "actor": administrator,
            "at": at,
        }
        return token_issue(**(order | changes))

    return make


def form(owner, **changes):
    return {
        "key": str(uuid.uuid4()),
        "name": "市热线工单系统",
        "organisation": str(owner.public_id),
        "role": "exchange",
        "area_code": LAKE,
        "expires_at": timezone.localtime(timezone.now() + timedelta(days=30)).strftime("%Y-%m-%dT%H:%M"),
        "reason": "热线来文〔2026〕7 号",
    } | changes


def test_the_secret_is_shown_once_and_kept_nowhere(admin_client, organisation):
    sent = form(organisation)
    page = admin_client.post(NEW, sent)
    secret = re.search(r"liren_[\w-]{43}", page.content.decode())[0]
    assert "no-store" in page["Cache-Control"] or "max-age=0" in page["Cache-Control"]
    token = ApiToken.objects.get()
    assert token.digest == token_digest(secret)
    assert secret not in str(list(ApiToken.objects.values())) + str(list(DomainEvent.objects.values()))
    grant = Grant.objects.get(user=token.user)
    assert (grant.role.key, grant.area_code, grant.ends_at) == ("exchange", LAKE, token.expires_at)
    again = admin_client.post(NEW, sent, follow=True)
    assert ApiToken.objects.count() == 1
    assert secret not in again.content.decode()
    assert "只显示一次" in again.content.decode()
    listed = admin_client.get(LIST).content.decode()
    assert secret not in listed
    assert f"…{secret[-4:]}" in listed


def test_without_an_area_it_is_about_that_organisation_alone(issue, organisation):
    grant = Grant.objects.get(user=issue(area_code="").token.user)
    assert (grant.organisation, grant.area_code) == (organisation, organisation.area_code)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": " "}, "name"),
        ({"organisation": ""}, "organisation"),
        ({"role": "administrator"}, "role"),
        ({"area_code": EAST}, "area_code"),
        ({"expires_at": "2020-01-01T00:00"}, "expires_at"),
        ({"expires_at": "2099-01-01T00:00"}, "expires_at"),
        ({"expires_at": "soon"}, "expires_at"),
        ({"reason": ""}, "reason"),
    ],
)
def test_a_mistake_is_told_beside_its_field_and_issues_nothing(admin_client, organisation, changes, field):
    page = admin_client.post(NEW, form(organisation, **changes))
    assert page.status_code == 422
    assert set(page.context["form"].errors) == {field}
    assert not ApiToken.objects.exists()
    assert not User.objects.filter(kind="program").exists()
    assert admin_client.post(NEW, form(organisation)).status_code == 200


def test_the_service_holds_without_the_page(issue, viewer_with, at):
    for changes, code in [
        ({"role": Role.objects.get(key="administrator")}, "role_too_strong"),
        ({"expires_at": at}, "ends_in_past"),
        ({"expires_at": at + timedelta(days=400)}, "ends_too_late"),
        ({"name": ""}, "name_required"),
        ({"reason": ""}, "reason_required"),
        ({"area_code": "123456"}, "forbidden"),
    ]:
        with pytest.raises(DomainError) as refused:
            issue(**changes)
        assert refused.value.code == code
    with pytest.raises(Forbidden):
        issue(actor=viewer_with("dispatcher", WEST))
    assert not ApiToken.objects.exists()


def test_revoking_takes_a_reason_and_is_in_the_trail(admin_client, issue, administrator, at):
    token = issue().token
    address = f"{LIST}{token.public_id}/revoke/"
    assert admin_client.post(address, {"reason": " "}).status_code == 422
    assert ApiToken.objects.get().is_live(at)
    assert admin_client.post(address, {"reason": "系统下线"}).status_code == 302
    ended = ApiToken.objects.select_related("user").get()
    assert not ended.is_live(timezone.now())
    assert not ended.user.is_active
    assert (ended.revoked_by, ended.revoke_reason) == (administrator.user, "系统下线")
    token_revoke(token=token, reason="又一次", actor=administrator, at=at)
    assert ApiToken.objects.get().revoke_reason == "系统下线"
    names = DomainEvent.objects.filter(name__startswith="access.token").order_by("pk").values_list("name", flat=True)
    assert list(names) == ["access.token_issued", "access.token_revoked"]


def test_only_tokens_of_ones_area_are_there(admin_client, issue, viewer_with, give):
    eastern = Organisation.objects.create(kind="community", name="岭下社区", short_name="岭下", area_code=EAST)
    actor = viewer_with("administrator", EAST)
    foreign = issue(actor=actor, organisation=eastern, area_code=EAST, name="东边的系统").token
    issue(name="西边的系统")
    html = admin_client.get(LIST).content.decode()
    assert "西边的系统" in html
    assert "东边的系统" not in html
    assert admin_client.get(f"{LIST}{foreign.public_id}/revoke/").status_code == 404
    assert admin_client.post(f"{LIST}{foreign.public_id}/revoke/", {"reason": "x"}).status_code == 404


@pytest.mark.parametrize("role", ["dispatcher", "supervisor", "operations_admin"])
def test_others_have_no_such_page(client, issue, viewer_with, role):
    token = issue().token
    client.force_login(viewer_with(role, WEST).user)
    for address in (LIST, NEW, f"{LIST}{token.public_id}/revoke/"):
        assert client.get(address).status_code == 403


def test_the_list_costs_the_same_however_long_it_is(admin_client, issue):
    issue()
    with assert_sql(LIST_SQL, at_most=True):
        admin_client.get(LIST)
    for _ in range(12):
        issue()
    with assert_sql(LIST_SQL, at_most=True):
        assert admin_client.get(LIST).content.decode().count("<tr>") == 14


def test_the_pages_are_english_for_who_reads_english(
    admin_client, administrator, issue, organisation, settings, at, monkeypatch
):
    monkeypatch.setattr(territory, "NAMES", {code: f"Area {code}" for code in territory.NAMES})
    User.objects.update(display_name="Officer")
    Organisation.objects.update(name_en="Anju Property", short_name_en="Anju")
    admin_client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    live, used, over = (issue(name="Hotline system", reason="Letter 7") for _ in range(3))
    ApiToken.objects.filter(pk=used.token.pk).update(last_used_date=at.date())
    token_revoke(token=over.token, reason="gone", actor=administrator, at=at)
    pages = [LIST, NEW, f"{LIST}{live.token.public_id}/revoke/"]
    for address in pages:
        html = admin_client.get(address).content.decode()
        assert chinese_in(html) == [], address
    posted = admin_client.post(NEW, form(organisation, name="Hotline system", reason="Letter 8"))
    assert chinese_in(posted.content.decode()) == []
    refused = admin_client.post(NEW, form(organisation, name="", reason="", role=""))
    assert chinese_in(refused.content.decode()) == []
