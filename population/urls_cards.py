"""Cards of dwellings, households, people, entities and underground spaces, and what is done on them."""

from django.urls import path

from population.views import cards, entity_cards, household_events, moving, person_events, revealing

urlpatterns = [
    path("staff/registry/dwellings/<uuid:public_id>/", cards.dwelling, name="dwelling"),
    path("staff/registry/households/<uuid:public_id>/", cards.household, name="household"),
    path("staff/registry/people/<uuid:public_id>/", cards.person, name="person"),
    path("staff/registry/people/<uuid:public_id>/reveal/", revealing.person, name="person-reveal"),
    path("staff/registry/people/<uuid:public_id>/change/", person_events.change, name="person-change"),
    path("staff/registry/people/<uuid:public_id>/confirm/", person_events.confirm, name="person-confirm"),
    path("staff/registry/people/<uuid:public_id>/died/", person_events.died, name="death"),
    path("staff/registry/dwellings/<uuid:public_id>/move-in/", moving.move_in_page, name="move-in"),
    path("staff/registry/households/<uuid:public_id>/move-out/", household_events.move_out, name="move-out"),
    path("staff/registry/households/<uuid:public_id>/birth/", household_events.born, name="birth"),
    path("staff/registry/households/<uuid:public_id>/split/", household_events.split, name="household-split"),
    path("staff/registry/households/<uuid:public_id>/head/", household_events.head, name="head-change"),
    path("staff/registry/entities/<uuid:public_id>/", entity_cards.entity, name="entity"),
    path("staff/registry/spaces/<uuid:public_id>/", entity_cards.space, name="space"),
]
