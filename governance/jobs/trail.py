"""What the trail says of background jobs."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell({"jobs.job_started": _("启动后台任务"), "jobs.job_cancelled": _("取消后台任务")})
tell_keys({"kind": Key(_("种类")), "done": Key(_("做完的条数"))})
tell_subjects({"jobs.job": Subject(_("后台任务"))})
