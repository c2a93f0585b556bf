"""Settings shared by every way of running Liren; everything that varies comes from the environment."""

import base64
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from environs import Env

from governance.settings.storages import file_storage

env = Env()
BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = Path(env.str("LIREN_VAR_DIR", str(BASE_DIR / "var")))
DATA_DIR = Path(env.str("LIREN_DATA_DIR", str(BASE_DIR.parent / "shared" / "data")))


def required(name: str, explanation: str) -> str:
    """Return an environment variable, or stop with a paragraph that says what it is for."""
    value = env.str(name, "")
    if not value:
        raise ImproperlyConfigured(f"{name} is not set. {explanation}")
    return value


def database(url: str) -> dict[str, object]:
    """Turn `postgresql://user:password@host:port/name?host=/socket/dir` into Django's form.

    Only PostgreSQL is accepted: constraints, locks and the trail rely on it.
    """
    parts = urlsplit(url)
    if parts.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            "DATABASE_URL must start with postgresql://. Liren relies on PostgreSQL's constraints, "
            "row locks and snapshots and runs on no other database."
        )
    query = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": query.pop("host", unquote(parts.hostname or "")),
        "PORT": str(parts.port or ""),
        "OPTIONS": query,
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }


SECRET_KEY = required(
    "SECRET_KEY",
    "It signs sessions and links. `make run` makes one per installation and keeps it in var/; "
    "on a server, set 50 or more random characters and keep them secret.",
)
# Keys of encrypted fields: url-safe base64 of 32 bytes each, newest first. The first encrypts, all decrypt.
FIELD_KEYS = [
    base64.urlsafe_b64decode(key)
    for key in required(
        "FIELD_KEYS",
        "It holds the keys that encrypt names, telephone numbers and messages in the database, as comma-separated "
        "url-safe base64 of 32 bytes each, newest first. Losing them loses that data: "
        "keep a copy away from the database.",
    ).split(",")
]
DEBUG = False
ALLOWED_HOSTS: list[str] = env.list("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
LIREN_DEMO = env.bool("LIREN_DEMO", False)
# Optional map tiles: '{"url": "...", "attribution": "...", "crs": "wgs84"}'. None by default: the grids draw without.
LIREN_MAP_TILES = env.json("LIREN_MAP_TILES", None)
# Names, address and telephone numbers of the office, as JSON: see governance/web/portal.py. Default: the demo district.
LIREN_PORTAL = env.json("LIREN_PORTAL", {})
PUBLIC_URL = env.str("PUBLIC_URL", "http://127.0.0.1:8000").rstrip("/")

INSTALLED_APPS = [
    "demo",
    "setup_wizard",
    "requests_intake",
    "population",
    "grid",
    "governance.protection",
    "governance.accounts",
    "governance.administration",
    "governance.audit",
    "governance.knowledge",
    "governance.dashboards",
    "governance.notifications",
    "governance.impact",
    "governance.jobs",
    "governance.files",
    "governance.web",
    "governance.health",
    "governance.access",
    "governance.organisations",
    "governance.privacy",
    "governance.outbox",
    "governance.worktime",
    "governance",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "django.forms",  # its widget templates, below ours
    "allauth",  # below ours, so that our templates of its pages win
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "django_htmx",
    "django_filters",
    "guardian",  # grants of one person to one object: only the bases of its models, read inside `visible_to`
    "rest_framework",
    "drf_spectacular",
]

MIDDLEWARE = [
    "governance.web.middleware.SecurityHeadersMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "governance.web.middleware.RequestLogMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "governance.web.middleware.PreferencesMiddleware",  # language, size and contrast, from a cookie
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "governance.web.sessions.StaffSessionMiddleware",  # ends what was left alone, gives back what was typed
    "governance.access.middleware.ViewerMiddleware",
    "governance.access.middleware.SignInMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "governance.accounts.middleware.AccountPagesMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.web.middleware.RefusalMiddleware",  # a service's refusal becomes a page in words
]
ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "governance.web.context.site",
            ],
            "builtins": ["governance.web.templatetags.liren"],
        },
    }
]
FORM_RENDERER = "governance.web.forms.LirenRenderer"

