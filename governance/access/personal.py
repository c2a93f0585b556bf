"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("账号和授权")

PERSONAL = (
    Processing(
        title=_("账号"),
        what=_("手机号、邮箱、称呼；密码只存算出来的样子"),
        why=_("登录，把您自己的事给您看，告诉您进展"),
        basis=Basis.CONSENT,
        source=_("您自己填；可以不要账号"),
        receivers=_("只有您自己"),
        kept=_("到您注销账号为止，注销时删"),
        fields={
            "access.User": "email private_name password",
            "access.UserPhone": "number number_index",
        },
    ),
    Processing(
        title=_("工作人员"),
        what=_("姓名、工号、单位登录系统里的编号、担任什么角色、为什么"),
        why=_("只让该办的人办，说得清谁办的"),
        basis=Basis.DUTY,
        source=_("安全管理员录入，或者单位交来的名单"),
        receivers=_("同一片的工作人员看姓名；授权只有安全管理员看"),
        kept=_("离开后账号停用，姓名留在办过的事里；交来的名单 7 天后删"),
        fields={
            "access.User": "display_name staff_no",
            "access.ExternalIdentity": "subject subject_index",
            "access.Grant": "reason",
            "access.GrantExtension": "reason",
            "access.GrantImport": "rows file_name",
            "access.ReviewItem": "reason",
            "access.AccountChange": "reason",
            "access.EmergencyRelease": "reason",
        },
        is_residents=False,
    ),
    Processing(
        title=_("登不上的次数"),
        what=_("账号和网络地址算出来的数，认不出原来的"),
        why=_("挡住猜密码的人"),
        basis=Basis.DUTY,
        source=_("登录时自动记"),
        receivers=_("没有人看"),
        kept=_("一天后删"),
        fields={"access.SignInFailure": "account_index address_index"},
    ),
    Processing(
        title=_("工作人员没交的表"),
        what=_("离开太久被登出时，表里已经填的"),
        why=_("再登录时还给本人"),
        basis=Basis.DUTY,
        source=_("工作人员填的表"),
        receivers=_("只有填表的人"),
        kept=_("24 小时后删"),
        fields={"access.KeptForms": "forms page"},
        is_residents=False,
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "access.AccessPolicy": "why separated_why",
    "access.ApiToken": "area_code digest tail reason revoke_reason",
    "access.ExternalIdentity": "issuer",
    "access.Grant": "area_code source",
    "access.ReminderPolicy": "days why",
    "access.ReviewCampaign": "title area_code",
    "access.ReviewItem": "area_code",
    "access.Role": "key name name_en",
    "access.RoleChange": "reason",
    "access.RoleChangeRow": "added removed",
    "access.User": "language",
}
