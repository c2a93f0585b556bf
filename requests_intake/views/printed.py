"""The printed order (工单): what goes out of the office on paper, black on white, with number and QR code."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from governance.access import areas
from governance.access.decorators import requires
from governance.privacy.masks import mask_name, mask_phone
from governance.text import find_personal_data, mask_personal_data
from governance.web.qr import qr_of
from requests_intake.models import (
    Attachment,
    ConcernedPerson,
    RequesterContact,
    RequestTransition,
    ServiceRequest,
    WorkOrder,
)
from requests_intake.permissions import Capability
from requests_intake.selectors.recordings import recordings_of
from requests_intake.selectors.sight import is_shielded
from requests_intake.views.desk import _found, _viewer

# Of what people write, this is not for paper; a plate or an address is needed on the spot.
_NUMBERS = ("mobile", "id_card", "bank_card")


@requires(Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
@never_cache
@require_safe
def printed(request: HttpRequest, number: str) -> HttpResponse:
    """One request as a sheet. Numbers stay masked: paper gets lost, and nobody logs who reads it."""
    found = _found(request, number)
    shielded = is_shielded(found, _viewer(request))
    contact = None if shielded else RequesterContact.objects.filter(request=found).first()
    orders = WorkOrder.objects.filter(request=found).select_related("organisation", "handler").order_by("pk")
    history = RequestTransition.objects.filter(request=found).select_related("actor", "organisation")
    added = list(found.supplements.order_by("at", "pk"))
    found.body = _without_numbers(found.body)
    for one in added:
        one.text = mask_personal_data(one.text) if shielded else _without_numbers(one.text)
    recordings = [] if shielded else [one for one in recordings_of(found, added) if one.is_ready]
    names = areas.names([found.area_code[:9], found.area_code[:12], found.area_code])
    context = {
        "service_request": found,
        "place": " · ".join(names[code] for code in sorted(names)),
        "name": _name(contact),
        "phone": mask_phone(contact.phone) if contact and contact.phone else "",
        "concerned": None if shielded or not found.is_for_other else _concerned(found),
        "supplements": [one for one in added if one.text],
        "photos": 0 if shielded else Attachment.objects.filter(request=found, reply=None).count(),
        "recordings": recordings,
        "orders": list(orders),
        "history": list(history.order_by("at", "pk")),
        "qr": qr_of(request.build_absolute_uri(reverse("intake:request", args=[found.number]))),
        "printed_at": timezone.now(),
        "printed_by": _viewer(request).user,
    }
    return render(request, "requests_intake/printed.html", context)


def _name(contact: RequesterContact | None) -> str:
    if contact is None or not contact.name:
        return ""
    return contact.shown_name if contact.is_name_hidden else mask_name(contact.name)


def _concerned(request: ServiceRequest) -> tuple[str, str, str] | None:
    """(name, telephone, relation) of the person for whom it was reported, masked."""
    person = ConcernedPerson.objects.filter(request=request).first()
    if person is None:
        return None
    return mask_name(person.name), mask_phone(person.phone) if person.phone else "", person.get_relation_display()


def _without_numbers(text: str) -> str:
    """Words as they go on paper: telephone and identity numbers in them are masked, a plate or an address stays."""
    for span in reversed(find_personal_data(text)):
        if span.kind in _NUMBERS:
            text = f"{text[: span.start]}{'*' * (span.end - span.start)}{text[span.end :]}"
    return text
