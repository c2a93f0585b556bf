"""What programs get to see: the same rows, masks and words as the staff pages."""

from typing import Any

from django.urls import reverse
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from requests_intake.api.fields import ItemSerializer, OfficeSerializer
from requests_intake.models import Category, Channel, NoDispatchReason, PlaceKind, RequestKind, ServiceRequest
from requests_intake.questions import QuestionKind, questions_of
from requests_intake.selectors.interface import Result
from requests_intake.workflow import ORDER_TRANSITIONS, REQUEST_TRANSITIONS, OrderRole, RequestState

_LABELS = {name: step.label for table in (ORDER_TRANSITIONS, REQUEST_TRANSITIONS) for name, step in table.items()}


class RowSerializer(serializers.Serializer[ServiceRequest]):
    """A request (诉求) as a list shows it."""

    number = serializers.CharField(help_text="受理编号, 15 digits.")
    kind = serializers.ChoiceField(RequestKind.choices)
    channel = serializers.ChoiceField(Channel.choices)
    category = ItemSerializer(allow_null=True)
    title = serializers.CharField()
    area_code = serializers.CharField()
    address = serializers.CharField()
    state = serializers.ChoiceField(RequestState.choices)
    state_label = serializers.SerializerMethodField()
    organisation = OfficeSerializer(allow_null=True, help_text="承办单位.")
    submitted_at = serializers.DateTimeField()
    due_at = serializers.DateTimeField(help_text="By when the answer is promised.")
    next_due_at = serializers.DateTimeField(allow_null=True, help_text="The nearest deadline; null once it is closed.")
    replied_at = serializers.DateTimeField(allow_null=True)
    closed_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "RequestRow"

    def get_state_label(self, request: ServiceRequest) -> str:
        """The state in words."""
        return str(RequestState(request.state).label)


class PageOfRowsSerializer(serializers.Serializer[Any]):
    """A page of a list. Nobody counts how many there are in all."""

    results = RowSerializer(many=True)
    next = serializers.CharField(allow_null=True, help_text="Cursor of the next page; null on the last.")
    previous = serializers.CharField(allow_null=True)


class ContactSerializer(serializers.Serializer[Any]):
    """Who asks. Masked unless it was revealed for a purpose."""

    name = serializers.CharField()
    phone = serializers.CharField()
    email = serializers.CharField()

    class Meta:
        ref_name = "Contact"


class ConcernedPersonSerializer(serializers.Serializer[Any]):
    """For whom somebody else reported, masked."""

    name = serializers.CharField()
    phone = serializers.CharField()
    relation = serializers.CharField(help_text="In words.")
    is_called = serializers.BooleanField(help_text="The office calls this person.")

    class Meta:
        ref_name = "ConcernedPerson"


class ClockSerializer(serializers.Serializer[Any]):
    """One promise, kept or running."""

    kind = serializers.CharField()
    label = serializers.CharField()
    due_at = serializers.DateTimeField()
    stopped_at = serializers.DateTimeField(allow_null=True)
    is_late = serializers.BooleanField()

    class Meta:
        ref_name = "Clock"


class StepTakenSerializer(serializers.Serializer[Any]):
    """One line of the history. `is_public`: the resident reads it, too."""

    name = serializers.CharField()
    label = serializers.SerializerMethodField()
    at = serializers.DateTimeField()
    from_state = serializers.CharField()
    to_state = serializers.CharField()
    by = serializers.CharField(
        source="actor_kind", help_text="staff, requester, anonymous, resident, external or system."
    )
    organisation = OfficeSerializer(allow_null=True)
    text = serializers.CharField()
    is_public = serializers.BooleanField()

    class Meta:
        ref_name = "StepTaken"

    def get_label(self, step: Any) -> str:
        """The step in words."""
        return str(_LABELS.get(step.name, step.name))


class PhotoSerializer(serializers.Serializer[Any]):
    """A photo, with an address that opens for an hour."""

    id = serializers.UUIDField()
    url = serializers.SerializerMethodField()
    width = serializers.IntegerField()
    height = serializers.IntegerField()

    class Meta:
        ref_name = "Photo"

    def get_url(self, photo: Any) -> str:
        """The whole address."""
        address: str = self.context["http"].build_absolute_uri(photo.full_url)
        return address


