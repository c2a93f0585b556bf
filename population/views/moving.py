"""Moving in: find the person first; who is known is confirmed, who is not is entered. Nobody is collected twice.

All steps are POSTs to one address, so that no name or number stands in a URL; each works without scripts.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core import signing
from django.core.exceptions import NON_FIELD_ERRORS
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.access.checks import require
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.web.forms import attempt
from population.forms_events import FindPersonForm, MoveInForm, NewcomerForm, spoken
from population.models import Dwelling, Household, Person, Purpose, Relation, Residency
from population.naming import age_words, dwelling_name, masked_name
from population.permissions import Capability
from population.selectors.finding import Known, known_by_name_and_phone, known_by_number, office_of
from population.services.households import move_in
from population.services.moving import newcomer_move_in
from population.views.cards import dwelling_found

_SALT, _HOUR = "population.move-in", 3600


@dataclass(frozen=True, slots=True)
class Candidate:
    """Somebody who may be meant. `token` carries who was found, signed for this colleague; "" where they may not go on.

    `where`: their address where the viewer may see it, else "".
    """

    known: Known
    token: str
    name: str
    age: str
    where: str


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_in_page(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody moves into a dwelling: `do` says which step was sent."""
    viewer = viewer_of(request)
    place = dwelling_found(viewer, public_id)
    require(viewer, Capability.CHANGE_REGISTRY, place)
    household = _household(request, place)
    steps = {"find": _find, "known": _known, "move": _move, "new": _new, "enter": _enter}
    step = steps.get(request.POST.get("do", "")) if request.method == "POST" else None
    if step is None:
        return _page(request, place, household, {"find": FindPersonForm(initial=_began(request))})
    return step(request, place, household)


