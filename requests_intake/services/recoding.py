"""What follows in its own way when codes of areas change; everything else is moved by `governance.impact`."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from governance.impact.succession import Succession, successors
from requests_intake.models import Follow, UpstreamSource


def follows_join(pks: Sequence[Any], at: datetime) -> None:
    """End these: whoever followed both of two areas that were merged follows one."""
    Follow.objects.filter(pk__in=pks).update(ended_at=at)


def upstream_words_move(succession: Succession, at: datetime) -> int:
    """Let the words of upstream systems that stand for areas of ours stand for their successors; how many sources."""
    changed = 0
    with transaction.atomic():
        for source in UpstreamSource.objects.select_for_update(no_key=True).order_by("pk"):
            words = source.values.get("area") or {}
            moved = {word: (successors(code, succession.code_map) or [code])[0] for word, code in words.items()}
            if moved != words:
                source.values = {**source.values, "area": moved}
                source.save(update_fields=["values"])
                changed += 1
    return changed
