"""Public versions of the demo's past: what staff released, kept private, and what waits for a look today."""

import hashlib
import re
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from demo.loading.copying import copy_in, give_keys
from governance.access.models import Grant, User
from governance.files.models import StoredFile, Variant
from governance.refs import ref_of
from governance.text.words import bigrams
from requests_intake.models import (
    Attachment,
    MeToo,
    ModerationStep,
    Publication,
    PublicPhoto,
    PublicReason,
    PublicState,
    RequestTransition,
    ServiceRequest,
)
from requests_intake.publication import ANSWERS, PublicWords, automatic_words
from requests_intake.services.figures import figures_refresh
from requests_intake.services.moderation import snapshot_of
from requests_intake.services.publishing import points_of, publication_copy

# Moderators look within a working day; what came later waits in the queue.
LOOKED_AFTER = timedelta(hours=20)
PHOTOS_MAX = 80
KEPT_EVERY = 23
# What the moderators take out by hand: no program knows which house number is a home.
_HOUSE = re.compile(
    r"\d+\s?弄(?:\d+\s?号)?|\d+\s?(?:号楼|幢|栋)(?:\s?\d+\s?单元)?(?:\s?\d+\s?室)?|\d+\s?单元(?:\d+\s?室)?"
)

_SALUTATION = re.compile(r"[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐|阿姨|叔叔|大爷|大妈|大姐|师傅|老师)")


def _taken_out(text: str) -> str:
    return _SALUTATION.sub("这位居民", _HOUSE.sub("某栋楼", text))


def load_publications(at: datetime) -> int:
    """Write the public versions as the services would have done at those times; returns how many."""
    rng = Random(990107)
    requests = list(
        ServiceRequest.objects.filter(may_be_public=True)
        .defer("track_token")
        .prefetch_related("category", "organisation")
        .order_by("submitted_at", "pk")
    )
    histories: dict[int, list[RequestTransition]] = {}
    rows = RequestTransition.objects.filter(request__may_be_public=True, is_public=True).prefetch_related(
        "organisation"
    )
    for row in rows.order_by("at", "pk"):
        histories.setdefault(row.request_id, []).append(row)
    points = points_of(requests)
    moderators = _moderators()
    publications, steps, me_toos = [], [], []
    rows = [Publication(request=request) for request in requests]
    give_keys(rows)
    for number, (request, publication) in enumerate(zip(requests, rows, strict=True)):
        looked = request.dispatched_at + LOOKED_AFTER if request.dispatched_at else None
        history = histories.get(request.pk, [])
        reply = next((row for row in reversed(history) if row.name in ANSWERS), None)
        if looked is not None and looked < at:
            steps.append(_decide(publication, request, reply, looked, at, number, moderators))
        publication_copy(publication, request, history, points)
        if publication.is_released:
            me_toos += _neighbours(publication, rng, at)
        publications.append(publication)
    for rows in (publications, steps, me_toos):
        copy_in(rows)
    counted = [one.request for one in publications if one.me_too_count]
    ServiceRequest.objects.bulk_update(counted, ["me_too_count"], batch_size=1000)
    _photos([one for one in reversed(publications) if one.is_released])
    figures_refresh(at=at)
    return len(publications)


def _moderators() -> list[tuple[str, User]]:
    """Dispatchers with their areas, the smaller areas first."""
    grants = Grant.objects.filter(role__key="dispatcher", organisation=None).select_related("user")
    return sorted(
        ((grant.area_code or "", grant.user) for grant in grants), key=lambda pair: (-len(pair[0]), pair[1].pk)
    )


def _decide(
    publication: Publication,
    request: ServiceRequest,
    reply: RequestTransition | None,
    looked: datetime,
    at: datetime,
    number: int,
    moderators: list[tuple[str, User]],
) -> ModerationStep:
    """Release in the automatic words, or keep private; an answer of the last day still waits for a look."""
    before = snapshot_of(publication)
    seen = reply if reply is not None and reply.at + LOOKED_AFTER < at else None
    automatic = automatic_words(request, seen)
    words = PublicWords(*(_taken_out(text) for text in (automatic.title, automatic.body, automatic.reply)))
    publication.decided_at, publication.version = looked, 1
    if number % KEPT_EVERY == 0:
        publication.state, publication.reason = PublicState.KEPT, PublicReason.PRIVATE_MATTER
        name = ModerationStep.Name.KEEP
    else:
        publication.state, publication.released_at = PublicState.RELEASED, looked
        publication.title, publication.body, publication.reply = words.title, words.body, words.reply
        publication.reason = PublicReason.PERSONAL if words != automatic else ""
        publication.reply_seen_id = seen.pk if seen is not None else None
        publication.pieces = sorted(bigrams(f"{words.title} {words.body} {words.reply}"))
        name = ModerationStep.Name.RELEASE
    actor = next(user for area, user in moderators if request.area_code.startswith(area))
    return ModerationStep(
        publication=publication,
        name=name,
        at=looked,
        actor=actor,
        actor_kind="staff",
        reason=publication.reason,
        before=before,
        after=snapshot_of(publication),
    )


def _neighbours(publication: Publication, rng: Random, at: datetime) -> list[MeToo]:
    """One in three has neighbours who said that they have it, too."""
    count = rng.choice((0, 0, 0, 0, 1, 1, 2, 3, 5, 11)) if publication.kind != "enquiry" else 0
    publication.me_too_count = publication.request.me_too_count = count
    return [
        MeToo(
            publication=publication,
            person=hashlib.sha256(f"demo:{rng.random()}".encode()).hexdigest(),
            at=min(at, (publication.released_at or at) + timedelta(hours=rng.uniform(1, 60))),
        )
        for _one in range(count)
    ]


def _photos(newest: Iterable[Publication]) -> None:
    """Public copies of the photos of the newest ones; drawn pictures show nobody who had to be covered."""
    by_request = {publication.request_id: publication for publication in newest}
    attachments = Attachment.objects.filter(request_id__in=list(by_request)).select_related("file").order_by("-pk")
    files, photos = [], []
    for attachment in attachments[:PHOTOS_MAX]:
        publication = by_request[attachment.request_id]
        photo = PublicPhoto(
            publication=publication,
            source=attachment.file,
            of_reply=attachment.reply_id is not None,
            is_shown=True,
            created_at=publication.released_at,
        )
        photo.file = _copied(attachment.file, photo)
        files.append(photo.file)
        photos.append(photo)
    StoredFile.objects.bulk_create(files)
    PublicPhoto.objects.bulk_create(photos)


def _copied(source: StoredFile, photo: PublicPhoto) -> StoredFile:
    copy = StoredFile(
        uuid=uuid.uuid4(),
        sha256=source.sha256,
        size=source.size,
        width=source.width,
        height=source.height,
        owner_ref=ref_of(photo),
        created_at=photo.created_at,
    )
    for variant in Variant:
        with default_storage.open(source.path(variant)) as original:
            default_storage.save(copy.path(variant), ContentFile(original.read()))
    return copy
