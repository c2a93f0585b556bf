"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("审计")

PERSONAL = (
    Processing(
        title=_("导出的操作记录"),
        what=_("查到的操作记录的表格"),
        why=_("核查有没有滥用"),
        basis=Basis.LAW,
        source=_("操作记录"),
        receivers=_("只有导出的审计管理员；每次导出都有记录"),
        kept=_("7 天后删"),
        fields={"audit.TrailExport": "narrowed", "audit.TrailExportPart": "lines"},
        is_residents=False,
    ),
    Processing(
        title=_("异常提醒"),
        what=_("谁在哪一天做了多少件不寻常的事，查下来怎么说"),
        why=_("早发现滥用"),
        basis=Basis.LAW,
        source=_("操作记录"),
        receivers=_("安全管理员、审计管理员"),
        kept=_("门户自己不删"),
        fields={"audit.Finding": "record words"},
        is_residents=False,
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "audit.TrailAnchor": "digest failed",
    "audit.TrailCheck": "last_digest table problem",
    "audit.WatchRule": "why",
}
