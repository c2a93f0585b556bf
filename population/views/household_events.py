"""What happens to a household: members who leave, a birth, a split, a new head. One page for each, one act."""

from collections.abc import Callable
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.html import format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.checks import require
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.web.forms import attempt
from population.forms_events import BirthForm, HeadForm, Member, MoveOutForm, SourceForm, SplitForm, spoken
from population.models import Dwelling, Household, Relation, Residency, ResidencyKind
from population.naming import age_words, dwelling_name, masked_name
from population.permissions import Capability
from population.selectors.finding import dwellings_meant, known_by_number
from population.services.households import birth, head_change, household_split
from population.services.moving import members_move
from population.services.places import dwelling_confirm
from population.views.cards import dwelling_found, household_found


@requires(Capability.CHANGE_REGISTRY)
@require_POST
def confirm(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Somebody looked at the dwelling: nothing has changed."""
    viewer = viewer_of(request)
    row = dwelling_found(viewer, public_id)
    dwelling_confirm(dwelling=row, source=SourceForm.usual_source(viewer), actor=viewer, at=timezone.now())
    messages.success(request, _("记下了：核对过，没有变"))
    return redirect("population:dwelling", row.public_id)


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def move_out(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Members leave: out of the district, or into another dwelling of it, in one act. `?who=` ticks one."""
    viewer, row = viewer_of(request), _open_household(request, public_id)
    members = _members(row)
    began = {"source": MoveOutForm.usual_source(viewer), "leaving": [request.GET.get("who", "")], "reason": "moved"}
    form = MoveOutForm(request.POST or None, members=members, initial=began)

    def act(data: dict[str, Any]) -> list[Household | None]:  # a list: None says that something is wrong
        to = _dwelling(data["to"], viewer) if data["to"] else None
        made = members_move(
            household=row, leaving=form.several("leaving"), on=data["on"], to=to, new_head=form.one("new_head"),
            ends_household=data["ends_household"], reason=data["reason"], source=data["source"], actor=viewer,
            at=timezone.now(),
        )  # fmt: skip
        return [made]

    return _answered(request, row, form, act, gettext_lazy("搬走"), _("记好了搬走"))


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def born(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """A child is born into the household."""
    viewer, row, at = viewer_of(request), _open_household(request, public_id), timezone.now()
    began = {"source": BirthForm.usual_source(viewer), "kind": ResidencyKind.REGISTERED.value}
    form = BirthForm(request.POST or None, today=timezone.localdate(at), initial=began)

    def act(data: dict[str, Any]) -> Residency:
        return birth(
            household=row, data=form.person_data(data), relation=data["relation"], kind=data["kind"],
            submission_key=data["key"], source=data["source"], actor=viewer, at=at,
        )  # fmt: skip

    return _answered(request, row, form, act, gettext_lazy("登记出生"), _("登记好了"))


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def split(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Some members form a household of their own in the same dwelling."""
    viewer, row = viewer_of(request), _open_household(request, public_id)
    form = SplitForm(request.POST or None, members=_members(row), initial={"source": SplitForm.usual_source(viewer)})

    def act(data: dict[str, Any]) -> Household:
        return household_split(
            household=row, leaving=form.several("leaving"), new_head=form.one("new_head"),  # type: ignore[arg-type]
            stays_head=form.one("stays_head"), on=data["on"], source=data["source"], actor=viewer, at=timezone.now(),
        )  # fmt: skip

    return _answered(request, row, form, act, gettext_lazy("分户"), _("分好了户"))


@requires(Capability.CHANGE_REGISTRY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def head(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another member becomes the head."""
    viewer, row = viewer_of(request), _open_household(request, public_id)
    form = HeadForm(request.POST or None, members=_members(row), initial={"source": HeadForm.usual_source(viewer)})

    def act(data: dict[str, Any]) -> Residency:
        return head_change(
            household=row, head=form.one("head"), on=data["on"], relations=form.relations(),  # type: ignore[arg-type]
            source=data["source"], actor=viewer, at=timezone.now(),
        )  # fmt: skip

    return _answered(request, row, form, act, gettext_lazy("换一个户主"), _("换好了户主"))


def _answered(
    request: HttpRequest,
    row: Household,
    form: forms.Form,
    act: Callable[[dict[str, Any]], Any],
    title: str | Promise,
    said: str,
) -> HttpResponse:
    """Do it and go back to the dwelling, or show the form with what is wrong."""
    if request.method == "POST" and attempt(form, act) is not None:
        messages.success(request, said)
        return redirect("population:dwelling", row.dwelling.public_id)
    context: dict[str, Any] = {"one": row, "name": dwelling_name(row.dwelling), "form": form, "title": title}
    if form.has_error("document_number", "person_known"):
        context["known"] = known_by_number(request.POST.get("document_number", ""), viewer_of(request))
    return render(request, "population/household_event.html", context, status=422 if form.errors else 200)


def _dwelling(text: str, viewer: Viewer) -> Dwelling:
    """The one dwelling that is meant; words beside the field for none and for several."""
    found = dwellings_meant(text, viewer)
    if len(found) == 1:
        return found[0]
    if not found:
        message = _("没有找到这一户。请写全，例如：槐安里7幢2单元301；不在您范围内的空着，由那边的社区登记搬入。")
        raise DomainError("dwelling_unknown", message, field="to")
    names = _("、").join(dwelling_name(one) for one in found)
    raise DomainError("dwelling_unclear", _("不知道是哪一户：%(names)s。请写全。") % {"names": names}, field="to")


def _open_household(request: HttpRequest, public_id: UUID) -> Household:
    """The household that may be changed: 404 out of sight, 403 without the right."""
    row = household_found(viewer_of(request), public_id)
    require(viewer_of(request), Capability.CHANGE_REGISTRY, row)
    return row


def _members(row: Household) -> list[Member]:
    """Those who are in it now, the head first, as a form names them: masked, with relation and age."""
    today = timezone.localdate()
    rows = row.residencies.filter(to_date__isnull=True).select_related("person").order_by("relation", "pk")
    ordered = sorted(rows, key=lambda one: one.relation != Relation.HEAD)
    return [(one, _member_words(one, today)) for one in ordered]


def _member_words(one: Residency, today: date) -> SafeString:
    parts = [spoken(masked_name(one.person)), one.get_relation_display(), age_words(one.person, today)]
    return format_html_join(" · ", "{}", ((part,) for part in parts if part))
