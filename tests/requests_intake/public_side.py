"""Words of the tests of the public side."""

from datetime import datetime, timedelta
from typing import Any

from requests_intake.models import Publication, ServiceRequest
from requests_intake.publication import PublicWords, automatic_words, last_answer
from requests_intake.services.moderation import publication_release
from requests_intake.services.publishing import publications_follow
from tests.factories.world import MORNING, World

LATER = MORNING + timedelta(hours=3)


def open_version(request: ServiceRequest, at: datetime = LATER) -> Publication:
    """The public version of a request, waiting."""
    publications_follow(request_ids=[request.pk], at=at)
    return Publication.objects.get(request=request)


def release(world: World, request: ServiceRequest, at: datetime = LATER, **changes: Any) -> Publication:
    """Release a request in its automatic words, or in others."""
    publication = open_version(request, at)
    answer = last_answer(request)
    values: dict[str, Any] = {
        "publication": publication,
        "version": publication.version,
        "words": automatic_words(request, answer),
        "photo_ids": [],
        "answer_id": answer.pk if answer is not None else None,
        "reason": "",
        "actor": world.viewer("dispatcher"),
        "at": at,
    }
    for name in ("title", "body", "reply"):
        if name in changes:
            old = values["words"]
            values["words"] = PublicWords(
                **{n: getattr(old, n) for n in ("title", "body", "reply")} | {name: changes[name]}
            )
    return publication_release(**values | {key: value for key, value in changes.items() if key in values})
