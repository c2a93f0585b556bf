"""Writers of the list of addresses to which nothing is sent."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from governance.notifications.blocking import address_index, address_indexes
from governance.notifications.events import ADDRESS_BLOCKED, ADDRESS_FREED
from governance.notifications.models import BlockedAddress
from governance.notifications.permissions import Capability
from governance.notifications.services.messages import require_for
from governance.outbox.services import publish
from governance.text import clean_text, mobile_number
from governance.worktime.days import midnight

REASON_MAX = 200
LONGEST = timedelta(days=366)


def block_add(*, address: str, reason: str, until: date, actor: Viewer, at: datetime) -> BlockedAddress:
    """Send nothing to a mobile number or mailbox until the end of a day, at most a year away.

    Requests from it are taken as ever: whoever calls again and again is marked, never shut out (《北京市接诉即办
    工作条例》 § 9 asks for truth and forbids abuse, and gives no right to refuse a request).
    Raises `DomainError` with the field, `Forbidden` for whoever may not do it for the whole district.
    """
    require_for(actor, Capability.BLOCK, "")
    typed = clean_text(address, multiline=False)
    found = typed if "@" in typed else mobile_number(typed)
    if not found or ("@" in typed and not all(typed.partition("@")[::2])):
        raise DomainError("address_unclear", _("请写手机号，比如 13812345678，或者邮箱"), field="address")
    words = clean_text(reason, multiline=False)
    if not words:
        raise DomainError("reason_required", _("请写为什么，以后别人要看得懂"), field="reason")
    if len(words) > REASON_MAX:
        raise DomainError("too_long", _("写得太长了：最多 %(most)s 字") % {"most": REASON_MAX}, field="reason")
    today = timezone.localdate(at)
    if until <= today or until > today + LONGEST:
        raise DomainError("until_out_of_range", _("请写明天到一年以内的一天"), field="until")
    ends = midnight(until + timedelta(days=1))
    with constraint_errors(), transaction.atomic():
        _forget(BlockedAddress.objects.filter(index__in=address_indexes(found), expires_at__lte=at))
        row = BlockedAddress.objects.create(
            address=found,
            index=address_index(found),
            is_phone="@" not in found,
            reason=words,
            created_by=actor.user,
            created_at=at,
            expires_at=ends,
        )
        publish(ADDRESS_BLOCKED, subject=row, actor=actor, payload={"expires_at": ends.isoformat()}, at=at)
    return row


def block_lift(*, block_id: int, actor: Viewer, at: datetime) -> bool:
    """End a block before its time and forget the address; False when it is over already."""
    require_for(actor, Capability.BLOCK, "")
    with transaction.atomic():
        rows = BlockedAddress.objects.select_for_update(of=("self",), no_key=True)
        row = rows.filter(pk=block_id, ended_at__isnull=True).first()
        if row is None:
            return False
        row.address, row.index, row.ended_at, row.lifted_by = "", "", at, actor.user
        row.save(update_fields=["address", "index", "ended_at", "lifted_by"])
        publish(ADDRESS_FREED, subject=row, actor=actor, payload={}, at=at)
    return True


def blocks_expire(*, at: datetime) -> int:
    """Forget the addresses whose block has run out; return how many: 1 SQL."""
    return _forget(BlockedAddress.objects.filter(expires_at__lte=at))


def _forget(rows: "QuerySet[BlockedAddress]") -> int:
    return rows.filter(ended_at__isnull=True).update(address="", index="", ended_at=F("expires_at"))
