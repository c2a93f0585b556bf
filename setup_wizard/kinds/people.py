"""Staff: an account by e-mail address, an organisation, roles. Whoever is there already gets what is missing."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.access.area_book import AreaBook
from governance.access.checks import can
from governance.access.models import Grant, Role, User, UserKind
from governance.access.permissions import ROLES, Capability
from governance.access.services import grant_create, user_create, user_invite
from governance.access.viewer import Scope, Viewer
from governance.files.checked_tables import Column, Line, TableKind, Verdict, mark_twice, said, several
from governance.organisations.models import Organisation
from governance.organisations.selectors import organisations_by_name
from governance.text import clean_text

NAME, EMAIL, OFFICE, ROLE, AREA = (
    gettext_lazy("姓名"),
    gettext_lazy("邮箱"),
    gettext_lazy("单位"),
    gettext_lazy("角色"),
    gettext_lazy("管哪里"),
)
REASON = gettext_lazy("开通时按人员表授权")
# Whoever handles what is sent to an office holds the role in the office; other roles belong to a place.
BY_ORGANISATION = frozenset({"handler"})
FOR_PROGRAMS = frozenset({"exchange"})

ROLE_HINT = gettext_lazy(
    "几个用顿号隔开：派单员、承办人、社区负责人、回访员、街道督办、区级查看、网格员、窗口登记员、业务管理员、管理员"
)

COLUMNS = (
    Column("name", NAME, gettext_lazy("同事看到的名字"), True, 40),
    Column("email", EMAIL, gettext_lazy("登录用，一人一个；邀请也发到这里"), True, 254),
    Column("organisation", OFFICE, gettext_lazy("单位的全称或简称，要先登记"), True, 80),
    Column("roles", ROLE, ROLE_HINT, True, 120),
    Column("area", AREA, gettext_lazy("空着就是单位管的那一片；承办人不看这一格，只办派给本单位的事"), most=60),
    Column("staff_no", gettext_lazy("工号"), most=20),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PersonDraft:
    """Whom to make (`user` None) or to add to, and the (role, area code or "") that are missing."""

    user: User | None
    organisation: Organisation
    grants: tuple[tuple[str, str], ...]


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: address, office, roles, area, what is there already. 5 SQL."""
    book, offices = AreaBook(), organisations_by_name()
    for line in lines:
        line.values["email"] = line["email"].lower()
        line.values["name"] = clean_text(line["name"], multiline=False)
    mark_twice(lines, lambda line: line["email"], EMAIL)
    emails = {line["email"] for line in lines}
    users = {user.email: user for user in User.objects.filter(email__in=emails).select_related("organisation")}
    held = _held(users.values(), at)
    for line in lines:
        if not line.problems:
            _person(line, book, offices, users.get(line["email"]), held, viewer)


def _person(
    line: Line,
    book: AreaBook,
    offices: dict[str, Organisation | None],
    user: User | None,
    held: set[tuple[int, str, str, int | None]],
    viewer: Viewer,
) -> None:
    organisation = offices.get(line["organisation"])
    code, wrong = book.find(line["area"]) if line["area"] else (organisation.area_code if organisation else "", "")
    if wrong:
        line.problems.append(said(AREA, wrong))
    if organisation is None:
        several_such = line["organisation"] in offices
        told = _("有几个单位叫“%(name)s”，请写全称") if several_such else _("没有登记“%(name)s”这个单位")
        line.problems.append(said(OFFICE, told % {"name": line["organisation"]}))
    try:
        validate_email(line["email"])
    except ValidationError:
        line.problems.append(said(EMAIL, _("没有看懂，请写成 name@example.cn")))
    roles = _roles(line)
    if user is not None and (user.kind != UserKind.STAFF or not user.is_active):
        line.problems.append(said(EMAIL, _("这个邮箱已经用在别的账号上")))
    if line.problems or organisation is None:
        return
    wanted = [(role, "" if role in BY_ORGANISATION else code) for role in roles]
    places = [place or organisation.area_code for _role, place in wanted] + [organisation.area_code]
    if not all(can(viewer, Capability.GIVE_GRANT, Scope(place)) for place in places):
        line.problems.append(said(AREA, _("您不能在那里授权")))
        return
    missing = tuple(one for one in wanted if user is None or _key(user, one, organisation) not in held)
    if user is not None and user.pk == viewer.user_id and missing:
        line.problems.append(said(ROLE, _("不能给自己授权，请由另一位管理员办理")))
    _compare(line, user, organisation, missing)


def _compare(line: Line, user: User | None, organisation: Organisation, missing: tuple[tuple[str, str], ...]) -> None:
    line.draft = PersonDraft(user, organisation, missing)
    if user is None:
        return
    line.verdict = Verdict.CHANGED if missing else Verdict.SAME
    if user.display_name != line["name"]:
        line.notes.append(said(NAME, _("已经有账号，名字是“%(name)s”，不改") % {"name": user.display_name}))
    if user.organisation_id != organisation.pk:
        now = user.organisation.label if user.organisation else _("没有单位")
        line.notes.append(said(OFFICE, _("已经有账号，单位是“%(name)s”，不改") % {"name": now}))


def _roles(line: Line) -> list[str]:
    words = {key: key for key in ROLES} | {name.casefold(): key for key, names in ROLES.items() for name in names}
    found = []
    for word in several(line["roles"]):
        role = words.get(word.casefold(), "")
        if not role or role in FOR_PROGRAMS:
            line.problems.append(said(ROLE, _("没有“%(word)s”这个角色") % {"word": word[:20]}))
        else:
            found.append(role)
    return list(dict.fromkeys(found))


def _held(users: Iterable[User], at: datetime) -> set[tuple[int, str, str, int | None]]:
    grants = Grant.objects.live(at).filter(user__in=[user.pk for user in users])
    rows = grants.order_by().values_list("user_id", "role__key", "area_code", "organisation_id")
    return {(user, role, area_code, organisation) for user, role, area_code, organisation in rows}


def _key(user: User, one: tuple[str, str], organisation: Organisation) -> tuple[int, str, str, int | None]:
    role, code = one
    return user.pk, role, code or organisation.area_code, None if code else organisation.pk


def write(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Make the accounts, give the roles, invite who is new; all or none. About 12 SQL a person."""
    roles = {role.key: role for role in Role.objects.all()}
    with transaction.atomic():
        for line in lines:
            draft: PersonDraft = line.draft
            user = draft.user or user_create(
                email=line["email"],
                display_name=line["name"],
                password=None,
                staff_no=line["staff_no"],
                organisation=draft.organisation,
                actor=viewer,
                at=at,
            )
            for role, code in draft.grants:
                grant_create(
                    user=user,
                    role=roles[role],
                    area_code=code,
                    organisation=None if code else draft.organisation,
                    starts_at=at,
                    ends_at=None,
                    reason=str(REASON),
                    actor=viewer,
                    at=at,
                )
            if draft.user is None:
                user_invite(user=user, actor=viewer, at=at)


PEOPLE = TableKind("people", COLUMNS, check, write, most_rows=500)
