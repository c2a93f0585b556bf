"""From what a program told to what is filed."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.organisations.models import Organisation
from requests_intake.flow import NO_PLACE, place_of
from requests_intake.models.requests import ABOUT_SOMEBODY
from requests_intake.questions import FIELD_PREFIX, kept_answers, questions_of
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.services.interface import UpstreamNumber
from requests_intake.services.submission import Concerned, Submission, checked_concerned

_UNKNOWN = 0  # no item has this key: the service answers as for one that is not in use any more


def submission_of(told: Mapping[str, Any], *, key: str) -> Submission:
    """Return the submission, its place found as on the pages."""
    place = _place(told)
    return Submission(
        kind=told["kind"],
        channel=told["channel"],
        body=told["body"],
        title=told.get("title", ""),
        submission_key=key,
        category_id=_category(told.get("category")),
        place_kind=place["place_kind"],
        address=place["address"],
        area_code=place["area_code"],
        lng=place["lng"],
        lat=place["lat"],
        name=told.get("name", ""),
        phone=told.get("phone", ""),
        email=told.get("email", ""),
        concerned=_concerned(told),
        may_be_public=told.get("may_be_public", False),
        language=told.get("language", "zh-hans"),
        file_ids=tuple(told.get("attachments", ())),
        urgent_remark=told.get("urgent_remark", ""),
        promised_at=told.get("promised_at"),
        complained_id=_complained(told),
        answers=_answers(told),
    )


def upstream_of(told: Mapping[str, Any]) -> UpstreamNumber | None:
    """Return the number under which an upstream system knows the order, if it gave one."""
    if "upstream_no" not in told:
        return None
    return UpstreamNumber(told["upstream_source"], told["upstream_no"], told.get("case_no", ""))


def _concerned(told: Mapping[str, Any]) -> Concerned | None:
    """For whom it is, checked here so that a fault is told under the name that the program used."""
    given = told.get("concerned")
    try:
        return checked_concerned(Concerned(**given)) if given else None
    except DomainError as error:
        field = f"concerned.{(error.field or '').removeprefix('other_')}"
        raise DomainError(error.code, error.message, field=field) from error


def _complained(told: Mapping[str, Any]) -> int | None:
    """The organisation that a complaint names; a program that names one in anything else has made a mistake."""
    public_id: UUID | None = told.get("complained")
    if public_id is None:
        return None
    if told["kind"] not in ABOUT_SOMEBODY:
        raise DomainError("not_complaint", _("只有投诉、举报才写被反映的单位"), field="complained")
    found = Organisation.objects.filter(public_id=public_id, is_active=True).values_list("pk", flat=True).first()
    if found is None:
        raise DomainError("organisation_unknown", _("没有这个单位"), field="complained")
    return found


def _answers(told: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The answers, checked against the item's questions: a key that nobody asks for would be lost in silence."""
    answers: Mapping[str, Any] | None = told.get("answers")
    if answers is None:
        return None
    item = items_in_use().get(_category(told.get("category")) or _UNKNOWN)
    questions = questions_of(item.questions) if item is not None else ()
    known = {question.key for question in questions}
    for key in answers:
        if key not in known:
            raise DomainError("question_unknown", _("这个事项没有这个问题"), field=f"answers.{key[:40]}")
    try:
        kept_answers(questions, answers)
    except DomainError as error:
        field = f"answers.{(error.field or '').removeprefix(FIELD_PREFIX)}"
        raise DomainError(error.code, error.message, field=field) from error
    return answers


def _place(told: Mapping[str, Any]) -> dict[str, Any]:
    given = {
        "address": told.get("address", "").strip(),
        "area_code": told.get("area_code", ""),
        "lng": told.get("lng"),
        "lat": told.get("lat"),
    }
    if given["lng"] is None and not given["address"] and not given["area_code"]:
        return dict(NO_PLACE)
    return place_of(given)


def _category(code: str | None) -> int | None:
    if code is None:
        return None
    return next((item.pk for item in items_in_use().values() if item.code == code), _UNKNOWN)
