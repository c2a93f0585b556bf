"""What stood out: the list, one finding with the rows behind it and its verdict, and what counts as standing out."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.audit.models import Finding, WatchRule
from governance.audit.permissions import Capability
from governance.audit.rows import rows_in_words
from governance.audit.selectors import rows_behind
from governance.audit.services import finding_close, rules_change
from governance.audit.watch_forms import RulesForm, VerdictForm
from governance.audit.watch_words import found_words
from governance.errors import DomainError, Forbidden
from governance.web.forms import add_domain_error
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.proof import proved

PAGE_SIZE = 50


def _in_words(found: Finding) -> str:
    return found_words(found.rule.key, found.count, english=get_language() == "en")


@requires(Capability.WATCH, Capability.READ_TRAIL)
@require_safe
def findings(request: HttpRequest) -> HttpResponse:
    """Those that wait, or (`view=closed`) those that somebody has looked into; the newest first. 1 SQL."""
    view = "closed" if request.GET.get("view") == "closed" else "open"
    rows = Finding.objects.filter(closed_at__isnull=view == "open").select_related("rule", "person", "closed_by")
    page = KeysetPage(rows, order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    context = {"page": page, "rows": [(row, _in_words(row)) for row in page.rows], "view": view}
    return render_page(request, "audit/findings.html", "audit/_findings.html", context)


@requires(Capability.WATCH, Capability.READ_TRAIL)
@require_http_methods(["GET", "HEAD", "POST"])
def finding(request: HttpRequest, pk: int) -> HttpResponse:
    """One finding with the rows behind it; on POST, its verdict, by somebody whom it is not about."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    found = get_object_or_404(Finding.objects.select_related("rule", "person", "closed_by"), pk=pk)
    posted = request.method == "POST"
    form = VerdictForm(request.POST if posted else None)
    if posted and form.is_valid():
        try:
            finding_close(finding=found, **form.cleaned_data, actor=viewer, at=timezone.now())
        except Forbidden:
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("记下了结论"))
            return redirect("audit:findings")
    behind = rows_behind(found)
    context = {
        "found": found,
        "words": _in_words(found),
        "rows": rows_in_words(behind, viewer),
        "is_own": found.person_id == viewer.user_id,
        "may_close": found.closed_at is None and found.person_id != viewer.user_id and viewer.can(Capability.WATCH),
        "form": form,
    }
    return render(request, "audit/finding.html", context, status=422 if form.errors else 200)


@requires(Capability.WATCH)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """What counts as standing out; on POST, changed for a reason."""
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    known = list(WatchRule.objects.select_related("changed_by"))
    form = RulesForm(known, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            rules_change(values=form.values(), reason=form.cleaned_data["reason"], actor=viewer, at=timezone.now())
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("改好了，从现在起这样提醒"))
            return redirect("audit:watch")
    return render(request, "audit/watch.html", {"form": form}, status=422 if form.errors else 200)
