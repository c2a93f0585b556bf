"""Forms of the account pages: allauth's, with our fields, labels and words."""

from typing import Any

from allauth.account import forms as account
from allauth.mfa.base import forms as mfa
from allauth.mfa.totp import forms as totp
from allauth.mfa.totp.internal.auth import SECRET_SESSION_KEY, generate_totp_secret, validate_totp_code
from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.accounts.fields import MobileField
from governance.notifications.blocking import block_of
from governance.privacy.masks import mask_email, mask_phone
from governance.text import mobile_number
from governance.web.portal import portal

PASSWORD_HINT = _("至少 10 个字，别用生日、电话这类好猜的。")


def _email_field(**changes: Any) -> forms.EmailField:
    return forms.EmailField(
        label=_("邮箱"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autocapitalize": "none", "spellcheck": "false"}),
        error_messages={"required": _("请填邮箱"), "invalid": _("邮箱没有看懂，请写成 name@example.com 这样")},
        **changes,
    )


def _password_field(label: Any, autocomplete: str, **changes: Any) -> forms.CharField:
    return forms.CharField(
        label=label,
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": autocomplete}),
        error_messages={"required": _("请填密码")},
        **changes,
    )


def check_reachable(address: str) -> str:
    """Return the address; say where to turn to when nothing is sent there, instead of a code that never comes."""
    if block_of(address, at=timezone.now()) is None:
        return address
    where = {"address": portal().text("address"), "phone": portal().hotlines[0].number}
    raise forms.ValidationError(
        _("我们现在不往这里发消息，验证码到不了。有事请到 %(address)s，或者打 %(phone)s。") % where, code="blocked"
    )


class _Login(account.LoginForm):
    """Telephone or e-mail in one field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"] = forms.CharField(
            label=_("手机号或邮箱") if settings.SMS_PROVIDER else _("邮箱"),
            max_length=254,
            widget=forms.TextInput(attrs={"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
            error_messages={"required": _("请填手机号或邮箱")},
        )
        self.order_fields(["login", "password"])

    def clean_login(self) -> str:
        """A number as E.164, anything else as it is."""
        login = super().clean_login()
        return mobile_number(login) or login


class SignInForm(_Login):
    """Without a password: a code comes."""

    def clean_login(self) -> str:
        """Where a code can arrive."""
        return check_reachable(super().clean_login())


class PasswordSignInForm(_Login):
    """With a password, for those who have set one."""

    def _setup_password_field(self) -> None:
        self.fields["password"] = _password_field(_("密码"), "current-password")


class SignUpForm(account.SignupForm):
    """A number or an address, and a name for those who like."""

    name = forms.CharField(
        label=_("怎么称呼您"),
        required=False,
        max_length=40,
        help_text=_("可以不填。比如：周女士"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("称呼太长了，最多 40 个字")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        has_phone = bool(settings.SMS_PROVIDER)
        self.fields["email"] = _email_field(required=not has_phone)
        if has_phone:
            self.fields["phone"] = MobileField(required=False)
            self.fields["email"].label = _("或者用邮箱")
        else:
            del self.fields["phone"]
        self.order_fields(["phone", "email", "name"])

    def clean(self) -> dict[str, Any]:
        """At least one of the two."""
        data: dict[str, Any] = super().clean()
        for name in ("phone", "email"):
            try:
                check_reachable(data.get(name) or "")
            except forms.ValidationError as refused:
                self.add_error(name, refused)
        if "phone" in self.fields and not self.errors and not data.get("phone") and not data.get("email"):
            self.add_error("phone", _("请填手机号，或者填邮箱"))
        return data


class _Code(forms.Form):
    """One code field, as a telephone's keyboard likes it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = forms.CharField(
            label=_("验证码"),
            max_length=12,
            widget=forms.TextInput(
                attrs={
                    "inputmode": "numeric",
                    "autocomplete": "one-time-code",
                    "class": "lr-input--short lr-input--code",
                }
            ),
            error_messages={"required": _("请填收到的验证码"), "max_length": _("验证码是 6 位数字")},
        )


class LoginCodeForm(_Code, account.ConfirmLoginCodeForm):
    """The code that signs in."""


class PhoneCodeForm(_Code, account.VerifyPhoneForm):
    """The code that proves a number."""


class EmailCodeForm(_Code, account.ConfirmEmailVerificationCodeForm):
    """The code that proves an address."""


