"""What the trail says of organisations."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Key, Subject, tell, tell_keys, tell_subjects

tell({"organisations.organisation_created": _("建立单位"), "organisations.organisation_changed": _("改单位资料")})
tell_keys({"fields": Key(_("改了哪些字段"))})
tell_subjects({"organisations.organisation": Subject(_("单位"))})
