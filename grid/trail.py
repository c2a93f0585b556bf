"""What the trail says of the territory."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell({"grid.territory_changed": _("载入区域和网格")})
tell_keys(
    {
        "created": Key(_("新建数")),
        "changed": Key(_("改动数")),
        "geometry_version": Key(_("边界版本")),
    }
)
tell_subjects({"grid.area": Subject(_("区域"))})
