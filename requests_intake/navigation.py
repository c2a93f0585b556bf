"""Entries of the staff rail, with what waits behind them."""

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.web.home import HomePanel, register_home
from governance.web.navigation import Count, NavItem, register, register_duty, register_search
from requests_intake.models import Intervention, RiskAlert
from requests_intake.permissions import Capability
from requests_intake.selectors.duty import on_duty
from requests_intake.selectors.metrics import count_open
from requests_intake.selectors.mine import my_open_requests
from requests_intake.selectors.moderation import moderated
from requests_intake.selectors.queue import orders_for


def _requests_waiting(viewer: Viewer) -> Count:
    counts = count_open(viewer, timezone.now())
    return Count(counts.open, counts.late)


def _works_through_the_list(viewer: Viewer) -> bool:
    """At the counter the day begins with who comes today: what is overdue is other people's work."""
    desk = (Capability.ACCEPT_REQUEST, Capability.DISPATCH_REQUEST, Capability.INTERVENE)
    return not viewer.can(Capability.KEEP_APPOINTMENTS) or any(viewer.can(capability) for capability in desk)


def _never(_viewer: Viewer) -> bool:
    """An empty form is no place to arrive at."""
    return False


def _orders_waiting(viewer: Viewer) -> Count:
    orders = orders_for(viewer)
    return Count(orders.count(), orders.filter(next_due_at__lt=timezone.now()).count())


def _supervised(viewer: Viewer) -> Count:
    waiting = Intervention.objects.visible_to(viewer).filter(kind="supervise", answered_at=None)
    return Count(waiting.count(), waiting.filter(due_at__lt=timezone.now()).count())


def _alerts_waiting(viewer: Viewer) -> Count:
    return Count(RiskAlert.objects.visible_to(viewer).filter(acknowledged_at=None).count())


def _publications_waiting(viewer: Viewer) -> Count:
    return Count(moderated(viewer, "waiting").count())


register(
    NavItem("orders", _("我的工单"), "intake:orders", Capability.VIEW_ORDER, "list", 20, count=_orders_waiting),
    NavItem(
        "moderation", _("审核公开"), "intake:moderation", Capability.MODERATE, "eye", 30, count=_publications_waiting
    ),
    NavItem(
        "requests",
        _("诉求"),
        "intake:queue",
        Capability.VIEW_REQUEST,
        "chat",
        10,
        count=_requests_waiting,
        begins=_works_through_the_list,
    ),
    NavItem(
        "entry", _("代为登记"), "intake:entry-begin", Capability.ENTER_REQUEST, "phone", 15, begins=lambda _v: False
    ),
    NavItem("upstream", _("上级工单"), "intake:upstream", Capability.IMPORT_ORDERS, "download", 25),
    NavItem("alerts", _("突发警报"), "intake:alerts", Capability.ANSWER_ALERT, "warn", 27, count=_alerts_waiting),
    NavItem("supervisions", _("督办"), "intake:supervisions", Capability.INTERVENE, "megaphone", 28, count=_supervised),
    NavItem(
        "exclusions",
        _("剔除申请"),
        "intake:exclusions",
        Capability.CHECK_EXCLUSION,
        "minus",
        29,
        also=Capability.DECIDE_EXCLUSION,
    ),
    NavItem(
        "ledger", _("挂账清单"), "intake:ledger", Capability.APPROVE_LEDGER, "pause", 30, also=Capability.DECIDE_LEDGER
    ),
    NavItem("appraisal", _("考核"), "intake:appraisal", Capability.VIEW_APPRAISAL, "star", 61),
    NavItem("duty", _("值班表"), "intake:duty", Capability.EDIT_ROSTER, "calendar", 55),
    NavItem("catalogue", _("事项目录"), "intake:catalogue", Capability.EDIT_CATALOGUE, "list", 60),
    NavItem("rules", _("派单规则"), "intake:rules", Capability.EDIT_RULES, "merge", 63),
    NavItem("appointments", _("预约"), "intake:appointments", Capability.KEEP_APPOINTMENTS, "calendar", 17),
    NavItem("windows", _("办事窗口"), "intake:windows-edit", Capability.EDIT_WINDOWS, "building", 64),
    NavItem("policies", _("办理时限"), "intake:policies", Capability.EDIT_POLICIES, "clock", 62),
)


def _on_duty(viewer: Viewer) -> list[tuple[str, str]]:
    """Who answers alerts now where the viewer works."""
    office = viewer.user.organisation if viewer.user is not None else None
    shift = on_duty(office.area_code, timezone.now()) if office is not None else None
    return [(shift.person.display_name, shift.phone)] if shift is not None else []


register_duty(_on_duty)
register_search("intake:find", _("找编号、尾号、地址、词"))


def _my_open_requests(viewer: Viewer) -> HomePanel | None:
    """What a resident is waiting for, before anything else on the first page."""
    rows = my_open_requests(viewer, at=timezone.now())
    return HomePanel("requests_intake/home_mine.html", rows) if rows else None


register_home(_my_open_requests)
