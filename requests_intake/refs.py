"""What references to requests mean."""

from django.urls import reverse

from governance.refs import RefKind, register
from requests_intake.models import ServiceRequest, WorkOrder

register(
    RefKind(
        kind=ServiceRequest._meta.label_lower,
        label=lambda request: f"{request.number_grouped} {request.title}",
        url=lambda request: reverse("intake:request", args=[request.number]),
        visible=lambda viewer: ServiceRequest.objects.visible_to(viewer),
    )
)
register(
    RefKind(
        kind=WorkOrder._meta.label_lower,
        label=lambda order: f"{order.request.number_grouped} {order.request.title}",
        url=lambda order: reverse("intake:request", args=[order.request.number]),
        visible=lambda viewer: WorkOrder.objects.visible_to(viewer).select_related("request"),
    )
)
