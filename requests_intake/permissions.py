"""What may be done with requests and orders, and what the built-in roles get."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _


class Capability(StrEnum):
    """Capabilities of request intake."""

    VIEW_REQUEST = "requests_intake.view_request"
    ACCEPT_REQUEST = "requests_intake.accept_request"
    DISPATCH_REQUEST = "requests_intake.dispatch_request"
    VIEW_ORDER = "requests_intake.view_order"
    HANDLE_ORDER = "requests_intake.handle_order"
    CALL_BACK = "requests_intake.call_back"
    REVEAL_CONTACT = "requests_intake.reveal_contact"
    EDIT_TEMPLATES = "requests_intake.edit_templates"
    MODERATE = "requests_intake.moderate"
    ENTER_REQUEST = "requests_intake.enter_request"
    VIEW_SAME_CALLER = "requests_intake.view_same_caller"
    IMPORT_ORDERS = "requests_intake.import_orders"
    EDIT_CATALOGUE = "requests_intake.edit_catalogue"
    EDIT_POLICIES = "requests_intake.edit_policies"
    EDIT_RULES = "requests_intake.edit_rules"
    SHARE_WORKLIST = "requests_intake.share_worklist"
    REVIEW_REPLY = "requests_intake.review_reply"
    DECIDE_DISPUTE = "requests_intake.decide_dispute"
    REOPEN_REQUEST = "requests_intake.reopen_request"
    VIEW_COPIES = "requests_intake.view_copies"
    BLOW_WHISTLE = "requests_intake.blow_whistle"
    APPROVE_EXTENSION = "requests_intake.approve_extension"
    APPROVE_LEDGER = "requests_intake.approve_ledger"
    DECIDE_LEDGER = "requests_intake.decide_ledger"
    SEND_OUTSIDE = "requests_intake.send_outside"
    ANSWER_ALERT = "requests_intake.answer_alert"
    EDIT_ROSTER = "requests_intake.edit_roster"
    EDIT_WINDOWS = "requests_intake.edit_windows"
    INTERVENE = "requests_intake.intervene"
    CHECK_EXCLUSION = "requests_intake.check_exclusion"
    DECIDE_EXCLUSION = "requests_intake.decide_exclusion"
    VIEW_APPRAISAL = "requests_intake.view_appraisal"
    RUN_APPRAISAL = "requests_intake.run_appraisal"
    EDIT_SCHEMES = "requests_intake.edit_schemes"
    KEEP_APPOINTMENTS = "requests_intake.keep_appointments"


TITLE = _("诉求和工单")  # of this app in the table of capabilities

DESCRIPTIONS = {
    Capability.VIEW_REQUEST: (_("看诉求"), _("看自己区域内的诉求和全部经过")),
    Capability.ACCEPT_REQUEST: (_("受理"), _("确认一件诉求由我们接下")),
    Capability.DISPATCH_REQUEST: (_("派单"), _("把诉求派给承办单位，开始计时")),
    Capability.VIEW_ORDER: (_("看工单"), _("看派给本单位的工单")),
    Capability.HANDLE_ORDER: (_("办理"), _("签收、联系居民、答复派给本单位的工单")),
    Capability.CALL_BACK: (_("回访"), _("问居民是否联系、是否解决、是否满意；自己经办的不能回访")),
    Capability.REVEAL_CONTACT: (_("查看号码"), _("查看诉求人完整的姓名和电话，每次都有记录")),
    Capability.EDIT_TEMPLATES: (_("改共用的答复模板"), _("写所有单位都能用的答复模板；本单位的，办理的人自己写")),
    Capability.MODERATE: (_("审核公开"), _("决定诉求公开不公开，遮住个人信息和照片里的人；每一步都有记录，可以撤销")),
    Capability.ENTER_REQUEST: (_("代为登记"), _("为来窗口的人、打电话来的人登记诉求，并看自己登记的")),
    Capability.VIEW_SAME_CALLER: (_("看同一来电人"), _("登记时看同一个电话此前的诉求和次数")),
    Capability.IMPORT_ORDERS: (_("导入上级工单"), _("成批导入上级热线的工单，改列名对照，把办理结果送回去")),
    Capability.EDIT_CATALOGUE: (_("改事项目录"), _("增加、修改、停用居民能反映的事项和附加问题；每次改动留下版本")),
    Capability.EDIT_POLICIES: (_("改办理时限"), _("给时限政策出新版本；已经受理的诉求仍按原来的承诺")),
    Capability.EDIT_RULES: (_("改派单规则"), _("改“哪类事、哪里的事，建议派给谁”；派单员仍要确认")),
    Capability.SHARE_WORKLIST: (_("共用清单"), _("把自己保存的清单给本单位或同一角色的人用")),
    Capability.REVIEW_REPLY: (_("审核答复"), _("答复不合格的退回重办；要审核的事项，通过后居民才看到")),
    Capability.DECIDE_DISPUTE: (_("裁定派单异议"), _("单位之间为谁该办有争议时定下由谁办，裁定以后不再退")),
    Capability.VIEW_COPIES: (_("看直派抄送"), _("区级看直接派给街道、社区的诉求，督促办理")),
    Capability.BLOW_WHISTLE: (_("吹哨"), _("街道、社区牵头办不了时，叫有关部门报到；结束后评价来的单位")),
    Capability.REOPEN_REQUEST: (_("重新打开"), _("把已经办结的诉求重新打开，要写原因")),
    Capability.APPROVE_EXTENSION: (_("批准延期"), _("同意或不同意承办单位延期；理由居民看得到")),
    Capability.SEND_OUTSIDE: (_("发给外单位"), _("让不在平台上的物业、公用企业、施工单位凭限时链接签收和交结果")),
    Capability.ANSWER_ALERT: (_("处置突发警报"), _("可以排进值班表；突发警报叫到的人，写下做了什么")),
    Capability.EDIT_ROSTER: (_("排值班表"), _("排谁在下班以后和休息日值班")),
    Capability.EDIT_WINDOWS: (_("改办事窗口"), _("改窗口的地址、电话、能办什么、几点到几点开；居民马上看得到")),
    Capability.INTERVENE: (
        _("催办、督办、批示"),
        _("催一催、要单位限期回复、写批示；每一次都留在经过里，承办单位马上知道"),
    ),
    Capability.CHECK_EXCLUSION: (_("核对剔除"), _("街道核对承办单位申请剔除的理由和材料；自己申请的不能核对")),
    Capability.DECIDE_EXCLUSION: (_("审核剔除"), _("区级决定一件诉求计不计入三率；申请和核对过的人不能审核")),
    Capability.VIEW_APPRAISAL: (_("看考核"), _("看每月通报；本区域、本单位的，看得到算进去的是哪些件")),
    Capability.RUN_APPRAISAL: (_("定稿考核"), _("把一个月的考核定稿、公布，裁定各单位的异议")),
    Capability.EDIT_SCHEMES: (_("改考核办法"), _("给三率的权重和算法出新版本；已经定稿的月份不变")),
    Capability.KEEP_APPOINTMENTS: (_("接待预约"), _("看窗口当天约了谁，记来没来，取消预约并告诉对方；姓名电话遮着")),
    Capability.APPROVE_LEDGER: (_("核对挂账"), _("街道核对承办单位申请长期挂账的理由、打算和节点；自己申请的不能核对")),
    Capability.DECIDE_LEDGER: (_("审定挂账"), _("区级决定一件诉求列不列入长期挂账；申请和核对过的人不能审定")),
}

_C = Capability
# What touches people's own data: said before a role gets it.
SENSITIVE = frozenset({_C.REVEAL_CONTACT, _C.VIEW_SAME_CALLER, _C.KEEP_APPOINTMENTS, _C.MODERATE})
_SETTINGS = [
    _C.EDIT_CATALOGUE,
    _C.EDIT_POLICIES,
    _C.EDIT_RULES,
    _C.EDIT_TEMPLATES,
    _C.EDIT_WINDOWS,
    _C.EDIT_SCHEMES,
]
BUILT_IN = {
    "dispatcher": [
        _C.VIEW_REQUEST,
        _C.ACCEPT_REQUEST,
        _C.DISPATCH_REQUEST,
        _C.REVEAL_CONTACT,
        _C.ENTER_REQUEST,
        _C.VIEW_SAME_CALLER,
        _C.IMPORT_ORDERS,
        _C.SHARE_WORKLIST,
        _C.MODERATE,
        _C.BLOW_WHISTLE,
        _C.SEND_OUTSIDE,
        _C.ANSWER_ALERT,
    ],
    "handler": [
        _C.VIEW_ORDER,
        _C.HANDLE_ORDER,
        _C.REVEAL_CONTACT,
        _C.BLOW_WHISTLE,
        _C.SEND_OUTSIDE,
        _C.VIEW_APPRAISAL,
    ],
    "community_head": [
        _C.VIEW_REQUEST,
        _C.ENTER_REQUEST,
        _C.ANSWER_ALERT,
        _C.EDIT_WINDOWS,
        _C.KEEP_APPOINTMENTS,
        _C.VIEW_APPRAISAL,
    ],
    "counter_clerk": [_C.VIEW_REQUEST, _C.ENTER_REQUEST, _C.VIEW_SAME_CALLER, _C.KEEP_APPOINTMENTS],
    "callback_agent": [_C.VIEW_REQUEST, _C.CALL_BACK, _C.REVEAL_CONTACT],
    "supervisor": [
        _C.VIEW_REQUEST,
        _C.SHARE_WORKLIST,
        _C.MODERATE,
        _C.EDIT_TEMPLATES,
        _C.REVIEW_REPLY,
        _C.DECIDE_DISPUTE,
        _C.REOPEN_REQUEST,
        _C.APPROVE_EXTENSION,
        _C.APPROVE_LEDGER,
        _C.ANSWER_ALERT,
        _C.EDIT_ROSTER,
        _C.EDIT_WINDOWS,
        _C.KEEP_APPOINTMENTS,
        _C.INTERVENE,
        _C.CHECK_EXCLUSION,
        _C.VIEW_APPRAISAL,
    ],
    "district_viewer": [
        _C.VIEW_REQUEST,
        _C.VIEW_COPIES,
        _C.ANSWER_ALERT,
        _C.INTERVENE,
        _C.DECIDE_EXCLUSION,
        _C.DECIDE_LEDGER,
        _C.VIEW_APPRAISAL,
        _C.RUN_APPRAISAL,
    ],
    "grid_worker": [_C.VIEW_REQUEST, _C.ENTER_REQUEST],
    "exchange": [_C.VIEW_REQUEST, _C.ENTER_REQUEST, _C.IMPORT_ORDERS],
    "operations_admin": _SETTINGS,
    "system_admin": _SETTINGS,
}
