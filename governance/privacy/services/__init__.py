"""The one writer of the access log."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Model

from governance.privacy.models import AccessLog
from governance.refs import ref_of


def log_read(
    *, user_id: int | None, subject: Model | str, fields: Sequence[str], purpose: str, at: datetime
) -> AccessLog:
    """Record that protected fields of `subject` (an object or its reference) are shown to a person. 1 SQL.

    Write it in the transaction that reads, before the values leave the service: what was not logged is not shown.
    `user_id` is None when the portal itself reads, for instance to send a message. `purpose` is a short code.
    """
    ref = subject if isinstance(subject, str) else ref_of(subject)
    return AccessLog.objects.create(user_id=user_id, subject_ref=ref, fields=sorted(fields), purpose=purpose, at=at)
