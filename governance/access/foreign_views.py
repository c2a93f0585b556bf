"""Views of other people's packages, which cannot carry our marks: each with the reason why it may be reached.

Keys are "module.qualified_name" of the view function. An entry that starts with "public: " needs no sign-in of ours.
"""

_ACCOUNT = "allauth.account.views."
_MFA = "allauth.mfa."

FOREIGN_VIEWS: dict[str, str] = {
    f"{_ACCOUNT}_login.LoginView": "public: residents ask for a sign-in code here",
    f"{_ACCOUNT}_login.ConfirmLoginCodeView": "public: residents type the code they were sent",
    f"{_ACCOUNT}_signup.SignupView": "public: residents make an account here",
    f"{_ACCOUNT}_phone.verify_phone": "public: the code that proves a number, at sign-up or for a signed-in resident",
    f"{_ACCOUNT}_email_verification.email_verification_sent": "public: the code that proves an e-mail address",
    f"{_MFA}base.views.AuthenticateView": "public: second step of a sign-in that is under way",
    f"{_ACCOUNT}_phone.ChangePhoneView": "signed in: a resident changes their own number",
    f"{_ACCOUNT}_email_change.EmailView": "signed in: a resident changes their own e-mail address",
    f"{_ACCOUNT}_reauthenticate.ReauthenticateView": "signed in: the password again before something that matters",
    f"{_ACCOUNT}_reauthenticate.ConfirmReauthenticationCodeView": "signed in: takes that code",
    f"{_MFA}base.views.IndexView": "signed in: whether the second step is on",
    f"{_MFA}base.views.ReauthenticateView": "signed in: the second step again before something that matters",
    f"{_MFA}totp.views.ActivateTOTPView": "signed in: switches the second step on",
    f"{_MFA}totp.views.DeactivateTOTPView": "signed in: switches the second step off",
    f"{_MFA}recovery_codes.views.ViewRecoveryCodesView": "signed in: a resident's own backup codes",
    f"{_MFA}recovery_codes.views.GenerateRecoveryCodesView": "signed in: makes new backup codes",
}


def view_name(view: object) -> str:
    """Return the key under which a view is looked up."""
    target = getattr(view, "view_class", view)
    return f"{getattr(target, '__module__', '')}.{getattr(target, '__qualname__', '')}"
