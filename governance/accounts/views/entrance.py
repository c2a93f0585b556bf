"""Ways in and a new password that allauth shapes differently."""

from typing import Any

from allauth.account import app_settings
from allauth.account.internal.flows import password_change, reauthentication
from allauth.account.views import LoginView, PasswordSetView, RequestReauthenticationCodeView
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.decorators import method_decorator
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic.edit import FormView

from governance.access.decorators import public
from governance.accounts.decorators import resident
from governance.accounts.forms import CodeAgainForm, NewPasswordForm, PasswordSignInForm


@public("residents sign in here")
class PasswordSignInView(LoginView):
    """Number or address with a password."""

    template_name = f"account/login_password.{app_settings.TEMPLATE_EXTENSION}"

    def get_form_class(self) -> Any:
        """The form with the password."""
        return PasswordSignInForm


@method_decorator(resident, name="dispatch")
class CodeAgainView(RequestReauthenticationCodeView):
    """Asks where the code before something that matters is sent; allauth takes no other form here by a setting."""

    form_class = CodeAgainForm


@method_decorator(resident, name="dispatch")
@method_decorator(sensitive_post_parameters("password1", "password2"), name="dispatch")
class NewPasswordView(PasswordSetView):
    """The first password or another one: whoever has just proved who they are needs no old one."""

    form_class = NewPasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Ask for a proof first, also from those who have a password already."""
        reauthentication.raise_if_reauthentication_required(request, app="allauth.account")
        return FormView.dispatch(self, request, *args, **kwargs)

    def form_valid(self, form: Any) -> HttpResponse:
        """Save, stay signed in here, and tell the owner."""
        had_one = self.request.user.has_usable_password()
        password_change.change_password(self.request.user, form.cleaned_data["password1"])
        finish = password_change.finalize_password_change if had_one else password_change.finalize_password_set
        finish(self.request, form.user)
        return FormView.form_valid(self, form)
