"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing, SensitiveUse

TITLE = _("诉求和办件")

_ARCHIVED = _("跟办件一起留，期限按单位的档案规定；门户自己不删")
_HANDLING = _("经办这件事的单位、督办它的人")

PERSONAL = (
    Processing(
        title=_("怎么找到您"),
        what=_("称呼、电话、邮箱；替别人说的，还有那个人的称呼和电话"),
        why=_("办事的人联系您，把结果告诉您"),
        basis=Basis.DUTY,
        source=_("您自己填，或者窗口、电话里替您记"),
        receivers=_("经办的单位，看号码要有权限，每看一次记一次；举报的只有指定的人"),
        kept=_("办件留多久就留多久；办完以后，您可以在进展页上自己去掉"),
        fields={
            "requests_intake.RequesterContact": "name phone phone_index email",
            "requests_intake.ConcernedPerson": "name phone",
        },
    ),
    Processing(
        title=_("您说的事"),
        what=_("事情经过、地点、回答、补充、照片和录音的说明、评价、回访时说的话"),
        why=_("办这件事"),
        basis=Basis.DUTY,
        source=_("您自己填，或者窗口、电话、上级平台转来"),
        receivers=_HANDLING,
        kept=_ARCHIVED,
        fields={
            "requests_intake.ServiceRequest": "title body address urgent_remark",
            "requests_intake.RequestWords": "words",
            "requests_intake.RequestAnswers": "rows",
            "requests_intake.RequestTransition": "text",
            "requests_intake.Supplement": "text",
            "requests_intake.CallBack": "comment",
        },
    ),
    Processing(
        title=_("办理时写下的"),
        what=_("派单要求、联系经过、处理结果、答复、内部备注、督办、退回、申诉和附件的名字"),
        why=_("办这件事，也能说清是怎么办的"),
        basis=Basis.DUTY,
        source=_("经办的工作人员"),
        receivers=_HANDLING,
        kept=_ARCHIVED,
        fields={
            "requests_intake.WorkOrder": "instruction result commitment",
            "requests_intake.WorkOrderTransition": "text",
            "requests_intake.ContactRecord": "note",
            "requests_intake.OrderReturn": "text decision",
            "requests_intake.Dispute": "basis decision",
            "requests_intake.Reply": "text",
            "requests_intake.Whistle": "issue place",
            "requests_intake.WhistleRating": "word",
            "requests_intake.Intervention": "text answer",
            "requests_intake.InternalNote": "text",
            "requests_intake.Pause": "text",
            "requests_intake.Extension": "text decision",
            "requests_intake.LedgerEntry": "text plan decision",
            "requests_intake.LedgerMilestone": "text note",
            "requests_intake.LedgerFile": "file_name",
            "requests_intake.Exclusion": "text decision check_words",
            "requests_intake.ExclusionFile": "file_name",
            "requests_intake.Objection": "text decision",
            "requests_intake.ObjectionFile": "file_name",
            "requests_intake.Recusal": "reason",
            "requests_intake.RiskAlert": "text action",
            "requests_intake.BulkRun": "values",
            "requests_intake.BulkResult": "reason",
        },
    ),
    Processing(
        title=_("请外面的人来办"),
        what=_("没有账号的维修人员的电话或邮箱"),
        why=_("把一张工单的链接发给他"),
        basis=Basis.DUTY,
        source=_("经办的工作人员填"),
        receivers=_("派这张单的单位"),
        kept=_ARCHIVED,
        fields={"requests_intake.ExternalLink": "email phone"},
        is_residents=False,
    ),
    Processing(
        title=_("公开一件事"),
        what=_("您同意公开的内容，去掉了名字、电话、门牌；说过“我也遇到了”的，只有一个认不出人的数"),
        why=_("让邻居知道办得怎么样，不用再说一遍"),
        basis=Basis.CONSENT,
        source=_("您交的时候选公开，工作人员核对、改写"),
        receivers=_("所有人"),
        kept=_("公开到撤下为止；不想公开了，联系办件的单位"),
        fields={
            "requests_intake.Publication": "title body reply note history pieces",
            "requests_intake.ModerationStep": "note before after",
            "requests_intake.PublicPhoto": "areas",
            "requests_intake.MeToo": "person",
        },
    ),
    Processing(
        title=_("关注"),
        what=_("邮箱"),
        why=_("把您关注的事和地方有了什么新进展告诉您"),
        basis=Basis.CONSENT,
        source=_("您自己填"),
        receivers=_("没有人看，只用来发信"),
        kept=_("没有确认的 7 天后删，退订的一个月后删"),
        fields={"requests_intake.Follow": "email email_index"},
    ),
    Processing(
        title=_("没填完的"),
        what=_("表里已经填的内容"),
        why=_("让您下次接着填"),
        basis=Basis.CONSENT,
        source=_("您自己填"),
        receivers=_("只有您自己，或者替您填的窗口人员"),
        kept=_("7 天后删，您也可以自己删"),
        fields={"requests_intake.Draft": "data"},
    ),
    Processing(
        title=_("预约"),
        what=_("称呼、电话、邮箱，办什么事"),
        why=_("给您留号，时间有变化告诉您"),
        basis=Basis.DUTY,
        source=_("您自己填，或者窗口替您记"),
        receivers=_("这个窗口的工作人员"),
        kept=_("办完以后，过了单位设的天数自动去掉"),
        fields={"requests_intake.Appointment": "name phone phone_index email subject subject_en reason"},
    ),
    Processing(
        title=_("上级平台转来的"),
        what=_("上级平台表里的一行：诉求人的称呼、电话、地址、内容，我们交回的结果"),
        why=_("接办，办完交回"),
        basis=Basis.DUTY,
        source=_("上级热线平台"),
        receivers=_("派单员、经办的单位；结果交回上级平台"),
        kept=_("整张表 30 天后删；接办了的那一行跟办件一起留"),
        fields={
            "requests_intake.UpstreamOrder": "received returned upstream_no case_no",
            "requests_intake.BatchRow": "cells faults remarks",
            "requests_intake.UpstreamBatch": "file_name",
        },
    ),
    Processing(
        title=_("值班电话"),
        what=_("值班人员的电话"),
        why=_("夜里有急事找得到人"),
        basis=Basis.DUTY,
        source=_("单位排班的人填"),
        receivers=_("同一片的工作人员"),
        kept=_("跟排班表一起留；门户自己不删"),
        fields={"requests_intake.DutyShift": "phone"},
        is_residents=False,
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "requests_intake.AnswerTemplate": "title text text_en category_prefix",
    "requests_intake.Appointment": "number token_digest token language",
    "requests_intake.BulkRun": "action",
    "requests_intake.Bulletin": "why",
    "requests_intake.Category": (
        "code name name_en guide guide_en answered_by answered_by_en legal_basis acceptance closing "
        "policy_key stop_text stop_text_en stop_phone keywords questions"
    ),
    "requests_intake.CategoryVersion": "reason snapshot",
    "requests_intake.CommunityProfile": "why key name name_en words",
    "requests_intake.DeadlinePolicy": "key name name_en source reason",
    "requests_intake.DispatchRule": "category_prefix area_prefix kinds channels words note",
    "requests_intake.Dispute": "category_code area_code",
    "requests_intake.Draft": "token_digest token",
    "requests_intake.DutyShift": "area_code",
    "requests_intake.EscalationStep": "why name name_en role",
    "requests_intake.Exclusion": "area_code",
    "requests_intake.ExternalLink": "token_digest token",
    "requests_intake.Follow": "language area_code",
    "requests_intake.InterfaceEntry": "body_digest",
    "requests_intake.Intervention": "area_code number",
    "requests_intake.Macro": "name steps",
    "requests_intake.ModerationStep": "actor_kind",
    "requests_intake.Objection": "area_code",
    "requests_intake.PolicyStage": "name name_en",
    "requests_intake.ProfileArea": "area_code",
    "requests_intake.PublicFigures": "data",
    "requests_intake.Publication": "key category_code area_code",
    "requests_intake.ReasonText": "why reason text text_en",
    "requests_intake.RequestTransition": "name from_state to_state actor_kind",
    "requests_intake.RiskAlert": "area_code",
    "requests_intake.RiskWords": "why words",
    "requests_intake.RollupCell": "series area dim",
    "requests_intake.RollupCheck": "sample",
    "requests_intake.CaseStandard": "filing closing policy_key source why",
    "requests_intake.RollupDelta": "area_code kind channel state ended_as rated_solved",
    "requests_intake.SavedWorklist": "name view query role",
    "requests_intake.ScoringScheme": "rule why",
    "requests_intake.ServiceRequest": (
        "number number_tail track_digest track_token submission_key language area_code rated_solved"
    ),
    "requests_intake.ServiceWindow": (
        "name name_en services services_en area_code address address_en phones access access_en subjects "
        "special_days why"
    ),
    "requests_intake.TurnLimit": "why key name name_en",
    "requests_intake.UpstreamBatch": "area_code format titles",
    "requests_intake.UpstreamOrder": "channel",
    "requests_intake.UpstreamSource": "key name name_en area_code columns values",
    "requests_intake.WorkOrder": "area_code",
    "requests_intake.WorkOrderTransition": "name from_state to_state actor_kind",
}

ACTING_RULES, OUTSIDE_LINKS = "requests_intake.acting_rules", "requests_intake.outside_links"
SENSITIVE = (
    SensitiveUse(
        key=ACTING_RULES,
        title=_("规则直派"),
        what=_("诉求的事项、地点和内容交给规则判断，不经过人就派给一个单位"),
        why=_("利用个人信息进行自动化决策（个人信息保护法第五十五条第二项）"),
        locked=_("规则只建议，派给谁都由派单员确认"),
    ),
    SensitiveUse(
        key=OUTSIDE_LINKS,
        title=_("发链接给外单位"),
        what=_("诉求的内容、地点，选了“可以联系”的还有诉求人的称呼和电话，交给不在门户里办事的单位"),
        why=_("委托处理、向其他个人信息处理者提供个人信息（个人信息保护法第五十五条第三项）"),
        locked=_("发不了新的链接；已经发出的照常，可以一条条收回"),
    ),
)
