"""Who opened contact details in the past two days: what residents see of it, and what a review of the trail finds."""

from datetime import datetime, timedelta

from governance.privacy.services import log_read
from governance.refs import ref_of
from requests_intake.models import RequesterContact, WorkOrder

LOOKS = 18
PURPOSES = ("contact", "visit", "contact", "callback")


def load_looks(at: datetime) -> None:
    """Handlers of open orders called the people who wrote."""
    orders = WorkOrder.objects.filter(
        handler__isnull=False, request__contact__isnull=False, request__submitted_at__lt=at - timedelta(days=3)
    ).select_related("request")
    for number, order in enumerate(orders.order_by("-request__submitted_at", "pk")[:LOOKS]):
        contact = RequesterContact.objects.get(request=order.request)
        log_read(
            user_id=order.handler_id,
            subject=ref_of(contact),
            fields=[name for name in ("name", "phone") if getattr(contact, name)] or ["email"],
            purpose=PURPOSES[number % len(PURPOSES)],
            at=at - timedelta(hours=2 + 2.5 * (LOOKS - number)),
        )
