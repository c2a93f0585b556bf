"""Pages and map data of the territory."""

from django.urls import path

from grid.views import geometry

app_name = "grid"
urlpatterns = [
    path("map/areas.geojson", geometry.outlines, name="outlines"),
    path("map/where", geometry.where, name="where"),
]
