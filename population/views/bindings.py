"""The desk of bindings: sealed letters with a code, accounts tied at the counter, what is tied and waiting."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.access.checks import can
from governance.access.decorators import requires, viewer_of
from governance.access.viewer import Viewer
from governance.errors import DomainError, Forbidden, StaleState
from governance.privacy.masks import mask_name
from governance.web.forms import IdempotencyField, attempt
from governance.web.keyset import KeysetPage
from governance.web.pages import render_page
from governance.web.qr import qr_of
from population.models import BindingCode, DocumentKind, Dwelling, DwellingBinding, Person
from population.models.bindings import TRIES_MOST
from population.naming import dwelling_name
from population.permissions import Capability
from population.selectors.homes import bindings_listed, codes_listed, dwellings_to_bind
from population.services.bindings import binding_at_counter, binding_code_issue, binding_code_revoke, binding_end

PAGE_SIZE = 30
VIEWS = ("live", "codes", "ended")


class LetterForm(forms.Form):
    """For which dwelling; the key lets a letter be printed once."""

    dwelling = forms.UUIDField(widget=forms.HiddenInput)
    submission_key = IdempotencyField()


class CounterForm(forms.Form):
    """Somebody stands at the counter with their document."""

    dwelling = forms.ChoiceField(label=gettext_lazy("哪一户"), widget=forms.RadioSelect)
    contact = forms.CharField(
        label=gettext_lazy("本人登录用的手机号或邮箱"),
        help_text=gettext_lazy("请本人说出来；账号要先注册好、收到过验证码"),
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": gettext_lazy("请写本人登录用的手机号或邮箱")},
    )
    document_kind = forms.ChoiceField(
        label=gettext_lazy("看了什么证件"),
        choices=[("", gettext_lazy("请选")), *DocumentKind.choices],
        error_messages={"required": gettext_lazy("请选看了什么证件")},
    )
    is_seen = forms.BooleanField(
        label=gettext_lazy("我看过证件原件，姓名和号码与登记一致，是本人"),
        error_messages={"required": gettext_lazy("要看过证件原件、确认是本人，才能绑定")},
    )

    def __init__(self, data: Any, *, dwellings: list[Dwelling]) -> None:
        first = str(dwellings[0].public_id) if dwellings else ""
        super().__init__(data, initial={"dwelling": first})
        offered = [(str(one.public_id), dwelling_name(one)) for one in dwellings]
        self.fields["dwelling"].choices = offered  # type: ignore[attr-defined]


@requires(Capability.BIND_DWELLING)
@never_cache
@require_safe
def binding_list(request: HttpRequest) -> HttpResponse:
    """What is tied in the viewer's areas, the newest first; `?view=codes` letters that wait, `?view=ended` the past."""
    viewer = viewer_of(request)
    asked = request.GET.get("view", "")
    view = asked if asked in VIEWS else VIEWS[0]
    rows: Any = codes_listed(viewer) if view == "codes" else bindings_listed(viewer, ended=view == "ended")
    order = ("-issued_at", "-id") if view == "codes" else ("-begun_at", "-id")
    page = KeysetPage(rows, order=order, size=PAGE_SIZE, cursor=request.GET.get("cursor"))
    lines = [(one, mask_name(one.person.name), dwelling_name(one.dwelling)) for one in page.rows]
    context = {"page": page, "lines": lines, "view": view, "at": timezone.now(), "tries_most": TRIES_MOST}
    return render_page(request, "population/bindings.html", "population/_bindings.html", context)


