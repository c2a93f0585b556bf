"""What this app keeps of people, and why (个人信息保护法 §17)."""

from django.utils.translation import gettext_lazy as _

from governance.privacy.register import Basis, Processing

TITLE = _("文件")

PERSONAL = (
    Processing(
        title=_("照片、录音和文件"),
        what=_("您交的照片、录像、录音、文件；拍摄地点、时间先去掉"),
        why=_("办这件事"),
        basis=Basis.DUTY,
        source=_("您自己交，或者经办的工作人员"),
        receivers=_("看得到这件事的人；核对过的才公开"),
        kept=_("跟办件一起留；没交的 7 天后删"),
        fields={
            "files.StoredFile": "sha256 owner_ref",
            "files.Recording": "sha256 owner_ref description",
        },
    ),
)

# No person in it: names and rules of the office, codes, secrets of the machine.
IMPERSONAL = {
    "files.Recording": "demuxer",
}
