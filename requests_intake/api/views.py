"""The interface of requests: find the visible object, call the service of the pages, render."""

import hashlib
import json
import re
from typing import Any

from django.http import Http404, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, OpenApiResponse, extend_schema
from rest_framework import status
from rest_framework.exceptions import PermissionDenied, ValidationError
from rest_framework.request import Request
from rest_framework.response import Response

from governance.access.checks import can
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.services import image_store
from governance.organisations.models import Organisation
from governance.web.api.access import by_token
from governance.web.api.errors import ErrorSerializer, FormRefused
from governance.web.api.parsing import StrictJSONParser, StrictMultiPartParser, refuse_unknown
from governance.web.api.views import TokenView
from governance.web.keyset import KeysetPage
from requests_intake.actions import ACTIONS, Doing
from requests_intake.api.reading import (
    PAGE_SIZE,
    NewRequestSerializer,
    RequestQuerySerializer,
    ResultsQuerySerializer,
    RevealSerializer,
    SupplementSerializer,
    TransitionSerializer,
    UploadSerializer,
)
from requests_intake.api.showing import (
    ContactSerializer,
    DetailSerializer,
    FiledSerializer,
    PageOfResultsSerializer,
    PageOfRowsSerializer,
    PossibleSerializer,
    ResultSerializer,
    RowSerializer,
    TakenSerializer,
    UploadedSerializer,
    page_of,
)
from requests_intake.api.steps import order_for, possible_steps, posted
from requests_intake.api.submitting import submission_of, upstream_of
from requests_intake.filters import REQUEST_COLUMNS, areas_to_search, narrow, query_of
from requests_intake.forms import RevealForm
from requests_intake.models import ServiceRequest
from requests_intake.permissions import Capability
from requests_intake.selectors.detail import request_detail, request_for
from requests_intake.selectors.interface import changed_since, requests_closed, requests_listed, results_of
from requests_intake.selectors.sight import covered, covered_all
from requests_intake.services.closing import request_supplement_for
from requests_intake.services.handling import contact_reveal
from requests_intake.services.interface import request_receive, submission_key
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS

_READ = (Capability.VIEW_REQUEST, Capability.VIEW_ORDER)
_UNCLEAR = "A condition that nobody understands: nothing is listed rather than too much."
_KEY = re.compile(r"[\x21-\x7e]{8,200}")
IDEMPOTENCY_KEY = OpenApiParameter(
    "Idempotency-Key",
    {"type": "string", "pattern": r"^[\x21-\x7e]{8,200}$"},
    OpenApiParameter.HEADER,
    required=True,
    description="Your own word for this request, 8 to 200 visible ASCII characters. The same key and body again "
    "return the first request with 200; the same key with another body is 409.",
)


@by_token(*_READ, Capability.ENTER_REQUEST, Capability.IMPORT_ORDERS)
class RequestListView(TokenView):
    """Requests: list them, file one."""

    @extend_schema(
        operation_id="requests_list",
        summary="List requests",
        description="The requests (诉求) that this token may see, newest first, paged by cursor.",
        parameters=[RequestQuerySerializer],
        responses={200: PageOfRowsSerializer, 422: OpenApiResponse(ErrorSerializer, description=_UNCLEAR)},
    )
    def get(self, request: Request) -> Response:
        """Return one page: 3 SQL, whatever the page."""
        asked = _read(RequestQuerySerializer, request.query_params)
        at = timezone.now()
        queryset = requests_listed(self.viewer)
        if moment := asked.get("submitted_since"):
            queryset = queryset.filter(submitted_at__gte=moment)
        if moment := asked.get("submitted_until"):
            queryset = queryset.filter(submitted_at__lt=moment)
        if moment := asked.get("updated_since"):
            queryset = changed_since(queryset, moment)
        found = narrow(
            queryset,
            query_of(_as_typed(asked)),
            viewer=self.viewer,
            columns=REQUEST_COLUMNS,
            areas=areas_to_search(self.viewer),
            at=at,
        )
        if found.problems:  # a page shows them beside the list; a program would take the wrong list for the right one
            raise DomainError("query_unclear", " ".join(found.problems), field="q")
        page = _page(found.queryset, ("-submitted_at", "-id"), asked)
        covered_all(page.rows, self.viewer)
        return Response(page_of(page, RowSerializer(page.rows, many=True).data))

    @extend_schema(
        operation_id="requests_create",
        summary="File a request",
        description="Files a request (登记诉求) that reached you by hotline, telephone or at a counter.",
        parameters=[IDEMPOTENCY_KEY],
        request=NewRequestSerializer,
        responses={
            201: OpenApiResponse(FiledSerializer, description="Filed."),
            200: OpenApiResponse(FiledSerializer, description="Filed before, by the same call."),
        },
    )
    def post(self, request: Request) -> Response:
        """File once, however often the call comes."""
        key = request.headers.get("Idempotency-Key", "")
        if not _KEY.fullmatch(key):
            words = _("请求头 Idempotency-Key 要有 8 到 200 个可见的 ASCII 字符")
            raise ValidationError({"Idempotency-Key": words}, "idempotency_key")
        told = _read(NewRequestSerializer, request.data)
        digest = hashlib.sha256(json.dumps(request.data, sort_keys=True).encode()).hexdigest()
        submitted = request_receive(
            submission=submission_of(told, key=submission_key(actor=self.viewer, key=key)),
            body_digest=digest,
            accept=told.get("accept", False),
            actor=self.viewer,
            at=timezone.now(),
            upstream=upstream_of(told),
        )
        filed = _as_it_stands(submitted.request, self.viewer)
        data = FiledSerializer(filed, context={"http": request}).data
        code = status.HTTP_200_OK if submitted.is_repeat else status.HTTP_201_CREATED
        return Response(data, status=code, headers={"Location": reverse("api:request", args=[filed.number])})