class AddedSerializer(serializers.Serializer[Any]):
    """What the resident added later."""

    at = serializers.DateTimeField()
    text = serializers.CharField()
    attachments = PhotoSerializer(many=True)

    class Meta:
        ref_name = "Supplement"


class OrderSerializer(serializers.Serializer[Any]):
    """An organisation's part (工单)."""

    role = serializers.ChoiceField(OrderRole.choices)
    state = serializers.CharField()
    organisation = OfficeSerializer()
    next_due_at = serializers.DateTimeField(allow_null=True)

    class Meta:
        ref_name = "Order"


class DetailSerializer(RowSerializer):
    """One request with all that this token may see of it."""

    body = serializers.CharField()
    language = serializers.CharField()
    place_kind = serializers.ChoiceField(PlaceKind.choices)
    place = serializers.CharField(source="detail.place", help_text="Names of sub-district, community and grid.")
    lng = serializers.FloatField(allow_null=True)
    lat = serializers.FloatField(allow_null=True)
    urgent_remark = serializers.CharField()
    may_be_public = serializers.BooleanField()
    probable_organisation = OfficeSerializer(allow_null=True)
    original_due_at = serializers.DateTimeField(help_text="The promise at submission; never changes.")
    contact = ContactSerializer(source="detail.contact", allow_null=True)
    concerned = ConcernedPersonSerializer(source="detail.concerned", allow_null=True)
    clocks = ClockSerializer(source="detail.clocks", many=True)
    orders = serializers.SerializerMethodField()
    history = StepTakenSerializer(source="detail.history", many=True)
    attachments = PhotoSerializer(source="detail.photos", many=True)
    supplements = serializers.SerializerMethodField(help_text="What the resident added later (补充), oldest first.")
    merged_into = serializers.SerializerMethodField()
    transitions = serializers.SerializerMethodField()

    class Meta:
        ref_name = "Request"

    @extend_schema_field(AddedSerializer(many=True))
    def get_supplements(self, request: Any) -> Any:
        """Words and photos."""
        rows = [{"at": one.at, "text": one.text, "attachments": photos} for one, photos in request.detail.supplements]
        return AddedSerializer(rows, many=True, context=self.context).data

    def get_orders(self, request: Any) -> OrderSerializer(many=True):  # type: ignore[valid-type]
        """Who takes part."""
        lead = [request.detail.order] if request.detail.order is not None else []
        return OrderSerializer([*lead, *request.detail.helpers], many=True).data

    def get_merged_into(self, request: ServiceRequest) -> str | None:
        """Number of the request into which it was merged (并案)."""
        return request.merged_into.number if request.merged_into is not None else None

    def get_transitions(self, request: Any) -> list[str]:
        """Names of the steps that this token may take now."""
        return sorted(request.detail.transition_names)


class FiledSerializer(RowSerializer):
    """What came of a new request: the row, and the link that is the resident's own."""

    tracking_url = serializers.SerializerMethodField()

    class Meta:
        ref_name = "Filed"

    def get_tracking_url(self, request: ServiceRequest) -> str:
        """Give it to the resident and to nobody else: it opens the request without a sign-in."""
        address: str = self.context["http"].build_absolute_uri(reverse("intake:track", args=[request.track_token]))
        return address


class ChoiceSerializer(serializers.Serializer[Any]):
    """One possible value."""

    value = serializers.CharField()
    label = serializers.CharField()

    class Meta:
        ref_name = "Choice"


