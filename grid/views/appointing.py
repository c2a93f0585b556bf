"""Appointing, and what happens to a post afterwards. Each asks for the password again: rights follow from it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from governance.access.checks import require
from governance.access.decorators import requires
from governance.access.models import Grant, GrantLife
from governance.access.viewer import Scope
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.idempotency import create_once
from governance.web.pages import wants_partial
from governance.web.proof import proved
from grid.models import Post, PostKind
from grid.permissions import Capability
from grid.post_forms import AppointForm, EndForm, ExtendForm, ReleaseForm, StandInForm, end_of
from grid.selectors import area_path
from grid.services.posts import (
    post_appoint,
    post_end,
    post_extend,
    post_release,
    post_stand_in,
    post_stand_ins_stop,
)
from grid.views.posts import area_shown, post_decided, viewer_of


def _weighty(request: HttpRequest) -> bool:
    return "find" not in request.POST


@requires(Capability.APPOINT_POSTS)
@proved(when=_weighty)
@require_http_methods(["GET", "HEAD", "POST"])
def appoint(request: HttpRequest, code: str) -> HttpResponse:
    """Put somebody into a post. The button `find` looks for people and saves nothing; everything typed stays."""
    viewer, at = viewer_of(request), timezone.now()
    area = area_shown(viewer, code, at)
    require(viewer, Capability.APPOINT_POSTS, Scope(code))
    kind = request.GET.get("kind", "")
    posted = request.POST if request.method == "POST" else None
    form = AppointForm(posted, viewer=viewer, at=at, area_code=code, kind=kind if kind in PostKind.values else "")
    if posted is not None and "find" in posted:
        form.without_judgement()
        if wants_partial(request):
            return render(request, "access/_people.html", {"form": form})
    elif posted is not None and form.is_valid():
        try:
            order = form.order()
            post, _created = create_once(
                Post.objects.visible_to(viewer),
                form.key_held(),
                lambda: post_appoint(**order, area_code=code, actor=viewer, at=at),
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            named = {"name": post.name, "kind": post.get_kind_display()}
            messages.success(request, _("已任命：%(name)s，%(kind)s") % named)
            return redirect("grid:post-area", code=code)
    context = {"area": area, "path": area_path(code), "form": form}
    return render(request, "grid/post_new.html", context, status=422 if form.errors else 200)


@requires(Capability.APPOINT_POSTS)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what ends, then end it."""
    form = EndForm(request.POST if request.method == "POST" else None)
    words = {"title": _("离任"), "button": _("现在离任"), "done": _("已离任，授权也收回了"), "is_danger": True}
    return _act(request, pk, form, lambda data, about: post_end(reason=data["reason"], **about), words)


@requires(Capability.APPOINT_POSTS)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def extend(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a post end later."""
    form = ExtendForm(request.POST if request.method == "POST" else None)
    words = {"title": _("延期"), "button": _("延期"), "done": _("已延期，授权也延到同一天")}

    def act(data: dict[str, Any], about: dict[str, Any]) -> None:
        try:
            post_extend(ends_at=end_of(data["last_day"]), reason=data["reason"], **about)
        except DomainError as error:
            field = "last_day" if error.field == "ends_at" else error.field
            raise DomainError(error.code, error.message, field) from error

    return _act(request, pk, form, act, words)


@requires(Capability.APPOINT_POSTS)
@proved()
@require_http_methods(["GET", "HEAD", "POST"])
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """Say what stands on the public page."""
    post = post_decided(viewer_of(request), pk)
    initial = {"is_public": post.is_public, "public_phone": post.phone}
    form = ReleaseForm(request.POST if request.method == "POST" else None, initial=initial)
    words = {"title": _("对外公布"), "button": _("保存"), "done": _("改好了，“我的网格”页面已经照着显示")}
    return _act(request, pk, form, lambda data, about: post_release(**data, **about), words)


@requires(Capability.APPOINT_POSTS)
@proved(when=_weighty)
@require_http_methods(["GET", "HEAD", "POST"])
def stand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Let a colleague do the work for some time."""
    viewer, at = viewer_of(request), timezone.now()
    posted = request.POST if request.method == "POST" else None
    form = StandInForm(posted, viewer=viewer, at=at)
    words = {"title": _("安排代班"), "button": _("安排代班"), "done": _("代班安排好了")}

    def act(_data: dict[str, Any], about: dict[str, Any]) -> None:
        order = form.order()
        create_once(
            Grant.objects.filter(stands_in_for=about["post"].grant),
            order["submission_key"],
            lambda: post_stand_in(**order, **about),
        )

    if posted is not None and "find" in posted:
        form.without_judgement()
        if wants_partial(request):
            return render(request, "access/_people.html", {"form": form})
        return _page(request, post_decided(viewer, pk), form, words)
    return _act(request, pk, form, act, words)


@requires(Capability.APPOINT_POSTS)
@proved(on_opening=False)
@require_POST
def stand_in_stop(request: HttpRequest, pk: int) -> HttpResponse:
    """End all standing in for a post."""
    viewer = viewer_of(request)
    post = post_decided(viewer, pk)
    post_stand_ins_stop(post=post, actor=viewer, at=timezone.now())
    messages.success(request, _("代班结束了"))
    return redirect("grid:post-area", code=post.area_code)


def _act(
    request: HttpRequest,
    pk: int,
    form: forms.Form,
    act: Callable[[dict[str, Any], dict[str, Any]], Any],
    words: dict[str, Any],
) -> HttpResponse:
    """Show the form; when it is valid do it, with the refusal beside its field."""
    viewer, at = viewer_of(request), timezone.now()
    post = post_decided(viewer, pk)
    if request.method == "POST" and form.is_valid():
        try:
            act(form.cleaned_data, {"post": post, "actor": viewer, "at": at})
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, words["done"])
            return redirect("grid:post-area", code=post.area_code)
    return _page(request, post, form, words)


def _page(request: HttpRequest, post: Post, form: forms.Form, words: dict[str, Any]) -> HttpResponse:
    context = {
        **words,
        "post": post,
        "path": area_path(post.area_code),
        "form": form,
        "is_over": post.life(timezone.now()) is GrantLife.ENDED,
        "finds": isinstance(form, StandInForm),
    }
    return render(request, "grid/post_act.html", context, status=422 if form.errors else 200)
