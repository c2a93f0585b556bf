"""What the trail says of those who review it."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, TrailKind, tell, tell_keys, tell_subjects

tell({"audit.trail_read": _("查操作记录")}, kind=TrailKind.REVIEW)
tell({"audit.trail_exported": _("导出操作记录")}, kind=TrailKind.EXPORT)
tell_keys({"people": Key(_("查谁"), "access.user"), "record": Key(_("查哪条记录")), "has_words": Key(_("用了词查"))})
tell_subjects({"audit.trail": Subject(_("操作记录"), is_one=True)})
