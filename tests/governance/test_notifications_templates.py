"""The office's own texts: a typing mistake shows when it is saved, not in a citizen's letter."""

from collections.abc import Iterator

import pytest

from governance.access.viewer import SYSTEM, HeldGrant, Viewer
from governance.errors import DomainError, Forbidden
from governance.notifications.models import MessageTemplate
from governance.notifications.permissions import Capability
from governance.notifications.services import template_save
from governance.notifications.texts import shown_value
from governance.outbox.models import DomainEvent
from tests.governance.notice_support import AT, KIND, person, registered


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    with registered(KIND):
        yield


def editor(area_code: str) -> Viewer:
    """Somebody who may edit texts in an area."""
    grant = HeldGrant(1, "administrator", frozenset({str(Capability.EDIT_TEMPLATE)}), area_code, None)
    return Viewer(kind="staff", user=person(f"editor{area_code}"), grants=(grant,))


@pytest.mark.django_db
def test_text_is_saved_and_saved_again() -> None:
    for subject in ("请办理 {number}", "请尽快办理 {number}"):
        template_save(
            kind=KIND.key, language="zh-hans", subject=subject, body="{office}：{due_at}", actor=SYSTEM, at=AT
        )
    assert MessageTemplate.objects.get(is_current=True).subject == "请尽快办理 {number}"
    assert DomainEvent.objects.filter(name="notifications.template_changed").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"kind": "no.such"}, "kind"),
        ({"language": "fr"}, "language"),
        ({"subject": "  "}, "subject"),
        ({"body": "期限 {dueat}"}, "body"),
        ({"body": "{number.__class__}"}, "body"),
        ({"subject": "{number"}, "subject"),
    ],
)
def test_mistakes_are_refused_beside_their_field(change: dict[str, str], field: str) -> None:
    right = {"kind": KIND.key, "language": "zh-hans", "subject": "{number}", "body": "{due_at}"}
    with pytest.raises(DomainError) as refused:
        template_save(**(right | change), actor=SYSTEM, at=AT)
    assert refused.value.field == field
    assert not MessageTemplate.objects.exists()
    template_save(**right, actor=SYSTEM, at=AT)


@pytest.mark.django_db
def test_texts_of_the_whole_district_are_not_edited_from_one_sub_district() -> None:
    right = {"kind": KIND.key, "language": "en", "subject": "{number}", "body": "{due_at}"}
    with pytest.raises(Forbidden):
        template_save(**right, actor=editor("440310001"), at=AT)
    template_save(**right, actor=editor("440310"), at=AT)


@pytest.mark.parametrize(
    ("key", "value", "chinese", "english"),
    [
        ("number", 12, "12", "12"),
        ("due_at", None, "", ""),
        ("due_at", "", "", ""),
        ("office", {"zh": "青禾社区", "en": "Qinghe"}, "青禾社区", "Qinghe"),
        ("office", {"zh": "青禾社区", "en": ""}, "青禾社区", "青禾社区"),
        ("lines", [{"zh": "一", "en": "one"}, "2"], "一\n2", "one\n2"),
    ],
)
def test_values_are_shown_as_people_of_that_language_read_them(
    key: str, value: object, chinese: str, english: str
) -> None:
    assert shown_value(key, value, "zh-hans", AT) == chinese
    assert shown_value(key, value, "en", AT) == english


def test_times_are_local_and_name_the_year_when_it_is_another() -> None:
    assert shown_value("due_at", "2026-11-30T16:00:00+00:00", "zh-hans", AT) == "12月1日（周二）00:00"
    assert shown_value("due_at", "2026-12-31T16:00:00+00:00", "zh-hans", AT) == "2027年1月1日（周五）00:00"
