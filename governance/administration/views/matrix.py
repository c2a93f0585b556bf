"""The table of roles and capabilities, read-only: who may do what, at a glance."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.permissions import Capability
from governance.access.selectors import capability_groups, roles_with_capabilities


@requires(Capability.VIEW_MATRIX)
@require_safe
def matrix(request: HttpRequest) -> HttpResponse:
    """A column is a role, a row something one can do, grouped by part of the portal."""
    viewer = request.viewer  # type: ignore[attr-defined]
    columns = roles_with_capabilities(viewer, at=timezone.now())
    groups = [
        {
            "title": group.title,
            "rows": [
                {
                    "capability": capability,
                    "cells": [(column.role, capability.key in column.capabilities) for column in columns],
                }
                for capability in group.capabilities
            ],
        }
        for group in capability_groups()
    ]
    context = {
        "columns": columns,
        "groups": groups,
        "column_count": len(columns) + 1,
        "may_see_grants": viewer.can(Capability.VIEW_GRANT),
    }
    return render(request, "access/matrix.html", context)
