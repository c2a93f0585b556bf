"""Tests: the same stack on a cluster of its own; plain static storage, cheap password hashing."""

import base64
import os

os.environ.setdefault("SECRET_KEY", "test-only-" + "x" * 50)
os.environ.setdefault("FIELD_KEYS", base64.urlsafe_b64encode(b"k" * 32).decode())

from governance.settings.base import *  # noqa: E402, F403
from governance.settings.base import DATABASES, STORAGES, TEMPLATES, env  # noqa: E402

DATABASES["default"]["TEST"] = {
    "NAME": env.str("TEST_DB_NAME", None),
    "TEMPLATE": env.str("TEST_DB_TEMPLATE", None),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SESSION_COOKIE_SECURE = False
LIREN_DEMO = True
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = ""
