"""What a requester can do with their own request, one row a turn: its form, its service, its words."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from governance.access.viewer import Viewer, requester
from governance.files.services import image_store
from governance.files.services.recordings import recording_receive
from governance.refs import ref_of
from requests_intake.models import ServiceRequest
from requests_intake.services.closing import (
    SUPPLEMENT_PHOTOS_MAX,
    request_answer,
    request_remind,
    request_reopen,
    request_supplement,
    request_withdraw,
)
from requests_intake.turn_forms import AnswerForm, ReopenForm, SupplementForm, WithdrawForm


@dataclass(frozen=True, slots=True)
class Sent:
    """What came along with a turn: photos, a film or voice note and what is seen or heard in it."""

    photos: Sequence[Any] = ()
    recording: Any = None
    recording_words: str = ""


Run = Callable[[ServiceRequest, dict[str, Any], Sent, datetime], Any]


@dataclass(frozen=True, slots=True)
class OwnTurn:
    """One turn as the tracking page offers it. `shown` is the form that was refused, with what was typed."""

    name: str
    label: str | Promise
    button: str | Promise
    done: str | Promise
    form_class: type[forms.Form]
    run: Run
    hint: str | Promise = ""
    takes_photos: bool = False
    shown: forms.Form | None = None

    @property
    def form(self) -> Any:
        """The form to show, and the maker of the form to check."""
        return self.shown if self.shown is not None else self.form_class

    @property
    def plain(self) -> bool:
        """Whether it is one press without a question, and nothing was wrong with it."""
        return not self.form_class.base_fields and self.shown is None


def _as_requester(request: ServiceRequest) -> Viewer:
    return requester(ref_of(request))


def _with_photos(service: Callable[..., Any]) -> Run:
    def run(request: ServiceRequest, cleaned: dict[str, Any], sent: Sent, at: datetime) -> None:
        actor = _as_requester(request)
        stored = [
            image_store(upload=upload, owner_ref="", actor=actor, at=at)
            for upload in sent.photos[: SUPPLEMENT_PHOTOS_MAX + 1]
        ]
        recording = None
        if sent.recording is not None:
            recording = recording_receive(upload=sent.recording, description=sent.recording_words, actor=actor, at=at)
        service(
            request=request,
            file_ids=[file.pk for file in stored],
            recording_id=recording.pk if recording is not None else None,
            actor=actor,
            at=at,
            **cleaned,
        )

    return run


def _simple(service: Callable[..., Any]) -> Run:
    return lambda request, cleaned, sent, at: service(request=request, actor=_as_requester(request), at=at, **cleaned)


OWN_TURNS = {
    turn.name: turn
    for turn in (
        OwnTurn(
            "answer",
            _("回答问题"),
            _("发给承办单位"),
            _("已回答，我们接着办"),
            AnswerForm,
            _with_photos(request_answer),
            takes_photos=True,
        ),
        OwnTurn(
            "reopen",
            _("没有解决，重新打开"),
            _("重新打开"),
            _("已重新打开，我们重新看一遍"),
            ReopenForm,
            _simple(request_reopen),
        ),
        OwnTurn(
            "supplement",
            _("补充情况"),
            _("补充"),
            _("已补充，承办的人看得到"),
            SupplementForm,
            _with_photos(request_supplement),
            takes_photos=True,
        ),
        OwnTurn("remind", _("提醒一次"), _("提醒承办单位"), _("已提醒承办单位"), forms.Form, _simple(request_remind)),
        OwnTurn(
            "withdraw",
            _("不用办了，撤回"),
            _("撤回"),
            _("已撤回"),
            WithdrawForm,
            _simple(request_withdraw),
            _("撤回以后就不办了。还没解决的话，请不要撤回。"),
        ),
    )
}
