"""What the trail says of the territory."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell({"grid.territory_changed": _("改动区域和网格")})
tell_keys(
    {
        "created": Key(_("新建数")),
        "changed": Key(_("改动数")),
        "ended": Key(_("停用数")),
        "code_map": Key(_("编码的去向")),
        "relocated": Key(_("按位置重新归属的编码")),
        "geometry_version": Key(_("边界版本")),
    }
)
tell_subjects({"grid.area": Subject(_("区域"))})
