"""Roles one by one: compared, changed back, made and retired."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can_everywhere
from governance.access.decorators import requires
from governance.access.models import Role, RoleChange, RoleChangeRow
from governance.access.permissions import Capability
from governance.access.selectors import (
    CapabilityText,
    capability_groups,
    last_role_change,
    role_changes,
    roles_with_capabilities,
)
from governance.access.services.roles import Difference, role_change_undo, role_create, role_retire, roles_change
from governance.access.sync import built_in
from governance.administration.forms import RoleForm, RoleReasonForm
from governance.errors import DomainError
from governance.web.forms import add_domain_error
from governance.web.idempotency import once
from governance.web.keyset import KeysetPage
from governance.web.proof import proved

PAGE_SIZE = 30


@dataclass(frozen=True, slots=True)
class Compared:
    """Something that at least one of two roles may do."""

    title: str | Promise
    capability: CapabilityText
    first: bool
    second: bool


@requires(Capability.VIEW_MATRIX)
@require_safe
def role_compare(request: HttpRequest) -> HttpResponse:
    """Two roles beside each other: what only one of them may do first."""
    columns = {column.role.key: column for column in roles_with_capabilities()}
    first, second = (columns.get(request.GET.get(name, "")) for name in ("a", "b"))
    rows: list[Compared] = []
    if first and second:
        for group in capability_groups():
            for one in group.capabilities:
                has = (one.key in first.capabilities, one.key in second.capabilities)
                if any(has):
                    rows.append(Compared(group.title, one, *has))
        rows.sort(key=lambda row: row.first and row.second)
    context = {
        "roles": [column.role for column in columns.values()],
        "first": first.role if first else None,
        "second": second.role if second else None,
        "rows": rows,
        "differing": sum(not (row.first and row.second) for row in rows),
    }
    return render(request, "access/role_compare.html", context)


def _named(keys: Iterable[str]) -> list[str]:
    """The names of capabilities in the page's language; one that no code knows any more keeps its key."""
    names = {one.key: str(one.name) for group in capability_groups() for one in group.capabilities}
    return [names.get(key, key) for key in sorted(keys)]


def _line(row: RoleChangeRow, *, undone: bool = False) -> tuple[Role, list[str], list[str]]:
    """A role with what it got and what it lost, in words; the other way round for what taking it back does."""
    added, removed = _named(row.added), _named(row.removed)
    if row.second_step is not None:
        (added if row.second_step else removed).append(_("登录要两步"))
    return (row.role, removed, added) if undone else (row.role, added, removed)


@requires(Capability.VIEW_MATRIX)
@require_safe
def role_history(request: HttpRequest) -> HttpResponse:
    """All changes of the table, the newest first."""
    page = KeysetPage(role_changes(), order=["-id"], size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    rows = [
        {
            "change": change,
            "lines": [_line(row) for row in change.rows.all()],
            "undone": getattr(change, "undone_by", None),
        }
        for change in page.rows
    ]
    may_edit = can_everywhere(request.viewer, Capability.EDIT_ROLES)  # type: ignore[attr-defined]
    return render(request, "access/role_history.html", {"page": page, "rows": rows, "may_edit": may_edit})


@requires(Capability.EDIT_ROLES)
@proved()
@require_http_methods(["GET", "POST"])
def role_undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take a change back, after reading what that does."""
    change = get_object_or_404(role_changes(), pk=pk)
    form = RoleReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        key = form.cleaned_data["key"]
        try:
            if once(RoleChange.objects.all(), key) is None:
                role_change_undo(
                    change=change,
                    reason=form.cleaned_data["reason"],
                    submission_key=key,
                    actor=request.viewer,  # type: ignore[attr-defined]
                    at=timezone.now(),
                )
            messages.success(request, _("撤回了，又和改动以前一样"))
            return redirect("access:role-history")
        except DomainError as error:
            add_domain_error(form, error)
    lines = [_line(row, undone=True) for row in change.rows.all()]
    context = {"change": change, "lines": lines, "form": form, "title": _("撤回这次改动？"), "button": _("撤回改动")}
    return render(request, "access/role_confirm.html", context)


@requires(Capability.EDIT_ROLES)
@proved()
@require_http_methods(["GET", "POST"])
def role_reset(request: HttpRequest, key: str) -> HttpResponse:
    """Give a built-in role what the product gives it, after reading what that does."""
    column = next((one for one in roles_with_capabilities() if one.role.key == key), None)
    standard = built_in()
    if column is None or key not in standard:
        return redirect("access:matrix")
    wanted = Difference(standard[key] - column.capabilities, column.capabilities - standard[key])
    form = RoleReasonForm(request.POST or None, initial={"seen": last_role_change()})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if once(RoleChange.objects.all(), data["key"]) is None:
                roles_change(
                    differences={key: wanted},
                    seen=data["seen"] or 0,
                    reason=data["reason"],
                    submission_key=data["key"],
                    actor=request.viewer,  # type: ignore[attr-defined]
                    at=timezone.now(),
                )
            messages.success(request, _("“%(role)s”恢复成出厂的样子了") % {"role": column.role})
            return redirect("access:matrix")
        except DomainError as error:
            add_domain_error(form, error)
    lines = [(column.role, _named(wanted.added), _named(wanted.removed))] if wanted else []
    title = _("把“%(role)s”恢复成出厂的样子？") % {"role": column.role}
    context = {"lines": lines, "form": form, "title": title, "button": _("恢复")}
    return render(request, "access/role_confirm.html", context)


@requires(Capability.EDIT_ROLES)
@proved()
@require_http_methods(["GET", "POST"])
def role_new(request: HttpRequest) -> HttpResponse:
    """A role of the district's own, perhaps after the pattern of another."""
    roles = [column.role for column in roles_with_capabilities()]
    form = RoleForm(request.POST or None, roles=roles)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            if once(RoleChange.objects.all(), data["key"]) is None:
                role_create(
                    name=data["name"],
                    name_en=data["name_en"],
                    like=next((role for role in roles if role.key == data["like"]), None),
                    reason=data["reason"],
                    submission_key=data["key"],
                    actor=request.viewer,  # type: ignore[attr-defined]
                    at=timezone.now(),
                )
            messages.success(request, _("新角色建好了，在表的最右边。现在可以勾它能做的事，再给人授权。"))
            return redirect("access:matrix")
        except DomainError as error:
            add_domain_error(form, error)
    return render(request, "access/role_new.html", {"form": form})


@requires(Capability.EDIT_ROLES)
@proved()
@require_POST
def role_stop(request: HttpRequest, key: str) -> HttpResponse:
    """Stop giving a role of the district's own."""
    role = get_object_or_404(Role, key=key)
    try:
        role_retire(role=role, actor=request.viewer, at=timezone.now())  # type: ignore[attr-defined]
        messages.success(request, _("“%(role)s”停用了，不能再给人") % {"role": role})
    except DomainError as error:
        messages.error(request, str(error))
    return redirect("access:matrix")
