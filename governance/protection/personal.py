"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("个人信息保护")

PERSONAL = (
    Processing(
        title=_("泄露事件"),
        what=_("发生了什么、涉及哪些信息和多少人、怎么告知的"),
        why=_("出了事及时补救、报告和告知"),
        basis=Basis.LAW,
        source=_("办理的人写的"),
        receivers=_("办理泄露事件的人；加密保存"),
        kept=_("至少 3 年，门户自己不删"),
        fields={
            "protection.BreachCase": "title what kinds cause harm measures advice contact authority_text persons_text "
            "persons_waived_why outcome"
        },
        is_residents=False,
    ),
    Processing(
        title=_("您对个人信息的请求"),
        what=_("要副本、更正、删除的请求：您说的话、我们的答复；在窗口登记的，还有姓名和联系方式"),
        why=_("按时答复您，也能说清是怎么办的"),
        basis=Basis.LAW,
        source=_("您自己填，或者窗口替您记"),
        receivers=_("办理个人信息请求的人、替您登记的人；加密保存，每看一次记一次"),
        kept=_("至少 3 年，门户自己不删"),
        fields={"protection.PersonRequest": "name contact contact_index words identity_note reason outcome"},
    ),
    Processing(
        title=_("您要的副本"),
        what=_("做好的副本：这里存着的关于您的信息"),
        why=_("给您一份"),
        basis=Basis.LAW,
        source=_("从门户各处收集"),
        receivers=_("只有您自己；没有账号的，由窗口核对证件以后交给您，每取一次记一次"),
        kept=_("加密存 7 天，然后删"),
        fields={"protection.PersonCopy": "parts"},
    ),
)

# No person in it: the office's reasons, and what it thought through about a use of data as a whole.
IMPERSONAL = {
    "protection.BreachPolicy": "why",
    "protection.ImpactAssessment": "use necessity risks measures note ended_why",
    "protection.PersonRequest": "number language",
    "protection.PersonRequestPolicy": "why",
}
