"""The texts of messages: all kinds, one kind with preview, and back to an earlier version."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications import texts
from governance.notifications.models import Language, TemplateChannel
from governance.notifications.permissions import Capability
from governance.notifications.previews import LABELS, SAMPLE_NOW, places, previews, typed, variants
from governance.notifications.registry import EMAIL, SMS, NoticeKind, get
from governance.notifications.services import template_restore, template_save
from governance.notifications.services.messages import may_for
from governance.notifications.services.templates import BODY_MAX, ID_MAX, SMS_MAX, SUBJECT_MAX, texts_check
from governance.notifications.template_pages import VersionLine, kinds_by_group, versions_of
from governance.web.forms import add_domain_error


class LetterForm(forms.Form):
    """Subject and words, as inbox, e-mail and group chat show them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    subject = forms.CharField(label=gettext_lazy("标题"), required=False, max_length=SUBJECT_MAX)
    body = forms.CharField(
        label=gettext_lazy("正文"),
        required=False,
        strip=False,
        max_length=BODY_MAX,
        widget=forms.Textarea(attrs={"rows": 9}),
    )


class SmsForm(forms.Form):
    """Words of an SMS, and the template that the gateway has approved for them."""

    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    body = forms.CharField(
        label=gettext_lazy("短信文字"),
        required=False,
        max_length=SMS_MAX,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("一条最多 70 个字，长的拆成几条、每条 67 个字。网关加的签名也算字数。"),
    )
    provider_template_id = forms.CharField(
        label=gettext_lazy("网关的模板编号"),
        required=False,
        max_length=ID_MAX,
        help_text=gettext_lazy("网关只发审核过的文字时才填；上面的文字要和审核过的一样。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    parameters = forms.CharField(
        label=gettext_lazy("参数的顺序"),
        required=False,
        max_length=200,
        help_text=gettext_lazy("网关按顺序收参数时，写占位的名字，用空格隔开；空着就按文字里的先后。"),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


@requires(Capability.EDIT_TEMPLATE)
@require_safe
def kinds(request: HttpRequest) -> HttpResponse:
    """All kinds of message, by group."""
    groups = kinds_by_group(request.LANGUAGE_CODE)
    return render(request, "notifications/templates.html", {"groups": groups, "may_edit": _may(request)})


@requires(Capability.EDIT_TEMPLATE)
@require_http_methods(["GET", "HEAD", "POST"])
def kind(request: HttpRequest, key: str) -> HttpResponse:
    """One kind: what may stand in it, one of its texts to write, and all of them filled with examples.

    "preview" in a POST shows what was typed and saves nothing.
    """
    found, channel, language = _found(request, key)
    versions = versions_of(found.key, channel, language)
    form_class = SmsForm if channel == TemplateChannel.SMS else LetterForm
    overrides = texts.overrides_for([found.key])
    if request.method != "POST":
        initial = _initial(found, channel, language, overrides, versions)
        return _page(request, found, channel, language, versions, form_class(initial=initial), overrides)
    form, status = form_class(request.POST), 200
    if form.is_valid():
        try:
            if "preview" in request.POST:
                _check(found, channel, form)
            else:
                template_save(**_values(form), **_which(found, channel, language, request))
                messages.success(request, _("存好了，从下一条消息起就这样写"))
                return redirect(_address(found, channel, language))
        except Forbidden:
            raise
        except StaleState as error:
            add_domain_error(form, error)
            form.data = request.POST.copy()
            form.data["seen"] = str(_number(versions))  # they see the newer one now
            status = 409
        except DomainError as error:
            add_domain_error(form, error)
    status = 422 if form.errors and status == 200 else status
    shown = {**overrides, **_typed(found, channel, language, form)}
    return _page(request, found, channel, language, versions, form, shown, status)


@requires(Capability.EDIT_TEMPLATE)
@require_POST
def restore(request: HttpRequest, key: str) -> HttpResponse:
    """Use an earlier version again; version 0 is the built-in text."""
    found, channel, language = _found(request, key)
    number = request.POST.get("number", "")
    if not (number.isascii() and number.isdigit() and len(number) < 10):
        raise Http404
    try:
        template_restore(number=int(number), **_which(found, channel, language, request))
    except Forbidden:
        raise
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("用回内置的文字了") if number == "0" else _("用回那一版了"))
    return redirect(_address(found, channel, language))


def _found(request: HttpRequest, key: str) -> tuple[NoticeKind, str, str]:
    """The kind and which of its texts; 404 for what does not exist."""
    known = get(key)
    if known is None:
        raise Http404
    channel = request.GET.get("channel", TemplateChannel.LETTER)
    language = request.GET.get("language", Language.CHINESE)
    if (channel, language) not in variants(known):
        raise Http404
    return known, channel, language


def _which(found: NoticeKind, channel: str, language: str, request: HttpRequest) -> dict[str, Any]:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return {"kind": found.key, "channel": channel, "language": language, "actor": viewer, "at": timezone.now()}


def _address(found: NoticeKind, channel: str, language: str) -> str:
    return f"{reverse('notifications:template', args=[found.key])}?channel={channel}&language={language}"


def _number(versions: list[VersionLine]) -> int:
    return versions[0].number if versions else 0


def _initial(
    found: NoticeKind, channel: str, language: str, overrides: texts.Overrides, versions: list[VersionLine]
) -> dict[str, Any]:
    own = overrides.get((found.key, channel, language))
    subject, body = found.text(language, SMS if channel == TemplateChannel.SMS else EMAIL)
    values: dict[str, Any] = {"seen": _number(versions), "subject": subject, "body": body}
    if own is None:
        return values
    written = {"subject": own.subject, "body": own.body, "provider_template_id": own.template_id}
    return {**values, **written, "parameters": " ".join(own.parameters)}


def _values(form: forms.Form) -> dict[str, Any]:
    given = form.cleaned_data
    values = {"seen": given["seen"], "subject": given.get("subject", ""), "body": given["body"]}
    if "provider_template_id" in form.fields:
        names = given["parameters"].replace("{", " ").replace("}", " ").replace(",", " ").replace("，", " ").split()
        values |= {"provider_template_id": given["provider_template_id"], "parameters": names or None}
    return values


def _check(found: NoticeKind, channel: str, form: forms.Form) -> None:
    values, is_sms = _values(form), channel == TemplateChannel.SMS
    texts_check(found, subject=values["subject"].strip(), body=values["body"].strip(), is_sms=is_sms)


def _typed(found: NoticeKind, channel: str, language: str, form: forms.Form) -> texts.Overrides:
    subject = str(form["subject"].value() or "") if "subject" in form.fields else ""
    return typed(found, channel, language, subject, str(form["body"].value() or ""))


def _page(
    request: HttpRequest,
    found: NoticeKind,
    channel: str,
    language: str,
    versions: list[VersionLine],
    form: forms.Form,
    overrides: texts.Overrides,
    status: int = 200,
) -> HttpResponse:
    tabs = [
        (LABELS[of, words], _address(found, of, words), (of, words) == (channel, language))
        for of, words in variants(found)
    ]
    shown_in = texts.language_of(request.LANGUAGE_CODE)
    form.fields["body"].widget.attrs["lang"] = text_lang = "en" if language == Language.ENGLISH else "zh-Hans"
    if "subject" in form.fields:
        form.fields["subject"].widget.attrs["lang"] = text_lang
    context = {
        "kind": found,
        "places": [
            (f"{{{name}}}", place.meaning, texts.shown_value(name, place.example, shown_in, SAMPLE_NOW))
            for name, place in places(found)
        ],
        "needed": [f"{{{name}}}" for name in found.needed],
        "tabs": tabs,
        "form": form,
        "text_lang": text_lang,
        "versions": versions,
        "is_own": bool(versions and versions[0].body),
        "restore_url": f"{reverse('notifications:template-restore', args=[found.key])}"
        f"?channel={channel}&language={language}",
        "previews": previews(found, overrides),
        "may_edit": _may(request),
    }
    return render(request, "notifications/template.html", context, status=status)


def _may(request: HttpRequest) -> bool:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return may_for(viewer, Capability.EDIT_TEMPLATE, "")
