"""What the trail says of setting the portal up."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_keys, tell_subjects

tell(
    {
        "setup_wizard.profile_changed": _("改门户资料"),
        "setup_wizard.table_written": _("写入开通用的表格"),
        "setup_wizard.portal_begun": _("开通门户"),
    }
)
tell({"setup_wizard.links_shown": _("看邀请链接")}, kind=TrailKind.RIGHTS)
tell_keys({"step": Key(_("步骤"))})
tell_subjects({"setup_wizard.portalprofile": Subject(_("门户资料"), is_one=True)})
