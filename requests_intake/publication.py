"""What of a request the public would see after release: one definition, shown in the preview and, later, published."""

from dataclasses import dataclass

from django.utils.translation import gettext as _

from governance.access import areas
from governance.text import clean_text, mask_personal_data
from requests_intake.models import Reply, RequestKind, ServiceRequest

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


def automatic_words(request: ServiceRequest, reply: Reply | None) -> PublicWords:
    """What would be public if no moderator changed a word: personal data masked, the rest as it was written."""
    return PublicWords(
        title=mask_personal_data(request.title),
        body=mask_personal_data(request.body),
        reply=mask_personal_data(clean_text(reply.text)) if reply is not None else "",
    )
