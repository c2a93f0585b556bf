"""What references to requests mean."""

import re
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.refs import RefKind, addressed, register
from requests_intake.models import (
    Appointment,
    Bulletin,
    Exclusion,
    Intervention,
    LedgerEntry,
    Objection,
    Publication,
    PublicPhoto,
    Reply,
    ServiceRequest,
    ServiceWindow,
    UpstreamBatch,
    UpstreamSource,
    WorkOrder,
)
from requests_intake.permissions import Capability
from requests_intake.selectors.appraisal import with_evidence
from requests_intake.selectors.sight import is_shielded, unshielded

_NUMBER = re.compile(r"(?<!\d)\d{15}(?!\d)")


def _found(text: str) -> ServiceRequest | None:
    """The request whose number stands in an address or is written alone, with or without its gaps."""
    match = _NUMBER.search(text) or _NUMBER.search(re.sub(r"[\s-]", "", text))
    return ServiceRequest.objects.filter(number=match[0]).first() if match else None


def _limits(request: ServiceRequest, viewer: Viewer) -> list[Any]:
    said = []
    if is_shielded(request, viewer):
        said.append(_("诉求反映的是对方所在的单位：看不到是谁反映的，文字里的姓名号码遮着，打不开照片"))
    if not can(viewer, Capability.REVEAL_CONTACT, request):
        said.append(_("看不到诉求人完整的姓名和电话"))
    else:
        said.append(_("姓名和电话平时遮着，点开每次都有记录"))
    return said


register(
    RefKind(
        kind=WorkOrder._meta.label_lower,
        label=lambda order: f"{order.request.number_grouped} {order.request.title}",
        url=lambda order: reverse("intake:request", args=[order.request.number]),
        visible=lambda viewer: (
            WorkOrder.objects.visible_to(viewer).filter(unshielded(viewer, "request")).select_related("request")
        ),
    )
)
register(
    RefKind(
        kind=Reply._meta.label_lower,
        label=lambda reply: reply.order.request.number_grouped,
        url=lambda reply: reverse("intake:request", args=[reply.order.request.number]),
        visible=lambda viewer: Reply.objects.filter(
            order__request__in=ServiceRequest.objects.visible_to(viewer)
        ).select_related("order__request"),
    )
)
register(
    RefKind(
        kind=Exclusion._meta.label_lower,
        label=lambda exclusion: exclusion.request.number_grouped,
        url=lambda exclusion: reverse("intake:exclusion", args=[exclusion.request.number]),
        visible=lambda viewer: (
            Exclusion.objects.visible_to(viewer).filter(unshielded(viewer, "request")).select_related("request")
        ),
        find=addressed(Exclusion, "request__number", "intake:exclusion"),
    )
)
register(
    RefKind(
        kind=LedgerEntry._meta.label_lower,
        label=lambda entry: entry.request.number_grouped,
        url=lambda entry: reverse("intake:request", args=[entry.request.number]),
        visible=lambda viewer: (
            LedgerEntry.objects.visible_to(viewer).filter(unshielded(viewer, "request")).select_related("request")
        ),
    )
)
register(
    RefKind(
        kind=Objection._meta.label_lower,
        label=lambda objection: objection.item.request.number_grouped,
        url=lambda objection: reverse("intake:objection", args=[objection.pk]),
        # behind it is the evidence
        visible=lambda viewer: with_evidence(viewer).select_related("item__request"),
        find=addressed(Objection, "pk", "intake:objection"),
    )
)
register(
    RefKind(
        kind=Bulletin._meta.label_lower,
        label=str,
        url=lambda bulletin: reverse("intake:appraisal-month", args=[f"{bulletin.month:%Y-%m}"]),
        visible=lambda viewer: (
            Bulletin.objects.all() if viewer.can(Capability.VIEW_APPRAISAL) else Bulletin.objects.none()
        ),
    )
)
register(
    RefKind(
        kind=Publication._meta.label_lower,
        label=lambda publication: publication.title,
        url=lambda publication: reverse("intake:public-one", args=[publication.key]),
        visible=lambda viewer: Publication.objects.visible_to(viewer),
        find=addressed(Publication, "key", "intake:public-one"),
    )
)
register(
    RefKind(
        kind=PublicPhoto._meta.label_lower,
        label=lambda photo: photo.publication.title,
        url=lambda photo: reverse("intake:public-one", args=[photo.publication.key]),
        visible=lambda viewer: PublicPhoto.objects.visible_to(viewer).select_related("publication"),
    )
)
register(
    RefKind(
        kind=UpstreamBatch._meta.label_lower,
        label=lambda batch: batch.file_name,
        url=lambda batch: reverse("intake:upstream-batch", args=[batch.public_id]),
        visible=lambda viewer: UpstreamBatch.objects.visible_to(viewer),
        find=addressed(UpstreamBatch, "public_id", "intake:upstream-batch"),
    )
)
register(
    RefKind(
        kind=UpstreamSource._meta.label_lower,
        label=lambda source: source.label,
        url=lambda source: reverse("intake:upstream-source", args=[source.key]),
        visible=lambda viewer: UpstreamSource.objects.visible_to(viewer),
    )
)
register(
    RefKind(
        kind=ServiceWindow._meta.label_lower,
        label=lambda window: window.label,
        url=lambda window: reverse("intake:window-edit", args=[window.public_id]),
        visible=lambda viewer: ServiceWindow.objects.visible_to(viewer),
        find=addressed(ServiceWindow, "public_id", "intake:window-edit"),
    )
)
register(
    RefKind(
        kind=Appointment._meta.label_lower,
        label=lambda appointment: appointment.number_grouped,
        url=lambda appointment: reverse("intake:appointment-one", args=[appointment.number]),
        visible=lambda viewer: Appointment.objects.visible_to(viewer),
        find=addressed(Appointment, "number", "intake:appointment-one"),
    )
)
register(
    RefKind(
        kind=Intervention._meta.label_lower,
        label=lambda made: made.number or made.request.number_grouped,
        url=lambda made: (
            reverse("intake:supervision", args=[made.number])
            if made.number
            else reverse("intake:request", args=[made.request.number])
        ),
        visible=lambda viewer: (
            Intervention.objects.visible_to(viewer).filter(unshielded(viewer, "request")).select_related("request")
        ),
        find=addressed(Intervention, "number", "intake:supervision"),
    )
)
# the last: the number of a request stands in the addresses of other things, too
register(
    RefKind(
        kind=ServiceRequest._meta.label_lower,
        label=lambda request: f"{request.number_grouped} {request.title}",
        url=lambda request: reverse("intake:request", args=[request.number]),
        # behind a reference are the resident's photos: whoever is complained about does not reach them
        visible=lambda viewer: ServiceRequest.objects.visible_to(viewer).filter(unshielded(viewer)),
        find=_found,
        limits=_limits,
    )
)
