"""What the portal sends to people who read English is English: every kind of notice, and a real walk by e-mail."""

import string
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from governance.access.models import User
from governance.access.viewer import SYSTEM
from governance.notifications.registry import NoticeKind, all_kinds
from governance.notifications.services import DELAY, sending, template_save
from governance.outbox import relay
from tests.factories import world as worlds
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state
from tests.web.english import CHINESE, chinese_in

REPORTED = "The street lamp north of building 7 has been out for three days."


def _keys(text: str) -> set[str]:
    return {name for _literal, name, _format, _conversion in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.key)
def test_each_kind_has_both_languages(kind: NoticeKind):
    """Both texts speak of the same facts, and the English one holds no Chinese."""
    texts = [(kind.subject_zh, kind.subject_en), (kind.body_zh, kind.body_en)]
    if kind.sms_zh or kind.sms_en:
        texts.append((kind.sms_zh, kind.sms_en))
    for chinese, english in texts:
        assert CHINESE.search(chinese)
        assert english
        assert not CHINESE.search(english)
        assert _keys(chinese) == _keys(english)


@pytest.fixture
def world(db: None, time_machine: Any) -> worlds.World:
    time_machine.move_to(MORNING, tick=False)
    yield worlds.build()
    worlds.forget()


def test_the_letters_of_one_request(world: worlds.World, time_machine: Any):
    """Received, taken on, answered to the resident; arrived and back for rework to the office: all in English."""
    User.objects.update(language="en")
    to_state(world, "rework", language="en", body=REPORTED)
    later = MORNING + timedelta(hours=3)
    time_machine.move_to(later, tick=False)
    relay.drain(later)
    while sending.send_batch(at=later + DELAY).claimed:
        pass
    texts = [f"{letter.subject}\n{letter.body}" for letter in mail.outbox]
    assert len({letter.subject.partition("202")[0] for letter in mail.outbox}) >= 5, texts
    assert [
        text for text in texts if CHINESE.search(text.replace("两盏灯都修好了。", "").replace("灯还是不亮", ""))
    ] == []
    assert any("Tue 24 Nov, 18:00" in text for text in texts), texts


def test_the_inbox_reads_like_the_page(world: worlds.World, client: Client, time_machine: Any):
    """Notices in the portal follow the language of the page, not of the account."""
    to_state(world, "dispatched", body=REPORTED)
    relay.drain(MORNING + timedelta(hours=3))
    time_machine.move_to(timezone.now() + DELAY)  # until then a dispatch can be taken back, and nobody reads of it
    client.force_login(world.people["handler"])
    client.cookies["liren_lang"] = "en"
    html = client.get(reverse("notifications:inbox")).content.decode()
    assert "New order" in html
    assert 'lang="en"' in html


def test_the_messages_page_of_a_demo(world: worlds.World, client: Client, settings: Any):
    settings.LIREN_MESSAGE_PAGE = True
    to_state(world, "submitted", language="en", body=REPORTED, email="")
    later = MORNING + timedelta(hours=3)
    relay.drain(later)
    sending.send_batch(at=later + DELAY)
    client.cookies["liren_lang"] = "en"
    for query in ("", "?channel=sms", "?channel=email"):
        html = client.get(reverse("notifications:sent") + query).content.decode()
        assert chinese_in(html) == []
    assert "We have your report" in client.get(reverse("notifications:sent")).content.decode()


def test_the_pages_on_which_texts_are_written(world: worlds.World, client: Client):
    """Every kind's page, with a version of its own among them, and with what is refused beside the field."""
    client.force_login(world.people["administrator"])
    client.cookies["liren_lang"] = "en"
    own = {"channel": "letter", "language": "en", "subject": "Ours: {number}", "body": "Our own words: {link}"}
    template_save(kind="requests_intake.received", actor=SYSTEM, at=MORNING, **own)
    for kind in all_kinds():
        html = client.get(reverse("notifications:template", args=[kind.key])).content.decode()
        assert chinese_in(html) == [], kind.key
    received = reverse("notifications:template", args=["requests_intake.received"])
    html = client.get(f"{received}?channel=letter&language=en").content.decode()
    assert "Our own words" in html
    assert chinese_in(html) == []
    html = client.get(f"{reverse('notifications:template', args=['accounts.code'])}?channel=sms").content.decode()
    assert chinese_in(html) == []
    refused = client.post(received, {"seen": "0", "subject": "{numbre}", "body": "x"})
    assert refused.status_code == 422
    assert chinese_in(refused.content.decode()) == []
