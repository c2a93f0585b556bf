"""Which codes of the standard lead to a category: found by code or name, tied, taken off."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.decorators import requires
from governance.errors import DomainError
from governance.text import clean_text
from grid.models import CodeItem
from grid.services.codes import code_list_on
from requests_intake.models import Category, CategoryMatter
from requests_intake.permissions import Capability
from requests_intake.selectors.matters import matters_found, matters_of
from requests_intake.services.matters import LEAF, category_matter_tie, category_matter_untie
from requests_intake.services.office import may_in_office


@requires(Capability.EDIT_CATALOGUE)
@require_http_methods(["GET", "HEAD", "POST"])
def category_matters(request: HttpRequest, pk: int) -> HttpResponse:
    """The codes of one category; `?q=` finds more by code, old code or name."""
    category = get_object_or_404(Category, pk=pk)
    if category.level != LEAF:
        raise Http404
    viewer: Any = request.viewer  # type: ignore[attr-defined]
    may_edit = may_in_office(viewer, Capability.EDIT_CATALOGUE)
    words, problem = clean_text(request.GET.get("q", ""), multiline=False)[:30], ""
    if request.method == "POST":
        if not may_edit:
            raise PermissionDenied
        at = timezone.now()
        try:
            if (dropped := _number(request, "drop")) is not None:
                category_matter_untie(category=category, tie_id=dropped, actor=viewer, at=at)
                messages.success(request, _("去掉了"))
            else:
                item = CodeItem.objects.filter(pk=_number(request, "item") or 0).first()
                category_matter_tie(category=category, item=item, actor=viewer, at=at)
                messages.success(request, _("归好了"))
            return redirect(f"{request.path}?{urlencode({'q': words})}" if words else request.path)
        except DomainError as error:
            problem = str(error.message)
    found = matters_found(words, timezone.localdate())
    elsewhere = CategoryMatter.objects.filter(item__in=found).select_related("category")
    context = {
        "category": category,
        "ties": matters_of(category),
        "words": words,
        "found": [(item, next((one.category for one in elsewhere if one.item_id == item.pk), None)) for item in found],
        "has_list": code_list_on(timezone.localdate()) is not None,
        "may_edit": may_edit,
        "problem": problem,
    }
    status = 422 if problem else 200
    return render(request, "requests_intake/admin/category_matters.html", context, status=status)


def _number(request: HttpRequest, name: str) -> int | None:
    text = request.POST.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
