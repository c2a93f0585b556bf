"""Why something is changed that others rely on: asked for in the same way everywhere."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from governance.text import clean_text

REASON_MAX = 200
_WHY_CHANGED = _("请写明为什么改，以后查起来才清楚")


def checked_reason(text: str, *, missing: str | Promise = _WHY_CHANGED) -> str:
    """Return the cleaned reason, or raise `DomainError` on field "reason" when it is empty or over 200 characters."""
    reason = clean_text(text, multiline=False)
    if not reason:
        raise DomainError("reason_required", missing, field="reason")
    if len(reason) > REASON_MAX:
        raise DomainError("reason_too_long", _("理由请写在 200 字以内"), field="reason")
    return reason
