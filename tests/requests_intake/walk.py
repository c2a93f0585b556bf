"""Brings a request of the test town into any state, through the services."""

from datetime import timedelta

from governance.access.viewer import requester
from governance.refs import ref_of
from requests_intake.models import ServiceRequest, WorkOrder
from requests_intake.services.callback import request_rate
from requests_intake.services.handling import order_contact, order_reply, order_sign
from requests_intake.services.triage import request_accept, request_dispatch
from tests.factories.world import MORNING, World

STATES = ("submitted", "accepted", "dispatched", "signed", "contacted", "callback", "rework", "closed")


def to_state(world: World, state: str, at=MORNING, organisation: str = "lamps", **changes) -> ServiceRequest:
    """Return a request in the state; each step takes ten minutes."""
    request = world.submit(at, **changes).request
    steps = STATES.index(state) if state not in ("rework", "closed") else STATES.index("callback")
    moments = [at + timedelta(minutes=10 * number) for number in range(1, 8)]
    if steps >= 1:
        request_accept(request=request, category=None, actor=world.viewer("dispatcher"), at=moments[0])
    if steps >= 2:
        request_dispatch(
            request=request,
            organisation=world.organisations[organisation],
            actor=world.viewer("dispatcher"),
            at=moments[1],
        )
    order = WorkOrder.objects.filter(request=request).first()
    if steps >= 3:
        order_sign(order=order, actor=world.viewer("handler"), at=moments[2])
    if steps >= 4:
        order_contact(order=order, how="phone", reached=True, note="", actor=world.viewer("handler"), at=moments[3])
    if steps >= 5:
        order_reply(order=order, text="两盏灯都修好了。", file_ids=[], actor=world.viewer("handler"), at=moments[4])
    if state in ("rework", "closed"):
        request_rate(
            request=request,
            contacted=True,
            solved="no" if state == "rework" else "yes",
            grade=1 if state == "rework" else 5,
            comment="灯还是不亮" if state == "rework" else "",
            actor=requester(ref_of(request)),
            at=moments[5],
        )
    return ServiceRequest.objects.get(pk=request.pk)
