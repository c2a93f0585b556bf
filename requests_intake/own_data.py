"""What request intake holds of one person, for the copy of their own data, and what it lets go of when they ask.

By the account: everything in it. By a telephone number alone, at a counter: what was left with this number, but never
a tip-off; whoever hands the copy over must not learn of one.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from governance.privacy.blind_index import blind_matches
from governance.privacy.sources import Part, PersonalDataSource, Whose, moment, register
from requests_intake.models import Appointment, Draft, Follow, RequestKind, ServiceRequest
from requests_intake.questions import answer_rows
from requests_intake.selectors.looks import look_rows, looks_at
from requests_intake.selectors.tracking import tracking
from requests_intake.services.letting_go import appointments_let_go, contacts_let_go, drafts_let_go, follows_let_go


def _by_phone(whose: Whose, field: str) -> Q | None:
    return Q(**{f"{field}__in": blind_matches(whose.phone, purpose="requests_intake.phone")}) if whose.phone else None


def requests_of(whose: Whose) -> Any:
    """Return the requests that are this person's, the newest first."""
    rows = ServiceRequest.objects.order_by("-submitted_at", "-pk")
    if whose.user is not None:
        return rows.filter(account=whose.user)
    by_phone = _by_phone(whose, "contact__phone_index")
    return rows.filter(by_phone).exclude(kind=RequestKind.TIP_OFF) if by_phone is not None else rows.none()


def appointments_of(whose: Whose) -> Any:
    """Return the appointments under the person's number, the newest first."""
    by_phone = _by_phone(whose, "phone_index")
    rows = Appointment.objects.order_by("-starts_at", "-pk")
    return rows.filter(by_phone) if by_phone is not None else rows.none()


def follows_of(whose: Whose) -> Any:
    """Return what the account's address follows."""
    email = whose.user.email if whose.user is not None else None
    field: Any = Follow._meta.get_field("email_index")
    rows = Follow.objects.order_by("-asked_at", "-pk")
    return rows.filter(email_index__in=field.digests(email)) if email else rows.none()


def _requests(whose: Whose, at: datetime) -> Iterator[Part]:
    rows = requests_of(whose).select_related(
        "category", "organisation", "probable_organisation", "handler", "contact", "answers"
    )
    for request in rows:
        yield Part(f"{request.number_grouped} {request.title}", _lines(request, at))


def _lines(request: ServiceRequest, at: datetime) -> list[tuple[str, str]]:
    """One request as its requester sees it on the tracking page, with the words they left."""
    found, contact = tracking(request, at=at), getattr(request, "contact", None)
    answers = answer_rows(request.answers.rows) if hasattr(request, "answers") else []
    photos = len(found.own_photos) + sum(len(own) for _row, own in found.supplements)
    lines = [
        (_("类型"), str(request.get_kind_display())),
        (_("提交"), moment(request.submitted_at)),
        (_("现在"), str(request.get_state_display())),
        (_("地点"), request.address),
        (_("您说的"), request.body),
        *((row.label, row.value) for row in answers),
        *((moment(row.at), row.text) for row, _photos in found.supplements),
        (_("照片"), str(photos) if photos else ""),
        *((_("视频或录音"), one.description or _("有")) for one in found.recordings),
        (_("称呼"), contact.name if contact is not None else ""),
        (_("电话"), contact.phone if contact is not None else ""),
        (_("邮箱"), contact.email if contact is not None else ""),
        *((moment(step.at), f"{step.title}\n{step.text}".strip()) for step in reversed(found.steps)),
        (_("答复"), found.answer.text if found.answer is not None else ""),
        (_("您的评价"), _rating(found.callback)),
    ]
    return [(label, text) for label, text in lines if text]


def _rating(callback: Any) -> str:
    if callback is None:
        return ""
    words = (callback.get_solved_display(), callback.get_grade_display(), callback.comment)
    return " · ".join(str(word) for word in words if word)


def _looks(whose: Whose, at: datetime) -> Iterator[Part]:
    requests = list(requests_of(whose))
    rows = look_rows(list(looks_at(requests).order_by("-at", "-pk")), requests) if requests else []
    lines = []
    for look in rows:
        words = [look.office or _("外单位"), look.purpose, _("、").join(str(name) for name in look.fields)]
        if look.request is not None:
            words.append(look.request.number_grouped)
        lines.append((moment(look.at), " · ".join(str(word) for word in words if word)))
    if lines:
        yield Part(_("谁看过您的联系方式"), lines)


def _appointments(whose: Whose, at: datetime) -> Iterator[Part]:
    for row in appointments_of(whose).select_related("window"):
        lines = [
            (_("时间"), moment(row.starts_at)),
            (_("窗口"), str(row.window.label)),
            (_("现在"), str(row.get_state_display())),
            (_("办什么"), row.subject),
            (_("称呼"), row.name),
            (_("电话"), row.phone),
            (_("邮箱"), row.email),
        ]
        yield Part(row.number, [(label, text) for label, text in lines if text])


def _drafts(whose: Whose, at: datetime) -> Iterator[Part]:
    if whose.user is None:
        return
    for row in Draft.objects.filter(account=whose.user, clerk=None).order_by("-updated_at", "-pk"):
        typed = {name: text for name, text in row.data.get("raw", {}).items() if isinstance(text, str) and text}
        yield Part(moment(row.updated_at), [(_("填了的"), "\n".join(typed.values()))] if typed else [])


def _follows(whose: Whose, at: datetime) -> Iterator[Part]:
    lines = [
        (moment(row.asked_at), row.publication.title if row.publication is not None else row.area_code)
        for row in follows_of(whose).select_related("publication")
    ]
    if lines:
        yield Part(_("您关注的"), lines)


register(
    PersonalDataSource(
        "requests_intake.1_requests",
        gettext_lazy("诉求"),
        _requests,
        lambda whose, actor, at: contacts_let_go(requests=requests_of(whose), actor=actor, at=at),
        gettext_lazy("办结了的诉求里的称呼、电话、邮箱；没办结的还要联系，不动"),
    ),
    PersonalDataSource("requests_intake.2_looks", gettext_lazy("谁看过"), _looks),
    PersonalDataSource(
        "requests_intake.3_appointments",
        gettext_lazy("预约"),
        _appointments,
        lambda whose, actor, at: appointments_let_go(appointments=appointments_of(whose), at=at),
        gettext_lazy("过去的预约里的称呼、电话、邮箱"),
    ),
    PersonalDataSource(
        "requests_intake.4_drafts",
        gettext_lazy("没填完的"),
        _drafts,
        lambda whose, actor, at: drafts_let_go(user=whose.user),
        gettext_lazy("没填完的诉求"),
    ),
    PersonalDataSource(
        "requests_intake.5_follows",
        gettext_lazy("关注"),
        _follows,
        lambda whose, actor, at: follows_let_go(follows=follows_of(whose)),
        gettext_lazy("关注用的邮箱，以后不再发信"),
    ),
)
