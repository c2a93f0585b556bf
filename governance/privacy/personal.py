"""What the trail keeps of people, and why (个人信息保护法 §17). The outbox lies below this app and is told of here."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("操作记录")

PERSONAL = (
    Processing(
        title=_("谁看过、谁做过"),
        what=_("什么时候，谁看了或者改了哪一条记录、为什么；不存看到的内容"),
        why=_("查得到滥用，您也能看谁看过您的信息"),
        basis=Basis.LAW,
        source=_("办事时自动记"),
        receivers=_("审计管理员；您自己看得到跟您有关的"),
        kept=_("一直留着，谁也改不动、删不掉"),
        fields={
            "privacy.AccessLog": "subject_ref purpose",
            "outbox.DomainEvent": "subject_ref payload",
        },
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "outbox.Delivery": "handler error",
    "outbox.DomainEvent": "digest name area_code",
    "outbox.Seal": "kind previous digest manifest",
    "privacy.AccessLog": "digest fields",
    "worktime.CalendarDay": "name name_en reason",
}
