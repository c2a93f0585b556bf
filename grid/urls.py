"""Pages and map data of the territory."""

from django.urls import path

from grid.views import geometry, territory

app_name = "grid"
urlpatterns = [
    path("map/areas.geojson", geometry.outlines, name="outlines"),
    path("map/where", geometry.where, name="where"),
    path("staff/map/", territory.territory, name="map"),
]
