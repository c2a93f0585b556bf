"""Reads for the reporting flow."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext as _

from governance.errors import DomainError
from governance.files.keys import file_key, file_url
from governance.files.models import StoredFile, Variant
from governance.organisations.models import Organisation
from requests_intake.models import Category, Draft, RequestKind
from requests_intake.questions import answer_rows, kept_answers, questions_of

HOUR = 3600


@dataclass(frozen=True, slots=True)
class Photo:
    """A photo with addresses that open for the holder of this page only."""

    id: UUID
    thumb_url: str
    full_url: str
    width: int
    height: int


def photo_of(file: StoredFile) -> Photo:
    """Return a stored photo with signed addresses good for an hour."""
    key = file_key(file, HOUR)
    return Photo(
        id=file.pk,
        thumb_url=file_url(file, Variant.THUMB, key=key),
        full_url=file_url(file, Variant.FULL, key=key),
        width=file.width,
        height=file.height,
    )


def draft_photos(draft: Draft) -> list[Photo]:
    """Return the photos of a draft in their order (one SQL statement)."""
    ids = [UUID(pk) for pk in draft.data.get("photos", [])]
    found = StoredFile.objects.in_bulk(ids) if ids else {}
    return [photo_of(found[pk]) for pk in ids if pk in found]


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One answer on the check page, with the way back to change it."""

    label: str
    value: str
    change_url: str
    office_only: bool = False


def _answers(category: Category, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The answers as they would be stored; none while one of them still has to be put right."""
    given = data.get("answers", {}) if data.get("answers_for") == category.pk else {}
    try:
        return kept_answers(questions_of(category.questions), given)
    except DomainError:
        return []


def draft_summary(draft: Draft, token: str) -> list[SummaryRow]:
    """Return what the office will see, row by row."""
    data = draft.data

    def change(step: str) -> str:
        return f"{reverse('intake:step', args=[token, step])}?from=preview"

    rows = []
    if data["kind"] != RequestKind.ENQUIRY:
        place = data.get("address") or (_("地图上的一个点") if data.get("lng") is not None else _("没有具体地点"))
        rows.append(SummaryRow(_("地点"), place, change("where")))
    rows.append(SummaryRow(_("内容"), data.get("body", ""), change("what")))
    if about := Organisation.objects.filter(pk=data.get("complained_id") or 0).first():
        rows.append(SummaryRow(_("说的是"), about.label, change("what"), office_only=True))
    category = Category.objects.filter(pk=data.get("category_id")).first()
    rows.append(SummaryRow(_("事项"), category.label if category else _("说不清，请你们判断"), change("category")))
    if category is not None:
        rows += [
            SummaryRow(row.label, row.value, change("questions"), office_only=True)
            for row in answer_rows(_answers(category, data))
        ]
    contact = _("、").join(part for part in (data.get("name"), data.get("phone"), data.get("email")) if part)
    if concerned := data.get("concerned"):
        person = _("、").join(part for part in (concerned["name"], concerned["phone"]) if part)
        rows.append(SummaryRow(_("替谁反映"), person, change("contact"), office_only=True))
    rows.append(SummaryRow(_("联系方式"), contact or _("没有留"), change("contact"), office_only=True))
    return rows
