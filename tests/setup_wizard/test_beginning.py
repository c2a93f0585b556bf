"""An empty portal: what it shows, who may begin, and that only one does."""

import re
import threading

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, User
from governance.errors import DomainError, StaleState
from governance.outbox.models import DomainEvent
from grid.district import district_code
from grid.models import Area
from setup_wizard import divisions
from setup_wizard.links import begin_token
from setup_wizard.services.beginning import portal_begin
from tests.factories.world import DISTRICT, MORNING, PASSWORD
from tests.setup_wizard.conftest import FIRST

ANSWERS = {
    "code": DISTRICT,
    "name": "澄湾区",
    "name_en": "",
    "display_name": "顾南枝",
    "email": FIRST,
    "password": PASSWORD,
    "password_again": PASSWORD,
}


def printed(capsys) -> str:
    call_command("setup_link")
    return capsys.readouterr().out.strip()


def test_the_front_page_says_that_it_has_not_begun(empty, client):
    html = client.get("/").content.decode()
    assert "还没有开通" in html
    assert "setup_link" in html
    assert "澄湾" not in html
    assert "12345" in html
    assert client.get("/staff/setup/").status_code == 302


def test_the_printed_link_leads_through_to_the_wizard(empty, client, capsys):
    link = printed(capsys)
    path = re.sub(r"^https?://[^/]+", "", link)
    assert "第一位管理员" in client.get(path).content.decode()
    response = client.post(path, ANSWERS)
    assert response["Location"] == reverse("setup:overview")
    html = client.get(response["Location"]).content.decode()
    assert "开通设置" in html
    assert district_code() == DISTRICT
    user = User.objects.get()
    assert user.check_password(PASSWORD)
    assert set(Grant.objects.values_list("role__key", "area_code")) == {
        ("administrator", DISTRICT),
        ("operations_admin", DISTRICT),
    }
    assert "setup_wizard.portal_begun" in DomainEvent.objects.values_list("name", flat=True)
    assert "还没有开通" not in client.get("/").content.decode()
    # now the link is used up, for everybody
    assert client.get(path).status_code == 410
    assert Client().post(path, ANSWERS | {"email": "other@office.example"}).status_code == 410
    assert User.objects.count() == 1
    assert printed(capsys) == ""


def test_a_forged_or_old_link_opens_nothing(empty, client, time_machine):
    token = begin_token()
    assert client.get(reverse("setup:begin", args=[token[:-1] + "x"])).status_code == 410
    time_machine.move_to(MORNING.replace(day=MORNING.day + 2), tick=False)
    assert client.get(reverse("setup:begin", args=[token])).status_code == 410


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"code": "44031"}, "6 位数字"),
        ({"name": ""}, "请写区的名称"),
        ({"email": "nobody"}, "邮箱没有看懂"),
        ({"password": "short", "password_again": "short"}, "10"),
        ({"password_again": "another-one-entirely"}, "两次写的密码不一样"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_lost_or_left(empty, client, changed, told):
    response = client.post(reverse("setup:begin", args=[begin_token()]), ANSWERS | changed)
    html = response.content.decode()
    assert response.status_code == 422
    assert told in html
    assert 'value="顾南枝"' in html
    assert PASSWORD not in html
    assert not User.objects.exists()
    assert not Area.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_of_two_who_begin_at_once_one_does():
    results = []

    def begin(number):
        try:
            values = {name: value for name, value in ANSWERS.items() if name != "password_again"}
            portal_begin(**(values | {"email": f"{number}@office.example"}), at=MORNING)
            results.append("begun")
        except (StaleState, DomainError) as error:
            results.append(error.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=begin, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(results) == ["begun", "portal_begun", "portal_begun"]
    assert User.objects.count() == 1


def test_districts_of_the_official_list(empty, client, settings, tmp_path):
    folder = tmp_path / "divisions"
    folder.mkdir()
    (folder / "areas.csv").write_text(
        'code,name,cityCode,provinceCode\n110105,"朝阳区",1101,11\n220104,"朝阳区",2201,22\n440310,"坪山区",4403,44\n',
        encoding="utf-8",
    )
    settings.DATA_DIR = tmp_path
    page = reverse("setup:begin", args=[begin_token()])
    html = client.get(page, {"q": "朝阳"}).content.decode()
    assert "北京" in html
    assert "吉林" in html
    chosen = client.get(page, {"q": "坪山"}).content.decode()
    assert 'value="440310"' in chosen
    assert [one.code for one in divisions.districts_like("4403")] == ["440310"]
    assert divisions.plain_name("多福巷社区居委会") == "多福巷社区"
    assert divisions.plain_name("岭下村委会") == "岭下村"
    assert divisions.plain_name("清河坊社区") == "清河坊社区"
