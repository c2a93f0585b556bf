"""I have this too (我也遇到了): counted once a person, shown to the public and to staff."""

import hashlib
from datetime import datetime

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from requests_intake.models import MeToo, Progress, Publication, PublicState, ServiceRequest


def me_too_add(*, publication: Publication, person: str, at: datetime) -> bool:
    """Count one more person with the same matter; return False for somebody who was counted before. 2 to 4 SQL.

    `person` is whatever tells one person from another: an account, a cookie, a draft. Only its digest is kept. Raises
    `DomainError` when the request is no longer public or no longer being worked on.
    """
    with transaction.atomic():
        found = Publication.objects.select_for_update(of=("self",), no_key=True).get(pk=publication.pk)
        if found.state != PublicState.RELEASED or found.progress != Progress.OPEN:
            raise DomainError("me_too_closed", _("这件事已经不在办了。如果您那儿还有，请接着提交。"))
        digest = hashlib.sha256(f"me-too:{person}".encode()).hexdigest()
        _row, created = MeToo.objects.get_or_create(publication=found, person=digest, defaults={"at": at})
        if created:
            Publication.objects.filter(pk=found.pk).update(me_too_count=F("me_too_count") + 1)
            ServiceRequest.objects.filter(pk=found.request_id).update(me_too_count=F("me_too_count") + 1)
    return created
