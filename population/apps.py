"""App configuration."""

from django.apps import AppConfig


class PopulationConfig(AppConfig):
    """Shared registry of people, housing and legal entities."""

    name = "population"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Make the standard addresses findable on pages."""
        from governance.web import geocoding
        from population.geocoder import StandardAddressGeocoder

        geocoding.register(StandardAddressGeocoder())
