"""What is there, what is missing and what is unconfirmed, step by step, from the data itself."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from governance.access.models import Grant, User, UserKind
from governance.access.permissions import ROLES
from governance.organisations.models import Organisation, OrganisationKind
from governance.web.portal import in_language
from governance.worktime import calendar_current
from grid.models import Area, Level
from population.models import StandardAddress
from requests_intake.models import Category, DeadlinePolicy, DispatchRule, TurnLimit
from setup_wizard.models import PortalProfile

CALENDAR_AHEAD = timedelta(days=60)
# Without somebody in these roles a request would lie where nobody reads it.
NEEDED_ROLES = ("dispatcher", "handler", "callback_agent", "supervisor")
PEOPLE_MOST = 1000


@dataclass(frozen=True, slots=True)
class Fact:
    """One line of the check: in words, whether something is missing or unconfirmed, and where to see to it."""

    text: str | Promise
    is_missing: bool = False
    is_unconfirmed: bool = False
    is_note: bool = False
    url: str = ""


def district_facts(at: datetime) -> list[Fact]:
    """The district, its names, its telephone numbers. 2 SQL."""
    district = Area.objects.valid_on(timezone.localdate(at)).filter(level=Level.DISTRICT).order_by("code").first()
    if district is None:
        return [Fact(_("还没有区"), is_missing=True)]
    facts = [Fact(_("%(name)s，编码 %(code)s") % {"name": district.label, "code": district.code})]
    profile = PortalProfile.objects.filter(pk=PortalProfile.ROW).first()
    if profile is None:
        return [*facts, Fact(_("还没有写主办单位和电话"), is_missing=True)]
    numbers = len(profile.hotlines)
    told = ngettext("%(count)s 个电话", "%(count)s 个电话", numbers) % {"count": numbers}
    return [*facts, Fact(told, is_missing=not numbers)]


def area_facts(at: datetime) -> list[Fact]:
    """Sub-districts, communities and grids. 1 SQL."""
    today = Area.objects.valid_on(timezone.localdate(at)).order_by()
    counts = dict(today.values_list("level").annotate(areas=Count("pk")))
    streets, communities, grids = (counts.get(level, 0) for level in (Level.SUBDISTRICT, Level.COMMUNITY, Level.GRID))
    return [
        Fact(ngettext("%(count)s 个街道", "%(count)s 个街道", streets) % {"count": streets}, is_missing=not streets),
        Fact(
            ngettext("%(count)s 个社区", "%(count)s 个社区", communities) % {"count": communities},
            is_missing=not communities,
        ),
        Fact(
            ngettext("%(count)s 个网格", "%(count)s 个网格", grids) % {"count": grids}
            if grids
            else _("没有网格也能用：诉求归到社区"),
            is_note=not grids,
        ),
    ]


def address_facts(at: datetime) -> list[Fact]:
    """Whether there are estates. 1 SQL."""
    there = StandardAddress.objects.exists()
    return [
        Fact(
            _("已经有小区和楼栋的名称") if there else _("还没有小区的名称；居民可以只选社区、自己写地址"),
            is_missing=not there,
        )
    ]


def office_facts(at: datetime) -> list[Fact]:
    """Offices, and whether each community has one. 2 SQL."""
    active = Organisation.objects.filter(is_active=True).order_by()
    counts = dict(active.values_list("kind").annotate(offices=Count("pk")))
    total = sum(counts.values())
    own = counts.get(OrganisationKind.COMMUNITY, 0)
    communities = Area.objects.valid_on(timezone.localdate(at)).filter(level=Level.COMMUNITY).count()
    facts = [Fact(ngettext("%(count)s 个单位", "%(count)s 个单位", total) % {"count": total}, is_missing=not total)]
    if own < communities:
        told = _("%(communities)s 个社区里，登记了 %(own)s 个居委会或村委会")
        facts.append(Fact(told % {"communities": communities, "own": own}, is_note=True))
    return facts


def people_facts(at: datetime) -> list[Fact]:
    """People, the roles that must be held, and who has not come yet. 3 SQL."""
    people = User.objects.filter(kind=UserKind.STAFF, is_active=True)
    total, waiting = people.count(), people.filter(password__startswith=UNUSABLE_PASSWORD_PREFIX).count()
    live = Grant.objects.live(at).people()
    held = dict(live.order_by().values_list("role__key").annotate(people=Count("user", distinct=True)))
    lacking = [in_language(*ROLES[key]) for key in NEEDED_ROLES if not held.get(key)]
    facts = [Fact(ngettext("%(count)s 个人", "%(count)s 个人", total) % {"count": total})]
    if lacking:
        facts.append(Fact(_("还没有：%(roles)s") % {"roles": _("、").join(lacking)}, is_missing=True))
    if waiting:
        told = ngettext("%(count)s 个人还没有设密码", "%(count)s 个人还没有设密码", waiting)
        facts.append(Fact(told % {"count": waiting}, is_note=True, url=reverse("setup:invitations")))
    if sum(held.get(key, 0) for key in ("administrator", "security_admin")) < 2:
        facts.append(Fact(_("只有一位管理员：他不能给自己授权，生病时也没有人能办，最好有两位"), is_note=True))
    return facts


def limit_facts(at: datetime) -> list[Fact]:
    """Policies, unconfirmed numbers, the calendar. 3 SQL."""
    policies = list(DeadlinePolicy.objects.order_by("key", "-version").distinct("key"))
    turns = TurnLimit.objects.filter(is_confirmed=False).count()
    page = reverse("intake:policies")
    facts = [
        Fact(
            ngettext("%(count)s 个时限政策", "%(count)s 个时限政策", len(policies)) % {"count": len(policies)},
            is_missing=not any(policy.key == "general" for policy in policies),
        )
    ]
    unsure = sum(not policy.is_confirmed for policy in policies)
    if unsure:
        told = ngettext("%(count)s 个没有确认出处", "%(count)s 个没有确认出处", unsure) % {"count": unsure}
        facts.append(Fact(told, is_unconfirmed=True, url=page))
    if turns:
        told = ngettext("%(count)s 个流转时限没有确认出处", "%(count)s 个流转时限没有确认出处", turns)
        facts.append(Fact(told % {"count": turns}, is_unconfirmed=True))
    horizon, day = calendar_current().horizon, timezone.localdate(at)
    if horizon < day + CALENDAR_AHEAD:
        facts.append(Fact(_("工作日历没有填，或者快用完了"), is_missing=True, url=reverse("access:calendar")))
    else:
        facts.append(Fact(_("工作日历填到 %(day)s") % {"day": horizon.isoformat()}, url=reverse("access:calendar")))
    return facts


def catalogue_facts(at: datetime) -> list[Fact]:
    """Items, and dispatch rules. 2 SQL."""
    items = Category.objects.filter(is_active=True, code__regex=r"^\d{6}$").count()
    rules = DispatchRule.objects.filter(is_active=True).count()
    told = ngettext("%(count)s 条派单规则", "%(count)s 条派单规则", rules) % {"count": rules}
    return [
        Fact(
            ngettext("%(count)s 个事项", "%(count)s 个事项", items) % {"count": items},
            is_missing=not items,
            url=reverse("intake:catalogue"),
        ),
        Fact(
            told if rules else _("还没有派单规则：每件由派单员自己选单位"),
            is_note=not rules,
            url=reverse("intake:rules"),
        ),
    ]
