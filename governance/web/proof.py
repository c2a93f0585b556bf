"""`@proved()`: before something weighty, whoever sits there gives the password again, unless they have just done so.

It is asked for when the page is opened, so that nobody fills in a form in vain. Whoever takes longer over the form than
the office allows (twice the minutes, so that opening it late leaves time) is asked when they send it: on a page that
carries what they typed in hidden fields and sends it on. Nothing typed lies on the server meanwhile, and nothing is
lost. The password alone is asked for: a device that was needed to come in was needed in this same session.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.debug import sensitive_post_parameters

from governance.access.proof import fresh_minutes, mark_proved, proved_at
from governance.access.services import sign_in_allowed, sign_in_failed
from governance.web.throttle import client_address

View = Callable[..., HttpResponseBase]
PASSWORD, OPENING = "_proof", "_opening"
NEVER_CARRIED = frozenset({PASSWORD, OPENING, "csrfmiddlewaretoken"})


class ProofForm(forms.Form):
    """The password, once more."""

    password = forms.CharField(
        label=_("密码"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("请写密码")},
    )

    def add_prefix(self, field_name: str) -> str:
        """A name that no form of a page has."""
        return PASSWORD


def proved(
    *, on_opening: bool = True, when: Callable[[HttpRequest], bool] = lambda request: True
) -> Callable[[View], View]:
    """Ask for the password before the view answers; `when` says which of the forms sent to it are weighty."""

    def mark(view: View) -> View:
        @wraps(view)
        @sensitive_post_parameters(PASSWORD)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            at = timezone.now()
            if request.method != "POST":
                needed = on_opening and not _is_fresh(request, at, times=1)
                return _ask(request, ProofForm(), is_opening=True) if needed else view(request, *args, **kwargs)
            if PASSWORD in request.POST:
                form = ProofForm(request.POST)
                if not _is_right(form, request, at):
                    return _ask(request, form, is_opening=OPENING in request.POST)
                mark_proved(request.session, at)
                if OPENING in request.POST:
                    return redirect(request.get_full_path())
                request.POST = _typed(request)  # type: ignore[assignment]
            elif when(request) and not _is_fresh(request, at, times=2):
                return _ask(request, ProofForm(), is_opening=False)
            return view(request, *args, **kwargs)

        return guarded

    return mark


def _is_fresh(request: HttpRequest, at: datetime, *, times: int) -> bool:
    last = proved_at(request.session)
    return last is not None and at - last <= times * timedelta(minutes=fresh_minutes())


def _is_right(form: ProofForm, request: HttpRequest, at: datetime) -> bool:
    """Counted with the failures of signing in: five wrong ones from here and it is over for a quarter of an hour."""
    user: Any = request.user
    if not form.is_valid():
        return False
    if not sign_in_allowed(email=user.email or "", address=client_address(request), at=at):
        form.add_error("password", _("试的次数太多了，请过 15 分钟再试。"))
        return False
    if user.check_password(form.cleaned_data["password"]):
        return True
    sign_in_failed(email=user.email or "", address=client_address(request), at=at)
    form.add_error("password", _("密码不对。请检查大小写和输入法，再试一次。"))
    return False


def _typed(request: HttpRequest) -> Any:
    typed = request.POST.copy()
    for name in (PASSWORD, OPENING):
        typed.pop(name, None)
    typed._mutable = False
    return typed


def _ask(request: HttpRequest, form: ProofForm, *, is_opening: bool) -> HttpResponse:
    typed = [] if is_opening else request.POST.lists()
    carried = [(name, value) for name, values in typed if name not in NEVER_CARRIED for value in values]
    context = {"form": form, "is_opening": is_opening, "carried": carried}
    response = render(request, "web/proof.html", context, status=422 if form.errors else 200)
    response.headers["Cache-Control"] = "no-store, private"
    return response
