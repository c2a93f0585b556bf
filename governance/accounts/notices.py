"""Messages of accounts: codes, answers to strangers' tries, and what happened to an account."""

from django.utils.translation import gettext_lazy as _

from governance.accounts import staff_notices  # noqa: F401 - registers its kinds
from governance.notifications.groups import RESIDENT, NoticeGroup, Place, describe_places
from governance.notifications.registry import NoticeKind, nobody, nothing, register

SECURITY = NoticeGroup(
    "accounts.security",
    _("账号安全和验证码"),
    _("账号的主人"),
    RESIDENT,
    fixed=_("有人动您的账号，您要马上知道"),
    has_sms=True,
)
describe_places(
    "accounts",
    {
        "code": Place(_("验证码"), "K7Q4XM"),
        "minutes": Place(_("几分钟内有效"), 3),
        "what": Place(_("账号出了什么事"), {"zh": "登录邮箱改了", "en": "the sign-in e-mail was changed"}),
        "link": Place(_("去处理的链接"), "/account/devices/"),
    },
)

CODE = register(
    NoticeKind(
        key="accounts.code",
        event="",
        title=_("登录验证码"),
        group=SECURITY,
        is_urgent=True,
        audience=nobody,
        context=nothing,
        context_keys=(),
        late_keys=("code", "minutes"),
        needed=("code",),
        subject_zh="您的验证码",
        body_zh="您好：\n\n您的验证码是 {code}，{minutes} 分钟内有效。\n\n"
        "我们不会打电话问您要验证码。不是您本人操作，不用理它。",
        subject_en="Your code",
        body_en="Hello,\n\nYour code is {code}. It is good for {minutes} minutes.\n\n"
        "We never ask for a code by telephone. If you did not ask for it, you need do nothing.",
        sms_zh="验证码 {code}，{minutes} 分钟内有效。我们不会打电话问您要验证码。",
        sms_en="Your code is {code}, good for {minutes} minutes. We never ask for it by telephone.",
    )
)
UNKNOWN = register(
    NoticeKind(
        key="accounts.unknown",
        event="",
        title=_("没有账号的登录"),
        group=SECURITY,
        is_urgent=True,
        audience=nobody,
        context=nothing,
        context_keys=(),
        late_keys=("link",),
        subject_zh="这里还没有您的账号",
        body_zh="您好：\n\n有人用这个地址登录，可它还没有账号。要用的话，请先注册：{link}\n\n不是您本人操作，不用理它。",
        subject_en="You have no account here yet",
        body_en="Hello,\n\nSomebody tried to sign in with this address, but it has no account. To make one: {link}"
        "\n\nIf it was not you, you need do nothing.",
        sms_zh="这个号码还没有账号。要用的话请先注册：{link} 不是您本人操作，不用理它。",
        sms_en="This number has no account yet. To make one: {link} If it was not you, ignore this.",
    )
)
EXISTS = register(
    NoticeKind(
        key="accounts.exists",
        event="",
        title=_("已有账号的注册"),
        group=SECURITY,
        is_urgent=True,
        audience=nobody,
        context=nothing,
        context_keys=(),
        late_keys=("link",),
        subject_zh="您已经有账号了",
        body_zh="您好：\n\n有人用这个地址注册，可它已经有账号了。请直接登录：{link}\n\n不是您本人操作，不用理它。",
        subject_en="You already have an account",
        body_en="Hello,\n\nSomebody tried to sign up with this address, but it already has an account. Sign in here: "
        "{link}\n\nIf it was not you, you need do nothing.",
        sms_zh="这个号码已经有账号了，请直接登录：{link} 不是您本人操作，不用理它。",
        sms_en="This number already has an account. Sign in: {link} If it was not you, ignore this.",
    )
)
CHANGED = register(
    NoticeKind(
        key="accounts.changed",
        event="",
        title=_("账号安全提醒"),
        group=SECURITY,
        is_urgent=True,
        audience=nobody,
        context=nothing,
        context_keys=(),
        late_keys=("what", "link"),
        subject_zh="您的账号：{what}",
        body_zh="您好：\n\n您的账号刚才{what}。\n\n不是您本人操作的，请马上看登录过的设备，让它们退出：{link}",
        subject_en="Your account: {what}",
        body_en="Hello,\n\nJust now {what}.\n\nIf it was not you, look at the devices that are signed in "
        "and end them at once: {link}",
        sms_zh="您的账号刚才{what}。不是您本人操作的，请马上处理：{link}",
        sms_en="Your account: {what} just now. If it was not you, act at once: {link}",
    )
)

# What happened to an account, told to its owner: Chinese and English, since a letter has its reader's language.
HAPPENED: dict[str, dict[str, str]] = {
    "account/email/email_changed": {"zh": "登录邮箱改了", "en": "the sign-in e-mail was changed"},
    "account/email/email_deleted": {"zh": "登录邮箱去掉了", "en": "the sign-in e-mail was removed"},
    "account/email/password_changed": {"zh": "密码改了", "en": "the password was changed"},
    "account/email/password_set": {"zh": "设了密码", "en": "a password was set"},
    "mfa/email/totp_activated": {"zh": "打开了两步登录", "en": "two-step sign-in was switched on"},
    "mfa/email/totp_deactivated": {"zh": "关掉了两步登录", "en": "two-step sign-in was switched off"},
    "mfa/email/recovery_codes_generated": {"zh": "领了新的备用码", "en": "new backup codes were made"},
    "accounts/phone_changed": {"zh": "登录手机号改了", "en": "the sign-in telephone number was changed"},
}