DATABASES = {
    "default": database(
        required(
            "DATABASE_URL",
            "It names the PostgreSQL database, for example postgresql://liren@/liren?host=/run/postgresql. "
            "`make run` starts one and sets it; in a second terminal `manage.py` finds it in var/run/embedded.json.",
        )
    )
}
REDIS_URL = required(
    "REDIS_URL",
    "It names the Valkey or Redis server that carries Celery's queues and the cache, for example "
    "redis://localhost:6379/0. `make run` starts one and sets it.",
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = ["governance.access.backends.GrantBackend", "governance.accounts.backends.ResidentBackend"]
# guardian: nobody anonymous, nothing added to users and groups, its own back end not asked (`visible_to` reads)
ANONYMOUS_USER_NAME = None
GUARDIAN_MONKEY_PATCH_USER = False
GUARDIAN_MONKEY_PATCH_GROUP = False
SILENCED_SYSTEM_CHECKS = ["guardian.W001"]
STAFF_PREFIX = "/staff/"  # pages of staff; whoever is signed out there goes to their entrance, elsewhere to residents'
RESIDENT_LOGIN_URL = "/account/sign-in/"
LOGIN_URL = "access:sign-in"
SECOND_STEP_URL = "account:second-step-new"
LOGIN_REDIRECT_URL = "web:work"
LOGOUT_REDIRECT_URL = "web:home"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "liren_lang"
LOCALE_PATHS = [BASE_DIR / "governance" / "locale"]
TIME_ZONE = env.str("TIME_ZONE", "Asia/Shanghai")
OFFICE_HOURS = env.str("OFFICE_HOURS", "08:30-12:00,13:30-18:00")  # of a working day, in local time
USE_I18N = True
NUMBER_GROUPING = 3  # where digits are grouped at all: the `number` filter
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATICFILES_DIRS = [("vendor", VAR_DIR / "vendor"), BASE_DIR / "static"]
STORAGES = {
    "default": file_storage(env.str("FILES_URL", ""), VAR_DIR / "files"),
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_KEEP_ONLY_HASHED_FILES = True
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# One film or voice note: how long it may be, and how large as it comes from the telephone.
RECORDING_SECONDS = env.int("RECORDING_SECONDS", 60)
RECORDING_MB = env.int("RECORDING_MB", 100)
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

SESSION_ENGINE = "django.contrib.sessions.backends.db"
SESSION_COOKIE_AGE = 8 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "governance.web.views.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

CACHES = {
    "default": {
        "BACKEND": "governance.web.cache.ForgivingRedisCache",  # a lost cache is a slow page, never an error
        "LOCATION": REDIS_URL,
        "OPTIONS": {"socket_connect_timeout": 0.3, "socket_timeout": 1.0},
    }
}

# On a socket Celery takes the database's number from `virtual_host` and ignores `db`.
CELERY_BROKER_URL = REDIS_URL.replace("unix://", "redis+socket://", 1).replace("?db=", "?virtual_host=", 1)
CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_connect_timeout": 0.3, "max_retries": 0, "visibility_timeout": 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = TIME_ZONE
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "run" / "celerybeat-schedule")
CELERY_BEAT_SCHEDULE: dict[str, dict[str, object]] = {
    "heartbeat": {"task": "governance.health.tasks.run_heartbeat", "schedule": 15.0, "options": {"expires": 30}},
    "outbox-relay": {"task": "governance.outbox.tasks.run_relay", "schedule": 60.0, "options": {"queue": "outbox"}},
    "outbox-purge": {"task": "governance.outbox.tasks.run_purge", "schedule": 86400.0, "options": {"queue": "heavy"}},
    "outbox-seal": {"task": "governance.outbox.tasks.run_seal", "schedule": 60.0},
    "messages-send": {
        "task": "governance.notifications.tasks.run_send_due",
        "schedule": 30.0,
        "options": {"queue": "messages"},
    },
    "digests": {
        "task": "governance.notifications.tasks.run_digests",
        "schedule": 60.0,
        "options": {"queue": "messages"},
    },
    "blocks-expire": {"task": "governance.notifications.tasks.run_blocks_expire", "schedule": 3600.0},
    "jobs-sweep": {"task": "governance.jobs.tasks.run_job_sweep", "schedule": 60.0},
    "deadlines-sweep": {"task": "requests_intake.tasks.run_deadline_sweep", "schedule": 30.0},
    "alerts-sweep": {"task": "requests_intake.tasks.run_alert_sweep", "schedule": 30.0},
    "callbacks-due": {"task": "requests_intake.tasks.run_callback_expiry", "schedule": 300.0},
    "public-figures": {"task": "requests_intake.tasks.run_public_figures", "schedule": 1800.0},
    "supervisions-late": {"task": "requests_intake.tasks.run_supervision_sweep", "schedule": 300.0},
    "rollups-fold": {"task": "requests_intake.tasks.run_rollups_fold", "schedule": 60.0, "options": {"expires": 50}},
    "rollups-recount": {
        "task": "requests_intake.tasks.run_rollups_recount",
        "schedule": crontab(hour=3, minute=10),
        "options": {"queue": "heavy"},
    },
    "territory-follow-up": {
        "task": "grid.tasks.run_changes_follow_up",
        "schedule": crontab(hour=3, minute=40),
        "options": {"queue": "heavy"},
    },
    "area-news": {"task": "requests_intake.tasks.run_area_news", "schedule": 1800.0},
    "grid-files-expire": {"task": "grid.tasks.run_files_expiry", "schedule": 86400.0, "options": {"queue": "heavy"}},
    "registry-files-expire": {
        "task": "population.tasks.run_imports_expiry",
        "schedule": 86400.0,
        "options": {"queue": "heavy"},
    },
    "grid-burden": {
        "task": "grid.tasks.run_burden_recount",
        "schedule": crontab(hour=3, minute=40),
        "options": {"queue": "heavy"},
    },
    "grid-tasks": {"task": "grid.tasks.run_task_sweep", "schedule": 300.0, "options": {"expires": 280}},
    "articles-review": {"task": "governance.knowledge.tasks.run_review_reminders", "schedule": 86400.0},
    "turns-expire": {"task": "requests_intake.tasks.run_turn_expiry", "schedule": 60.0},
    "pauses-expire": {"task": "requests_intake.tasks.run_pause_expiry", "schedule": 60.0},
    "requests-archive": {"task": "requests_intake.tasks.run_archive", "schedule": 3600.0},
    "drafts-expire": {"task": "requests_intake.tasks.run_draft_expiry", "schedule": 3600.0},
    "accounts-sweep": {"task": "governance.accounts.tasks.run_accounts_sweep", "schedule": 3600.0},
    "batches-forget": {"task": "requests_intake.tasks.run_batch_expiry", "schedule": 3600.0},
    "setup-tables-expire": {"task": "setup_wizard.tasks.run_table_expiry", "schedule": 86400.0},
    "files-expire": {"task": "governance.files.tasks.run_file_expiry", "schedule": 3600.0},
    "emergency-expire": {"task": "governance.administration.tasks.run_emergency_expiry", "schedule": 60.0},
    "grants-upkeep": {"task": "governance.administration.tasks.run_grants_upkeep", "schedule": 3600.0},
    "calendar-horizon": {"task": "governance.administration.tasks.run_calendar_check", "schedule": 21600.0},
    "appointments-remind": {"task": "requests_intake.tasks.run_appointment_reminders", "schedule": 1800.0},
    "appointments-expire": {"task": "requests_intake.tasks.run_appointment_expiry", "schedule": 3600.0},
    "rules-check": {"task": "requests_intake.tasks.run_rules_check", "schedule": 3600.0},
    "recordings-sweep": {"task": "governance.files.tasks.run_recording_sweep", "schedule": 60.0},
    "exports-expire": {"task": "governance.dashboards.tasks.run_export_expiry", "schedule": 86400.0},
    "trail-check": {
        "task": "governance.audit.tasks.run_trail_check",
        "schedule": crontab(hour=2, minute=40),
        "options": {"queue": "heavy"},
    },
    "trail-anchor": {"task": "governance.audit.tasks.run_trail_anchor", "schedule": crontab(hour=2, minute=20)},
    "trail-watch": {"task": "governance.audit.tasks.run_watch", "schedule": 600.0, "options": {"expires": 540}},
    "trail-watch-back": {
        "task": "governance.audit.tasks.run_watch_back",
        "schedule": crontab(hour=4, minute=15),
        "options": {"queue": "heavy"},
    },
    "breaches-overdue": {"task": "governance.protection.tasks.run_breaches_overdue", "schedule": 900.0},
    "assessments-running-out": {
        "task": "governance.protection.tasks.run_assessments_running_out",
        "schedule": crontab(hour=8, minute=30),
    },
    "person-requests-remind": {"task": "governance.protection.tasks.run_person_requests_remind", "schedule": 900.0},
    "person-copies-expire": {"task": "governance.protection.tasks.run_person_copies_expire", "schedule": 3600.0},
    "trail-exports-expire": {"task": "governance.audit.tasks.run_export_expiry", "schedule": 86400.0},
    "files-orphans": {"task": "governance.files.tasks.run_orphan_removal", "schedule": 86400.0},
}

EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
EMAIL_FILE_PATH = VAR_DIR / "mail"
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", "liren@localhost")
if env.str("EMAIL_URL", ""):
    _mail = urlsplit(env.str("EMAIL_URL"))
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST = _mail.hostname or "localhost"
    EMAIL_PORT = _mail.port or 25
    EMAIL_HOST_USER = unquote(_mail.username or "")
    EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
    EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
    EMAIL_TIMEOUT = 10

# SMS: "webhook" posts to SMS_URL, "console" writes to var/sms (a trial on one machine); "" has no gateway.
SMS_URL = env.str("SMS_URL", "")
SMS_SECRET = env.str("SMS_SECRET", "")
SMS_TIMEOUT = env.float("SMS_TIMEOUT", 5.0)  # seconds
SMS_PROVIDER = env.str("SMS_PROVIDER", "webhook" if SMS_URL else "")
SMS_FILE_PATH: Path | None = VAR_DIR / "sms"
# Where offices' group robots may be: nobody who enters an address makes this server call any other.
WEBHOOK_ORIGINS: list[str] = env.list("WEBHOOK_ORIGINS", ["https://qyapi.weixin.qq.com", "https://oapi.dingtalk.com"])
API_PER_MINUTE = env.int("API_PER_MINUTE", 600)  # calls of one token
OUTBOX_KEEP_DAYS = env.int("OUTBOX_KEEP_DAYS", 30)  # deliveries that were done; their events stay for good
# Where the digest of the trail's last seal is noted each day, outside the database: a folder ("" for none), best on
# another machine, and an address that takes a signed POST.
TRAIL_ANCHORS = env.str("TRAIL_ANCHORS", str(VAR_DIR / "anchors"))
TRAIL_ANCHOR_URL = env.str("TRAIL_ANCHOR_URL", "")
TRAIL_ANCHOR_SECRET = env.str("TRAIL_ANCHOR_SECRET", "")
# A page that shows every message as it went out, codes and links included: only ever in a demo.
LIREN_MESSAGE_PAGE = False

from governance.settings.accounts import *  # noqa: E402, F403
from governance.settings.api import *  # noqa: E402, F403
from governance.settings.logs import LOGGING  # noqa: E402, F401
from governance.settings.oidc import *  # noqa: E402, F403
