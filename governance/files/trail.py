"""What the trail says of files."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, tell, tell_keys

tell({"files.recording_failed": _("一段录像或录音没能处理")})
tell_keys({"fault": Key(_("问题代码"))})
