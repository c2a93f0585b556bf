"""Pages of residents' accounts, and of how staff sign in. Pages of allauth's that are not listed are not reachable."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as backup
from allauth.mfa.totp import views as totp
from django.urls import include, path

from governance.accounts.views import devices, entrance, home, staff

own = (
    [
        path("account/", home.home, name="home"),
        path("account/sign-in/password/", entrance.PasswordSignInView.as_view(), name="password-sign-in"),
        path("account/password/", entrance.NewPasswordView.as_view(), name="password"),
        path("account/devices/", devices.devices, name="devices"),
        path("account/devices/sign-out/", devices.sign_out, name="devices-sign-out"),
        path("account/notices/", home.notices, name="notices"),
        path("account/leave/", home.leave, name="leave"),
        path("staff/sign-in/code/", staff.sign_in_code, name="sign-in-code"),
        path("staff/account/", staff.account, name="staff"),
        path("staff/account/devices/sign-out/", staff.sign_out, name="staff-sign-out"),
        path("staff/account/password/", staff.password, name="staff-password"),
        path("staff/account/second-step/", staff.second_step_new, name="second-step-new"),
        path("staff/account/second-step/codes/", staff.codes_new, name="second-step-codes"),
    ],
    "account",
)
urlpatterns = [
    path("", include(own)),
    path("account/sign-in/", account.login, name="account_login"),
    path("account/sign-in/code/", account.confirm_login_code, name="account_confirm_login_code"),
    path("account/sign-up/", account.signup, name="account_signup"),
    path("account/phone/", account.change_phone, name="account_change_phone"),
    path("account/phone/code/", account.verify_phone, name="account_verify_phone"),
    path("account/email/", account.email, name="account_email"),
    path("account/email/code/", account.email_verification_sent, name="account_email_verification_sent"),
    path("account/again/password/", account.reauthenticate, name="account_reauthenticate"),
    path("account/again/", entrance.CodeAgainView.as_view(), name="account_request_reauthentication_code"),
    path("account/again/code/", account.confirm_reauthentication_code, name="account_confirm_reauthentication_code"),
    path("account/two-step/", mfa.index, name="mfa_index"),
    path("account/two-step/sign-in/", mfa.authenticate, name="mfa_authenticate"),
    path("account/two-step/again/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("account/two-step/on/", totp.activate_totp, name="mfa_activate_totp"),
    path("account/two-step/off/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("account/two-step/codes/", backup.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("account/two-step/codes/new/", backup.generate_recovery_codes, name="mfa_generate_recovery_codes"),
]