class FieldSerializer(serializers.Serializer[Any]):
    """A field of a step. `choices` is empty where any text goes, and for a catalogue item (see /catalogue/)."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    help_text = serializers.CharField()  # type: ignore[assignment]
    many = serializers.BooleanField()
    choices = ChoiceSerializer(many=True)

    class Meta:
        ref_name = "StepField"


class PossibleSerializer(serializers.Serializer[Any]):
    """A step that can be taken now."""

    name = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    order_of = serializers.UUIDField(allow_null=True, help_text="Whose order it moves; null for the request itself.")
    fields = FieldSerializer(many=True)  # type: ignore[assignment]

    class Meta:
        ref_name = "Possible"


class TakenSerializer(serializers.Serializer[Any]):
    """What the step did."""

    message = serializers.CharField(help_text="As the page says it.")
    request = RowSerializer()

    class Meta:
        ref_name = "Taken"


class UploadedSerializer(serializers.Serializer[Any]):
    """A photo that waits for its request: for seven days, for this token."""

    id = serializers.UUIDField(source="uuid")
    width = serializers.IntegerField()
    height = serializers.IntegerField()
    size = serializers.IntegerField(help_text="Bytes as stored.")
    expires_at = serializers.DateTimeField()


class ResultSerializer(serializers.Serializer[Result]):
    """What became of a request, for the system that handed it down."""

    number = serializers.CharField(source="request.number")
    state = serializers.ChoiceField(RequestState.choices, source="request.state")
    state_label = serializers.SerializerMethodField()
    organisation = OfficeSerializer(source="request.organisation", allow_null=True)
    no_dispatch_reason = serializers.ChoiceField(
        [("", ""), *NoDispatchReason.choices], source="request.no_dispatch_reason"
    )
    reply = serializers.CharField(help_text="The last answer to the resident.")
    contacted = serializers.BooleanField(allow_null=True, help_text="是否联系; null: the resident did not say.")
    solved = serializers.BooleanField(allow_null=True, help_text="是否解决.")
    satisfied = serializers.BooleanField(allow_null=True, help_text="是否满意: one of the three good grades of five.")
    submitted_at = serializers.DateTimeField(source="request.submitted_at")
    replied_at = serializers.DateTimeField(source="request.replied_at", allow_null=True)
    closed_at = serializers.DateTimeField(source="request.closed_at")

    def get_state_label(self, result: Result) -> str:
        """The state in words."""
        return str(RequestState(result.request.state).label)


class PageOfResultsSerializer(serializers.Serializer[Any]):
    """A page of results, oldest first."""

    results = ResultSerializer(many=True)
    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)


class QuestionSerializer(serializers.Serializer[Any]):
    """An extra question. It is asked if `only_if` is empty or that question's answer holds one of the codes."""

    class OptionSerializer(serializers.Serializer[Any]):
        code = serializers.CharField()
        label = serializers.CharField(source="text")
        stops = serializers.BooleanField(help_text="With this answer nothing is filed: see the notice.")
        notice = serializers.CharField(source="notice_text")

        class Meta:
            ref_name = "QuestionOption"

    key = serializers.CharField()
    kind = serializers.ChoiceField(QuestionKind.choices)
    label = serializers.CharField(source="text")  # type: ignore[assignment]
    required = serializers.BooleanField()  # type: ignore[assignment]
    options = OptionSerializer(many=True)
    only_if = serializers.CharField()
    only_if_codes = serializers.ListField(child=serializers.CharField())

    class Meta:
        ref_name = "Question"


class CatalogueSerializer(ItemSerializer):
    """An item that can be chosen, or one that must be reported elsewhere at once."""

    elsewhere = serializers.CharField(source="stop_label", help_text="What to do instead; empty where it is ours.")
    questions = serializers.SerializerMethodField(help_text="Extra questions (补充问题), in their order.")

    class Meta:
        ref_name = "CatalogueItem"

    @extend_schema_field(QuestionSerializer(many=True))
    def get_questions(self, item: Category) -> Any:
        """What is asked beside the words."""
        return QuestionSerializer(questions_of(item.questions), many=True).data


class OrganisationSerializer(OfficeSerializer):
    """An organisation with its part of the district."""

    kind = serializers.CharField()
    area_code = serializers.CharField()

    class Meta:
        ref_name = "Organisation"


class AreaSerializer(serializers.Serializer[Any]):
    """An area; its code begins with that of the area around it."""

    code = serializers.CharField()
    name = serializers.CharField()
    level = serializers.CharField()


def page_of(page: Any, rows: Any) -> dict[str, Any]:
    """A keyset page with its rows as they are shown."""
    return {"results": rows, "next": page.next_cursor or None, "previous": page.previous_cursor or None}
