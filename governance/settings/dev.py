"""`make run`: one machine, plain HTTP on the loopback address, demo data."""

from governance.settings.attach import attach

attach()

from governance.settings.base import *  # noqa: E402, F403

SESSION_COOKIE_SECURE = False
CSRF_COOKIE_SECURE = False
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
