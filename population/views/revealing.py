"""Showing one person, or who answers for an entity or a space, in the clear: for a purpose, once, and logged."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from governance.access.decorators import requires, viewer_of
from population.forms_cards import PersonRevealForm
from population.permissions import Capability
from population.services.entities import contact_reveal
from population.services.people import REVEALED, person_reveal
from population.views.cards import person_found, person_shown
from population.views.entity_cards import entity_found, entity_shown, space_found, space_shown


@requires(Capability.REVEAL_PERSON)
@never_cache
@require_POST
def person(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer with the card of one person in the clear. The page cannot be kept, gone back to or opened again."""
    viewer = viewer_of(request)
    row, form = person_found(viewer, public_id), PersonRevealForm(request.POST)
    if not form.is_valid():
        return person_shown(request, row, status=422, reveal=form)
    shown = person_reveal(person=row, fields=REVEALED, purpose=form.as_logged(), actor=viewer, at=timezone.now())
    return person_shown(request, row, revealed=shown)


@requires(Capability.REVEAL_PERSON)
@never_cache
@require_POST
def entity(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer with the card of an entity, and who answers for it in the clear."""
    viewer = viewer_of(request)
    row, form = entity_found(viewer, public_id), PersonRevealForm(request.POST)
    if not form.is_valid():
        return entity_shown(request, row, status=422, reveal=form)
    contact_reveal(row=row, purpose=form.as_logged(), actor=viewer, at=timezone.now())
    return entity_shown(request, row, revealed=row)


@requires(Capability.REVEAL_PERSON)
@never_cache
@require_POST
def space(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Answer with the card of an underground space, and who keeps it in the clear."""
    viewer = viewer_of(request)
    row, form = space_found(viewer, public_id), PersonRevealForm(request.POST)
    if not form.is_valid():
        return space_shown(request, row, status=422, reveal=form)
    contact_reveal(row=row, purpose=form.as_logged(), actor=viewer, at=timezone.now())
    return space_shown(request, row, revealed=row)
