"""Where messages stand in the staff rail, and the number on the bell."""

from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.notifications.permissions import Capability
from governance.notifications.selectors import failed_count, unread_count
from governance.web.navigation import Count, NavItem, register, register_inbox


def unread(viewer: Viewer) -> int:
    """Unread messages of this person, counted no further than 100."""
    return unread_count(viewer.user_id) if viewer.user_id is not None else 0


def failed(viewer: Viewer) -> Count:
    """Messages that could not be sent and that this person may send again."""
    return Count(failed_count(viewer))


register(
    NavItem("messages", _("消息记录"), "notifications:log", Capability.VIEW_LOG, "mail", order=80, count=failed),
)
register_inbox(unread)
