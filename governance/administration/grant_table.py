"""A table of grants: who, as what, where, from when to when, why. Judged here, written by `import_write`."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override

from governance.access.area_book import AreaBook
from governance.access.checks import can
from governance.access.duties import duties_by_role, holders, is_separated
from governance.access.models import Grant, Role, User, UserKind
from governance.access.permissions import Capability
from governance.access.reasons import REASON_MAX
from governance.access.services.importing import GrantDraft
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.files.checked_tables import LANGUAGES, Column, Line, StoredRow, TableKind, Verdict, said
from governance.organisations.models import Organisation
from governance.organisations.selectors import organisations_by_name
from governance.web.words import short_words

WHO, ROLE, AREA, OFFICE, SINCE, UNTIL, WHY = (
    gettext_lazy("人员"),
    gettext_lazy("角色"),
    gettext_lazy("区域"),
    gettext_lazy("单位"),
    gettext_lazy("从"),
    gettext_lazy("到"),
    gettext_lazy("理由"),
)
COLUMNS = (
    Column("who", WHO, gettext_lazy("邮箱或工号，要先有账号"), True, 254),
    Column("role", ROLE, gettext_lazy("角色的名称，例如：派单员"), True, 60),
    Column("area", AREA, gettext_lazy("区域的编码或名称；区域和单位只写一样"), most=60),
    Column("organisation", OFFICE, gettext_lazy("单位的全称或简称；区域和单位只写一样"), most=80),
    Column("starts_at", SINCE, gettext_lazy("2026-01-05 或 2026-01-05 09:00；空着就是现在"), most=20),
    Column("ends_at", UNTIL, gettext_lazy("只写日期就含那一天；空着就是一直有效"), most=20),
    Column("reason", WHY, gettext_lazy("进入记录，以后查得到"), True, REASON_MAX),
)
MOMENTS = ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d", "%Y/%m/%d %H:%M", "%Y/%m/%d")
Place = tuple[int, int, str, int | None]  # person, role, area code, organisation


@dataclass(frozen=True, slots=True)
class Books:
    """What the rows may name, and what is there already, read once for the whole table."""

    users: Mapping[str, User]
    roles: Mapping[str, Role | None]
    areas: AreaBook
    offices: Mapping[str, Organisation | None]


def check(lines: Sequence[Line], viewer: Viewer, at: datetime) -> None:
    """Judge the rows: what they name, who may give it, what is there already, duties apart. At most 14 SQL."""
    books = Books(_users(lines), _roles(), AreaBook(), organisations_by_name())
    for line in lines:
        _draft(line, books, viewer, at)
    drafted = [line for line in lines if line.draft is not None and not line.problems]
    _compare(drafted, at)
    if is_separated():
        _keep_apart([line for line in drafted if line.writes], at)


GRANTS = TableKind("grants", COLUMNS, check, lambda lines, viewer, at: None, most_rows=2000)


def judged_drafts(rows: Sequence[StoredRow], viewer: Viewer, at: datetime) -> tuple[list[GrantDraft], int]:
    """What `import_write` is to write of the kept rows, and how many rows it refuses."""
    lines = GRANTS.lines(rows, viewer, at)
    return [line.draft for line in lines if line.writes], sum(bool(line.problems) for line in lines)


def _draft(line: Line, books: Books, viewer: Viewer, at: datetime) -> None:
    user, role = books.users.get(line["who"].casefold()), books.roles.get(line["role"].casefold())
    if user is None and line["who"]:
        line.problems.append(said(WHO, _("没有用“%(word)s”的同事") % {"word": line["who"][:40]}))
    elif user is not None and not user.is_active:
        line.problems.append(said(WHO, _("这个人的账号已经停用")))
    elif user is not None and user.pk == viewer.user_id:
        line.problems.append(said(WHO, _("不能给自己授权，请由另一位管理员办理")))
    if role is None and line["role"]:
        line.problems.append(said(ROLE, _("没有“%(word)s”这个角色") % {"word": line["role"][:20]}))
    elif role is not None and role.retired_at is not None:
        line.problems.append(said(ROLE, _("这个角色已经停用")))
    code, organisation = _place(line, books, viewer)
    starts_at, ends_at = _period(line, at)
    if user is not None and role is not None and not line.problems:
        line.draft = GrantDraft(user, role, code, organisation, starts_at, ends_at, line["reason"])


def _place(line: Line, books: Books, viewer: Viewer) -> tuple[str, Organisation | None]:
    """Exactly one of the two, known, and where the viewer gives grants."""
    word, office = line["area"], line["organisation"]
    if bool(word) == bool(office):
        told = _("区域和单位只能选一样") if word else _("请选一个区域，或者选一个单位")
        line.problems.append(said(AREA, told))
        return "", None
    if word:
        code, wrong = books.areas.find(word)
        organisation = None
        title = AREA
    else:
        organisation = books.offices.get(office)
        code, title = organisation.area_code if organisation else "", OFFICE
        several = _("有几个单位叫“%(name)s”，请写全称") if office in books.offices else ""
        wrong = "" if organisation else (several or _("没有登记“%(name)s”这个单位")) % {"name": office}
    if wrong:
        line.problems.append(said(title, wrong))
    elif not can(viewer, Capability.GIVE_GRANT, Scope(code)):
        line.problems.append(said(title, _("您不能在那里授权")))
    return code, organisation


def _period(line: Line, at: datetime) -> tuple[datetime, datetime | None]:
    starts_at, ends_at = at, None
    try:
        if line["starts_at"]:
            starts_at = _moment(line["starts_at"], SINCE)
        if line["ends_at"]:
            ends_at = _moment(line["ends_at"], UNTIL)
            if timezone.localtime(ends_at).time() == time.min:
                ends_at += timedelta(days=1)
    except DomainError as error:
        line.problems.append(str(error))
        return starts_at, ends_at
    if ends_at is not None and ends_at <= starts_at:
        line.problems.append(said(UNTIL, _("结束时间要晚于开始时间")))
    elif ends_at is not None and ends_at <= at:
        line.problems.append(said(UNTIL, _("结束时间已经过去了")))
    return starts_at, ends_at


def _moment(text: str, title: object) -> datetime:
    for form in MOMENTS:
        try:
            return timezone.make_aware(datetime.strptime(text.strip(), form))  # noqa: DTZ007 - in one step
        except ValueError:
            continue
    raise DomainError("moment", said(str(title), _("时间没有看懂，请写成 2026-01-05 09:00")))


def _compare(lines: Sequence[Line], at: datetime) -> None:
    """What is there already is not given twice; what meets it in part, or a row above, cannot be given. 1 SQL."""
    there: dict[Place, list[tuple[datetime, datetime | None, int]]] = {}
    people = {line.draft.user.pk for line in lines}
    own = Grant.objects.filter(user__in=people, stands_in_for=None).order_by("pk")
    for user, role, code, office, since, until in own.values_list(
        "user_id", "role_id", "area_code", "organisation_id", "starts_at", "ends_at"
    ):
        there.setdefault((user, role, code, office), []).append((since, until, 0))
    for line in lines:
        draft: GrantDraft = line.draft
        key = draft.user.pk, draft.role.pk, draft.area_code, draft.organisation.pk if draft.organisation else None
        met = [one for one in there.get(key, []) if _meets(one[:2], (draft.starts_at, draft.ends_at))]
        if any(_contains(one[:2], (draft.starts_at, draft.ends_at)) for one in met):
            line.verdict = Verdict.SAME
        elif met:
            line.problems.append(_already(met[0], at))
        else:
            there.setdefault(key, []).append((draft.starts_at, draft.ends_at, line.number))


def _already(one: tuple[datetime, datetime | None, int], at: datetime) -> str:
    since, until, number = one
    if number:
        return said(WHO, _("和第 %(line)s 行重复") % {"line": number})
    words = {"since": short_words(since, at), "until": short_words(until, at) if until else _("一直有效")}
    return said(SINCE, _("已经有同样的授权（%(since)s 至 %(until)s），时间有重叠；要延长，请在列表里延期") % words)


def _meets(one: tuple[datetime, datetime | None], other: tuple[datetime, datetime | None]) -> bool:
    return (one[1] is None or other[0] < one[1]) and (other[1] is None or one[0] < other[1])


def _contains(one: tuple[datetime, datetime | None], other: tuple[datetime, datetime | None]) -> bool:
    return one[0] <= other[0] and (one[1] is None or (other[1] is not None and other[1] <= one[1]))


def _keep_apart(lines: Sequence[Line], at: datetime) -> None:
    """Of separated duties a person has one: what they hold, and what the rows above give, count. 5 SQL."""
    by_role = duties_by_role()
    people = {line.draft.user.pk for line in lines if line.draft.role.pk in by_role}
    held = {holder.user.pk: set(holder.duties) for holder in holders(at, users=people)} if people else {}
    for line in lines:
        duties = by_role.get(line.draft.role.pk, frozenset())
        own = held.setdefault(line.draft.user.pk, set())
        if duties and len(own | duties) > 1:
            line.problems.append(said(ROLE, _("系统、安全、审计三种管理已经分开，一个人不能担任其中两种")))
        else:
            own |= duties


def _users(lines: Iterable[Line]) -> dict[str, User]:
    """Staff by e-mail address and by number, as far as the rows name them; a number that two have names nobody."""
    words = {line["who"].casefold() for line in lines}
    numbers = {line["who"] for line in lines} - {""}
    found: dict[str, User] = {}
    twice: set[str] = set()
    named = User.objects.filter(Q(email__in=words) | Q(staff_no__in=numbers), kind=UserKind.STAFF)
    for user in named.order_by("pk"):
        if user.staff_no and user.staff_no.casefold() in found:
            twice.add(user.staff_no.casefold())
        elif user.staff_no:
            found[user.staff_no.casefold()] = user
        if user.email:
            found[user.email] = user
    return {word: user for word, user in found.items() if word not in twice}


def _roles() -> dict[str, Role | None]:
    """Roles by key and by name in both languages; None for a name that two have. Retired ones are known, too."""
    found: dict[str, Role | None] = {}
    for role in Role.objects.all():
        words = {role.key}
        for language in LANGUAGES:
            with override(language):
                words.add(str(role).casefold())
        for word in words:
            found[word] = role if found.get(word, role) == role else None
    return found
