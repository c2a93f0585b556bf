"""How allauth works here: numbers in `UserPhone`, codes as messages of the outbox, our own words and pages."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language

from governance.access.models import User, UserKind, UserPhone
from governance.access.services import sign_in_allowed, sign_in_failed
from governance.accounts import notices, services, words
from governance.accounts.fields import MobileField
from governance.notifications.registry import EMAIL, SMS, NoticeKind
from governance.notifications.services import message_send
from governance.text import mobile_number
from governance.web.navigation import resolve
from governance.web.throttle import client_address

VISITOR = "accounts.visitor"
CODE_MAILS = {"account/email/login_code", "account/email/email_confirmation", "account/email/email_confirmation_signup"}


class AccountAdapter(DefaultAccountAdapter):
    """What allauth asks of us."""

    error_messages = words.ERRORS

    # --- telephone numbers -------------------------------------------------------------------------------------

    def phone_form_field(self, **kwargs: Any) -> Any:
        """A field that understands 13812345678."""
        return MobileField(**kwargs)

    def clean_phone(self, phone: str) -> str:
        """Return the number as E.164."""
        return mobile_number(phone)

    def get_phone(self, user: Any) -> tuple[str, bool] | None:
        """Return (number, verified)."""
        phone = UserPhone.objects.filter(user=user).first()
        return (str(phone.number), phone.verified_at is not None) if phone is not None else None

    def set_phone(self, user: Any, phone: str, verified: bool) -> None:
        """Keep a number."""
        services.phone_keep(user=user, number=phone, at=timezone.now() if verified else None)

    def set_phone_verified(self, user: Any, phone: str) -> None:
        """Keep a number whose code came back; the old one's owner hears of the change."""
        before = self.get_phone(user)
        services.phone_keep(user=user, number=phone, at=timezone.now())
        if before is not None and before[1] and before[0] != mobile_number(phone):
            self._tell(user, "accounts/phone_changed", phone=before[0])

    def get_user_by_phone(self, phone: str) -> User | None:
        """Return the active resident with this number, verified or about to be."""
        found = (
            UserPhone.objects.filter(number_index__in=services.phone_indexes(phone), user__is_active=True)
            .select_related("user")
            .first()
        )
        return found.user if found is not None else None

    # --- signing up and in -------------------------------------------------------------------------------------

    def new_user(self, request: HttpRequest) -> User:
        """An account of a resident."""
        return User(kind=UserKind.RESIDENT)

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> User:
        """Save what the sign-up form says."""
        data = form.cleaned_data
        user.email, user.private_name = data.get("email") or None, data.get("name", "")
        return services.account_create(
            user=user, phone=data.get("phone") or "", language=get_language() or "zh-hans", at=timezone.now()
        )

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Anybody may have an account; nobody needs one."""
        return True

    def get_login_stages(self) -> list[str]:
        """Allauth's, with our own step for the e-mail."""
        ours = "governance.accounts.stages.EmailStage"
        return [
            ours if stage == "allauth.account.stages.EmailVerificationStage" else stage
            for stage in super().get_login_stages()
        ]

    def pre_login(self, request: HttpRequest, user: Any, **kwargs: Any) -> HttpResponse | None:
        """Send staff to their own entrance, where their rules hold; say so when an account is closed."""
        if user.kind == UserKind.RESIDENT:
            return super().pre_login(request, user, **kwargs)
        from allauth.account.internal.stagekit import clear_login

        clear_login(request)
        messages.info(request, str(words.STAFF_DOOR))
        return HttpResponseRedirect(reverse("access:sign-in"))

    def respond_user_inactive(self, request: HttpRequest, user: Any) -> HttpResponse:
        """Say that the account is closed, on the sign-in page."""
        messages.error(request, str(words.ERRORS["account_inactive"]))
        return HttpResponseRedirect(reverse("account_login"))

    def login(self, request: HttpRequest, user: Any) -> None:
        """Sign in for thirty days and write it down."""
        is_first = user.last_login is None
        super().login(request, user)
        request.session.set_expiry(settings.RESIDENT_SESSION_AGE)
        services.signed_in(user=user, is_first=is_first, at=timezone.now())

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """What is theirs first."""
        return resolve("intake:mine") or reverse("account:home")

    def get_signup_redirect_url(self, request: HttpRequest) -> str:
        """The same after signing up."""
        return self.get_login_redirect_url(request)

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Back to the account."""
        return reverse("account:home")

    def get_email_verification_redirect_url(self, email_address: Any) -> str:
        """Back to the account."""
        return reverse("account:home")

    # --- limits ------------------------------------------------------------------------------------------------

    def pre_authenticate(self, request: HttpRequest, **credentials: Any) -> None:
        """Count tries in the database, too: these limits hold while the cache is down."""
        if not sign_in_allowed(email=_login(credentials), address=self.get_client_ip(request), at=timezone.now()):
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Write a wrong password down."""
        sign_in_failed(email=_login(credentials), address=self.get_client_ip(request), at=timezone.now())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        return services.phone_index(_login(credentials))

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address, as everywhere in the portal."""
        return client_address(request) or "0.0.0.0"  # noqa: S104 - a name for "unknown", nothing listens there

    # --- words and messages ------------------------------------------------------------------------------------

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: Any = None,
    ) -> None:
        """Say it in our words; what we have no words for is not said."""
        said = message or words.NOTICES.get(message_template or "")
        if said:
            messages.add_message(request, level, str(said), extra_tags=extra_tags)

    def send_verification_code_sms(self, user: Any, phone: str, code: str, **kwargs: Any) -> None:
        """Send a code to a number."""
        self._send(notices.CODE, SMS, phone, user, _code(code), minutes=settings.ACCOUNT_CODE_MINUTES)

    def send_unknown_account_sms(self, phone: str, **kwargs: Any) -> None:
        """Tell a number without account how to get one."""
        self._send(notices.UNKNOWN, SMS, phone, None, {"link": reverse("account_signup")})

    def send_account_already_exists_sms(self, phone: str) -> None:
        """Tell a number with account to sign in."""
        self._send(notices.EXISTS, SMS, phone, None, {"link": reverse("account_login")})

    def send_account_already_exists_mail(self, email: str) -> None:
        """Tell an address with account to sign in."""
        self._send(notices.EXISTS, EMAIL, email, None, {"link": reverse("account_login")})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send what allauth would have mailed from within the request, as a message of ours."""
        if template_prefix in CODE_MAILS:
            values, minutes = _code(context["code"]), settings.ACCOUNT_CODE_MINUTES
            self._send(notices.CODE, EMAIL, email, context.get("user"), values, minutes=minutes)
        elif template_prefix == "account/email/unknown_account":
            self._send(notices.UNKNOWN, EMAIL, email, None, {"link": reverse("account_signup")})
        elif what := notices.HAPPENED.get(template_prefix):
            self._send(notices.CHANGED, EMAIL, email, None, {"what": what, "link": reverse("account:devices")})

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the owner what happened: by e-mail, or by SMS where there is none."""
        phone = self.get_phone(user)
        if email or user.email:
            self._tell(user, template_prefix, email=email or user.email)
        elif phone is not None and phone[1]:
            self._tell(user, template_prefix, phone=phone[0])

    def _tell(self, user: User, what: str, *, email: str = "", phone: str = "") -> None:
        if (said := notices.HAPPENED.get(what)) is not None:
            values = {"what": said, "link": reverse("account:devices")}
            self._send(notices.CHANGED, EMAIL if email else SMS, email or phone, user, values)

    def _send(
        self,
        kind: NoticeKind,
        channel: str,
        address: str,
        user: Any,
        secret: Mapping[str, Any],
        *,
        minutes: int | None = None,
    ) -> None:
        at = timezone.now()
        known = user is not None and user.pk is not None
        message_send(
            kind=kind,
            channel=channel,
            recipient_ref=f"access.user:{user.pk}" if known else f"{VISITOR}:{services.phone_index(address)[:16]}",
            address=address,
            language=get_language() or "",
            secret=secret,
            at=at,
            expires_at=at + timedelta(minutes=minutes) if minutes is not None else None,
        )

    def validation_error(self, code: str, *args: Any) -> forms.ValidationError:
        """Return a refusal in our words."""
        message = str(self.error_messages[code])
        return forms.ValidationError(message % args if args and "%" in message else message, code=code)


def _code(code: str) -> dict[str, str]:
    return {"code": code, "minutes": str(settings.ACCOUNT_CODE_MINUTES)}


def _login(credentials: Mapping[str, Any]) -> str:
    """What somebody typed to say who they are."""
    return str(credentials.get("email") or credentials.get("phone") or credentials.get("username") or "")
