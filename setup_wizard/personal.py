"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("开通和设置")

PERSONAL = (
    Processing(
        title=_("开通时交来的表"),
        what=_("工作人员名单、单位、地址的表格"),
        why=_("核对以后建账号和单位"),
        basis=Basis.DUTY,
        source=_("单位交来"),
        receivers=_("做开通的管理员"),
        kept=_("写进去以后或者 7 天后删"),
        fields={"setup_wizard.HandedTable": "rows file_name"},
        is_residents=False,
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "setup_wizard.HandedTable": "step",
    "setup_wizard.PortalProfile": "place place_en operator operator_en address address_en record_number hotlines",
}
