"""Residents' accounts (django-allauth): ways in, codes, limits, forms. Staff sign in elsewhere."""

from typing import Any

_FORMS = "governance.accounts.forms."

ACCOUNT_ADAPTER = "governance.accounts.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email", "phone"}
# Either is enough (our form sees to that); without a password, which may be added later.
ACCOUNT_SIGNUP_FIELDS = ["phone", "email*"]
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PHONE_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True  # before telephone, e-mail or password change, or the account goes
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""

RESIDENT_SESSION_AGE = 30 * 24 * 3600  # seconds; the list of devices ends one at once
ACCOUNT_CODE_MINUTES = 5
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = ACCOUNT_CODE_MINUTES * 60
ACCOUNT_PHONE_VERIFICATION_TIMEOUT = ACCOUNT_CODE_MINUTES * 60
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_TIMEOUT = ACCOUNT_CODE_MINUTES * 60
# Six digits can be typed from a small screen. A code dies after three wrong tries, and the limits below keep anybody
# from asking for more than ten codes for one number or address a day.
_SIX_DIGITS: dict[str, Any] = {"length": 6, "numeric": True, "dashed": False}
ACCOUNT_LOGIN_BY_CODE_FORMAT = _SIX_DIGITS
ACCOUNT_PHONE_VERIFICATION_CODE_FORMAT = _SIX_DIGITS
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_FORMAT = _SIX_DIGITS
ACCOUNT_RATE_LIMITS = {
    "request_login_code": "20/m/ip,3/m/key,10/d/key",
    "change_phone": "5/m/user",  # the proof that comes between makes it two
    "verify_phone": "1/30s/key,3/m/ip,10/d/key",
}
ACCOUNT_FORMS = {
    "login": _FORMS + "SignInForm",
    "signup": _FORMS + "SignUpForm",
    "confirm_login_code": _FORMS + "LoginCodeForm",
    "verify_phone": _FORMS + "PhoneCodeForm",
    "confirm_email_verification_code": _FORMS + "EmailCodeForm",
    "change_phone": _FORMS + "NewPhoneForm",
    "add_email": _FORMS + "NewEmailForm",
    "change_email": _FORMS + "CorrectedEmailForm",
    "set_password": _FORMS + "NewPasswordForm",
    "reauthenticate": _FORMS + "PasswordAgainForm",
    "confirm_reauthentication_code": _FORMS + "ConfirmAgainForm",
}

MFA_ADAPTER = "governance.accounts.second_factor.SecondFactorAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_FORMS = {
    "authenticate": _FORMS + "SecondFactorForm",
    "reauthenticate": _FORMS + "SecondFactorAgainForm",
    "activate_totp": _FORMS + "ActivateForm",
}
USERSESSIONS_TRACK_ACTIVITY = False  # no statement a page; the list says when each device signed in