@requires(Capability.BIND_DWELLING)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def person_binding(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One person: whether an account is tied to them, letters that wait; tie one at the counter."""
    viewer = viewer_of(request)
    person, dwellings = _person(viewer, public_id)
    form = CounterForm(request.POST or None, dwellings=dwellings)

    def bind(data: dict[str, Any]) -> DwellingBinding:
        chosen = {str(one.public_id): one for one in dwellings}[data.pop("dwelling")]
        return binding_at_counter(person=person, dwelling=chosen, **data, actor=viewer, at=timezone.now())

    if request.method == "POST" and attempt(form, bind) is not None:
        messages.success(request, _("绑定好了，已经告诉本人"))
        return redirect("population:person-binding", public_id)
    return _person_page(request, person, dwellings, form)


@requires(Capability.BIND_DWELLING)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def letter(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Issue a code and show its letter, once: it is nowhere to be read afterwards. Without a POST there is none."""
    if request.method != "POST":
        return redirect("population:person-binding", public_id)
    viewer = viewer_of(request)
    person, dwellings = _person(viewer, public_id)
    form = LetterForm(request.POST)
    chosen = None
    if form.is_valid():
        chosen = next((one for one in dwellings if one.public_id == form.cleaned_data["dwelling"]), None)
    if chosen is None:
        messages.error(request, _("登记里这个人现在不在这一户"))
        return redirect("population:person-binding", public_id)
    try:
        code, text = binding_code_issue(
            person=person,
            dwelling=chosen,
            submission_key=form.cleaned_data["submission_key"],
            actor=viewer,
            at=timezone.now(),
        )
    except Forbidden:
        raise
    except StaleState as shown:
        messages.info(request, str(shown.message))
        return redirect("population:person-binding", public_id)
    except DomainError as error:
        messages.error(request, str(error.message))
        return redirect("population:person-binding", public_id)
    link = request.build_absolute_uri(reverse("population:my-home"))
    context = {
        "code": code,
        "text": text,
        "name": mask_name(person.name),
        "address": dwelling_name(chosen),
        "link": link,
        "qr": qr_of(link),
        "person": person,
        "tries_most": TRIES_MOST,
    }
    return render(request, "population/binding_letter.html", context)


@requires(Capability.BIND_DWELLING)
@require_POST
def code_revoke(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Make a letter worthless."""
    viewer = viewer_of(request)
    rows = BindingCode.objects.visible_to(viewer).select_related("person")
    code = get_object_or_404(rows, public_id=public_id)
    binding_code_revoke(code=code, actor=viewer, at=timezone.now())
    messages.success(request, _("作废了，信里的码不能再用"))
    return redirect("population:person-binding", code.person.public_id)


@requires(Capability.BIND_DWELLING)
@require_POST
def binding_stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End a binding of the viewer's area."""
    viewer = viewer_of(request)
    rows = DwellingBinding.objects.visible_to(viewer).select_related("person")
    binding = get_object_or_404(rows, public_id=public_id)
    binding_end(binding=binding, actor=viewer, at=timezone.now())
    messages.success(request, _("解除了，已经告诉本人"))
    return redirect("population:person-binding", binding.person.public_id)


def _person_page(request: HttpRequest, person: Person, dwellings: list[Dwelling], form: CounterForm) -> HttpResponse:
    viewer = viewer_of(request)
    live = bindings_listed(viewer).filter(person=person).order_by("begun_at", "pk")
    codes = codes_listed(viewer).filter(person=person).order_by("issued_at", "pk")
    bound = [(one, dwelling_name(one.dwelling)) for one in live]
    taken = {one.dwelling_id for one, _address in bound}
    context = {
        "person": person,
        "name": mask_name(person.name),
        "bound": bound,
        "codes": [(one, dwelling_name(one.dwelling)) for one in codes],
        "letters": [
            (dwelling_name(one), LetterForm(initial={"dwelling": one.public_id}))
            for one in dwellings
            if one.pk not in taken
        ],
        "form": form if any(one.pk not in taken for one in dwellings) else None,
        "has_number": bool(person.document_number),
        "at": timezone.now(),
        "tries_most": TRIES_MOST,
    }
    return render(request, "population/person_binding.html", context, status=422 if form.errors else 200)


def _person(viewer: Viewer, public_id: UUID) -> tuple[Person, list[Dwelling]]:
    """A person the viewer may see, and those of their dwellings in which the viewer may bind. 2 SQL, else 404."""
    rows: Any = Person.objects.visible_to(viewer)
    person: Person = get_object_or_404(rows, public_id=public_id, merged_into__isnull=True)
    dwellings = [one for one in dwellings_to_bind(person, viewer) if can(viewer, Capability.BIND_DWELLING, one)]
    return person, dwellings
