"""What the account pages say: refusals and short notices. allauth's own words are never shown."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise

TOO_OFTEN = _("试的次数太多了。请过几分钟再试，或者打下面的电话。")
WRONG_CODE = _("验证码不对。请看清楚再填，或者重新发一个。")
WRONG_PASSWORD = _("账号或密码不对。也可以用验证码登录，不用密码。")

ERRORS: dict[str, Words] = {
    "account_inactive": _("这个账号已经停用"),
    "cannot_remove_primary_email": _("只剩这一个登录方式，不能去掉"),
    "duplicate_email": _("这个邮箱已经在您的账号里"),
    "email_password_mismatch": WRONG_PASSWORD,
    "phone_password_mismatch": WRONG_PASSWORD,
    "username_password_mismatch": _("请填手机号或邮箱，比如 13812345678 或 name@example.com"),
    "email_taken": _("这个邮箱已经有人用了"),
    "enter_current_password": _("请填现在的密码"),
    "incorrect_code": WRONG_CODE,
    "incorrect_password": _("密码不对"),
    "invalid_or_expired_key": _("这个链接已经过期"),
    "invalid_login": _("请填手机号或邮箱，比如 13812345678 或 name@example.com"),
    "invalid_password_reset": _("这个链接已经过期"),
    "max_email_addresses": _("一个账号只能留一个邮箱"),
    "phone_taken": _("这个号码已经有账号了，请直接登录"),
    "too_many_login_attempts": TOO_OFTEN,
    "busy": _("现在登录的人太多，没有轮到您。请过几秒再按一次“登录”。"),
    "unknown_email": _("这个邮箱没有注册过"),
    "unknown_phone": _("这个号码没有注册过"),
    "unverified_primary_email": _("请先填邮件里的验证码"),
    "username_blacklisted": _("请换一个"),
    "username_taken": _("请换一个"),
    "select_only_one": _("手机号和邮箱，填一样就行"),
    "same_as_current": _("和现在的一样，不用改"),
    "rate_limited": _("发得太快了，请等半分钟再发。"),
}
SECOND_FACTOR_ERRORS: dict[str, Words] = {
    "add_email_blocked": _("开着两步登录的时候，不能加邮箱"),
    "cannot_delete_authenticator": _("现在不能关掉两步登录"),
    "cannot_generate_recovery_codes": _("请先打开两步登录，再领备用码"),
    "incorrect_code": _("动态码不对。动态码半分钟变一次，请填最新的。"),
    "unverified_email": _("请先填邮件里的验证码，再打开两步登录"),
}
# Notices after a step, by the name that allauth gives them. What is not here is not said.
NOTICES: dict[str, Words] = {
    "account/messages/login_code_sent.txt": _("验证码发出去了，一般一分钟内到。"),
    "account/messages/phone_verification_sent.txt": _("验证码发出去了，一般一分钟内到。"),
    "account/messages/email_confirmation_sent.txt": _("验证码发出去了，一般一分钟内到。"),
    "account/messages/phone_verified.txt": _("手机号确认好了。"),
    "account/messages/email_confirmed.txt": _("邮箱确认好了。"),
    "account/messages/email_confirmation_failed.txt": _("这个邮箱已经有别的账号在用，没有改。"),
    "account/messages/email_deleted.txt": _("邮箱去掉了。"),
    "account/messages/cannot_delete_primary_email.txt": _("只剩这一个登录方式，不能去掉。"),
    "account/messages/password_changed.txt": _("密码改好了。"),
    "account/messages/password_set.txt": _("密码设好了，以后也可以用密码登录。"),
    "mfa/messages/totp_activated.txt": _("两步登录打开了。请把备用码抄下来，手机丢了能用。"),
    "mfa/messages/totp_deactivated.txt": _("两步登录关掉了。"),
    "mfa/messages/recovery_codes_generated.txt": _("新的备用码有了，旧的全部作废。"),
}
STAFF_DOOR = _("这是工作人员的账号，请从工作人员入口登录。")
