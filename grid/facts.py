"""What the territory and its inventory know of an area."""

from datetime import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.facts import Fact, Known, register
from grid.models import Area, Component, Level, Post

_TERRITORY, _POSTS, _INVENTORY = _("区域资料"), _("岗位登记"), _("部件台账")


def _grids(area_code: str, at: datetime) -> Known:
    day = timezone.localdate(at)
    count = Area.objects.valid_on(day).filter(code__startswith=area_code, level=Level.GRID).count()
    return Known(str(count), _TERRITORY, day)


def _surface(area_code: str, at: datetime) -> Known | None:
    day = timezone.localdate(at)
    square_metres = Area.objects.valid_on(day).filter(code=area_code).values_list("surface_m2", flat=True).first()
    return None if square_metres is None else Known(f"{square_metres / 1e6:.2f}", _TERRITORY, day)


def _posts(area_code: str, at: datetime) -> Known:
    count = Post.objects.live(at).filter(area_code__startswith=area_code).values("user", "holder_name").count()
    return Known(str(count), _POSTS, timezone.localdate(at))


def _components(area_code: str, at: datetime) -> Known:
    count = Component.objects.standing().filter(area_code__startswith=area_code).count()
    return Known(str(count), _INVENTORY, timezone.localdate(at))


def _overdue(area_code: str, at: datetime) -> Known:
    day = timezone.localdate(at)
    rows = Component.objects.standing().filter(area_code__startswith=area_code, inspect_due__lt=day)
    return Known(str(rows.count()), _INVENTORY, day)


def _damaged(area_code: str, at: datetime) -> Known:
    rows = Component.objects.filter(area_code__startswith=area_code, state__in=("damaged", "lost"))
    return Known(str(rows.count()), _INVENTORY, timezone.localdate(at))


register(
    Fact("grid.grids", _("有几个网格"), "number", _grids),
    Fact("grid.surface", _("面积（平方公里）"), "number", _surface),
    Fact("grid.posts", _("在岗几人"), "number", _posts),
    Fact("grid.components", _("部件有几个"), "number", _components),
    Fact("grid.components_overdue", _("部件到期没检查的有几个"), "number", _overdue),
    Fact("grid.components_damaged", _("部件坏了、丢了的有几个"), "number", _damaged),
)
