"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("通知")

PERSONAL = (
    Processing(
        title=_("发给您的通知"),
        what=_("发到哪个号码或邮箱，写了什么，发到没有"),
        why=_("把进展告诉您；没发到的再发"),
        basis=Basis.DUTY,
        source=_("您留的联系方式，办件的进展"),
        receivers=_("只有您自己；短信由短信公司送，邮件由邮件服务器送"),
        kept=_("有账号的，注销时删；没有账号的，跟办件一起留"),
        fields={
            "notifications.Message": "body address recipient_ref subject_ref context secret",
            "notifications.NoticePreference": "choices",
        },
    ),
    Processing(
        title=_("不再发的号码"),
        what=_("退信、停机或者本人不要再收的号码和邮箱"),
        why=_("不再打扰，不给错的人发"),
        basis=Basis.DUTY,
        source=_("送信的公司退回，或者工作人员记"),
        receivers=_("管通知的管理员，看到的是遮住一部分的"),
        kept=_("到记下的期限为止，最长 366 天"),
        fields={"notifications.BlockedAddress": "address index reason"},
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "notifications.Message": "kind area_code dedupe_key error language",
    "notifications.MessageTemplate": "kind subject body provider_template_id parameters",
    "notifications.OfficeRobot": "url",
}
