"""Who holds which role, where and how long; giving a role and ending it."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.guardians import guardians_until
from governance.access.models import Grant, GrantLife, Role, User
from governance.access.permissions import Capability
from governance.access.reviews import overdue_left
from governance.access.selectors import GRANT_PARTS, area_names_of, grants_for
from governance.access.services import grant_create, grant_end
from governance.access.services.ending import reminder_days
from governance.access.viewer import Viewer
from governance.administration.forms import GrantFilterForm, GrantForm
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.idempotency import create_once
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page, wants_partial
from governance.web.proof import proved

PAGE_SIZE = 50
WARN_BEFORE = timedelta(days=60)  # nobody may be left who could give a grant in time


@dataclass(frozen=True, slots=True)
class GrantRow:
    """One grant as the list shows it."""

    grant: Grant
    place: str
    life: GrantLife
    may_end: bool
    may_extend: bool


@requires(Capability.VIEW_GRANT)
@require_safe
def grant_list(request: HttpRequest) -> HttpResponse:
    """Visible grants, newest first; the filters stand in the address."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    form = GrantFilterForm(request.GET, roles=list(Role.objects.all()))
    grants = grants_for(viewer, narrowed=form.narrowed(ending_days=_longest), at=at)
    page = KeysetPage(grants, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    until = guardians_until(at) if viewer.can(Capability.GIVE_GRANT) else None
    context = {
        "form": form,
        "page": page,
        "rows": grant_rows(page.rows, viewer, at),
        "overdue": overdue_left(viewer, at) if viewer.can(Capability.GIVE_GRANT) else 0,
        "may_give": viewer.can(Capability.GIVE_GRANT),
        "guardians_until": until if until is not None and until < at + WARN_BEFORE else None,
        "may_see_roles": viewer.can(Capability.VIEW_MATRIX),
    }
    return render_page(request, "access/grants.html", "access/_grants.html", context)


@requires(Capability.GIVE_GRANT)
@proved(when=lambda request: "find" not in request.POST)
@require_http_methods(["GET", "HEAD", "POST"])
def grant_new(request: HttpRequest) -> HttpResponse:
    """Give a role. The button `find` looks for people and saves nothing; everything typed stays."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    if request.method != "POST":
        form = GrantForm(viewer=viewer, at=at, chosen=_as_uuid(request.GET.get("person", "")))
    elif "find" in request.POST:
        form = GrantForm(request.POST, viewer=viewer, at=at).without_judgement()
        if wants_partial(request):
            return render(request, "access/_people.html", {"form": form})
    else:
        form = GrantForm(request.POST, viewer=viewer, at=at)
        if form.is_valid() and (grant := _give(form, viewer, at)) is not None:
            messages.success(request, _("已授权，%(name)s 下一次点开页面就生效") % {"name": grant.user.display_name})
            return redirect(_grants_of(grant))
    return render(request, "access/grant_new.html", {"form": form})


@requires(Capability.VIEW_GRANT)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def grant_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what ends, then end it. A grant one may not know of: 404; one may see but not end: 403."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    visible = Grant.objects.visible_to(viewer).select_related(*GRANT_PARTS)
    grant = get_object_or_404(visible, pk=pk)
    if not can(viewer, Capability.GIVE_GRANT, grant):
        raise PermissionDenied
    if request.method == "POST":
        grant_end(grant=grant, actor=viewer, at=at)
        messages.success(request, _("已结束 %(name)s 的这项授权") % {"name": grant.user.display_name})
        return redirect(_grants_of(grant))
    return render(request, "access/grant_end.html", {"row": grant_rows([grant], viewer, at)[0]})


def _give(form: GrantForm, viewer: Viewer, at: datetime) -> Grant | None:
    """Create the grant of a valid form, once however often it is sent; None with the refusal beside its field."""
    order = form.order()
    try:
        grant, _created = create_once(
            Grant.objects.visible_to(viewer),
            order["submission_key"],
            lambda: grant_create(**order, actor=viewer, at=at),
        )
    except DomainError as error:
        add_domain_error(form, error)
        return None
    return grant


def grant_rows(grants: list[Grant], viewer: Viewer, at: datetime) -> list[GrantRow]:
    """Grants as the pages show them. 1 SQL for the names of their places."""
    names = area_names_of(grants)
    rows = []
    for grant in grants:
        life = grant.life(at)
        may_end = life is not GrantLife.ENDED and can(viewer, Capability.GIVE_GRANT, grant)
        may_extend = may_end and grant.ends_at is not None and grant.user_id != viewer.user_id
        rows.append(GrantRow(grant, names[grant.area_code], life, may_end, may_extend))
    return rows


def stand_ins_of(person: User, viewer: Viewer, at: datetime) -> list[tuple[User, list[GrantRow]]]:
    """Who stands in for a person now or soon, with the grants they have for it as far as the viewer sees. 2 SQL."""
    held = Grant.objects.visible_to(viewer).standing_in(at).filter(stands_in_for__user=person)
    held = held.select_related(*GRANT_PARTS)
    found: dict[int, tuple[User, list[GrantRow]]] = {}
    for row in grant_rows(list(held.order_by("starts_at", "pk")), viewer, at):
        found.setdefault(row.grant.user_id, (row.grant.user, []))[1].append(row)
    return list(found.values())


def _grants_of(grant: Grant) -> str:
    return reverse("access:grants", query={"person": grant.user.public_id, "state": GrantFilterForm.ALL})


def _as_uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _longest() -> int:
    return max(reminder_days(), default=0)
