"""What of a request the public would see after release: one definition, shown in the preview and, later, published."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from governance.access import areas
from governance.text import clean_text, mask_personal_data
from requests_intake.models import Attachment, RequestKind, RequestTransition, ServiceRequest

GRID_CODE_LENGTH = 15


@dataclass(frozen=True, slots=True)
class PublicView:
    """Everything that would become public, and nothing else. `place` is never closer than the grid."""

    kind_label: str
    category_label: str
    title: str
    body: str
    place: str
    masked: bool
    photo_count: int


def public_view(
    *, kind: str, category_label: str, title: str, body: str, area_code: str, photo_count: int
) -> PublicView:
    """Return the public version: personal data in the words masked, the place snapped to its grid or community."""
    code = area_code[:GRID_CODE_LENGTH]
    names = areas.names([code[:9], code[:12], code])
    path = [names[part] for part in dict.fromkeys([code[:9], code[:12], code]) if part in names]
    masked_body = mask_personal_data(body)
    return PublicView(
        kind_label=str(RequestKind(kind).label),
        category_label=category_label,
        title=mask_personal_data(title),
        body=masked_body,
        place=" · ".join(path) or _("不公开地点"),
        masked=masked_body != body,
        photo_count=photo_count,
    )


@dataclass(frozen=True, slots=True)
class PublicWords:
    """The words of a public version. `reply` is the office's answer, "" while there is none."""

    title: str
    body: str
    reply: str = ""


# Steps whose words are the office's answer.
ANSWERS = ("replied", "answer_directly", "not_dispatch")


def last_answer(request: ServiceRequest) -> RequestTransition | None:
    """The newest answer that the requester can read: one that a reviewer still reads is none. 1 SQL."""
    rows = RequestTransition.objects.filter(request=request, is_public=True, name__in=ANSWERS)
    return rows.exclude(text="").order_by("-at", "-pk").first()


def readable_attachments(request_id: int) -> Any:
    """Photos of the resident, and of answers that the resident can read; with their files."""
    rows = Attachment.objects.filter(request_id=request_id).select_related("file")
    return rows.exclude(reply__is_released=False)


def automatic_words(request: ServiceRequest, answer: RequestTransition | None) -> PublicWords:
    """What would be public if no moderator changed a word: personal data masked, the rest as it was written."""
    return PublicWords(
        title=mask_personal_data(request.title),
        body=mask_personal_data(request.body),
        reply=mask_personal_data(clean_text(answer.text)) if answer is not None else "",
    )
