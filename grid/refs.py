"""How references to areas read: "grid.area:17"."""

import re

from django.urls import reverse

from governance.access.viewer import Viewer
from governance.refs import RefKind, addressed, register
from grid.models import Application, Area, Assignment, AssignmentEntry, Check, Component, Finding, Post, Task
from grid.models.area import AreaQuerySet
from grid.models.post import PostQuerySet
from grid.selectors import area_path


def _visible(viewer: Viewer) -> AreaQuerySet:
    return Area.objects.visible_to(viewer)


def _found(text: str) -> Area | None:
    """The area whose code stands in the address of the map, or is written alone."""
    match = re.search(r"(?:within=|area=|^\s*)(\d{6,17})\s*(?:&|#|$)", text)
    return Area.objects.filter(code=match[1]).first() if match else None


register(
    RefKind(
        kind="grid.area",
        label=lambda area: area_path(area.code) or area.label,
        url=lambda area: f"{reverse('grid:map')}?within={area.code}",
        visible=_visible,
        find=_found,
    )
)


def _visible_posts(viewer: Viewer) -> PostQuerySet:
    return Post.objects.visible_to(viewer).select_related("user")


register(
    RefKind(
        kind="grid.post",
        label=lambda post: f"{post.get_kind_display()} · {post.name}",
        url=lambda post: reverse("grid:post-area", args=[post.area_code]),
        visible=_visible_posts,
    )
)
register(
    RefKind(
        kind="grid.component",
        label=lambda component: f"{component.name} {component.identity}",
        url=lambda component: reverse("grid:component", args=[component.public_id]),
        visible=lambda viewer: Component.objects.visible_to(viewer),
        find=addressed(Component, "public_id", "grid:component", "grid:component-edit"),
    )
)
register(
    RefKind(
        kind="grid.finding",
        label=lambda finding: f"{finding.get_kind_display()} · {area_path(finding.area_code) or finding.area_code}",
        url=lambda finding: reverse("grid:finding", args=[finding.uuid]),
        visible=lambda viewer: Finding.objects.visible_to(viewer),
        find=addressed(Finding, "uuid", "grid:finding"),
    )
)
register(
    RefKind(
        kind="grid.task",
        label=lambda task: task.title,
        url=lambda task: reverse("grid:ask", args=[task.public_id]),
        visible=lambda viewer: Task.objects.visible_to(viewer),
        find=addressed(Task, "public_id", "grid:ask"),
    )
)
register(
    RefKind(
        kind="grid.check",
        label=lambda check: f"{check.get_kind_display()} · {area_path(check.area_code) or check.area_code}",
        url=lambda check: reverse("grid:check", args=[check.public_id]),
        visible=lambda viewer: Check.objects.visible_to(viewer),
        find=addressed(Check, "public_id", "grid:check"),
    )
)
register(
    RefKind(
        kind="grid.assignment",
        label=lambda assignment: assignment.task.title,
        url=lambda assignment: reverse("grid:task", args=[assignment.public_id]),
        visible=lambda viewer: Assignment.objects.visible_to(viewer).select_related("task"),
        find=addressed(Assignment, "public_id", "grid:task"),
    )
)
# what was sent with an answer is seen by whoever sees the assignment
register(
    RefKind(
        kind="grid.assignmententry",
        label=lambda entry: entry.assignment.task.title,
        url=lambda entry: reverse("grid:task", args=[entry.assignment.public_id]),
        visible=lambda viewer: AssignmentEntry.objects.filter(
            assignment__in=Assignment.objects.visible_to(viewer)
        ).select_related("assignment__task"),
    )
)
register(
    RefKind(
        kind="grid.application",
        label=lambda application: application.task.title,
        url=lambda application: reverse("grid:admission", args=[application.pk]),
        visible=lambda viewer: Application.objects.visible_to(viewer).select_related("task"),
        find=addressed(Application, "pk", "grid:admission"),
    )
)
