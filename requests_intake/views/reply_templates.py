"""Reply templates of an office: list, new, change, with a preview in both languages."""

from typing import Any

from django import forms
from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from governance.access.decorators import requires
from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.organisations.models import Organisation
from governance.web.forms import add_domain_error
from requests_intake import placeholders
from requests_intake.models import AnswerTemplate, Category, RequestKind
from requests_intake.models.answer_templates import ORDER_STATES
from requests_intake.permissions import Capability
from requests_intake.services.reply_templates import may_edit, reply_template_save


class TemplateForm(forms.Form):
    """One template."""

    title = forms.CharField(label=gettext_lazy("模板的名字"), required=False)
    organisation = forms.ChoiceField(label=gettext_lazy("谁用"), required=False)
    category_prefix = forms.ChoiceField(label=gettext_lazy("用于哪类事项"), required=False)
    kind = forms.ChoiceField(
        label=gettext_lazy("用于哪类诉求"),
        required=False,
        choices=[("", gettext_lazy("任何诉求")), *RequestKind.choices],
    )
    state = forms.ChoiceField(
        label=gettext_lazy("用在哪一步"), required=False, choices=[("", gettext_lazy("任何一步")), *ORDER_STATES]
    )
    text = forms.CharField(
        label=gettext_lazy("正文"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 6})
    )
    text_en = forms.CharField(
        label=gettext_lazy("英文正文（居民用英文写的，用这个）"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 4, "lang": "en"}),
    )
    is_active = forms.BooleanField(label=gettext_lazy("在用"), required=False, initial=True)

    def __init__(self, *args: Any, viewer: Viewer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offices = Organisation.objects.filter(pk__in=viewer.organisations(Capability.HANDLE_ORDER)).order_by("pk")
        choices = [(str(office.pk), office.label) for office in offices]
        if may_edit(None, viewer):
            choices.append(("", _("所有单位")))
        self.fields["organisation"].choices = choices  # type: ignore[attr-defined]
        groups = Category.objects.filter(code__regex=r"^\d{2}(\d{2})?$", is_active=True).order_by("code")
        self.fields["category_prefix"].choices = [  # type: ignore[attr-defined]
            ("", _("任何事项")),
            *((one.code, one.label) for one in groups),
        ]
        known = _("、").join(placeholders.names(english=get_language() == "en"))
        self.fields["text"].help_text = _("能填的位置：%(known)s") % {"known": known}
        self.fields["text_en"].help_text = _("能填的位置：%(known)s") % {
            "known": _("、").join(placeholders.names(english=True))
        }


@requires(Capability.EDIT_TEMPLATES, Capability.HANDLE_ORDER)
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """What this person may write."""
    viewer = _viewer(request)
    rows = AnswerTemplate.objects.filter(_editable(viewer)).select_related("organisation").order_by("title", "pk")
    return render(request, "requests_intake/reply_templates.html", {"templates": list(rows)})


@requires(Capability.EDIT_TEMPLATES, Capability.HANDLE_ORDER)
def template(request: HttpRequest, pk: int | None = None) -> HttpResponse:
    """Write a template; "preview" shows it filled and saves nothing."""
    viewer = _viewer(request)
    known = AnswerTemplate.objects.filter(_editable(viewer), pk=pk).first() if pk is not None else None
    if pk is not None and known is None:
        raise Http404
    if request.method != "POST":
        return _page(request, TemplateForm(initial=_initial(known), viewer=viewer), known)
    form = TemplateForm(request.POST, viewer=viewer)
    if form.is_valid() and "preview" not in request.POST:
        values = dict(form.cleaned_data)
        office = values.pop("organisation")
        try:
            reply_template_save(
                template=known,
                organisation_id=int(office) if office else None,
                actor=viewer,
                at=timezone.now(),
                **values,
            )
        except DomainError as error:
            add_domain_error(form, error)
        else:
            messages.success(request, _("模板已存好"))
            return redirect("intake:templates")
    return _page(request, form, known, status=200 if form.is_valid() else 422)


def _initial(known: AnswerTemplate | None) -> dict[str, Any]:
    if known is None:
        return {}
    fields = ("title", "text", "text_en", "category_prefix", "kind", "state", "is_active")
    return {name: getattr(known, name) for name in fields} | {"organisation": str(known.organisation_id or "")}


def _page(request: HttpRequest, form: TemplateForm, known: AnswerTemplate | None, status: int = 200) -> HttpResponse:
    previews = []
    for name, place in (("text", 0), ("text_en", 1)):
        text = str(form[name].value() or "")
        sample = {key: pair if isinstance(pair, str) else pair[place] for key, pair in placeholders.SAMPLE.items()}
        if text.strip():
            previews.append({"lang": ("zh-Hans", "en")[place], "text": placeholders.fill(text, sample)})
    context = {"form": form, "template": known, "previews": previews}
    return render(request, "requests_intake/reply_template.html", context, status=status)


def _editable(viewer: Viewer) -> Q:
    mine = Q(organisation_id__in=viewer.organisations(Capability.HANDLE_ORDER))
    return mine | Q(organisation__isnull=True) if may_edit(None, viewer) else mine


def _viewer(request: HttpRequest) -> Viewer:
    viewer: Viewer = request.viewer  # type: ignore[attr-defined]
    return viewer
