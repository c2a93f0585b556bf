"""What the trail says of requests, and of what their offices set."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_codes, tell_keys, tell_subjects
from requests_intake.models import (
    Appointment,
    ConcernedPerson,
    Exclusion,
    LedgerEntry,
    Publication,
    RequesterContact,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.personal import SENSITIVE

tell(
    {
        "requests_intake.submitted": _("收到诉求"),
        "requests_intake.history_loaded": _("载入以前的诉求"),
        "requests_intake.accepted": _("受理诉求"),
        "requests_intake.dispatched": _("派了单"),
        "requests_intake.dispatch_undone": _("撤回了派单"),
        "requests_intake.signed": _("签收工单"),
        "requests_intake.contacted": _("联系诉求人"),
        "requests_intake.replied": _("答复诉求"),
        "requests_intake.handed_in": _("提交办理结果"),
        "requests_intake.stage_reached": _("走完一个阶段"),
        "requests_intake.sent_back": _("退回去重办"),
        "requests_intake.answered_directly": _("直接答复了"),
        "requests_intake.refused": _("决定不派单"),
        "requests_intake.help_called": _("请别的单位协办"),
        "requests_intake.whistle_blown": _("吹了哨"),
        "requests_intake.reported_in": _("吹哨后报到"),
        "requests_intake.whistle_rated": _("评价吹哨"),
        "requests_intake.help_signed": _("签收协办"),
        "requests_intake.result_given": _("交协办结果"),
        "requests_intake.sent_outside": _("发给门户外的单位"),
        "requests_intake.link_revoked": _("收回外单位链接"),
        "requests_intake.taken_back": _("把工单从外单位收回"),
        "requests_intake.noted_outside": _("外单位说明进展"),
        "requests_intake.help_released": _("不再等协办"),
        "requests_intake.recused": _("回避了这件事"),
        "requests_intake.return_asked": _("申请了退单"),
        "requests_intake.return_decided": _("决定退单"),
        "requests_intake.dispute_raised": _("提出权属争议"),
        "requests_intake.dispute_decided": _("裁定权属争议"),
        "requests_intake.urged": _("催办了"),
        "requests_intake.supervised": _("发了督办"),
        "requests_intake.instructed": _("作了批示"),
        "requests_intake.supervision_answered": _("答复督办"),
        "requests_intake.supervision_late": _("督办没有按时答复"),
        "requests_intake.exclusion_asked": _("申请不计考核"),
        "requests_intake.exclusion_checked": _("核查不计考核"),
        "requests_intake.exclusion_decided": _("决定不计考核"),
        "requests_intake.figures_differ": _("看板的数对不上"),
        "requests_intake.bulletin_frozen": _("锁定考核月报"),
        "requests_intake.bulletin_published": _("发布考核月报"),
        "requests_intake.objection_raised": _("对考核提出异议"),
        "requests_intake.objection_decided": _("决定考核异议"),
        "requests_intake.check_asked": _("请人现场核实"),
        "requests_intake.check_dropped": _("不再等现场核实"),
        "requests_intake.check_received": _("现场核实有了结果"),
        "requests_intake.withdrawn": _("撤回诉求"),
        "requests_intake.reopened": _("重新办理"),
        "requests_intake.merged": _("并入另一件诉求"),
        "requests_intake.supplemented": _("补充诉求"),
        "requests_intake.reminded": _("诉求人催问"),
        "requests_intake.question_asked": _("问诉求人"),
        "requests_intake.question_answered": _("诉求人回答"),
        "requests_intake.question_lapsed": _("问题过期没有回答"),
        "requests_intake.suspended": _("中止办理"),
        "requests_intake.resumed": _("恢复了办理"),
        "requests_intake.ledger_asked": _("申请了挂账"),
        "requests_intake.ledger_checked": _("核对了挂账"),
        "requests_intake.ledger_reached": _("挂账的一个节点做到了"),
        "requests_intake.ledgered": _("同意了挂账"),
        "requests_intake.ledger_refused": _("没同意挂账"),
        "requests_intake.extension_asked": _("申请了延期"),
        "requests_intake.extended": _("同意了延期"),
        "requests_intake.extension_refused": _("没同意延期"),
        "requests_intake.archived": _("归了档"),
        "requests_intake.closed": _("办结了"),
        "requests_intake.publication_released": _("公开诉求"),
        "requests_intake.publication_revised": _("改公开的文字"),
        "requests_intake.publication_kept": _("不公开诉求"),
        "requests_intake.publication_taken_back": _("收回公开的诉求"),
        "requests_intake.publication_moved": _("公开的诉求有进展"),
        "requests_intake.follow_asked": _("有人要关注"),
        "requests_intake.area_news_due": _("该发片区消息了"),
        "requests_intake.called_at_limit": _("到期前回访"),
        "requests_intake.brought_back": _("回访后退回重办"),
        "requests_intake.deadline_reached": _("一个期限到了"),
        "requests_intake.deadlines_missed": _("停机期间错过的期限"),
        "requests_intake.policy_version_made": _("新定时限规则"),
        "requests_intake.policy_version_withdrawn": _("撤下时限规则"),
        "requests_intake.policy_confirmed": _("确认时限规则"),
        "requests_intake.assigned": _("指派承办人"),
        "requests_intake.reassigned": _("改派"),
        "requests_intake.batch_received": _("收到上级转来的一批"),
        "requests_intake.source_changed": _("改上级来源的设置"),
        "requests_intake.taken_over": _("诉求归到账号"),
        "requests_intake.name_hidden": _("改是否显示姓名"),
        "requests_intake.contact_removed": _("删去联系方式"),
        "requests_intake.category_created": _("新建事项"),
        "requests_intake.category_changed": _("改了事项"),
        "requests_intake.category_moved": _("移动事项"),
        "requests_intake.standard_changed": _("改了立案和结案标准"),
        "requests_intake.category_tied": _("把事项代码归到一类"),
        "requests_intake.category_untied": _("从一类去掉事项代码"),
        "requests_intake.category_deleted": _("停用事项"),
        "requests_intake.rule_created": _("新建派单规则"),
        "requests_intake.rule_changed": _("改了派单规则"),
        "requests_intake.rule_moved": _("移动派单规则"),
        "requests_intake.rule_deleted": _("删去派单规则"),
        "requests_intake.rule_switched_off": _("派单规则自己停了"),
        "requests_intake.noted": _("写了内部备注"),
        "requests_intake.mentioned": _("在备注里提到同事"),
        "requests_intake.stand_in_set": _("设代办人"),
        "requests_intake.stand_in_ended": _("结束代办"),
        "requests_intake.template_changed": _("改答复模板"),
        "requests_intake.macro_changed": _("改快捷步骤"),
        "requests_intake.alert_raised": _("发出警情"),
        "requests_intake.alert_called": _("警情叫人"),
        "requests_intake.alert_acknowledged": _("应答警情"),
        "requests_intake.duty_set": _("排值班"),
        "requests_intake.risk_words_changed": _("改警情用词"),
        "requests_intake.window_created": _("新建服务窗口"),
        "requests_intake.window_changed": _("改服务窗口"),
        "requests_intake.appointment_booked": _("预约窗口"),
        "requests_intake.appointment_moved": _("改预约时间"),
        "requests_intake.appointment_withdrawn": _("取消自己的预约"),
        "requests_intake.appointment_cancelled": _("窗口取消预约"),
        "requests_intake.appointment_marked": _("记下来没来"),
        "requests_intake.appointment_near": _("预约快到了"),
        "requests_intake.limit_changed": _("改一个限额"),
        "requests_intake.reason_text_changed": _("改一种原因的文字"),
        "requests_intake.rung_changed": _("改逐级提醒"),
        "requests_intake.profile_changed": _("改社区面貌"),
        "requests_intake.profile_made_default": _("设默认的社区面貌"),
        "requests_intake.profile_assigned": _("给社区定面貌"),
        "requests_intake.recording_failed": _("诉求的录像或录音没能处理"),
        "requests_intake.recording_described": _("给录像或录音写文字"),
    }
)
tell(
    {
        "requests_intake.contact_revealed": _("打开联系方式"),
        "requests_intake.appointment_revealed": _("打开预约人的联系方式"),
    },
    kind=TrailKind.READ,
)
tell({"requests_intake.batch_returned": _("取走一批的办理结果")}, kind=TrailKind.EXPORT)

_ORDER, _OFFICE = "requests_intake.workorder", "organisations.organisation"
_PERSON, _WINDOW = "access.user", "requests_intake.servicewindow"
tell_keys(
    {
        "category": Key(_("事项")),
        "due_at": Key(_("期限")),
        "due_before": Key(_("原来的期限")),
        "order_id": Key(_("一张工单"), _ORDER),
        "handler_id": Key(_("承办人"), _PERSON),
        "from_handler_id": Key(_("原来的承办人"), _PERSON),
        "from_organisation_id": Key(_("原来的单位"), _OFFICE),
        "decided_organisation_id": Key(_("定给哪个单位"), _OFFICE),
        "recipient_id": Key(_("提醒了谁"), _PERSON),
        "recused_id": Key(_("回避的人"), _PERSON),
        "owner_id": Key(_("负责人"), _PERSON),
        "substitute_id": Key(_("代办人"), _PERSON),
        "account_id": Key(_("账号"), _PERSON),
        "into": Key(_("并入"), "requests_intake.servicerequest"),
        "publication_id": Key(_("公开版本"), "requests_intake.publication"),
        "exclusion_id": Key(_("不计考核的申请"), "requests_intake.exclusion"),
        "objection_id": Key(_("哪项异议"), "requests_intake.objection"),
        "window_id": Key(_("哪个窗口"), _WINDOW),
        "intervention_id": Key(_("督办编号")),
        "alert_id": Key(_("警情编号")),
        "note_id": Key(_("备注编号")),
        "link_id": Key(_("链接编号")),
        "rule_id": Key(_("规则编号")),
        "clock_id": Key(_("计时编号")),
        "clock": Key(_("哪个期限")),
        "level": Key(_("级别")),
        "sweep": Key(_("哪一次检查")),
        "warned": Key(_("提醒的条数")),
        "overdue": Key(_("超期的条数")),
        "reached": Key(_("联系上了")),
        "ground": Key(_("理由代码")),
        "is_upheld": Key(_("同意")),
        "side": Key(_("哪一方评的")),
        "grade": Key(_("评了几分")),
        "solved": Key(_("解决了")),
        "round": Key(_("第几轮")),
        "source": Key(_("来源")),
        "month": Key(_("月份")),
        "version": Key(_("版本")),
        "matter": Key(_("事项代码")),
        "check_kind": Key(_("哪种核实")),
        "differences": Key(_("对不上的个数")),
        "count": Key(_("个数")),
        "edited": Key(_("改过文字")),
        "since": Key(_("从")),
        "key": Key(_("代码")),
        "code": Key(_("代码")),
        "code_before": Key(_("原来的代码")),
        "valid_from": Key(_("生效")),
        "is_confirmed": Key(_("已确认")),
        "is_active": Key(_("启用中")),
        "is_hidden": Key(_("不显示姓名")),
        "position": Key(_("位置")),
        "columns": Key(_("列数")),
        "values": Key(_("对应数")),
        "steps": Key(_("步数")),
        "cause": Key(_("起因")),
        "state": Key(_("状态")),
        "amount": Key(_("数量")),
        "unit": Key(_("计量")),
        "percent": Key(_("百分比")),
        "hours_after": Key(_("几小时以后")),
        "words": Key(_("改过的用词数")),
        "first": Key(_("排在前面的")),
        "off": Key(_("关掉的")),
    }
)
tell_codes(
    {
        "contact": _("联系核实"),
        "visit": _("约上门时间"),
        "callback": _("回访"),
        "external_link": _("发给外单位办理"),
        "upstream_return": _("取走一批的表格"),
        "appointment": _("核对预约"),
        "appointment_entry": _("按预约登记诉求"),
        "name": _("称呼"),
        "phone": _("电话"),
        "email": _("邮箱"),
        "rows": _("整张表"),
        **{use.key: use.title for use in SENSITIVE},
    }
)


def _numbers(pks: list[int]) -> Mapping[int, str]:
    return dict(ServiceRequest.objects.filter(pk__in=pks).values_list("pk", "number"))


def _appointment_numbers(pks: list[int]) -> Mapping[int, str]:
    return dict(Appointment.objects.filter(pk__in=pks).values_list("pk", "number"))


def _owners(model: Any, path: str = "request_id") -> Any:
    def owners(pks: list[int]) -> Mapping[int, str]:
        label = ServiceRequest._meta.label_lower
        return {pk: f"{label}:{of}" for pk, of in model.objects.filter(pk__in=pks).values_list("pk", path) if of}

    return owners


_PARTS = (RequesterContact, ConcernedPerson, WorkOrder, Exclusion, Publication)


def _parts(request: ServiceRequest) -> Iterable[str]:
    for model in _PARTS:
        for pk in model._default_manager.filter(request=request.pk).values_list("pk", flat=True):
            yield f"{model._meta.label_lower}:{pk}"


tell_subjects(
    {
        "requests_intake.servicerequest": Subject(_("一件诉求"), names=_numbers, parts=_parts),
        "requests_intake.requestercontact": Subject(_("诉求人的联系方式"), owners=_owners(RequesterContact)),
        "requests_intake.concernedperson": Subject(_("当事人的联系方式"), owners=_owners(ConcernedPerson)),
        "requests_intake.workorder": Subject(_("一张工单"), owners=_owners(WorkOrder)),
        "requests_intake.exclusion": Subject(_("不计考核的申请"), owners=_owners(Exclusion)),
        "requests_intake.ledgerentry": Subject(_("挂账申请"), owners=_owners(LedgerEntry)),
        "requests_intake.publication": Subject(_("公开的诉求"), owners=_owners(Publication)),
        "requests_intake.appointment": Subject(_("一次预约"), names=_appointment_numbers),
        "requests_intake.servicewindow": Subject(_("服务窗口")),
        "requests_intake.objection": Subject(_("一项考核异议")),
        "requests_intake.bulletin": Subject(_("考核月报")),
        "requests_intake.upstreambatch": Subject(_("上级转来的一批")),
        "requests_intake.upstreamsource": Subject(_("上级来源")),
        "requests_intake.category": Subject(_("事项")),
        "requests_intake.dispatchrule": Subject(_("一条派单规则")),
        "requests_intake.deadlinepolicy": Subject(_("时限规则")),
        "requests_intake.standin": Subject(_("代办")),
        "requests_intake.follow": Subject(_("关注")),
        "requests_intake.profilearea": Subject(_("社区面貌")),
        "requests_intake.officesetting": Subject(_("设置")),
    }
)
