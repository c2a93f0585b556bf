"""Kinds of notice say what people choose by and what their placeholders mean."""

import pytest

from governance.notifications.groups import OTHER
from governance.notifications.previews import places, previews, variants
from governance.notifications.registry import NoticeKind, all_kinds


@pytest.mark.parametrize("kind", all_kinds(), ids=lambda kind: kind.key)
def test_a_kind_has_a_group_and_explains_its_placeholders(kind: NoticeKind) -> None:
    """Whoever chooses what reaches them, and whoever edits a text, has only these words to go by.

    Put `group=` at the kind and `describe_places` beside it (requests_intake/notice_groups.py shows how).
    """
    assert kind.group is not OTHER, f"{kind.key} has no group"
    assert not [name for name, place in places(kind) if not place.meaning], f"{kind.key}: undescribed placeholders"
    assert not set(kind.needed) - kind.placeholders
    assert len(previews(kind, {})) == len(variants(kind)), f"{kind.key}: a built-in text cannot be filled"


def test_what_calls_somebody_in_the_night_does_not_wait_for_the_morning() -> None:
    """Quiet hours hold for everything else; a code, a call of the duty officer and a receipt are waited for."""
    urgent = {kind.key for kind in all_kinds() if kind.is_urgent}
    assert {"accounts.code", "requests_intake.alert", "requests_intake.received"} <= urgent
    assert "requests_intake.deadline" not in urgent
