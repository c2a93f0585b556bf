"""What the trail says of addresses."""

from django.utils.translation import gettext_lazy as _

from governance.outbox.telling import Subject, tell, tell_subjects

tell({"population.addresses_loaded": _("载入地址")})
tell_subjects({"population.address": Subject(_("地址"))})
