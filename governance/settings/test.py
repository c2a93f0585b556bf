"""Tests: the same stack on a cluster of its own; plain static storage, cheap password hashing."""
# mypy: ignore-errors

import base64
import os

os.environ.setdefault("SECRET_KEY", "test-only-" + "x" * 50)
os.environ.setdefault("FIELD_KEYS", base64.urlsafe_b64encode(b"k" * 32).decode())

from governance.settings.base import *  # noqa: F403
from governance.settings.base import CACHES, DATABASES, STORAGES, TEMPLATES, VAR_DIR, env

DATABASES["default"]["TEST"] = {
    "NAME": env.str("TEST_DB_NAME", None),
    "TEMPLATE": env.str("TEST_DB_TEMPLATE", None),
}
DATABASES["default"]["CONN_MAX_AGE"] = 0
_WORKER = env.str("PYTEST_XDIST_WORKER", "main")
STORAGES["default"]["OPTIONS"] = {"location": VAR_DIR / "test-files" / _WORKER}
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
SESSION_COOKIE_SECURE = False
WHITENOISE_AUTOREFRESH = True  # else every client of a test reads the whole folder of collected files
LIREN_DEMO = True
SMS_PROVIDER = "console"
SMS_FILE_PATH = None
TEMPLATES[0]["OPTIONS"]["string_if_invalid"] = ""

CACHE_GENERATION = 0  # raised before each test, so that no test sees what another left in the cache


def cache_key(key: str, prefix: str, version: int) -> str:
    """Key of a cache entry: private to this process and this test, on a server that others may use too."""
    return f"test:{os.getpid()}:{CACHE_GENERATION}:{prefix}:{version}:{key}"


CACHES["default"]["KEY_FUNCTION"] = cache_key
TRAIL_ANCHORS = ""
