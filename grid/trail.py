"""What the trail says of the territory."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell(
    {
        "grid.territory_changed": _("改动区域和网格"),
        "grid.post_appointed": _("任命网格岗位"),
        "grid.post_ended": _("网格岗位离任"),
        "grid.post_extended": _("网格岗位延期"),
        "grid.post_released": _("改网格岗位对外公布的内容"),
    }
)
tell_keys(
    {
        "created": Key(_("新建数")),
        "changed": Key(_("改动数")),
        "ended": Key(_("停用数")),
        "code_map": Key(_("编码的去向")),
        "relocated": Key(_("按位置重新归属的编码")),
        "is_public": Key(_("对外公布")),
        "has_phone": Key(_("公布了电话")),
        "geometry_version": Key(_("边界版本")),
    }
)
tell_subjects({"grid.area": Subject(_("区域")), "grid.post": Subject(_("网格岗位"))})