class OneRequestView(TokenView):
    """A view of one request."""

    def found(self, number: str) -> ServiceRequest:
        """The request if this token may see it, else 404."""
        found = request_for(number, self.viewer)
        if found is None:
            raise Http404
        return found


@by_token(*_READ, Capability.ENTER_REQUEST)
class RequestView(OneRequestView):
    """One request."""

    @extend_schema(
        operation_id="requests_retrieve",
        summary="Read a request",
        description="One request with history, deadlines, photos and the steps possible now. The contact is masked.",
        responses=DetailSerializer,
    )
    def get(self, request: Request, number: str) -> Response:
        """Return what the staff page shows."""
        found: Any = self.found(number)
        found.detail = request_detail(found, self.viewer, at=timezone.now())
        return Response(DetailSerializer(found, context={"http": request}).data)


@by_token(Capability.REVEAL_CONTACT)
class ContactView(OneRequestView):
    """The requester's name and number in full."""

    @extend_schema(
        operation_id="requests_contact",
        summary="Read the contact in full",
        description="Needs the right to see numbers (查看号码); each reading is logged with its purpose.",
        request=RevealSerializer,
        responses=ContactSerializer,
    )
    def post(self, request: Request, number: str) -> Response:
        """Reveal and log, as on the page."""
        found = self.found(number)
        form = RevealForm(_read(RevealSerializer, request.data))
        if not form.is_valid():
            raise FormRefused(form)
        purpose = form.cleaned_data["purpose"]
        contact = contact_reveal(request=found, purpose=purpose, actor=self.viewer, at=timezone.now())
        if contact is None:
            raise Http404
        return Response(ContactSerializer(contact).data)


@by_token(*_READ)
class TransitionsView(OneRequestView):
    """What can be done with a request now."""

    @extend_schema(
        operation_id="requests_transitions",
        summary="List the steps possible now",
        description="Each with its fields and their choices; what stands here can be posted.",
        responses=PossibleSerializer(many=True),
    )
    def get(self, request: Request, number: str) -> Response:
        """Return the steps that the page would offer."""
        found = self.found(number)
        detail = request_detail(found, self.viewer, at=timezone.now())
        return Response(possible_steps(found, detail.steps))


@by_token(*_READ)
class TransitionView(OneRequestView):
    """One step of a request."""

    parser_classes = (StrictJSONParser, StrictMultiPartParser)

    @extend_schema(
        operation_id="requests_step",
        summary="Take a step",
        description="Moves the request (受理, 派单, 签收, 联系, 答复, 回访 and the turns). Sent again it is 409: "
        "the step was taken already.",
        request={
            "application/json": TransitionSerializer,
            "multipart/form-data": TransitionSerializer,
        },
        responses=TakenSerializer,
    )
    def post(self, request: Request, number: str, name: str) -> Response:
        """Take the step by the form and the service of the page."""
        action = ACTIONS.get(name)
        if action is None:
            raise Http404
        capability = (REQUEST_TRANSITIONS.get(name) or ORDER_TRANSITIONS[name]).capability
        if not can(self.viewer, str(capability)):
            raise PermissionDenied
        found = self.found(number)
        data = posted(action.form(found, None, None), name, request.data)
        order = order_for(found, name, request.data)
        form = action.form(found, order, data)
        if not form.is_valid():
            raise FormRefused(form)
        uploads = tuple(request.FILES.getlist("photos")) if request.FILES else ()
        action.run(Doing(found, order, self.viewer, timezone.now(), uploads), form.cleaned_data)
        return Response({"message": str(action.done), "request": RowSerializer(_as_it_stands(found, self.viewer)).data})


