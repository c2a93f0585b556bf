"""What the trail says of breach cases and impact assessments."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_codes, tell_keys, tell_subjects
from governance.protection.models import PersonRequest
from governance.protection.person_requests.models import Decision, Ground, Identity, Kind
from governance.protection.person_requests.services import READ, TAKEN


def _person_request_numbers(pks: list[int]) -> dict[int, str]:
    return dict(PersonRequest.objects.filter(pk__in=pks).values_list("pk", "number"))


WHOM = {"authority": _("主管部门"), "persons": _("本人")}

tell(
    {
        "protection.breach_opened": _("登记了泄露事件"),
        "protection.breach_changed": _("改了泄露事件"),
        "protection.breach_told": _("记下：泄露事件已经告知"),
        "protection.breach_waived": _("记下：不需要告知本人"),
        "protection.breach_overdue": _("提醒：泄露事件该告知了"),
        "protection.breach_closed": _("了结了泄露事件"),
        "protection.breach_policy_changed": _("改了泄露事件的告知时限"),
        "protection.assessment_filed": _("交了影响评估"),
        "protection.assessment_approved": _("批准了影响评估"),
        "protection.assessment_returned": _("退回了影响评估"),
        "protection.assessment_ended": _("提前结束了影响评估"),
        "protection.assessment_runs_out": _("提醒：影响评估快到期"),
        "protection.person_request_received": _("收到个人信息请求"),
        "protection.person_request_identified": _("核对了提请求的是本人"),
        "protection.person_request_decided": _("答复了个人信息请求"),
        "protection.person_request_done": _("办完了个人信息请求"),
        "protection.person_copy_made": _("做好了个人信息的副本"),
        "protection.person_data_erased": _("应本人的请求删了个人信息"),
        "protection.person_request_withdrawn": _("撤回了个人信息请求"),
        "protection.person_request_due_soon": _("提醒：个人信息请求快到期"),
        "protection.person_request_overdue": _("提醒：个人信息请求过期了"),
        "protection.person_policy_changed": _("改了个人信息请求的答复时限"),
    }
)
tell_keys(
    {
        "noticed_at": Key(_("发现的时间")),
        "persons_count": Key(_("多少人")),
        "finding_id": Key(_("异常提醒"), "audit.finding"),
        "whom": Key(_("告知谁")),
        "authority_hours": Key(_("几小时内报告主管部门")),
        "persons_hours": Key(_("几小时内告知本人")),
        "use": Key(_("评估的做法")),
        "valid_until": Key(_("有效到")),
        "person_request_kind": Key(_("要什么")),
        "identity": Key(_("怎么确认是本人")),
        "answer": Key(_("答复")),
        "legal_ground": Key(_("法律上的理由")),
        "working_days": Key(_("几个工作日")),
    }
)
tell_subjects(
    {
        "protection.breachcase": Subject(_("泄露事件")),
        "protection.impactassessment": Subject(_("影响评估")),
        "protection.breachpolicy": Subject(_("泄露事件的告知时限"), is_one=True),
        "protection.personrequest": Subject(_("个人信息请求"), names=_person_request_numbers),
        "protection.personrequestpolicy": Subject(_("个人信息请求的答复时限"), is_one=True),
    }
)
tell_codes(WHOM)
tell_codes({value: label for choices in (Kind, Decision, Ground, Identity) for value, label in choices.choices})
tell_codes({READ: _("办理个人信息请求"), "words": _("说的话"), TAKEN: _("本人取走副本"), "personal_copy": _("副本")})
