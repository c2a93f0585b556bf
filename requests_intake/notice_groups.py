"""Groups of this app's notices, and what their placeholders mean, with examples."""

from django.utils.translation import gettext_lazy as _

from governance.notifications.groups import RESIDENT, STAFF, NoticeGroup, Place, describe_places

MUST_KNOW = NoticeGroup(
    "requests_intake.must_know",
    _("受理、答复和期限"),
    _("诉求人"),
    RESIDENT,
    fixed=_("收到没有、几号前答复、答复了什么，按规定要告诉您"),
    has_sms=True,
)
PROGRESS = NoticeGroup("requests_intake.progress", _("办理进展"), _("诉求人"), RESIDENT, has_sms=True)
PUBLIC = NoticeGroup("requests_intake.public", _("公开了没有"), _("诉求人"), RESIDENT, has_sms=True)
FOLLOWING = NoticeGroup("requests_intake.following", _("关注的诉求和地方"), _("关注的人，每封信里都能退订"))
ORDERS = NoticeGroup("requests_intake.orders", _("本单位的工单"), _("承办单位的经办人和单位群"), STAFF)
OUTSIDE = NoticeGroup(
    "requests_intake.outside", _("给外单位的链接"), _("外单位经手的人：物业、公用企业、施工单位"), has_sms=True
)
APPOINTMENTS = NoticeGroup("requests_intake.appointments", _("窗口预约"), _("预约的人"), has_sms=True)
DECISIONS = NoticeGroup("requests_intake.decisions", _("等您定夺的事"), _("离得最近、能定夺的人"), STAFF)
COLLEAGUES = NoticeGroup("requests_intake.colleagues", _("同事找您"), _("被点名的人"), STAFF)
DEADLINES = NoticeGroup(
    "requests_intake.deadlines",
    _("快到期和超期"),
    _("经办人、代班的人和上级"),
    STAFF,
    fixed=_("居民在等，快到期和超期的提醒不能关"),
)
ALERTS = NoticeGroup(
    "requests_intake.alerts",
    _("突发警报"),
    _("值班的人和上级"),
    STAFF,
    fixed=_("可能有人有危险，突发警报不能关"),
)

describe_places(
    "requests_intake",
    {
        "number": Place(_("受理编号"), "20261116-000417-3"),
        "due_at": Place(_("最晚答复的时间"), "2026-11-23T18:00:00+08:00"),
        "office": Place(_("承办单位"), {"zh": "市政设施所", "en": "Public Works Station"}),
        "link": Place(_("看详情的链接，各人的不一样"), "/t/bQ7xk2WcTn0aVfR9mLdEyA/"),
        "clock": Place(_("哪一个期限"), {"zh": "答复", "en": "the answer"}),
        "rung": Place(_("到了哪一步"), {"zh": "快到期", "en": "Due soon"}),
        "warned": Place(_("快到期的件数"), 7),
        "overdue": Place(_("超期的件数"), 2),
        "who": Place(_("请人代班的同事"), {"zh": "何立新", "en": "He Lixin"}),
        "from_at": Place(_("代班从什么时候起"), "2026-11-23T08:30:00+08:00"),
        "until_at": Place(_("到什么时候为止"), "2026-11-27T18:00:00+08:00"),
        "since_at": Place(_("从什么时候起的新消息"), "2026-11-16T08:00:00+08:00"),
        "reason": Place(_("原因"), {"zh": "有别人的信息", "en": "It names other people"}),
        "what": Place(
            _("关注的诉求或者地方"), {"zh": "槐安里东侧路灯不亮", "en": "Street lamps east of Huai'an Li are out"}
        ),
        "unsubscribe": Place(_("退订的链接"), "/follow/NDE3OjFzbGlreg/end/"),
        "step": Place(_("走到哪一步"), {"zh": "市政设施所接手了", "en": "Public Works Station is on it"}),
        "count": Place(_("新公开的件数"), 2),
        "titles": Place(
            _("新公开的标题，一行一个"),
            [
                {"zh": "· 槐安里东侧路灯不亮", "en": "· Street lamps east of Huai'an Li are out"},
                {"zh": "· 幸福路井盖松动", "en": "· A loose manhole cover on Xingfu Road"},
            ],
        ),
        "differences": Place(_("对不上的数有几个"), 3),
        "month": Place(_("哪个月"), "2026-10"),
        "minutes": Place(_("几分钟以内要处置"), 10),
        "rule": Place(_("哪一条规则"), {"zh": "事项是路灯 → 市政设施所", "en": "Street lamps → Public Works Station"}),
        "appointment_at": Place(_("约的时间"), "2026-11-24T09:30:00+08:00"),
        "window": Place(_("哪个窗口"), {"zh": "柳塘街道便民服务中心", "en": "Liutang Residents' Service Centre"}),
        "address": Place(_("窗口的地址"), {"zh": "柳塘街 20 号", "en": "20 Liutang Street"}),
        "why": Place(_("窗口写的取消原因"), {"zh": "那天停电", "en": "No power that day"}),
        "fault": Place(_("为什么停了"), {"zh": "事项停用了", "en": "The category is retired"}),
    },
)
