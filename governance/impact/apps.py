"""App configuration."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class ImpactConfig(AppConfig):
    """What depends on an area."""

    name = "governance.impact"

    def ready(self) -> None:
        """Load who keeps codes of areas, the kernel's parts first: people see what is theirs before it moves."""
        from governance.impact import kernel_uses  # noqa: F401

        autodiscover_modules("area_uses")
