"""Who is in which post today, and which grids nobody looks after."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from governance.access.models import Grant
from governance.access.viewer import Viewer
from grid.models import Level, Post, PostKind
from grid.models.area import Area, AreaQuerySet
from grid.models.post import GRID_LENGTH, WORKERS, PostQuerySet
from grid.selectors import areas_visible

KINDS = list(PostKind.values)


class Held(StrEnum):
    """Whether a grid has a captain, or a worker, today."""

    YES = "yes"
    STAND_IN = "stand_in"  # only somebody in their place
    NO = "no"


@dataclass(frozen=True, slots=True)
class PostRow:
    """One post with whoever stands in today."""

    post: Post
    stand_ins: tuple[Grant, ...] = ()


@dataclass(frozen=True, slots=True)
class GridRow:
    """One grid with its posts of today; those of its community and of its stairwells among them."""

    area: Area
    posts: tuple[PostRow, ...]

    @property
    def captain(self) -> Held:
        """Whether there is a captain."""
        return self._held((PostKind.CAPTAIN,))

    @property
    def worker(self) -> Held:
        """Whether there is a worker, full-time or part-time."""
        return self._held(WORKERS)

    @property
    def is_covered(self) -> bool:
        """Whether a captain and a worker are there themselves."""
        return self.captain is Held.YES and self.worker is Held.YES

    def _held(self, kinds: Sequence[str]) -> Held:
        own = [row for row in self.posts if row.post.kind in kinds]
        if not own:
            return Held.NO
        return Held.YES if any(not row.stand_ins for row in own) else Held.STAND_IN


def grids_listed(
    viewer: Viewer, *, at: datetime, within: str = "", words: str = "", uncovered: bool = False
) -> AreaQuerySet:
    """Visible grids of today, unordered; those with the words in their name, code or a holder's name; 0 SQL.

    `uncovered`: only where no captain, or no worker, is there themselves today.
    """
    grids = areas_visible(viewer, day=timezone.localdate(at)).filter(level=Level.GRID, code__startswith=within)
    live = Post.objects.live(at).filter(area_code=OuterRef("code"))
    if words := words.strip():
        by_name = Exists(live.filter(user__display_name__icontains=words))
        named = Q(name__icontains=words) | Q(name_en__icontains=words) | Q(code__startswith=words.upper())
        grids = grids.filter(named | by_name)
    if uncovered:
        present = live.filter(~Exists(Grant.objects.live(at).filter(stands_in_for=OuterRef("grant"))))
        captain, worker = present.filter(kind=PostKind.CAPTAIN), present.filter(kind__in=WORKERS)
        grids = grids.filter(~Exists(captain) | ~Exists(worker))
    return grids.defer("geometry")


def grid_rows(grids: Sequence[Area], viewer: Viewer, *, at: datetime) -> list[GridRow]:
    """The posts of these grids today. 2 SQL for any number."""
    if not grids:
        return []
    codes = sorted(area.code for area in grids)
    communities = {code[:12] for code in codes}
    inside = Q(area_code__gte=codes[0], area_code__lt=codes[-1] + "~") | Q(area_code__in=communities)
    posts = Post.objects.visible_to(viewer).live(at).filter(inside)
    found: dict[str, list[PostRow]] = {}
    for row in post_rows(posts, at=at):
        found.setdefault(row.post.area_code[:GRID_LENGTH], []).append(row)
    return [GridRow(area, (*found.get(area.code, []), *found.get(area.code[:12], []))) for area in grids]


def post_rows(posts: PostQuerySet, *, at: datetime) -> list[PostRow]:
    """These posts in the order of the ranks, with whoever stands in today. 2 SQL."""
    rows = list(posts.select_related("user", "appointed_by", "ended_by"))
    rows.sort(key=lambda post: (KINDS.index(post.kind), post.area_code, post.pk))
    standing: dict[int, list[Grant]] = {}
    given = [post.grant_id for post in rows if post.grant_id]
    if given:
        for grant in Grant.objects.live(at).filter(stands_in_for__in=given).select_related("user").order_by("pk"):
            standing.setdefault(grant.stands_in_for_id, []).append(grant)
    return [PostRow(post, tuple(standing.get(post.grant_id or 0, ()))) for post in rows]
