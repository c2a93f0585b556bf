"""Words for a film or voice note, written by whoever handles the request: for colleagues who cannot see or hear it."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer
from governance.errors import Forbidden
from governance.files.models import Recording
from governance.files.recordings import recording_describe
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
