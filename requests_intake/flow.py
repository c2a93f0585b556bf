"""The steps of reporting: one question a page, their order, their forms, what each keeps in the draft."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from grid.lookup import grid_at
from population.selectors.homes import Home
from requests_intake.forms import CategoryForm, ContactForm, WhatForm, WhereForm
from requests_intake.forms_questions import QuestionsForm
from requests_intake.models import Category, PlaceKind, RequestKind
from requests_intake.models.requests import ABOUT_SOMEBODY
from requests_intake.questions import Question, kept_answers, questions_of
from requests_intake.selectors.catalogue import items_in_use
from requests_intake.selectors.choices import organisations_about
from requests_intake.selectors.known_addresses import recognised_address
from requests_intake.selectors.profiles import profile_at
from requests_intake.services.submission import (
    Concerned,
    check_offered,
    checked_body,
    checked_category,
    checked_concerned,
)
from requests_intake.suggestion import categories_for

Data = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the flow. `form` builds the form (None: a page without fields of its own)."""

    key: str
    title: str | Promise
    form: Callable[[Data, Any], forms.Form] | None
    keep: Callable[[Data, dict[str, Any]], dict[str, Any]] | None = None


def _where_form(data: Data, posted: Any) -> forms.Form:
    return WhereForm(posted, initial=data.get("raw", {}).get("where"))


