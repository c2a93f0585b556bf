"""Refusals as JSON: one shape for all, the words of the pages, in the language of Accept-Language."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.utils.translation import gettext as _
from rest_framework import exceptions, serializers, status
from rest_framework.response import Response

from governance.errors import DomainError, Forbidden, StaleState

Fault = dict[str, Any]


class FormRefused(exceptions.APIException):
    """A form found something wrong: 422 with the sentences that its page shows."""

    status_code = status.HTTP_422_UNPROCESSABLE_ENTITY

    def __init__(self, form: forms.BaseForm) -> None:
        super().__init__()
        self.faults = [
            fault(error.code or "invalid", " ".join(error.messages), None if name == "__all__" else name)
            for name, errors in form.errors.as_data().items()
            for error in errors
        ]


class TooLarge(exceptions.APIException):
    """The body is larger than any that makes sense."""

    status_code = status.HTTP_413_REQUEST_ENTITY_TOO_LARGE
    default_code = "too_large"


class ErrorSerializer(serializers.Serializer[Any]):
    """What every refusal says. `code` is stable; `message` is a sentence for people."""

    class FaultSerializer(serializers.Serializer[Any]):
        code = serializers.CharField()
        message = serializers.CharField()
        field = serializers.CharField(allow_null=True)

        class Meta:
            ref_name = "Fault"

    code = serializers.CharField(help_text="Stable code of the first fault.")
    message = serializers.CharField(help_text="Sentence for people, in the language of Accept-Language (zh-hans, en).")
    field = serializers.CharField(allow_null=True, help_text="The input it belongs to; null for the whole.")  # type: ignore[assignment]
    errors = FaultSerializer(many=True, help_text="All faults, the first included.")  # type: ignore[assignment]
    suggestion = serializers.CharField(
        required=False, help_text="Text that the portal proposes for the field (code text_filled only)."
    )


def fault(code: Any, message: Any, field: str | None = None) -> Fault:
    """One thing that is wrong."""
    return {"code": str(code), "message": str(message), "field": field}


def handle(error: Exception, context: Mapping[str, Any]) -> Response | None:
    """Turn a refusal into its answer; None (a fault of the program) goes on as 500."""
    if isinstance(error, DomainError):
        answer = Response(body_of([fault(error.code, error.message, error.field)]), status=status_of(error))
        if text := getattr(error, "text", ""):
            answer.data["suggestion"] = text
        return answer
    from rest_framework.views import exception_handler  # reads this module while it loads

    response = exception_handler(error, dict(context))
    if response is None:
        return None
    if isinstance(error, FormRefused):
        response.data = body_of(error.faults)
    elif isinstance(error, Http404):
        response.data = body_of([fault("not_found", _("没有找到，或者您不能看"))])
    elif isinstance(error, PermissionDenied | exceptions.PermissionDenied):
        response.data = body_of([fault("forbidden", _("这个令牌不能做这件事。如果工作需要，请找管理员。"))])
    elif isinstance(error, exceptions.APIException):
        response.data = body_of(list(_faults(error.detail)))
    return response


def status_of(error: DomainError) -> int:
    """403 for what the actor may not do, 409 for what came too late, 422 for any other rule."""
    if isinstance(error, Forbidden):
        return status.HTTP_403_FORBIDDEN
    return status.HTTP_409_CONFLICT if isinstance(error, StaleState) else status.HTTP_422_UNPROCESSABLE_ENTITY


def body_of(faults: list[Fault]) -> dict[str, Any]:
    """The shape of `ErrorSerializer`."""
    first = faults[0] if faults else fault("invalid", _("没有看懂这次请求"))
    return {**first, "errors": faults or [first]}


def _faults(detail: Any, field: str | None = None) -> Iterator[Fault]:
    """Flatten the nested details of REST framework; a field in a list is named `attachments.0`."""
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            own = None if name == "non_field_errors" else f"{field}.{name}" if field else str(name)
            yield from _faults(inner, own)
    elif isinstance(detail, list):
        for inner in detail:
            yield from _faults(inner, field)
    else:
        yield fault(getattr(detail, "code", "invalid"), detail, field)
