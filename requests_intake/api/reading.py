"""What programs send: parsed and coerced; the rules are in the services and their forms."""

from datetime import UTC, datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from governance.web.api.parsing import FiniteFloatField, StrictSerializer
from requests_intake.api.fields import AnswerField, AreaCodeField
from requests_intake.forms import phone_of
from requests_intake.models import Relation, RequestKind
from requests_intake.services.interface import INTERFACE_CHANNELS

_EARLIEST, _LATEST = datetime(2000, 1, 1, tzinfo=UTC), datetime(2100, 1, 1, tzinfo=UTC)
PAGE_MOST, PAGE_SIZE = 200, 50


class MomentField(serializers.DateTimeField):
    """A moment of this century, ISO 8601 with an offset; without one it is local time."""

    default_error_messages = {"far": _("时间不在 2000 年到 2100 年之间")}

    def to_internal_value(self, value: Any) -> datetime:
        """Return an aware datetime."""
        moment: datetime = super().to_internal_value(value)
        if not _EARLIEST <= moment < _LATEST:
            self.fail("far")
        return moment


class ConcernedSerializer(StrictSerializer):
    """For whom somebody else reports (替别人反映)."""

    name = serializers.CharField(max_length=40)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    relation = serializers.ChoiceField(
        Relation.choices, required=False, allow_blank=True, help_text="What the person is to the reporter."
    )
    is_told = serializers.BooleanField(required=False, help_text="The person gets number and link by SMS.")
    is_called = serializers.BooleanField(
        required=False, help_text="The office calls this person and not the one who reported."
    )

    def validate_phone(self, value: str) -> str:
        """As on the pages."""
        return phone_of(value)


