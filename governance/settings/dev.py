"""`make run`: one machine, plain HTTP on the loopback address, demo data."""

from governance.settings.attach import attach

attach()

from governance.settings.base import *  # noqa: E402, F403
from governance.settings.base import LIREN_DEMO, SMS_PROVIDER  # noqa: E402

SMS_PROVIDER = SMS_PROVIDER or "console"
LIREN_MESSAGE_PAGE = LIREN_DEMO

SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001", "security.W004", "security.W008", "security.W012", "security.W016"]
