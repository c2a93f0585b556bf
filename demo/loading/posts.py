"""Posts of the demo's grids: captains, workers, neighbours who look after a stairwell; three grids lack somebody."""

from datetime import datetime, timedelta

from demo.organisations import by_key
from demo.staff import DemoStaff, staff, staff_by_role
from governance.access.models import Grant, User
from governance.access.viewer import Viewer, viewer_for
from governance.refs import ref_of
from grid.models import Area, Level, Post, PostKind
from grid.services.posts import post_appoint

NO_CAPTAIN = ("990105001002004", "990105002003005")
NO_WORKER = ("990105001004004",)
DEMO_GRID = "990105001002003"
NEIGHBOURS = (("周桂香", "8812 0421"), ("孙卫东", ""))
BASIS = "社区居委会 2025 年第 3 次会议"


def load_posts(people: dict[str, User], at: datetime) -> None:
    """Workers keep the grants they have, now as those of their posts; everybody else is appointed."""
    actor = viewer_for(people[staff_by_role("security_admin")[0].key], at)
    _workers(people, at)
    since = at - timedelta(days=400)
    grids = list(Area.objects.filter(level=Level.GRID).order_by("code").values_list("code", flat=True))
    for code in grids:
        if code not in NO_CAPTAIN:
            captain = people[_captain(code).key]
            _appoint(PostKind.CAPTAIN, code, captain, since, at, actor, phone=_phone(code))
    for number, (name, phone) in enumerate(NEIGHBOURS):
        _appoint(PostKind.BUILDING, DEMO_GRID, None, since + timedelta(days=30 * number), at, actor, name, phone)
    for person in staff_by_role("supervisor"):
        first = next(code for code in grids if code.startswith(person.grants[0].area_code))
        _appoint(PostKind.INSTRUCTOR, first[:12], people[person.key], since, at, actor)


def _workers(people: dict[str, User], at: datetime) -> None:
    ids = [people[person.key].pk for person in staff_by_role("grid_worker")]
    grants = list(Grant.objects.filter(user__in=ids, organisation=None).exclude(area_code__in=NO_WORKER).order_by("pk"))
    posts = Post.objects.bulk_create(
        Post(
            kind=PostKind.PART_TIME if number % 9 == 5 else PostKind.FULL_TIME,
            area_code=grant.area_code,
            user_id=grant.user_id,
            public_phone=_phone(grant.area_code) or None,
            is_public=True,
            starts_at=grant.starts_at,
            grant=grant,
            reason=BASIS,
            created_at=at,
            changed_at=at,
        )
        for number, grant in enumerate(grants)
    )
    for post, grant in zip(posts, grants, strict=True):
        grant.source = ref_of(post)
    Grant.objects.bulk_update(grants, ["source"])


def _appoint(
    kind: str,
    code: str,
    user: User | None,
    since: datetime,
    at: datetime,
    actor: Viewer,
    name: str = "",
    phone: str = "",
) -> None:
    post_appoint(
        kind=kind,
        area_code=code,
        user=user,
        holder_name=name,
        public_phone=phone,
        is_public=user is not None or bool(phone),
        starts_at=since,
        ends_at=None,
        reason=BASIS,
        actor=actor,
        at=at,
    )


def _captain(code: str) -> DemoStaff:
    """The community's head for its first grids, a colleague of the community's office for the others."""
    own = [person for person in staff() if person.organisation_key == f"comm:{code[:12]}"]
    heads = [person for person in own if person.role == "community_head"]
    others = [person for person in own if person.role == "handler"]
    return (heads if int(code[12:]) <= 2 or not others else others)[0]


def _phone(code: str) -> str:
    return by_key()[f"comm:{code[:12]}"].phone
