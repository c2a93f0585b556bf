"""Who hears that a dispatch rule has switched itself off, and that the figures of the overview are wrong."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from governance.access.permissions import Capability as Access
from governance.access.selectors import holders_of
from governance.notifications.groups import UPKEEP
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from requests_intake.models import DispatchRule, RuleFault
from requests_intake.permissions import Capability
from requests_intake.selectors.rules_pages import conditions_of, names_for


def _owner(event: Any) -> list[Recipient]:
    """Whoever looks after the rule, if they still may; else all who may."""
    holders = holders_of(Capability.EDIT_RULES, event.at)
    owner_id = event.payload["owner_id"]
    return [user_recipient(user_id) for user_id in ([owner_id] if owner_id in holders else holders)]


def _facts(event: Any) -> dict[str, Any]:
    rule = DispatchRule.objects.select_related("organisation").filter(pk=event.payload["rule_id"]).first()
    fault = RuleFault(event.payload["fault"])
    facts: dict[str, dict[str, str]] = {"rule": {}, "fault": {}}
    for key, language in (("zh", "zh-hans"), ("en", "en")):
        with translation.override(language):
            facts["rule"][key] = _sentence(rule) if rule is not None else ""
            facts["fault"][key] = str(fault.label)
    return facts


def _sentence(rule: DispatchRule) -> str:
    conditions = conditions_of(rule, names_for([rule])) or [str(_("不管什么情况"))]
    return f"{'; '.join(conditions)} → {rule.organisation.label}"


def _links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": f"{reverse('intake:rules')}?state=faulty"} for _message in messages]


register(
    NoticeKind(
        key="requests_intake.rule_switched_off",
        event="requests_intake.rule_switched_off",
        title=_("派单规则自己停了"),
        group=UPKEEP,
        audience=_owner,
        context=_facts,
        context_keys=("rule", "fault"),
        late=_links,
        subject_zh="一条派单规则停了：{fault}",
        body_zh="这条派单规则停了：{rule}\n\n原因：{fault}。诉求照常收，只是不再按它建议。请打开改好，再启用。\n\n{link}",
        subject_en="A dispatch rule has switched itself off: {fault}",
        body_en="This dispatch rule has switched itself off: {rule}\n\nReason: {fault}. Requests come in as usual, "
        "only without its suggestion. Please put it right and switch it on again.\n\n{link}",
    )
)


register(
    NoticeKind(
        key="requests_intake.figures_differ",
        event="requests_intake.figures_differ",
        title=_("看板的数对不上"),
        group=UPKEEP,
        audience=lambda event: [user_recipient(pk) for pk in holders_of(Access.GIVE_GRANT, event.at)],
        context=lambda event: {"differences": event.payload["differences"]},
        context_keys=("differences",),
        subject_zh="看板有 {differences} 个数对不上",
        body_zh="夜里把诉求重新数了一遍，看板有 {differences} 个数对不上。请运行 recount_figures --repair，再查原因。",
        subject_en="{differences} figures of the overview are wrong",
        body_en="The nightly count of all requests found {differences} figures of the overview that differ. "
        "Please run recount_figures --repair, then look for the cause.",
    )
)
