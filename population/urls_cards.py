"""Cards of dwellings, households, people, entities and underground spaces, and what is done on them."""

from django.urls import path

from population.views import cards, entity_cards, revealing

urlpatterns = [
    path("staff/registry/dwellings/<uuid:public_id>/", cards.dwelling, name="dwelling"),
    path("staff/registry/households/<uuid:public_id>/", cards.household, name="household"),
    path("staff/registry/people/<uuid:public_id>/", cards.person, name="person"),
    path("staff/registry/people/<uuid:public_id>/reveal/", revealing.person, name="person-reveal"),
    path("staff/registry/entities/<uuid:public_id>/", entity_cards.entity, name="entity"),
    path("staff/registry/spaces/<uuid:public_id>/", entity_cards.space, name="space"),
]
