"""What moderators read: the queue, and one public version beside the private words it is made of."""

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access import areas
from governance.access.checks import can
from governance.access.rules import area_q
from governance.access.viewer import Viewer
from governance.text import Span, find_personal_data
from requests_intake.models import (
    ModerationStep,
    Publication,
    PublicPhoto,
    PublicState,
    ServiceRequest,
)
from requests_intake.permissions import Capability
from requests_intake.publication import PublicWords, automatic_words, last_answer, readable_attachments
from requests_intake.selectors.drafts import Photo, photo_of
from requests_intake.selectors.sight import unshielded

VIEWS: tuple[tuple[str, str | Promise], ...] = (
    ("waiting", _("等审核")),
    ("released", _("已公开")),
    ("refused", _("不公开的")),
)
KINDS: dict[str, str | Promise] = {
    "mobile": _("手机号"),
    "landline": _("电话号"),
    "id_card": _("证件号"),
    "bank_card": _("银行卡号"),
    "email": _("邮箱"),
    "plate": _("车牌号"),
    "account": _("聊天账号"),
    "house": _("门牌"),
    "name": _("称呼"),
}
# Pointed out, not masked: a street lamp has a house number, too, and a doctor is no neighbour.
_SALUTATION = re.compile(r"[\u4e00-\u9fff]{1,2}(?:先生|女士|小姐|阿姨|叔叔|大爷|大妈|大姐|师傅|老师)")
_HOUSE = re.compile(r"[0-9０-９]+\s?(?:号楼|幢|栋|弄|单元|室|户)(?:\s?[0-9]+\s?(?:号|单元|室))*")


def moderated(viewer: Viewer, view: str) -> Any:
    """Public versions inside the viewer's areas: waiting ones with their request's title, or those decided. 1 SQL."""
    inside = area_q(viewer.areas(Capability.MODERATE))
    queryset = (
        Publication.objects.none()
        if inside is None
        else Publication.objects.filter(inside, unshielded(viewer, "request"))
    )
    queryset = queryset.select_related("request", "category", "organisation").defer(
        "body", "reply", "history", "pieces", "request__body", "request__track_token"
    )
    if view == "waiting":
        return queryset.filter(needs_review=True)
    decided = queryset.filter(decided_at__isnull=False)
    if view == "released":
        return decided.filter(state=PublicState.RELEASED)
    return decided.filter(state__in=[PublicState.KEPT, PublicState.TAKEN_BACK])


def publication_of(number: str, viewer: Viewer) -> Publication | None:
    """The public version of the request with this number, where the viewer moderates; else None. 1 SQL."""
    if not (number.isascii() and number.isdecimal()):
        return None
    found: Publication | None = (
        Publication.objects.visible_to(viewer)
        .filter(unshielded(viewer, "request"), request__number=number)
        .select_related("request", "request__category", "organisation", "category")
        .first()
    )
    return found if found is not None and can(viewer, Capability.MODERATE, found) else None


@dataclass(frozen=True, slots=True)
class Piece:
    """A stretch of text. `kind`: "" plain, a kind of personal data, "added", "dropped" or "gap" (left out here)."""

    text: str
    kind: str = ""
    label: str | Promise = ""


@dataclass(frozen=True, slots=True)
class PhotoChoice:
    """One private photo, its public copy if there is one, and whether that is shown."""

    source: Photo
    copy: Photo | None
    areas: int
    is_shown: bool
    of_reply: bool


@dataclass(frozen=True, slots=True)
class Moderation:
    """The whole moderation page."""

    publication: Publication
    request: ServiceRequest
    place: str
    title: list[Piece]
    body: list[Piece]
    reply: list[Piece]
    original_reply: str
    found: int
    proposed: PublicWords
    shown: PublicWords
    photos: list[PhotoChoice]
    steps: list[ModerationStep]
    has_new_reply: bool
    answer_id: int | None


def moderation(publication: Publication) -> Moderation:
    """Return original and public version side by side, photos and steps: 5 SQL."""
    request = publication.request
    answer = last_answer(request)
    proposed = automatic_words(request, answer)
    has_new_reply = publication.is_released and answer is not None and answer.pk != publication.reply_seen_id
    shown = proposed
    if publication.body:
        reply = proposed.reply if has_new_reply else publication.reply
        shown = PublicWords(publication.title, publication.body, reply)
    originals = [request.title, request.body, answer.text if answer is not None else ""]
    return Moderation(
        publication=publication,
        request=request,
        place=_place(publication.area_code),
        title=marked(originals[0]),
        body=marked(originals[1]),
        reply=marked(originals[2]),
        original_reply=originals[2],
        found=sum(len(find_personal_data(text)) for text in originals[1:]),
        proposed=proposed,
        shown=shown,
        photos=photo_choices(publication),
        steps=list(
            ModerationStep.objects.filter(publication=publication).select_related("actor").order_by("-at", "-pk")
        ),
        has_new_reply=has_new_reply,
        answer_id=answer.pk if answer is not None else None,
    )


def photo_choices(publication: Publication) -> list[PhotoChoice]:
    """The request's photos, the resident's before those of replies, with their public copies: 2 SQL."""
    copies = {
        row.source_id: row
        for row in PublicPhoto.objects.filter(publication=publication, is_current=True).select_related("file")
    }
    rows = readable_attachments(publication.request_id)
    choices = []
    for row in sorted(rows, key=lambda row: (row.reply_id is not None, row.position, row.pk)):
        copy = copies.get(row.file_id)
        choices.append(
            PhotoChoice(
                source=photo_of(row.file),
                copy=photo_of(copy.file) if copy is not None else None,
                areas=len(copy.areas) if copy is not None else 0,
                is_shown=copy is not None and copy.is_shown,
                of_reply=row.reply_id is not None,
            )
        )
    return choices


def marked(text: str) -> list[Piece]:
    """The text in pieces, personal data named in words."""
    spans = find_personal_data(text)
    for kind, pattern in (("house", _HOUSE), ("name", _SALUTATION)):
        for match in pattern.finditer(text):
            if not any(span.start < match.end() and match.start() < span.end for span in spans):
                spans.append(Span(kind, *match.span()))
    return list(_marked(text, sorted(spans, key=lambda span: span.start)))


def _marked(text: str, spans: Iterable[Span]) -> Iterable[Piece]:
    position = 0
    for span in spans:
        if span.start > position:
            yield Piece(text[position : span.start])
        yield Piece(text[span.start : span.end], span.kind, KINDS[span.kind])
        position = span.end
    if position < len(text):
        yield Piece(text[position:])


_WORD = re.compile(r"[0-9A-Za-z*]+|\s+|.", re.DOTALL)


def difference(original: str, public: str) -> list[Piece]:
    """What was dropped from the original and what was added, in reading order; [] when nothing differs."""
    if original == public:
        return []
    before, after = _WORD.findall(original), _WORD.findall(public)
    pieces: list[Piece] = []
    for name, i1, i2, j1, j2 in difflib.SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if name == "equal":
            pieces.append(Piece("".join(before[i1:i2])))
            continue
        if i2 > i1:
            pieces.append(Piece("".join(before[i1:i2]), "dropped", _("删去")))
        if j2 > j1:
            pieces.append(Piece("".join(after[j1:j2]), "added", _("加上")))
    return pieces


def _place(code: str) -> str:
    path = [code[:9], code[:12], code]
    names = areas.names(path)
    return " · ".join(names[part] for part in dict.fromkeys(path) if part in names)
