"""People of the wizard."""

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX

from governance.access.models import User, UserKind
from governance.access.permissions import Capability
from governance.access.viewer import Viewer
from governance.organisations.selectors import organisations_within

WAITING_MOST = 500


def people_waiting(viewer: Viewer) -> list[User]:
    """People without a password of their own, in offices where the viewer gives grants, by office. 1 SQL."""
    offices = organisations_within(viewer.areas(Capability.GIVE_GRANT)).order_by()
    waiting = User.objects.filter(
        kind=UserKind.STAFF, is_active=True, password__startswith=UNUSABLE_PASSWORD_PREFIX, organisation__in=offices
    )
    return list(waiting.select_related("organisation").order_by("organisation__area_code", "pk")[:WAITING_MOST])
