"""Is everything alive: what a load balancer and the supervisor ask."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class HealthConfig(AppConfig):
    """Heartbeat of worker and beat, and the page that reads it."""

    name = "governance.health"
    label = "health"
    verbose_name = _("运行状态")