def place_of(cleaned: Mapping[str, Any], here: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Choose the area: the pin's grid, else a recognised address inside the chosen community, else that community.

    An estate and a building chosen from the lists stand before what was typed. `here`: the poster that was scanned says
    which grid its own words mean, as long as they stand in the address and the community is the same.
    """
    address, lng, lat = cleaned["address"], cleaned["lng"], cleaned["lat"]
    if estate := cleaned.get("estate"):
        chosen_place = f"{estate} {cleaned.get('building') or ''}".strip()
        address = chosen_place if not address or address in chosen_place else f"{chosen_place} {address}"
    if lng is not None:
        place = {"place_kind": PlaceKind.PIN, "lng": lng, "lat": lat, "area_code": grid_at(lng, lat) or ""}
        return {**place, "address": address, "recognised": ""}
    chosen = cleaned["area_code"]
    known = recognised_address(address, within=chosen)
    return {
        "place_kind": PlaceKind.ADDRESS,
        "lng": None,
        "lat": None,
        "address": address,
        "area_code": known.area_code if known is not None else _grid_here(here, address, chosen) or chosen,
        "recognised": known.text if known is not None else "",
    }


def _grid_here(here: Mapping[str, str] | None, address: str, chosen: str) -> str:
    is_there = here is not None and here["address"] in address and here["grid"].startswith(chosen or "-")
    return here["grid"] if here is not None and is_there else ""


def _keep_where(data: Data, cleaned: dict[str, Any]) -> dict[str, Any]:
    return place_of(cleaned, data.get("here"))


def place_of_home(home: Home) -> dict[str, Any]:
    """The place of somebody's own home: the address down to the door for whoever handles it, no point on any map.

    What becomes public is the grid alone, as of every place.
    """
    return NO_PLACE | {"place_kind": PlaceKind.ADDRESS, "address": home.address, "area_code": home.area_code}


NO_PLACE = {
    "place_kind": PlaceKind.NONE,
    "lng": None,
    "lat": None,
    "address": "",
    "area_code": "",
    "recognised": "",
}


def _what_form(data: Data, posted: Any) -> forms.Form:
    """The words; a complaint or tip-off may name whom it is about, among those that serve the place."""
    about = organisations_about(data.get("area_code", "")) if data.get("kind") in ABOUT_SOMEBODY else None
    keeper = profile_at(data.get("area_code", "")).word("keeper")
    return WhatForm(posted, initial=data.get("raw", {}).get("what"), organisations=about, keeper=keeper)


def _keep_what(data: Data, cleaned: dict[str, Any]) -> dict[str, Any]:
    complained = cleaned.get("complained")
    return {"body": checked_body(cleaned["body"]), "complained_id": complained.pk if complained else None}


def _category_form(data: Data, posted: Any) -> forms.Form:
    """Offer what the words suggest, and what was chosen before the words changed: what there is in this place."""
    kept = data.get("raw", {}).get("category") or {}
    area_code = data.get("area_code", "")
    suggested = categories_for(data.get("body", ""), area_code=area_code).categories
    in_use = Category.objects.filter(is_active=True, code__regex=r"^\d{6}$")
    catalogue = profile_at(area_code).arranged_rows(in_use)
    chosen = str((kept if posted is None else posted).get("category", ""))
    if chosen.isdecimal() and len(chosen) < 10 and all(str(category.pk) != chosen for category in suggested):
        suggested = [*suggested, *catalogue.filter(pk=chosen)]
    return CategoryForm(posted, initial=kept, suggested=suggested, catalogue=catalogue)


def _keep_category(data: Data, cleaned: dict[str, Any]) -> dict[str, Any]:
    check_offered(checked_category(cleaned["category_id"]), data.get("area_code", ""))
    return {"category_id": cleaned["category_id"]}


def not_offered(data: Data) -> Category | None:
    """Return the category that a draft has chosen where it does not arise in the draft's place: the place changed."""
    category = items_in_use().get(data.get("category_id") or 0)
    is_offered = category is None or profile_at(data.get("area_code", "")).offers(category)
    return None if is_offered else category


def questions_in(data: Data) -> tuple[Question, ...]:
    """Return the extra questions of the category that a draft has chosen, as they are asked today. 0 SQL, mostly."""
    category = items_in_use().get(data.get("category_id") or 0)
    return questions_of(category.questions) if category is not None else ()


def _questions_form(data: Data, posted: Any) -> forms.Form:
    return QuestionsForm(posted, questions=questions_in(data), kept=data.get("raw", {}).get("questions") or {})


def _keep_questions(data: Data, cleaned: dict[str, Any]) -> dict[str, Any]:
    kept_answers(questions_in(data), cleaned["answers"])
    return {"answers": cleaned["answers"], "answers_for": data.get("category_id")}


def answers_in(data: Data) -> dict[str, Any]:
    """Return what a draft answered to the questions of its category; what was answered to another one's is not it."""
    return data.get("answers", {}) if data.get("answers_for") == data.get("category_id") else {}


def _questions_answered(data: Data) -> bool:
    try:
        kept_answers(questions_in(data), answers_in(data))
    except DomainError:
        return False
    return data.get("answers_for") == data.get("category_id")


def _contact_form(data: Data, posted: Any) -> forms.Form:
    kept = data.get("raw", {}).get("contact") or {}
    form = ContactForm(posted, initial={"may_be_public": "no", "for_whom": "me", "calls": "me", **kept})
    if data.get("kind") == RequestKind.TIP_OFF:
        del form.fields["may_be_public"]
    return form


def _keep_contact(data: Data, cleaned: dict[str, Any]) -> dict[str, Any]:
    return {key: cleaned.get(key) or "" for key in ("name", "phone", "email")} | {
        "may_be_public": bool(cleaned.get("may_be_public")),
        "concerned": asdict(concerned) if (concerned := concerned_in(cleaned)) is not None else None,
    }


def concerned_in(cleaned: Mapping[str, Any]) -> Concerned | None:
    """For whom it is; what was typed of somebody else before "for myself" was chosen is left out.

    Raises `DomainError` as `checked_concerned` does.
    """
    if cleaned.get("for_whom") != "other":
        return None
    concerned = Concerned(
        name=cleaned["other_name"],
        phone=cleaned["other_phone"],
        relation=cleaned["relation"],
        is_told=cleaned["other_told"],
        is_called=cleaned["calls"] == "other",
    )
    return checked_concerned(concerned)


WHERE = Step("where", _("在哪里"), _where_form, _keep_where)
WHAT = Step("what", _("怎么了"), _what_form, _keep_what)
CATEGORY = Step("category", _("哪一类"), _category_form, _keep_category)
QUESTIONS = Step("questions", _("再问几句"), _questions_form, _keep_questions)
PHOTOS = Step("photos", _("放照片"), None)
CONTACT = Step("contact", _("怎么联系您"), _contact_form, _keep_contact)
PREVIEW = Step("preview", _("看一遍再交"), None)

_ALL = (WHERE, WHAT, CATEGORY, PHOTOS, CONTACT, PREVIEW)
_QUESTION = (WHAT, CATEGORY, CONTACT, PREVIEW)


def steps_for(kind: str) -> tuple[Step, ...]:
    """Return the steps after the first choice; a question needs no place and no photos."""
    return _QUESTION if kind == RequestKind.ENQUIRY else _ALL


def steps_of(data: Data) -> tuple[Step, ...]:
    """Return the steps of a draft: those of its kind, and the questions of its category where it asks any."""
    steps = steps_for(data["kind"])
    if not questions_in(data):
        return steps
    after = steps.index(CATEGORY) + 1
    return (*steps[:after], QUESTIONS, *steps[after:])


def changed_kind(data: Data, kind: str) -> dict[str, Any]:
    """Return what changes in a draft whose kind was chosen anew: nothing that the new kind does not show stays."""
    changes: dict[str, Any] = {"kind": kind}
    if kind == RequestKind.TIP_OFF and "may_be_public" in data:
        changes["may_be_public"] = False
    if kind == RequestKind.ENQUIRY:
        changes |= NO_PLACE
    if kind not in ABOUT_SOMEBODY and data.get("complained_id"):
        changes["complained_id"] = None
    return changes


def missing_step(data: Data) -> Step | None:
    """Return the first step that still has to be answered before sending, or None."""
    for step in steps_of({"kind": "", **data}):
        if step is WHERE and "place_kind" not in data:
            return WHERE
        if step is WHAT and not data.get("body"):
            return WHAT
        if step is CATEGORY and ("category_id" not in data or not_offered(data)):
            return CATEGORY
        if step is QUESTIONS and not _questions_answered(data):
            return QUESTIONS
        if step is CONTACT and "may_be_public" not in data:
            return CONTACT
    return None