class ConfirmAgainForm(_Code, account.ConfirmReauthenticationCodeForm):
    """The code before something that matters."""


class NewPhoneForm(account.ChangePhoneForm):
    """Another number."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["phone"].label = _("新的手机号")

    def clean_phone(self) -> str:
        """Where a code can arrive."""
        return check_reachable(super().clean_phone())


class NewEmailForm(account.AddEmailForm):
    """Another address."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"] = _email_field()
        self.fields["email"].label = _("新的邮箱")

    def clean_email(self) -> str:
        """Where a code can arrive."""
        return check_reachable(super().clean_email())


class CorrectedEmailForm(account.ChangeEmailForm):
    """An address put right; never shown, since signing up again does the same."""


class NewPasswordForm(account.SetPasswordForm):
    """A password, written twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, label, hint in (
            ("password1", _("新密码"), PASSWORD_HINT),
            ("password2", _("再写一遍"), ""),
        ):
            field = self.fields[name]
            field.label, field.help_text = label, hint
            field.widget = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            field.error_messages["required"] = _("请填密码")

    def clean(self) -> dict[str, Any]:
        """The same twice."""
        data: dict[str, Any] = forms.Form.clean(self) or {}
        if data.get("password1") and data.get("password2") and data["password1"] != data["password2"]:
            self.add_error("password2", _("两遍写得不一样，请再写一遍"))
        return data


class PasswordAgainForm(account.ReauthenticateForm):
    """The password before something that matters."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["password"] = _password_field(_("密码"), "current-password")


class CodeAgainForm(account.RequestReauthenticationCodeForm):
    """Where the code before something that matters is sent."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = self.fields["recipient"].choices  # type: ignore[attr-defined]
        choices = [(value, mask_email(value) if "@" in value else mask_phone(value)) for value, _label in known]
        self.fields["recipient"] = forms.ChoiceField(
            label=_("验证码发到哪里？"),
            choices=choices,
            initial=choices[0][0] if choices else None,
            widget=forms.RadioSelect,
            error_messages={"required": _("请选一个")},
        )


class _DynamicCode(_Code):
    """A code of the app on the telephone, or a backup code."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("动态码")
        self.fields["code"].error_messages["required"] = _("请填动态码")


class SecondFactorForm(_DynamicCode, mfa.AuthenticateForm):
    """The second step of signing in."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("动态码，或者备用码")


class SecondFactorAgainForm(_DynamicCode, mfa.ReauthenticateForm):
    """The same before something that matters."""


class ActivateForm(_DynamicCode, totp.ActivateTOTPForm):
    """The first code of a new app."""


class StaffCodeForm(_DynamicCode, forms.Form):
    """The second step of staff: their own door, so no form of allauth's."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = _("动态码，或者备用码")


class StaffActivateForm(_DynamicCode, forms.Form):
    """The first code of a telephone that staff set up. The secret stays the same until it is right."""

    def __init__(self, *args: Any, session: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.secret: str = session.get(SECRET_SESSION_KEY) or generate_totp_secret()
        session[SECRET_SESSION_KEY] = self.secret

    def clean_code(self) -> str:
        """A code that this secret makes now."""
        code: str = self.cleaned_data["code"]
        if not validate_totp_code(self.secret, code):
            raise forms.ValidationError(_("动态码不对。动态码半分钟变一次，请填最新的。"), code="incorrect_code")
        return code


class StaffPasswordForm(forms.Form):
    """Another password of a member of staff, written twice."""

    password = _password_field(_("新密码"), "new-password", help_text=PASSWORD_HINT)
    password_again = _password_field(_("再写一遍"), "new-password")

    def clean(self) -> dict[str, Any]:
        """The same twice."""
        data: dict[str, Any] = super().clean() or {}
        again = data.get("password_again")
        if again and data.get("password") and again != data["password"]:
            self.add_error("password_again", _("两遍写得不一样，请再写一遍"))
        return data


class NameForm(forms.Form):
    """How somebody wants to be called."""

    name = forms.CharField(
        label=_("怎么称呼您"),
        required=False,
        max_length=40,
        help_text=_("反映事情的时候会先替您填上，可以改。"),
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"max_length": _("称呼太长了，最多 40 个字")},
    )


class LeaveForm(forms.Form):
    """Taking the account away: one box, so that nobody does it by a slip."""

    sure = forms.BooleanField(label=_("我明白了，注销账号"), error_messages={"required": _("要注销，请先打勾")})
