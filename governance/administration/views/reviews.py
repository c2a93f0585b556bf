"""Going through grants: those there are, opening one, deciding row by row or several at once, the result."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import quote
from uuid import UUID

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.access.models import Decision, GrantLife, ReviewCampaign, ReviewItem
from governance.access.permissions import Capability
from governance.access.reviews import alive, last_work_of, progress_of, reviews_for, rows_for
from governance.access.selectors import area_names_of
from governance.access.services.reviewing import Decided, review_decide, review_export_note, review_open
from governance.administration.review_forms import DecisionForm, ReviewForm
from governance.errors import DomainError, Forbidden
from governance.files.tables import table_csv
from governance.web.forms import add_domain_error
from governance.web.idempotency import create_once
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.proof import proved
from governance.web.words import date_words

PAGE_SIZE = 50
OPEN, DECIDED, ALL = "open", "decided", "all"


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One grant of a going-through as the page shows it."""

    item: ReviewItem
    place: str
    is_gone: bool
    last_work: datetime | None
    may_decide: bool

    @property
    def grant(self) -> Any:
        """What the parts of the grants pages read."""
        return self.item.grant


@requires(Capability.GIVE_GRANT)
@require_safe
def review_list(request: HttpRequest) -> HttpResponse:
    """Goings-through in reach, the newest first, with how far each is."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    page = KeysetPage(reviews_for(viewer), order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    today, far = timezone.localdate(at), progress_of(page.rows, at)
    rows = [(one, far[one.pk], one.is_over(today) and far[one.pk].left > 0) for one in page.rows]
    return render_page(request, "access/reviews.html", "access/_reviews.html", {"page": page, "rows": rows})


@requires(Capability.GIVE_GRANT)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def review_new(request: HttpRequest) -> HttpResponse:
    """Open a going-through, once however often the form is sent."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    form = ReviewForm(request.POST if request.method == "POST" else None, viewer=viewer, at=at)
    if request.method == "POST" and form.is_valid():
        order = form.order()
        try:
            opened, _made = create_once(
                ReviewCampaign.objects.visible_to(viewer),
                order["submission_key"],
                lambda: review_open(**order, actor=viewer, at=at),
            )
            messages.success(request, _("核查开始了，能授权的同事会收到提醒"))
            return redirect("access:review", public_id=opened.public_id)
        except DomainError as error:
            add_domain_error(form, error)
    return render(request, "access/review_new.html", {"form": form}, status=422 if form.errors else 200)


