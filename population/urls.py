"""Pages of the registry. Each part has its own `urls_<part>.py` and is included here."""

from django.urls import URLPattern, URLResolver, include, path

app_name = "population"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", include("population.urls_cards")),
    path("", include("population.urls_mine")),
    path("", include("population.urls_quality")),
    path("", include("population.urls_places")),
    # path("", include("population.urls_<part>")): staff pages under staff/registry/, residents' own under my/
    path("", include("population.urls_imports")),
]
