"""App configuration."""

from django.apps import AppConfig


class GridConfig(AppConfig):
    """Territory of the district."""

    name = "grid"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the territory the source of area names."""
        from governance.access import areas
        from grid import checks  # noqa: F401
        from grid.directory import TerritoryDirectory

        areas.register(TerritoryDirectory())
