"""Cards of dwellings, households, people, entities and underground spaces, and what is done on them."""

from django.urls import path

from population.views import cards, entity_cards, entity_entry, household_events, moving, person_events, revealing

urlpatterns = [
    path("staff/registry/dwellings/<uuid:public_id>/", cards.dwelling, name="dwelling"),
    path("staff/registry/dwellings/<uuid:public_id>/confirm/", household_events.confirm, name="dwelling-confirm"),
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
    path("staff/registry/entities/<uuid:public_id>/edit/", entity_entry.entity_edit, name="entity-edit"),
    path("staff/registry/entities/<uuid:public_id>/confirm/", entity_entry.entity_confirm, name="entity-confirm"),
    path("staff/registry/entities/<uuid:public_id>/close/", entity_entry.entity_close, name="entity-close"),
    path("staff/registry/entities/<uuid:public_id>/reveal/", revealing.entity, name="entity-reveal"),
    path("staff/registry/buildings/<uuid:public_id>/entities/new/", entity_entry.entity_new, name="entity-new"),
    path("staff/registry/spaces/<uuid:public_id>/edit/", entity_entry.space_edit, name="space-edit"),
    path("staff/registry/spaces/<uuid:public_id>/inspect/", entity_entry.space_inspect, name="space-inspect"),
    path("staff/registry/spaces/<uuid:public_id>/reveal/", revealing.space, name="space-reveal"),
    path("staff/registry/compounds/<uuid:public_id>/spaces/new/", entity_entry.space_new, name="space-new"),
]
