"""Writer of the addresses of offices' group chats."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.checks import require
from governance.access.viewer import Scope, Viewer
from governance.errors import DomainError
from governance.notifications.carriers import allowed_webhook
from governance.notifications.events import ROBOT_CHANGED
from governance.notifications.models import OfficeRobot
from governance.notifications.permissions import Capability
from governance.organisations.models import Organisation
from governance.outbox.services import publish

LONGEST = 500


def office_robot_set(*, organisation: Organisation, url: str, actor: Viewer, at: datetime) -> OfficeRobot | None:
    """Have an office's notices appear in its group chat as well; "" takes the address away. Nothing changed, no event.

    Raises `Forbidden` outside the actor's grant and `DomainError` on field "url" for an address that is not at one of
    the hosts that the settings allow (WEBHOOK_ORIGINS).
    """
    require(actor, Capability.EDIT_ROBOT, Scope(organisation.area_code))
    address = url.strip()
    if len(address) > LONGEST or (address and not allowed_webhook(address)):
        message = _("只能填这些地方的机器人地址：%(hosts)s") % {"hosts": " ".join(settings.WEBHOOK_ORIGINS)}
        raise DomainError("address_not_allowed", message, field="url")
    with transaction.atomic():
        robots = OfficeRobot.objects.select_for_update(of=("self",), no_key=True).filter(organisation=organisation)
        robot = robots.first()
        if (str(robot.url) if robot is not None else "") == address:
            return robot
        if address:
            robot, _created = OfficeRobot.objects.update_or_create(
                organisation=organisation, defaults={"url": address, "changed_at": at}
            )
        else:
            robots.delete()
            robot = None
        publish(
            ROBOT_CHANGED,
            subject=organisation,
            actor=actor,
            area_code=organisation.area_code,
            payload={"has_robot": bool(address)},
            at=at,
        )
    return robot
