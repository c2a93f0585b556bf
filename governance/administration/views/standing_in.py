"""Who stands in for a colleague: giving a substitute what they hold for some time, and ending it before."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.checks import can
from governance.access.decorators import requires
from governance.access.models import Grant, GrantLife, User
from governance.access.permissions import Capability
from governance.access.selectors import GrantFilter, grants_for
from governance.access.services.standing_in import stand_in_give, stand_in_stop
from governance.access.viewer import Viewer
from governance.administration.stand_in_forms import StandInForm
from governance.administration.views.grants import GrantRow, grant_rows, stand_ins_of
from governance.administration.views.people import colleague_of
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.idempotency import create_once
from governance.web.proof import proved
from governance.web.words import short_words


@requires(Capability.GIVE_GRANT)
@proved(when=lambda request: "find" not in request.POST)
@require_http_methods(["GET", "HEAD", "POST"])
def stand_ins(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show who stands in for a colleague and arrange it; the button `find` looks for people and saves nothing."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    person = colleague_of(public_id)
    offered = _offered(person, viewer, at)
    choices = [(row.grant, _place(row), _period(row.grant, at)) for row in offered]
    posted = request.POST if request.method == "POST" else None
    form = StandInForm(posted, viewer=viewer, at=at, grants=choices)
    if posted is not None and "find" in posted:
        form.without_judgement()
    elif posted is not None and form.is_valid() and _give(form, person, viewer, at):
        name = form.chosen().display_name
        messages.success(request, _("代班安排好了，%(name)s到时候就能办") % {"name": name})
        return redirect("access:person", public_id=public_id)
    context = {"person": person, "form": form, "offered": offered, "stand_ins": stand_ins_of(person, viewer, at)}
    return render(request, "access/stand_ins.html", context, status=422 if form.errors else 200)


@requires(Capability.GIVE_GRANT)
@proved(on_opening=False)
@require_POST
def stand_in_end(request: HttpRequest, public_id: UUID, substitute: UUID) -> HttpResponse:
    """End everything that one colleague holds in another's place."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    person = colleague_of(public_id)
    other = get_object_or_404(User, public_id=substitute)
    rows = Grant.objects.visible_to(viewer).standing_in(at).filter(user=other, stands_in_for__user=person)
    if not rows.exists():
        raise Http404
    stand_in_stop(person=person, substitute=other, actor=viewer, at=at)
    messages.success(request, _("%(name)s的代班结束了") % {"name": other.display_name})
    return redirect("access:person", public_id=public_id)


def _offered(person: User, viewer: Viewer, at: datetime) -> list[GrantRow]:
    """The colleague's own grants that have not ended and that the viewer decides over; 404 and 403 as elsewhere."""
    if not person.is_active:
        raise Http404
    own = grants_for(viewer, narrowed=GrantFilter(person=person.public_id), at=at).filter(stands_in_for=None)
    rows = [row for row in grant_rows(list(own.order_by("pk")), viewer, at) if row.life is not GrantLife.ENDED]
    mine = [row for row in rows if can(viewer, Capability.GIVE_GRANT, row.grant)]
    if rows and not mine:
        raise PermissionDenied
    return mine


def _give(form: StandInForm, person: User, viewer: Viewer, at: datetime) -> bool:
    """Give what a valid form says, once however often it is sent; False with the refusal beside its field."""
    order = form.order()
    try:
        create_once(
            Grant.objects.visible_to(viewer),
            order["submission_key"],
            lambda: stand_in_give(**order, person=person, actor=viewer, at=at)[0],
        )
    except DomainError as error:
        add_domain_error(form, error)
        return False
    return True


def _place(row: GrantRow) -> str:
    return row.grant.organisation.label if row.grant.organisation else row.place


def _period(grant: Grant, at: datetime) -> str:
    if grant.ends_at is None:
        return _("长期，直到有人结束")
    return _("到 %(until)s") % {"until": short_words(grant.ends_at, at)}