def _as_it_stands(found: ServiceRequest, viewer: Viewer) -> ServiceRequest:
    """The request after what was just done, for whoever did it, even if they handed it on and see it no more."""
    return covered(ServiceRequest.objects.select_related("category", "organisation").get(pk=found.pk), viewer)


@by_token(Capability.ENTER_REQUEST, Capability.IMPORT_ORDERS)
class SupplementsView(OneRequestView):
    """What came later."""

    @extend_schema(
        operation_id="requests_supplement",
        summary="Add words and photos",
        description="Adds what the resident told or sent later (补充) to an open request; its office is told.",
        request=SupplementSerializer,
        responses={201: RowSerializer},
    )
    def post(self, request: Request, number: str) -> Response:
        """Add it as a supplement of the resident."""
        found = self.found(number)
        told = _read(SupplementSerializer, request.data)
        request_supplement_for(
            request=found,
            text=told["text"],
            file_ids=tuple(told.get("attachments", ())),
            actor=self.viewer,
            at=timezone.now(),
        )
        return Response(RowSerializer(_as_it_stands(found, self.viewer)).data, status=status.HTTP_201_CREATED)


@by_token(Capability.ENTER_REQUEST, Capability.IMPORT_ORDERS)
class AttachmentsView(TokenView):
    """Photos for requests that are about to be filed."""

    parser_classes = (StrictMultiPartParser,)

    @extend_schema(
        operation_id="attachments_create",
        summary="Upload a photo",
        description="Keeps a photo for seven days; name its id when you file a request or add to one.",
        request={"multipart/form-data": UploadSerializer},
        responses={201: UploadedSerializer},
    )
    def post(self, request: Request) -> Response:
        """Check and keep it, as an upload of a page."""
        refuse_unknown(set(request.data) - {"file"})
        upload = _read(UploadSerializer, request.data)["file"]
        stored = image_store(upload=upload, owner_ref="", actor=self.viewer, at=timezone.now())
        return Response(UploadedSerializer(stored).data, status=status.HTTP_201_CREATED)


@by_token(*_READ, Capability.ENTER_REQUEST)
class ResultsView(TokenView):
    """What became of requests, for the system that handed them down."""

    @extend_schema(
        operation_id="results_list",
        summary="List results",
        description="Requests closed (办结) since a moment, oldest first: state, office, last answer, and whether the "
        "resident was contacted (联系), the matter solved (解决), the resident satisfied (满意). Archived ones "
        "(90 days after closing) are left out: fetch them before.",
        parameters=[ResultsQuerySerializer],
        responses=PageOfResultsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return one page: 5 SQL, whatever the page."""
        asked = _read(ResultsQuerySerializer, request.query_params)
        closed = requests_closed(self.viewer, since=asked.get("since"), until=asked.get("until"))
        page = _page(closed, ("closed_at", "id"), asked)
        return Response(page_of(page, ResultSerializer(results_of(page.rows), many=True).data))


def _read(serializer: Any, data: Any) -> dict[str, Any]:
    """What was sent, coerced; raises `ValidationError` (400)."""
    reading = serializer(data=data)
    reading.is_valid(raise_exception=True)
    read: dict[str, Any] = reading.validated_data
    return read


def _page(queryset: Any, order: tuple[str, ...], asked: dict[str, Any]) -> KeysetPage:
    page = KeysetPage(queryset, order=order, size=asked.get("limit", PAGE_SIZE), cursor=asked.get("cursor"))
    if not page.is_cursor_read:  # a page starts anew; a program would take the first page for the next one
        raise ValidationError(
            {"cursor": _("这个 cursor 看不懂；请用上一页给的 next 或 previous，原样送回")}, "cursor_unknown"
        )
    return page


def _as_typed(asked: dict[str, Any]) -> QueryDict:
    """The filters as an address of the staff list holds them."""
    typed = QueryDict(mutable=True)
    for name in ("q", "state", "kind", "area", "category"):
        if asked.get(name):
            typed[name] = asked[name]
    if asked.get("overdue"):
        typed["overdue"] = "on"
    if (wanted := asked.get("organisation")) is not None:
        found = Organisation.objects.filter(public_id=wanted).values_list("pk", flat=True).first()
        if found is None:
            raise DomainError("organisation_unknown", _("没有这个单位"), field="organisation")
        typed["organisation"] = str(found)
    return typed