class NewRequestSerializer(StrictSerializer):
    """A request to be filed. Only kind, channel and words are needed."""

    kind = serializers.ChoiceField(RequestKind.choices, help_text="咨询, 求助, 投诉, 举报, 建议.")
    channel = serializers.ChoiceField(
        [(one.value, one.label) for one in INTERFACE_CHANNELS],
        help_text="hotline (12345 转来) needs the right to import orders; phone, counter (窗口) to enter requests.",
    )
    body = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text="What was said, at most 10,000 characters."
    )
    title = serializers.CharField(max_length=60, required=False, allow_blank=True, help_text="A headline, if any.")
    category = serializers.RegexField(
        r"^[0-9]{6}$", required=False, allow_null=True, help_text="Code of the catalogue (事项); null: not sure."
    )
    address = serializers.CharField(max_length=200, required=False, allow_blank=True)
    area_code = AreaCodeField(
        required=False, allow_blank=True, help_text="Community (社区) or grid (网格), where no point is known."
    )
    lng = FiniteFloatField(min_value=-180, max_value=180, required=False, allow_null=True, help_text="WGS 84, degrees.")
    lat = FiniteFloatField(min_value=-90, max_value=90, required=False, allow_null=True)
    name = serializers.CharField(max_length=40, required=False, allow_blank=True)
    phone = serializers.CharField(max_length=30, required=False, allow_blank=True)
    email = serializers.EmailField(max_length=254, required=False, allow_blank=True)
    concerned = ConcernedSerializer(required=False, allow_null=True, help_text="Left out: for whoever asks.")
    language = serializers.ChoiceField(
        [("zh-hans", "中文"), ("en", "English")], required=False, help_text="Of the messages to the resident."
    )
    may_be_public = serializers.BooleanField(
        required=False, help_text="The resident agreed to publication once it is done; never for tip-offs (举报)."
    )
    urgent_remark = serializers.CharField(
        max_length=200, required=False, allow_blank=True, help_text="What the dispatcher reads first; staff only."
    )
    promised_at = MomentField(
        required=False, allow_null=True, help_text="A date promised to the resident; the earlier of it and ours counts."
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(), max_length=50, required=False, help_text="Ids from POST /attachments/."
    )
    answers = serializers.DictField(
        child=AnswerField(),
        required=False,
        help_text="To the extra questions of the item, by their keys (see the catalogue): text, or codes of options. "
        "Left out: nobody asked them.",
    )
    complained = serializers.UUIDField(
        required=False, allow_null=True, help_text="Whom a complaint or tip-off is about (被反映的单位)."
    )
    upstream_source = serializers.SlugField(
        max_length=40, required=False, help_text="Key of the upstream system (上级来源) that gave the number."
    )
    upstream_no = serializers.CharField(
        max_length=64, required=False, help_text="Its number of this order: known already, by table or by call, is 409."
    )
    case_no = serializers.CharField(
        max_length=64, required=False, allow_blank=True, help_text="Its number of the case, if it has one besides."
    )
    accept = serializers.BooleanField(required=False, help_text="Accept it (受理) in the same go.")

    def validate_phone(self, value: str) -> str:
        """As on the pages."""
        return phone_of(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """A point has two coordinates."""
        if (attrs.get("lng") is None) != (attrs.get("lat") is None):
            raise serializers.ValidationError({"lat": _("经度和纬度要一起给")}, "point_half")
        if ("upstream_source" in attrs) != ("upstream_no" in attrs):
            raise serializers.ValidationError({"upstream_no": _("上级来源和编号要一起给")}, "upstream_half")
        return attrs


class SupplementSerializer(StrictSerializer):
    """What the resident told or sent later."""

    text = serializers.CharField(
        trim_whitespace=False, allow_blank=True, help_text="At most 1,000 characters; a photo needs a word, too."
    )
    attachments = serializers.ListField(
        child=serializers.UUIDField(),
        max_length=50,
        required=False,
        help_text="Ids from POST /attachments/, 6 at most.",
    )


class PageSerializer(StrictSerializer):
    """Which page of a list."""

    cursor = serializers.CharField(required=False, help_text="From `next` or `previous` of another page.")
    limit = serializers.IntegerField(min_value=1, max_value=PAGE_MOST, required=False, help_text="Default 50.")


class RequestQuerySerializer(PageSerializer):
    """How the list is narrowed; all of it must hold."""

    q = serializers.CharField(
        required=False, allow_blank=True, help_text="As typed into the search box of the portal: `state:overdue 路灯`."
    )
    state = serializers.CharField(required=False, help_text="A state, or `open`.")
    kind = serializers.ChoiceField(RequestKind.choices, required=False)
    area = AreaCodeField(required=False, help_text="With everything inside it.")
    category = serializers.RegexField(
        r"^[0-9]{2,6}$", required=False, help_text="Code of the catalogue; a short one stands for its group."
    )
    organisation = serializers.UUIDField(required=False, help_text="Who handles it.")
    overdue = serializers.BooleanField(required=False, help_text="Only those of which something is due by now.")
    submitted_since = MomentField(required=False)
    submitted_until = MomentField(required=False)
    updated_since = MomentField(
        required=False, help_text="Took a step at this moment or later. Ask with a minute of overlap."
    )


class ResultsQuerySerializer(PageSerializer):
    """Of which time the results are wanted."""

    since = MomentField(required=False, help_text="Closed at this moment or later. Ask with a minute of overlap.")
    until = MomentField(required=False, help_text="Closed before this moment.")


class RevealSerializer(StrictSerializer):
    """Why the number is needed; it is logged."""

    purpose = serializers.CharField(max_length=20, help_text="contact, visit or callback.")


class UploadSerializer(serializers.Serializer[Any]):
    """One photo."""

    file = serializers.FileField(help_text="JPEG, PNG, WebP or HEIC, at most 20 MB; stored anew without its position.")


class TransitionSerializer(serializers.Serializer[Any]):
    """Fields of all steps; each takes those that GET transitions names for it, others are refused."""

    order_of = serializers.UUIDField(
        required=False, help_text="Whose order (工单) moves, where several organisations take part; else the lead's."
    )
    category = serializers.CharField(required=False, help_text="Code of the catalogue.")
    organisation = serializers.UUIDField(required=False, help_text="Who leads (承办单位).")
    helpers = serializers.ListField(child=serializers.UUIDField(), required=False, help_text="Who helps (协办单位).")
    instruction = serializers.CharField(required=False, help_text="Not shown to the resident.")
    text = serializers.CharField(required=False)
    comment = serializers.CharField(required=False)
    note = serializers.CharField(required=False)
    how = serializers.CharField(required=False, help_text="How the resident was contacted.")
    reached = serializers.BooleanField(required=False)
    contacted = serializers.BooleanField(required=False)
    solved = serializers.CharField(required=False)
    grade = serializers.IntegerField(required=False, help_text="5 very good (非常满意) to 1.")
    reason = serializers.CharField(required=False, help_text="One of the six legal reasons (不予派单).")
    ground = serializers.CharField(required=False, help_text="Ground of a return (退单).")
    basis = serializers.CharField(required=False, help_text="Clause on which a dispute (异议) rests.")
    plan = serializers.CharField(required=False, help_text="What will be done, for the long-term list (挂账).")
    milestone = serializers.CharField(required=False, help_text="Day on which it comes back to work, 2026-12-01.")
    steps = serializers.CharField(required=False, help_text="Milestones of a plan, one a line: 2026-12-01 what.")
    step = serializers.CharField(required=False, help_text="A milestone, as `choices` of the step offers it.")
    until = serializers.CharField(required=False, help_text="Day until which it is suspended (暂停), 2026-12-01.")
    assignee = serializers.CharField(
        required=False, help_text="Who gets the order (改派): an organisation, or organisation:person."
    )
    amount = serializers.IntegerField(required=False, help_text="How much longer (延期), in the promise's own unit.")
    target = serializers.CharField(required=False, help_text="Number of the request into which this one is merged.")
    complained = serializers.UUIDField(required=False, help_text="Whom a complaint is about (被反映的单位).")
    organisations = serializers.ListField(
        child=serializers.UUIDField(), required=False, help_text="Who is called in (吹哨报到)."
    )
    issue = serializers.CharField(required=False, help_text="What they are called for.")
    due_at = serializers.CharField(required=False, help_text="Local time, 2026-12-01 14:30.")
    is_on_site = serializers.BooleanField(required=False)
    meeting_at = serializers.CharField(required=False, help_text="Local time, 2026-12-01 14:30.")
    place = serializers.CharField(required=False)
    commitment = serializers.CharField(required=False, help_text="What the organisation that was called will do.")
    word = serializers.CharField(required=False, help_text="Why this mark was given.")
    email = serializers.CharField(required=False, help_text="Where a link to a party outside (外单位) is sent.")
    phone = serializers.CharField(required=False, help_text="The party's mobile number, where there is no e-mail.")
    may_call = serializers.BooleanField(required=False, help_text="Whether the party may read the resident's number.")
    stage = serializers.IntegerField(required=False, help_text="Which stage before the answer is reached, from 1.")
    photos = serializers.ListField(
        child=serializers.FileField(), required=False, help_text="Of a reply or a stage; multipart/form-data."
    )
