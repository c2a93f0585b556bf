"""What residents are told of the registry: that an account was tied to their record, or is not any more."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.notifications.groups import RESIDENT, NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, Recipient, register, user_recipient
from population.models import Correction
from population.models.bindings import BindingEnd, DwellingBinding

OWN_RECORD = NoticeGroup(
    "population.own_record",
    _("我家和我的登记"),
    _("绑定了住房的居民"),
    RESIDENT,
    fixed=_("有人能看您的登记，或者您提的更正有了答复，您要马上知道"),
    has_sms=True,
)
WHY_OVER = {
    BindingEnd.STAFF: ("社区工作人员解除了绑定", "community staff ended it"),
    BindingEnd.MOVED: ("登记里您已经不住在这一户", "the registry says that you no longer live there"),
    BindingEnd.DIED: ("登记有变化，请到社区窗口核对", "the registry has changed; please see your community desk"),
    BindingEnd.MERGED: ("登记合并了，要重新绑定", "two records were merged, so it has to be made anew"),
}


def _pk(ref: str) -> int:
    return int(ref.partition(":")[2])


def _owner(event: Any) -> list[Recipient]:
    """Whose account it is; whoever ended it themselves, or closed the account, is not told."""
    if event.payload.get("reason") in (BindingEnd.RESIDENT, BindingEnd.ACCOUNT):
        return []
    users = DwellingBinding.objects.filter(pk=_pk(event.subject_ref)).values_list("user_id", flat=True)
    return [user_recipient(user_id) for user_id in users]


def _why(event: Any) -> dict[str, Any]:
    zh, en = WHY_OVER.get(event.payload["reason"], ("", ""))
    return {"why": {"zh": zh, "en": en}}


def _home_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    return [{"link": reverse("population:my-home")} for _message in messages]


def _asker(event: Any) -> list[Recipient]:
    users = Correction.objects.filter(pk=_pk(event.subject_ref)).values_list("user_id", flat=True)
    return [user_recipient(user_id) for user_id in users]


def _correction_links(messages: Sequence[Any]) -> list[Mapping[str, Any]]:
    ids = dict(
        Correction.objects.filter(pk__in=[_pk(one.subject_ref) for one in messages]).values_list("pk", "public_id")
    )
    return [{"link": reverse("population:my-correction", args=[ids[_pk(one.subject_ref)]])} for one in messages]


describe_places(
    "population",
    {
        "why": Place(_("为什么解除了"), {"zh": WHY_OVER[BindingEnd.MOVED][0], "en": WHY_OVER[BindingEnd.MOVED][1]}),
        "link": Place(_("看详情的链接"), "/my/home/"),
    },
)
register(
    NoticeKind(
        key="population.dwelling_bound",
        event="population.dwelling_bound",
        title=_("账号绑定了住房"),
        group=OWN_RECORD,
        audience=_owner,
        context=lambda event: {},
        context_keys=(),
        late=_home_links,
        subject_zh="您的账号绑定了住房",
        body_zh="您好：\n\n您的账号绑定了住房，可以看自己的登记、提出更正，反映问题时不用再写地址。\n\n"
        "不是您本人办的，请马上解除，并告诉社区：{link}",
        subject_en="Your account is now tied to your home",
        body_en="Hello,\n\nYour account is now tied to your home: you can read your own record, ask for corrections, "
        "and report without writing the address again.\n\nIf this was not you, please end it at once and tell your "
        "community: {link}",
        sms_zh="您的账号绑定了住房。不是您本人办的，请马上解除：{link}",
        sms_en="Your account is now tied to your home. Not you? End it here: {link}",
    )
)
register(
    NoticeKind(
        key="population.dwelling_unbound",
        event="population.dwelling_unbound",
        title=_("住房绑定解除了"),
        group=OWN_RECORD,
        audience=_owner,
        context=_why,
        context_keys=("why",),
        late=_home_links,
        subject_zh="您的账号和住房的绑定解除了",
        body_zh="您好：\n\n您的账号和住房的绑定解除了：{why}。您反映过的事照样在办，照样查得到。\n\n"
        "觉得不对，请到社区窗口核对。看现在的情况：{link}",
        subject_en="Your account is no longer tied to that home",
        body_en="Hello,\n\nYour account is no longer tied to your home: {why}. What you have reported goes on as "
        "before, and you can still follow it.\n\nIf this is wrong, please ask at your community desk. See: {link}",
        sms_zh="您的账号和住房的绑定解除了：{why}。觉得不对请到社区窗口：{link}",
        sms_en="Your account is no longer tied to your home: {why}. See {link}",
    )
)
register(
    NoticeKind(
        key="population.correction_accepted",
        event="population.correction_accepted",
        title=_("登记照您说的改了"),
        group=OWN_RECORD,
        audience=_asker,
        context=lambda event: {},
        context_keys=(),
        late=_correction_links,
        subject_zh="您的登记改好了",
        body_zh="您好：\n\n您提的更正，社区核实过，照您说的改了。看答复：{link}",
        subject_en="Your record has been corrected",
        body_en="Hello,\n\nYour community has checked what you asked for and corrected your record. See: {link}",
        sms_zh="您提的更正，社区照您说的改了：{link}",
        sms_en="Your record has been corrected as you asked: {link}",
    )
)
register(
    NoticeKind(
        key="population.correction_refused",
        event="population.correction_refused",
        title=_("登记没有改，有理由"),
        group=OWN_RECORD,
        audience=_asker,
        context=lambda event: {},
        context_keys=(),
        late=_correction_links,
        subject_zh="您提的更正有答复了：没有改",
        body_zh="您好：\n\n您提的更正，社区核实以后没有改，理由写在这里：{link}\n\n"
        "不同意，可以再提一次，或者到社区窗口当面说。",
        subject_en="An answer about your record: it was not changed",
        body_en="Hello,\n\nYour community has looked into the correction you asked for and left the record as it is. "
        "The reason is here: {link}\n\nIf you disagree, you can ask again, or speak to them at the community desk.",
        sms_zh="您提的更正没有改，理由：{link}",
        sms_en="Your record was not changed; the reason: {link}",
    )
)
