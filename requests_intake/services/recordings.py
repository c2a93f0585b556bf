"""Films and voice notes of requests: words for those who cannot see or hear them, and what is said when one fails."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import SYSTEM, Viewer
from governance.errors import Forbidden
from governance.files.models import Recording
from governance.files.services.recordings import recording_describe
from governance.refs import ref_of
from requests_intake import events
from requests_intake.models import ServiceRequest, Supplement
from requests_intake.selectors.sight import is_shielded
from requests_intake.services.stepping import publish_of_request


def request_recording_describe(
    *, request: ServiceRequest, recording_id: UUID, text: str, actor: Viewer, at: datetime
) -> None:
    """Say what is seen or heard in a recording of a request that the actor sees.

    Raises `Forbidden` for a request that the actor does not see, or that complains about the actor's office,
    `DomainError` on "recording_words" for words that are too long.
    """
    if actor.user is None or not ServiceRequest.objects.visible_to(actor).filter(pk=request.pk).exists():
        raise Forbidden("recording_forbidden", _("您看不到这件诉求"))
    if is_shielded(request, actor):
        raise Forbidden("recording_shielded", _("这件事说的是您的单位，居民的视频和录音对您单位不开放"))
    refs = [ref_of(request), *(ref_of(added) for added in Supplement.objects.filter(request=request))]
    if not Recording.objects.filter(pk=recording_id, owner_ref__in=refs).exists():
        raise Forbidden("recording_forbidden", _("这段视频或录音不在这件诉求里"))
    with transaction.atomic():
        recording_describe(recording_id=recording_id, description=text)
        publish_of_request(events.RECORDING_DESCRIBED, request, actor, at)


def request_recording_failed(*, owner_ref: str, at: datetime) -> None:
    """Say in the trail of the request that a recording could not be kept; the notices hang on that. 1-2 SQL.

    `owner_ref` is a request or what was added to one; of anything else, or of one that is gone, nothing is said.
    """
    kind, _sign, pk = owner_ref.partition(":")
    rows = ServiceRequest.objects.all()
    if kind == ServiceRequest._meta.label_lower:
        request = rows.filter(pk=pk).first()
    elif kind == Supplement._meta.label_lower:
        request = rows.filter(supplements=pk).first()
    else:
        return
    if request is not None:
        publish_of_request(events.RECORDING_FAILED, request, SYSTEM, at)
