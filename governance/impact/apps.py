"""App configuration."""

from django.apps import AppConfig


class ImpactConfig(AppConfig):
    """What depends on an area."""

    name = "governance.impact"
