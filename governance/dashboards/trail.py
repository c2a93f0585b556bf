"""What the trail says of the overview."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_keys, tell_subjects

tell({"dashboards.exported": _("导出看板")}, kind=TrailKind.EXPORT)
tell_keys({"period": Key(_("时间范围")), "until": Key(_("截止"))})
tell_subjects({"dashboards.export": Subject(_("看板导出"))})
