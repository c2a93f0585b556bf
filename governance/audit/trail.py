"""What the trail says of those who review it."""

from django.utils.translation import gettext_lazy as _

from governance.audit.models import Verdict, WatchKey
from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_codes, tell_keys, tell_subjects

tell(
    {
        "audit.trail_read": _("查操作记录"),
        "audit.trail_checked": _("核对封条"),
        "audit.trail_broken": _("封条对不上"),
        "audit.trail_anchored": _("封条摘要记到外面"),
        "audit.anchor_failed": _("封条摘要没能记到外面"),
        "audit.finding_made": _("提醒了异常"),
        "audit.finding_closed": _("了结了异常提醒"),
        "audit.watch_changed": _("改了多少算异常"),
    },
    kind=TrailKind.REVIEW,
)
tell({"audit.trail_exported": _("导出操作记录")}, kind=TrailKind.EXPORT)
tell_keys(
    {
        "people": Key(_("查谁"), "access.user"),
        "record": Key(_("查哪条记录")),
        "has_words": Key(_("用了词查")),
        "check_id": Key(_("核对编号")),
        "seals": Key(_("封条数")),
        "seal": Key(_("封条")),
        "table": Key(_("数据表")),
        "row": Key(_("第几行")),
        "is_whole": Key(_("完整")),
        "failed": Key(_("没记成的地方")),
        "rule": Key(_("哪一条规则")),
        "verdict": Key(_("结论")),
        "limit": Key(_("界限")),
        "limit_before": Key(_("原来的界限")),
        "is_on": Key(_("提醒")),
    }
)
tell_subjects(
    {
        "audit.trail": Subject(_("操作记录"), is_one=True),
        "audit.finding": Subject(_("异常提醒")),
        "audit.watchrule": Subject(_("异常规则")),
    }
)
tell_codes({value: label for choices in (WatchKey, Verdict) for value, label in choices.choices})