@requires(Capability.GIVE_GRANT)
@proved(on_opening=False)
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Rows in reach: those still to decide, or the decided, or all. Confirm or end the chosen ones.

    What somebody else has decided meanwhile is left as it is, and told.
    """
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    campaign = _review_in_reach(request, public_id)
    if request.method != "POST":
        return _shown(request, campaign, DecisionForm())
    sent = [int(pk) for pk in request.POST.getlist("items") if pk.isascii() and pk.isdigit() and len(pk) < 19]
    reach = rows_for(viewer, campaign).filter(pk__in=sent).order_by()
    form = DecisionForm(request.POST, rows=list(reach.values_list("pk", flat=True)))
    if form.is_valid():
        data = form.cleaned_data
        try:
            done = review_decide(
                campaign=campaign,
                items=data["items"],
                decision=Decision(data["what"]),
                reason=data["reason"],
                actor=viewer,
                at=at,
            )
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            _tell(request, done)
            return redirect(_here(request, campaign))
    return _shown(request, campaign, form, chosen=sent)


@requires(Capability.GIVE_GRANT)
@require_safe
def review_export(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The result as a table, as far as the viewer decides over the rows."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    campaign = _review_in_reach(request, public_id)
    items = list(rows_for(viewer, campaign).order_by("pk"))
    titles = [_("人员"), _("工号"), _("角色"), _("范围"), _("到"), _("决定"), _("谁定的"), _("什么时候定的"), _("原因")]
    content = table_csv(titles, [_as_cells(row, at) for row in _rows(items, viewer, at, {})])
    review_export_note(campaign=campaign, rows=len(items), actor=viewer, at=at)
    response = HttpResponse(content, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(f'{campaign.title}.csv')}"
    response["Cache-Control"] = "no-store, private"
    return response


def _review_in_reach(request: HttpRequest, public_id: UUID) -> ReviewCampaign:
    return get_object_or_404(reviews_for(request.viewer), public_id=public_id)  # type: ignore[attr-defined]


def _here(request: HttpRequest, campaign: ReviewCampaign) -> str:
    """The same page of rows, with nothing chosen."""
    kept = {name: request.GET[name] for name in ("state", "cursor") if name in request.GET}
    return reverse("access:review", args=[campaign.public_id], query=kept or None)


def _shown(
    request: HttpRequest, campaign: ReviewCampaign, form: DecisionForm, *, chosen: list[int] | None = None
) -> HttpResponse:
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    state = request.GET.get("state", OPEN)
    state = state if state in (OPEN, DECIDED, ALL) else OPEN
    rows: QuerySet[ReviewItem] = rows_for(viewer, campaign)
    if state == OPEN:
        rows = rows.filter(alive(at), decision="")
    elif state == DECIDED:
        rows = rows.exclude(decision="")
    page = KeysetPage(rows, order=["id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    shown = _rows(page.rows, viewer, at, last_work_of(row.grant.user_id for row in page.rows))
    far = progress_of([campaign], at)[campaign.pk]
    context = {
        "campaign": campaign,
        "place": areas.names([campaign.area_code]).get(campaign.area_code, campaign.area_code),
        "far": far,
        "is_overdue": campaign.is_over(timezone.localdate(at)) and far.left > 0,
        "page": page,
        "rows": shown,
        "decidable": any(row.may_decide for row in shown),
        "states": [(OPEN, _("还没定")), (DECIDED, _("定了的")), (ALL, _("全部"))],
        "state": state,
        "form": form,
        "chosen": [row.item.pk for row in shown] if request.GET.get("pick") == "all" else chosen or [],
        "here": reverse("access:review", args=[campaign.public_id]),
    }
    status = 422 if form.errors else 200
    return render(request, "access/review.html", context, status=status)


def _rows(items: list[ReviewItem], viewer: Any, at: datetime, worked: Mapping[int, datetime]) -> list[ReviewRow]:
    names = area_names_of([item.grant for item in items])
    rows = []
    for item in items:
        is_gone = not item.decision and item.grant.life(at) is GrantLife.ENDED
        may = not item.decision and not is_gone and item.grant.user_id != viewer.user_id
        place = names[item.grant.area_code]
        rows.append(ReviewRow(item, place, is_gone, worked.get(item.grant.user_id), may))
    return rows


def _as_cells(row: ReviewRow, at: datetime) -> list[str]:
    item, grant = row.item, row.item.grant
    decision = item.get_decision_display() or (_("核查中已经结束") if row.is_gone else _("还没定"))
    by = item.decided_by.display_name if item.decided_by else (_("系统") if item.decision else "")
    return [
        grant.user.display_name,
        grant.user.staff_no,
        str(grant.role),
        grant.organisation.label if grant.organisation else row.place,
        date_words(grant.ends_at, at) if grant.ends_at else _("一直有效"),
        str(decision),
        by,
        date_words(item.decided_at, at) if item.decided_at else "",
        item.reason,
    ]


def _tell(request: HttpRequest, done: Decided) -> None:
    if done.done:
        words = ngettext("定了 %(count)d 项", "定了 %(count)d 项", done.done)
        messages.success(request, words % {"count": done.done})
    if done.own:
        messages.info(request, _("您自己的授权要由别人定，没有动"))
    if done.already:
        words = ngettext(
            "有 %(count)d 项刚才别人定了，或者已经结束，没有再动",
            "有 %(count)d 项刚才别人定了，或者已经结束，没有再动",
            done.already,
        )
        messages.info(request, words % {"count": done.already})
