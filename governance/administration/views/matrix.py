"""The table of roles and capabilities: who may do what at a glance, changed after its differences were read."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import uuid4

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from governance.access.checks import can_everywhere
from governance.access.decorators import requires
from governance.access.models import Role, RoleChange
from governance.access.permissions import Capability
from governance.access.selectors import (
    CapabilityGroup,
    RoleColumn,
    capability_groups,
    last_role_change,
    people_holding,
    roles_with_capabilities,
)
from governance.access.services.roles import Difference, roles_change
from governance.access.sync import sensitive
from governance.errors import DomainError
from governance.web.forms import IdempotencyField
from governance.web.idempotency import once
from governance.web.proof import proved

SECOND_STEP = "second-step"  # the row above the capabilities: what a role asks of whoever holds it


@dataclass(frozen=True, slots=True)
class Cell:
    """A role and something one can do. `mark` is "added" or "removed" where it is to change, `locked` says why not."""

    role: Role
    has: bool
    mark: str = ""
    locked: str = ""


@requires(Capability.VIEW_MATRIX)
@proved(on_opening=False, when=lambda request: "save" in request.POST)
@require_http_methods(["GET", "POST"])
def matrix(request: HttpRequest) -> HttpResponse:
    """A column is a role, a row something one can do. Whoever may change it reads the differences, then saves them."""
    viewer, at = request.viewer, timezone.now()  # type: ignore[attr-defined]
    may_edit = can_everywhere(viewer, Capability.EDIT_ROLES)
    columns = roles_with_capabilities(viewer, at=at)
    own = {grant.role for grant in viewer.grants}
    words = (request.POST if request.method == "POST" else request.GET).get("q", "").strip()
    groups = _narrowed(words)
    typed: dict[str, object] = {"reason": "", "submission_key": str(uuid4())}
    wanted: dict[str, Difference] = {}
    error: DomainError | None = None
    if request.method == "POST" and may_edit:
        key = IdempotencyField().clean(request.POST.get("submission_key", ""))
        typed = {"reason": request.POST.get("reason", ""), "submission_key": str(key)}
        wanted = _differences(request, columns, own)
        if "save" in request.POST:
            try:
                if once(RoleChange.objects.all(), key) is None:
                    _check_read(request, wanted)
                    roles_change(
                        differences=wanted,
                        seen=_number(request.POST.get("seen", "")),
                        reason=str(typed["reason"]),
                        submission_key=key,
                        actor=viewer,
                        at=at,
                    )
                messages.success(request, _("改好了。担任这些角色的人，下一次点开页面就按新的来。"))
                return redirect(reverse("access:matrix"))
            except DomainError as found:
                error = found
    context = {
        "columns": columns,
        "groups": _rows(groups, columns, wanted, own if may_edit else set()),
        "second_steps": _second_steps(columns, wanted, own if may_edit else set()),
        "second_step_name": SECOND_STEP,
        "column_count": len(columns) + 1,
        "may_edit": may_edit,
        "may_see_grants": viewer.can(Capability.VIEW_GRANT),
        "q": words,
        "is_checked": request.method == "POST",
        "differences": _listed(columns, wanted),
        "concerned": people_holding(wanted, at=at) if wanted else 0,
        "seen": last_role_change() if may_edit else 0,
        "error": error,
        "typed": typed,
    }
    status = 422 if error is not None else 200
    return render(request, "access/matrix.html", context, status=status)


def _narrowed(words: str) -> list[CapabilityGroup]:
    """The groups with the capabilities whose name or explanation holds the words."""
    found = []
    for group in capability_groups():
        rows = [one for one in group.capabilities if words in f"{one.name} {one.explanation} {group.title}"]
        if rows:
            found.append(CapabilityGroup(group.title, tuple(rows)))
    return found


def _differences(request: HttpRequest, columns: Iterable[RoleColumn], own: set[str]) -> dict[str, Difference]:
    """What the ticks say against what the database holds, for the rows that the form showed. Own roles grow nowhere."""
    ticked = set(request.POST.getlist("cell"))
    shown = set(request.POST.getlist("row"))
    found = {}
    for column in columns:
        wanted = {name for name in shown if f"{column.role.key} {name}" in ticked}
        has = column.capabilities & shown
        second_step = None
        if SECOND_STEP in shown:
            wanted.discard(SECOND_STEP)
            has_step = column.role.second_step_since is not None
            is_ticked = f"{column.role.key} {SECOND_STEP}" in ticked or (has_step and column.role.key in own)
            second_step = is_ticked if is_ticked != has_step else None
        difference = Difference(frozenset(wanted - has), frozenset(has - wanted), second_step)
        if difference:
            found[column.role.key] = difference
    return found


def _check_read(request: HttpRequest, wanted: dict[str, Difference]) -> None:
    """Only what was read is saved: ticks that moved since are shown first."""
    read = set(request.POST.getlist("read"))
    if read != set(_marks(wanted)):
        raise DomainError("differences_moved", _("勾选又变了，请再看一遍下面的改动，然后保存"))


def _marks(wanted: dict[str, Difference]) -> list[str]:
    return [
        f"{sign} {key} {name}"
        for key, difference in wanted.items()
        for sign, names in (("+", difference.added), ("-", difference.removed), *_second_step_mark(difference))
        for name in sorted(names)
    ]


def _second_step_mark(difference: Difference) -> list[tuple[str, frozenset[str]]]:
    """The second step as the lines of differences write it."""
    if difference.second_step is None:
        return []
    return [("+" if difference.second_step else "-", frozenset({SECOND_STEP}))]


def _listed(columns: Iterable[RoleColumn], wanted: dict[str, Difference]) -> list[dict[str, object]]:
    """One line for each difference, in the order of the table."""
    careful = sensitive()
    names = {one.key: one.name for group in capability_groups() for one in group.capabilities}
    lines: list[dict[str, object]] = []
    for column in columns:
        difference = wanted.get(column.role.key, Difference())
        if difference.second_step is not None:
            sign = "+" if difference.second_step else "-"
            lines.append(
                {
                    "role": column.role,
                    "is_second_step": True,
                    "is_added": difference.second_step,
                    "mark": f"{sign} {column.role.key} {SECOND_STEP}",
                }
            )
        for sign, changed in (("+", difference.added), ("-", difference.removed)):
            lines += [
                {
                    "role": column.role,
                    "name": names[name],
                    "is_added": sign == "+",
                    "is_sensitive": sign == "+" and name in careful,
                    "mark": f"{sign} {column.role.key} {name}",
                }
                for name in sorted(changed)
            ]
    return lines


def _rows(
    groups: Iterable[CapabilityGroup], columns: list[RoleColumn], wanted: dict[str, Difference], own: set[str]
) -> list[dict[str, object]]:
    return [
        {
            "title": group.title,
            "rows": [
                {
                    "capability": capability,
                    "cells": [_cell(column, capability.key, wanted, own) for column in columns],
                }
                for capability in group.capabilities
            ],
        }
        for group in groups
    ]


def _second_steps(columns: list[RoleColumn], wanted: dict[str, Difference], own: set[str]) -> list[Cell]:
    """Which roles want a second step at sign-in. Whoever holds one cannot spare themselves."""
    cells = []
    for column in columns:
        changed = wanted.get(column.role.key, Difference()).second_step
        has = column.role.second_step_since is not None
        if changed is not None:
            cells.append(Cell(column.role, changed, "added" if changed else "removed"))
        elif has and column.role.key in own:
            cells.append(Cell(column.role, True, locked=_("您自己担任这个角色，要免掉请另一位管理员办")))
        else:
            cells.append(Cell(column.role, has))
    return cells


def _cell(column: RoleColumn, name: str, wanted: dict[str, Difference], own: set[str]) -> Cell:
    difference = wanted.get(column.role.key, Difference())
    has = name in column.capabilities
    if name in difference.added:
        return Cell(column.role, True, "added")
    if name in difference.removed:
        return Cell(column.role, False, "removed")
    locked = _("您自己担任这个角色，要加请另一位管理员办") if column.role.key in own and not has else ""
    return Cell(column.role, has, locked=locked)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
