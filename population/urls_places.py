"""Places and lists of the registry as staff see them, the front page with its search first."""

from django.urls import path

from population.views import place_entry, places, registry, registry_lists

urlpatterns = [
    path("staff/registry/", registry.registry, name="registry"),
    path("staff/registry/due/", registry_lists.due, name="due"),
    path("staff/registry/entities/", registry_lists.entities, name="entities"),
    path("staff/registry/spaces/", registry_lists.spaces, name="spaces"),
    path("staff/registry/compounds/new/", place_entry.compound_new, name="compound-new"),
    path("staff/registry/compounds/<uuid:public_id>/", places.compound, name="compound"),
    path("staff/registry/compounds/<uuid:public_id>/new/", place_entry.building_new, name="building-new"),
    path("staff/registry/buildings/<uuid:public_id>/", places.building, name="building"),
    path("staff/registry/buildings/<uuid:public_id>/edit/", place_entry.building_edit, name="building-edit"),
    path("staff/registry/buildings/<uuid:public_id>/doors/", place_entry.building_doors, name="building-doors"),
    path("staff/registry/dwellings/<uuid:public_id>/edit/", place_entry.dwelling_edit, name="dwelling-edit"),
]
