"""Kinds of communities: which community is of which, their words and items, and how residents see them."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.decorators import requires
from governance.errors import DomainError, Forbidden, StaleState
from governance.web.forms import add_domain_error
from requests_intake.forms_profiles import ProfileForm
from requests_intake.models import Category, CommunityProfile
from requests_intake.permissions import Capability
from requests_intake.selectors.profiles import communities_by_street, community_with, offers_of, profile_lines
from requests_intake.services.drafts import draft_start
from requests_intake.services.office import may_in_office
from requests_intake.services.profiles import communities_assign, profile_change, profile_make_default

_CAPABILITY = Capability.EDIT_CATALOGUE


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def profiles(request: HttpRequest) -> HttpResponse:
    """Show the kinds and which community is of which; POST gives the ticked communities a kind."""
    problem = ""
    if request.method == "POST":
        _require_edit(request)
        key = request.POST.get("profile", "")
        chosen = CommunityProfile.objects.filter(key=key).first() if key else None
        try:
            if key and chosen is None:
                raise DomainError("profile_unknown", _("请选一类"), field="profile")
            count = communities_assign(
                codes=request.POST.getlist("communities"),
                profile=chosen,
                actor=request.viewer,  # type: ignore[attr-defined]
                at=timezone.now(),
            )
        except Forbidden:
            raise
        except DomainError as error:
            problem = str(error.message)
        else:
            said = ngettext("改了 %(count)s 个社区", "改了 %(count)s 个社区", count) % {"count": count}
            messages.success(request, said)
            return redirect("intake:profiles")
    rows = list(CommunityProfile.objects.all())
    streets = communities_by_street(rows)
    context = {
        "lines": profile_lines(rows, streets),
        "streets": streets,
        "ticked": request.POST.getlist("communities"),
        "problem": problem,
        "may_edit": _may(request),
    }
    return render(request, "requests_intake/admin/profiles.html", context, status=422 if problem else 200)


@requires(_CAPABILITY)
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest, key: str) -> HttpResponse:
    """Change the words and the items of a kind."""
    _require_edit(request)
    row = get_object_or_404(CommunityProfile.objects.select_related("changed_by"), key=key)
    categories = Category.objects.filter(is_active=True).order_by("code").defer("guide", "guide_en", "questions")
    form = ProfileForm(request.POST or None, row=row, categories=categories, offers=offers_of(row))
    if request.method == "POST" and form.is_valid():
        try:
            profile_change(profile=row, actor=request.viewer, at=timezone.now(), **form.values())  # type: ignore[attr-defined]
        except (Forbidden, StaleState):
            raise
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("已保存，一分钟内各处都按新的"))
            return redirect("intake:profiles")
    context = {"form": form, "profile": row, "community": community_with(row)}
    return render(request, "requests_intake/admin/profile.html", context, status=422 if form.errors else 200)


@requires(_CAPABILITY)
@require_POST
def profile_default(request: HttpRequest, key: str) -> HttpResponse:
    """Let this kind hold wherever nothing else is said."""
    row = get_object_or_404(CommunityProfile, key=key)
    profile_make_default(profile=row, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
    messages.success(request, _("没有另外定的社区，现在都按“%(name)s”") % {"name": row.label})
    return redirect("intake:profiles")


@requires(_CAPABILITY)
@require_POST
def profile_preview(request: HttpRequest, key: str) -> HttpResponse:
    """Open the residents' own pages as in the first community of this kind; the last one says that nothing is sent."""
    row = get_object_or_404(CommunityProfile, key=key)
    community = community_with(row)
    if not community:
        messages.error(request, _("还没有社区是这一类，先定一个再看"))
        return redirect("intake:profiles")
    _draft, token = draft_start(data=practice_in(community), at=timezone.now())
    return redirect("intake:step", token=token, step="where")


def practice_in(community: str) -> dict[str, Any]:
    """Return what a draft holds that somebody fills in to try, in a community that is chosen already."""
    place = {"place_kind": "address", "address": "", "lng": None, "lat": None, "recognised": ""}
    raw = {"where": {"area_code": community}}
    return {"kind": "help", "practice": True, "area_code": community, "raw": raw, **place}


def _may(request: HttpRequest) -> bool:
    return may_in_office(request.viewer, _CAPABILITY)  # type: ignore[attr-defined]


def _require_edit(request: HttpRequest) -> None:
    if not _may(request):
        raise PermissionDenied
