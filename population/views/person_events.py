"""What happens to a person: their record is corrected or confirmed, or they die."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.checks import require
from governance.access.decorators import requires, viewer_of
from governance.web.forms import attempt, moment_held
from population.forms_events import DeathForm, Member, PersonChangeForm, SourceForm, spoken
from population.models import Person, Relation, Residency
from population.naming import NAMED, dwelling_name, masked_fields, masked_name
from population.permissions import Capability
from population.selectors.finding import known_by_number
from population.services.households import death
from population.services.people import person_change, person_confirm, proposed
from population.views.cards import person_found


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Correct somebody's own fields without seeing them in the clear: what stays empty stays as it is."""
    viewer, row, at = viewer_of(request), _open_person(request, public_id), timezone.now()
    today = timezone.localdate(at)
    shown = masked_fields(row, today)
    began = {
        "source": SourceForm.usual_source(viewer), "sex": row.sex, "document_kind": row.document_kind,
        "seen": row.changed_at.isoformat(),
    }  # fmt: skip
    form = PersonChangeForm(request.POST or None, person=row, shown=shown, today=today, initial=began)

    def act(data: dict[str, Any]) -> Person:
        return person_change(
            person=row, data=data["person"], source=data["source"], actor=viewer, at=at,
            seen=moment_held(data["seen"]),
        )  # fmt: skip

    if request.method == "POST" and (changed := attempt(form, act)) is not None:
        messages.success(request, _("改好了"))
        _doubt(request, changed)
        return redirect("population:person", row.public_id)
    context: dict[str, Any] = {"one": row, "name": shown["name"], "form": form, "title": gettext_lazy("改正登记")}
    if form.has_error("document_number", "person_known"):
        context["known"] = known_by_number(request.POST.get("document_number", ""), viewer)
    return render(request, "population/person_event.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def died(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody died: their residencies end; a household they were head of gets a new head, or ends."""
    viewer, row, at = viewer_of(request), _open_person(request, public_id), timezone.now()
    households, ends = _left_behind(row)
    form = DeathForm(
        request.POST or None, households=households, ends=ends, initial={"source": SourceForm.usual_source(viewer)}
    )

    def act(data: dict[str, Any]) -> Person:
        return death(
            person=row, died_on=data["died_on"], new_heads=form.new_heads(),
            ends_households=bool(data.get("ends_households")), source=data["source"], actor=viewer, at=at,
        )  # fmt: skip

    if request.method == "POST" and attempt(form, act) is not None:
        messages.success(request, _("登记好了"))
        return redirect("population:person", row.public_id)
    context = {"one": row, "name": masked_name(row), "form": form, "title": gettext_lazy("登记去世")}
    return render(request, "population/person_event.html", context, status=422 if form.errors else 200)


@requires(Capability.CHANGE_REGISTRY)
@require_POST
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nothing has changed: the record is as fresh as today."""
    viewer, row = viewer_of(request), _open_person(request, public_id)
    person_confirm(person=row, source=SourceForm.usual_source(viewer), actor=viewer, at=timezone.now())
    messages.success(request, _("记下了：核对过，没有变"))
    return redirect("population:person", row.public_id)


def _left_behind(row: Person) -> tuple[list[tuple[int, str, list[Member]]], bool]:
    """Households that lose their head, with those who stay; whether one loses its last member. 2 SQL."""
    mine = list(
        row.residencies.filter(to_date__isnull=True)
        .select_related("household", *(f"dwelling__{name}" for name in NAMED))
        .order_by("pk")
    )
    others: dict[int, list[Member]] = {one.household_id: [] for one in mine}
    if mine:
        rows = Residency.objects.filter(household_id__in=list(others), to_date__isnull=True).exclude(person=row)
        for one in rows.select_related("person").order_by("relation", "pk"):
            others[one.household_id].append((one, spoken(masked_name(one.person))))
    households = [
        (one.household_id, dwelling_name(one.dwelling), others[one.household_id])
        for one in mine
        if one.relation == Relation.HEAD and others[one.household_id]
    ]
    return households, any(not rest for rest in others.values())


def _doubt(request: HttpRequest, person: Person) -> None:
    """Say it where the number proposes another day of birth or sex than the record has; both may be right."""
    judged = proposed(str(person.document_number or ""), today=timezone.localdate())
    if judged.birth_date is None or not judged.is_valid:
        return
    if judged.birth_date != person.born_on or judged.sex != person.sex:
        messages.warning(request, _("证件号码推出的出生日期或性别，和登记的不一样。请对着证件再看一眼。"))


def _open_person(request: HttpRequest, public_id: UUID) -> Person:
    """The person who may be changed: 404 out of sight, 403 without the right."""
    row = person_found(viewer_of(request), public_id)
    require(viewer_of(request), Capability.CHANGE_REGISTRY, row)
    return row