def _find(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    form = FindPersonForm(request.POST)
    if not form.is_valid():
        return _page(request, place, household, {"find": form}, status=422)
    viewer, typed = viewer_of(request), form.cleaned_data
    by_number = known_by_number(typed["document_number"], viewer, name=typed["name"])
    found: Sequence[Known] = (
        [by_number] if by_number else known_by_name_and_phone(typed["name"], typed["phone"], viewer)
    )
    if not found:
        return _newcomer(request, place, household, typed)
    context = {
        "candidates": [_candidate(one, viewer) for one in found],
        "typed": typed,
        "is_by_number": by_number is not None,
    }
    return _page(request, place, household, context)


def _known(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    """The person was recognised: on what footing do they come?"""
    person = _person(request)
    if person is None:
        return _again(request, place, household)
    form = MoveInForm(**_of_person(request, person), initial=_stay_began(request, household))
    return _page(request, place, household, {"move": form, **_shown(request, person)})


def _move(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    viewer, person = viewer_of(request), _person(request)
    if person is None:
        return _again(request, place, household)
    form = MoveInForm(request.POST, **_of_person(request, person))

    def act(data: dict[str, Any]) -> Residency:
        return move_in(
            person=person, stay=form.stay(), household=household, dwelling=place,
            leaves_previous=bool(data.get("leaves_previous")), new_head=_new_head(person, data.get("new_head", "")),
            submission_key=data["key"], source=data["source"], actor=viewer, at=timezone.now(),
        )  # fmt: skip

    if (made := attempt(form, act)) is not None:
        return _done(request, made)
    context = {"move": form, **_shown(request, person)}
    now = _lives(person)
    if now is not None and form.has_error(NON_FIELD_ERRORS, "household_needs_head"):
        context["ask_office"] = office_of(now.area_code)  # who stays behind is out of this colleague's sight
    return _page(request, place, household, context, status=422)


def _new(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    """None of those who were found: somebody new."""
    return _newcomer(request, place, household, {key: request.POST.get(key, "") for key in FindPersonForm.base_fields})


def _newcomer(
    request: HttpRequest, place: Dwelling, household: Household | None, typed: dict[str, Any]
) -> HttpResponse:
    today = timezone.localdate()
    began = NewcomerForm.begun(typed, today)
    form = NewcomerForm(today=today, initial=began | _stay_began(request, household))
    return _page(request, place, household, {"enter": form, "is_proposed": "birth_date" in began})


def _enter(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    viewer, at = viewer_of(request), timezone.now()
    form = NewcomerForm(request.POST, today=timezone.localdate(at))

    def act(data: dict[str, Any]) -> Residency:
        return newcomer_move_in(
            data=form.person_data(data), stay=form.stay(), dwelling=place, household=household,
            submission_key=data["key"], source=data["source"], actor=viewer, at=at,
        )  # fmt: skip

    if (made := attempt(form, act)) is not None:
        return _done(request, made)
    context: dict[str, Any] = {"enter": form}
    if form.has_error("document_number", "person_known"):
        typed = form.cleaned_data | {"document_number": request.POST.get("document_number", "")}
        known = known_by_number(typed["document_number"], viewer, name=typed.get("name", ""))
        context["candidates"] = [_candidate(known, viewer)] if known is not None else []
    return _page(request, place, household, context, status=422)


def _done(request: HttpRequest, made: Residency) -> HttpResponse:
    messages.success(request, _("登记好了"))
    return redirect("population:dwelling", made.dwelling.public_id)


def _again(request: HttpRequest, place: Dwelling, household: Household | None) -> HttpResponse:
    """The page was open too long, or somebody wrote into it: find the person anew."""
    messages.error(request, _("这一页打开得太久了，请再找一次这个人。"))
    return _page(request, place, household, {"find": FindPersonForm()}, status=422)


def _page(
    request: HttpRequest, place: Dwelling, household: Household | None, context: dict[str, Any], status: int = 200
) -> HttpResponse:
    shared = {"place": place, "name": dwelling_name(place), "household": household}
    return render(request, "population/move_in.html", shared | context, status=status)


def _household(request: HttpRequest, place: Dwelling) -> Household | None:
    """The household of this dwelling that is named, None for a new one."""
    text = request.POST.get("household") or request.GET.get("household") or ""
    try:
        wanted = UUID(text)
    except ValueError:
        return None
    return place.households.filter(public_id=wanted, ended_on__isnull=True).first()


def _candidate(known: Known, viewer: Viewer) -> Candidate:
    may_go_on = known.person.died_on is None and (known.is_visible or known.is_proved)
    return Candidate(
        known=known,
        token=signing.dumps([known.person.pk, viewer.user_id], salt=_SALT) if may_go_on else "",
        name=masked_name(known.person) if known.is_visible else "",
        age=age_words(known.person, timezone.localdate()) if known.is_visible else "",
        where=dwelling_name(known.person.home) if known.is_visible else "",
    )


def _person(request: HttpRequest) -> Person | None:
    """Who was found in the step before, by this colleague, within the hour."""
    try:
        pk, user_id = signing.loads(request.POST.get("who", ""), salt=_SALT, max_age=_HOUR)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if user_id != viewer_of(request).user_id:
        return None
    return Person.objects.filter(pk=pk, merged_into__isnull=True).first()


def _of_person(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What the form asks because of where the person lives now; only who the viewer may know is named."""
    now = _lives(person)
    staying: list[tuple[str, SafeString]] = []
    if now is not None and now.relation == Relation.HEAD:
        others = now.household.residencies.filter(to_date__isnull=True).exclude(pk=now.pk).select_related("person")
        seen = Residency.objects.visible_to(viewer_of(request)).filter(pk__in=[one.pk for one in others])
        known = set(seen.order_by("pk").values_list("pk", flat=True))
        staying = [(str(one.public_id), spoken(masked_name(one.person))) for one in others if one.pk in known]
    return {"lives_elsewhere": now is not None, "staying": staying}


def _lives(person: Person) -> Residency | None:
    rows = person.residencies.filter(to_date__isnull=True, is_main=True)
    return rows.select_related("household").order_by("pk").first()


def _new_head(person: Person, public_id: str) -> Residency | None:
    now = _lives(person)
    if now is None or not public_id:
        return None
    return now.household.residencies.filter(public_id=public_id, to_date__isnull=True).first()


def _shown(request: HttpRequest, person: Person) -> dict[str, Any]:
    """How the person is named on the page: masked, or not at all where the viewer may not see them."""
    is_visible = Person.objects.visible_to(viewer_of(request)).filter(pk=person.pk).exists()
    return {"who": request.POST.get("who", ""), "person_name": masked_name(person) if is_visible else ""}


def _began(request: HttpRequest) -> dict[str, Any]:
    """After "find anew" what was typed is still there."""
    return {key: request.POST.get(key, "") for key in FindPersonForm.base_fields}


def _stay_began(request: HttpRequest, household: Household | None) -> dict[str, Any]:
    viewer = viewer_of(request)
    return {
        "source": NewcomerForm.usual_source(viewer),
        "purpose": Purpose.SERVICE.value,
        "relation": Relation.HEAD.value if household is None else "",
    }
