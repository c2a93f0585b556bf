"""Who hears of objections to the appraisal: whoever decides them, and the organisation that objected."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.access.selectors import holders_of
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from requests_intake.models import Objection
from requests_intake.notice_groups import DECISIONS, ORDERS
from requests_intake.notices import handlers_of
from requests_intake.permissions import Capability


def _judges(event: Any) -> list[Recipient]:
    return [user_recipient(pk) for pk in holders_of(Capability.RUN_APPRAISAL, event.at)]


def _office(event: Any) -> list[Recipient]:
    pk = event.payload["organisation_id"]
    return handlers_of([pk], event.at)[pk]


def _facts(event: Any) -> dict[str, Any]:
    found = Objection.objects.select_related("item__bulletin", "organisation").get(pk=event.payload["objection_id"])
    office = found.organisation
    return {
        "month": f"{found.item.bulletin.month:%Y-%m}",
        "office": {"zh": office.name, "en": office.name_en or office.name},
    }


_KEYS = ("month", "office")

register(
    NoticeKind(
        key="requests_intake.objection_raised",
        event="requests_intake.objection_raised",
        title=_("考核有异议"),
        group=DECISIONS,
        audience=_judges,
        context=_facts,
        context_keys=_KEYS,
        subject_zh="{office}对 {month} 的考核有异议",
        body_zh="{office}对 {month} 通报里的一件提出异议，请看依据，写明裁定和理由。\n\n{link}",
        subject_en="{office} objects to the appraisal of {month}",
        body_en="{office} objects to one request in the bulletin of {month}. Please read the grounds and decide, with "
        "the reason.\n\n{link}",
    )
)
register(
    NoticeKind(
        key="requests_intake.objection_decided",
        event="requests_intake.objection_decided",
        title=_("考核异议有结果"),
        group=ORDERS,
        audience=_office,
        context=_facts,
        context_keys=_KEYS,
        subject_zh="您单位对 {month} 考核的异议有结果了",
        body_zh="{office}对 {month} 通报提出的异议已经裁定，请看理由。\n\n{link}",
        subject_en="Decided: your objection to the appraisal of {month}",
        body_en="The objection of {office} to the bulletin of {month} is decided. Please read the reason.\n\n{link}",
    )
)
