"""Words of request intake for templates."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import template
from django.utils import timezone
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from governance.worktime.dates import date_text
from requests_intake.models import RequestTransition, WorkOrderTransition
from requests_intake.selectors.course import BY_RULE, BY_RULE_FAILED, label_of

register = template.Library()

_ENTERED = _("代为登记")
_OTHER = {
    "submit": _("居民提交"),
    "recuse": _("有人回避"),
    "contacted": _("联系了居民"),
    "supplement": _("居民补充"),
    "answer": _("居民回答"),
    "unanswered": _("居民没有回答，期限接着走"),
    "remind": _("居民催办"),
    "joined": _("又并进来一件"),
    "outside_note": _("外单位说明进展"),
    "alert": _("报为突发"),
    "alert_done": _("突发警报有人处置"),
    "ask_exclusion": _("申请剔除"),
    "check_exclusion": _("剔除：街道核对通过"),
    "refuse_exclusion": _("剔除：没有同意"),
    "exclude": _("剔除，不计入三率"),
    "checked_found": _("现场核实：属实，问题在"),
    "checked_not_found": _("现场核实：没有看到问题"),
    "checked_settled": _("现场核实：已经解决"),
    "checked_cannot_tell": _("现场核实：看不出来"),
    "stage": _("办到一个阶段"),
    BY_RULE: _("按派单规则直派"),
    BY_RULE_FAILED: _("按规则没有派成，请派单员派"),
}


@register.filter
def at(found: Mapping[Any, Any], key: Any) -> Any:
    """What stands under a key, "" where nothing does."""
    return found.get(key, "")


@register.filter
def few(count: int, least: int) -> str:
    """A count for the public: "<5" for what is more than none and below `least`."""
    return f"<{least}" if 0 < count < least else number_format(count, use_l10n=False, force_grouping=True)


@register.simple_tag
def day_text(day: date) -> str:
    """A date in words, its year named where it is not this one."""
    return str(date_text(day, with_year=day.year != timezone.localdate().year))


@register.filter
def step_label(row: RequestTransition | WorkOrderTransition) -> Any:
    """What a step of the history is called among staff."""
    if row.name == "submit" and row.actor_kind == "staff":
        return _ENTERED
    return label_of(row) or _OTHER.get(row.name, row.name)
