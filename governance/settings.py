"""Composition root: every setting, read from the environment; nothing here knows a rule."""

import logging
import os
import secrets
from pathlib import Path

import dj_database_url
import structlog
from celery.schedules import crontab
from django.core.exceptions import ImproperlyConfigured
from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from governance.runtime.database import EmbeddedDatabase

BASE_DIR = Path(__file__).resolve().parent.parent


class Environment(BaseSettings):
    """What the environment may say; see README, “Settings”."""

    model_config = SettingsConfigDict(extra="ignore", env_ignore_empty=True)

    debug: bool = Field(default=False, validation_alias="DEBUG")
    home: Path = Field(default=BASE_DIR / ".imprimatur", validation_alias="IMPRIMATUR_HOME")
    secret_key: str = Field(default="", validation_alias="SECRET_KEY")
    database_url: str = Field(default="", validation_alias="DATABASE_URL")
    celery_broker_url: str = Field(default="", validation_alias="CELERY_BROKER_URL")
    email_url: str = Field(default="", validation_alias="EMAIL_URL")
    email_from: str = Field(default="imprimatur@localhost", validation_alias="EMAIL_FROM")
    public_url: str = Field(default="http://127.0.0.1:8000", validation_alias="PUBLIC_URL")
    allowed_hosts: str = Field(default="", validation_alias="ALLOWED_HOSTS")
    evaluation_roots: str = Field(default="", validation_alias="EVALUATION_ROOTS")
    evaluation_warehouses: str = Field(default="", validation_alias="EVALUATION_WAREHOUSES")
    evaluation_max_bytes: int = Field(
        default=2 * 1024**3, gt=0, validation_alias="EVALUATION_MAX_BYTES"
    )
    evaluation_max_rows: int = Field(
        default=10**9, gt=0, validation_alias="EVALUATION_MAX_ROWS"
    )
    evaluation_threads: int = Field(
        default=max(1, (os.cpu_count() or 2) // 2), gt=0, validation_alias="EVALUATION_THREADS"
    )
    evaluation_memory: str = Field(default="400MB", validation_alias="EVALUATION_MEMORY")
    infra_roots: str = Field(default="", validation_alias="INFRA_ROOTS")
    infra_max_bytes: int = Field(default=2 * 1024**3, gt=0, validation_alias="INFRA_MAX_BYTES")
    infra_max_seconds: int = Field(default=600, gt=0, validation_alias="INFRA_MAX_SECONDS")
    infra_max_memory_mb: int = Field(
        default=4096, ge=128, validation_alias="INFRA_MAX_MEMORY_MB"
    )
    chat_schemes: str = Field(default="", validation_alias="CHAT_SCHEMES")
    chat_hosts: str = Field(default="", validation_alias="CHAT_HOSTS")
    webhooks_allowed_hosts: str = Field(default="", validation_alias="WEBHOOKS_ALLOWED_HOSTS")
    connections_allowed_hosts: str = Field(
        default="", validation_alias="CONNECTIONS_ALLOWED_HOSTS"
    )
    connections_max_bytes: int = Field(
        default=10 * 1024**3, gt=0, validation_alias="CONNECTIONS_MAX_BYTES"
    )
    connections_max_files: int = Field(
        default=2000, gt=0, le=10_000, validation_alias="CONNECTIONS_MAX_FILES"
    )
    policy_four_eyes: bool = Field(default=True, validation_alias="POLICY_FOUR_EYES")
    raci_template: str = Field(default="", validation_alias="RACI_TEMPLATE")
    responsibility_most_models: int = Field(
        default=10, ge=1, validation_alias="RESPONSIBILITY_MOST_MODELS"
    )
    source_schemes: str = Field(default="", validation_alias="SOURCE_SCHEMES")
    source_hosts: str = Field(default="", validation_alias="SOURCE_HOSTS")
    time_zone: str = Field(default="UTC", validation_alias="TIME_ZONE")
    working_week: str = Field(default="mon,tue,wed,thu,fri", validation_alias="WORKING_WEEK")
    working_holidays: str = Field(default="", validation_alias="WORKING_HOLIDAYS")
    log_level: str = Field(default="INFO", validation_alias="LOG_LEVEL")


try:
    ENVIRONMENT = Environment()
except ValidationError as error:
    problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
    raise ImproperlyConfigured(f"The environment has unusable settings: {problems}") from None


def required(name: str, value: str, *, development: str) -> str:
    """Returns the value, the development default under DEBUG, or stops the start loudly."""
    if value:
        return value
    if ENVIRONMENT.debug:
        return development
    raise ImproperlyConfigured(f"Set {name}: it is required unless DEBUG=true.")


def secret(name: str, value: str) -> str:
    """Returns the secret; under DEBUG one is generated once and kept in the home folder."""
    if value or not ENVIRONMENT.debug:
        return required(name, value, development="")
    path = HOME / "secret_key"
    try:
        with open(path, "x", opener=os_open_private) as file:
            file.write(secrets.token_urlsafe(50))
    except FileExistsError:
        pass
    return path.read_text()


def os_open_private(path: str, flags: int) -> int:
    import os

    return os.open(path, flags, 0o600)


DEBUG = ENVIRONMENT.debug
HOME = ENVIRONMENT.home.resolve()
HOME.mkdir(parents=True, exist_ok=True)
SECRET_KEY = secret("SECRET_KEY", ENVIRONMENT.secret_key)
PUBLIC_URL = ENVIRONMENT.public_url.rstrip("/")
ALLOWED_HOSTS = [
    host
    for host in required(
        "ALLOWED_HOSTS",
        ENVIRONMENT.allowed_hosts,
        development="127.0.0.1,localhost,[::1],testserver",
    ).split(",")
    if host
]
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "registry",
    "raci",
    "governance.audit",
    "governance.accounts",
    "governance.jobs",
    "governance.notifications",
    "governance.webhooks",
    "governance.usecases",
    "governance.policies",
    "governance.exceptions",
    "governance.evaluation",
    "governance.infra",
    "governance.datasets",
    "governance.blessing",
    "governance.cards",
    "governance.connections",
    "governance.approvals",
    "governance.release",
    "governance.proposals",
    "governance.backtests",
    "governance.responsibility",
    "governance.dashboards",
    "governance.web",
    "governance.api",
    "governance.runtime",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.humanize",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "csp",
    "django_filters",
    "django_htmx",
    "django_structlog",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "guardian",
    "knox",
    "pgtrigger",
    "rest_framework",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "governance.web.partial.VaryByFragment",
    "governance.web.errors.DomainErrors",
]

ROOT_URLCONF = "governance.urls"
WSGI_APPLICATION = "governance.wsgi.application"
APPEND_SLASH = True
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
                "governance.web.context.navigation",
            ],
        },
    },
]

# The embedded database is started by the commands (governance.runtime), which export DATABASE_URL.
DATABASES = {
    "default": dj_database_url.parse(
        required(
            "DATABASE_URL",
            ENVIRONMENT.database_url,
            development=EmbeddedDatabase(HOME).url,
        ),
        conn_max_age=60,
        conn_health_checks=True,
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "cache",
        # Tries at the sign-in are counted here; few rows would soon forget them.
        "OPTIONS": {"MAX_ENTRIES": 20_000},
    }
}

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "governance.accounts.backends.PasswordBackend",
    "guardian.backends.ObjectPermissionBackend",
]
GUARDIAN_MONKEY_PATCH_USER = False
ANONYMOUS_USER_NAME = None
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "governance.accounts.adapter.ClosedAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
ACCOUNT_FORMS = {"reauthenticate": "governance.accounts.forms.ConfirmPasswordForm"}
MFA_ADAPTER = "governance.accounts.adapter.SealedFactors"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_TOTP_ISSUER = "Imprimatur"
MFA_TOTP_TOLERANCE = 1  # half minutes by which a phone's clock may be off
MFA_RECOVERY_CODES_SHOW_ONCE = True
MFA_FORMS = {
    "authenticate": "governance.accounts.forms.SignInCodeForm",
    "reauthenticate": "governance.accounts.forms.ConfirmCodeForm",
    "authenticate_webauthn": "governance.accounts.forms.SignInPasskeyForm",
    "reauthenticate_webauthn": "governance.accounts.forms.ConfirmPasskeyForm",
    "add_webauthn": "governance.accounts.forms.NewPasskeyForm",
}
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PUBLIC_URL.startswith("https://")
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 31_536_000 if PUBLIC_URL.startswith("https://") else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if SESSION_COOKIE_SECURE else None
X_FRAME_OPTIONS = "DENY"
# plotly.js inserts one empty style element; its hash is the only inline style allowed.
EMPTY_STYLE = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'", EMPTY_STYLE],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# The largest RACI matrix, 60 activities and 16 roles, is one form of some 1,200 fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1_500
FILE_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
FILE_UPLOAD_HANDLERS = [
    "governance.web.uploads.BoundedUploads",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]

LANGUAGE_CODE = "en"
TIME_ZONE = ENVIRONMENT.time_zone
WORKING_WEEK = ENVIRONMENT.working_week
WORKING_HOLIDAYS = ENVIRONMENT.working_holidays
USE_I18N = False
USE_TZ = True
STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = DEBUG
WHITENOISE_AUTOREFRESH = False
STORAGES = {
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": HOME / "artifacts"},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"}
    if not DEBUG
    else {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}

OUTBOX = HOME / "outbox"
DEFAULT_FROM_EMAIL = ENVIRONMENT.email_from
if ENVIRONMENT.email_url:
    from governance.runtime.mail import settings_from

    globals().update(settings_from(ENVIRONMENT.email_url))
else:
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OUTBOX

BROKER = HOME / "broker"
CELERY_BROKER_URL = ENVIRONMENT.celery_broker_url or "filesystem://"
if not ENVIRONMENT.celery_broker_url:
    BROKER.mkdir(exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS = {
        "data_folder_in": str(BROKER),
        "data_folder_out": str(BROKER),
        "control_folder": str(BROKER / "control"),
        "polling_interval": 0.1,
    }
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ROUTES = {
    "governance.notifications.tasks.*": {"queue": "mail"},
    "governance.webhooks.tasks.*": {"queue": "webhooks"},
}
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    "sweep jobs": {"task": "governance.jobs.tasks.sweep", "schedule": 10.0},
    "send waiting mail": {
        "task": "governance.notifications.tasks.send_waiting",
        "schedule": 60.0,
    },
    "send digests whose hour has come": {
        "task": "governance.notifications.tasks.send_digests",
        "schedule": 60.0,
    },
    "send waiting chat messages": {
        "task": "governance.notifications.tasks.send_chat",
        "schedule": 60.0,
    },
    "sweep webhooks": {"task": "governance.webhooks.tasks.sweep", "schedule": 10.0},
    "remind of requests, escalate and expire them": {
        "task": "governance.approvals.tasks.follow_up",
        "schedule": 300.0,
    },
    "let permissions follow time and absences": {
        "task": "governance.usecases.tasks.refresh_grants",
        "schedule": 600.0,
    },
    "compare with connected registries": {
        "task": "governance.connections.tasks.reconcile",
        "schedule": 900.0,
    },
    "pin artifacts again that could not be reached": {
        "task": "governance.connections.tasks.pin_again",
        "schedule": 600.0,
    },
    "look at cleared artifacts again": {
        "task": "governance.release.tasks.check_artifacts",
        "schedule": 3600.0,
    },
    "call for what is to be validated again": {
        "task": "governance.release.tasks.call_for_revalidation",
        "schedule": 3600.0,
    },
    "remove uploads of checks that never ended": {
        "task": "governance.infra.tasks.forget_abandoned",
        "schedule": 86400.0,
    },
    "expire overdue exceptions": {
        "task": "governance.exceptions.tasks.expire_overdue",
        "schedule": 600.0,
    },
    "remind of exceptions that end soon": {
        "task": "governance.exceptions.tasks.remind_of_endings",
        "schedule": 3600.0,
    },
    "ask people to accept their duties": {
        "task": "governance.responsibility.tasks.ask_to_accept",
        "schedule": 900.0,
    },
    "check matrices again": {
        "task": "governance.responsibility.tasks.check_matrices",
        "schedule": 3600.0,
    },
    "report gaps in responsibility": {
        "task": "governance.responsibility.tasks.report_gaps",
        "schedule": crontab(minute="0", hour="6", day_of_month="1"),
    },
    "lapse overdue clearances": {
        "task": "governance.release.tasks.lapse_overdue",
        "schedule": 60.0,
    },
}
CELERY_BEAT_SCHEDULE_FILENAME = str(HOME / "beat")

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "governance.api.authentication.TokenAuthentication",
        "governance.api.authentication.BasicTokenAuthentication",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["governance.api.authentication.HasScope"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_PAGINATION_CLASS": "governance.api.pagination.Pages",
    "DEFAULT_FILTER_BACKENDS": ["django_filters.rest_framework.DjangoFilterBackend"],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "governance.api.errors.problem",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
REST_KNOX = {
    "TOKEN_MODEL": "accounts.ApiToken",
    "AUTH_HEADER_PREFIX": "Bearer",
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": None,
}
KNOX_TOKEN_MODEL = "accounts.ApiToken"  # noqa: S105 - the name of a model
# knox's migrations would make a table for its own token model, which ours replaces.
MIGRATION_MODULES = {"knox": None}
SPECTACULAR_SETTINGS = {
    "TITLE": "Imprimatur",
    "DESCRIPTION": "Governance for machine-learning models, for pipelines.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.0",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    # Not the hook for enums: choices stay with their field instead of sharing names.
    "POSTPROCESSING_HOOKS": ["governance.api.webhooks.document"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
}

# Ports: what a lower package asks, answered by a higher one.
REGISTRY_ALIAS_GATE = "governance.release.gate.ReleaseGate"
INFRA_FETCH = "governance.connections.fetching.fetch"
POLICY_KNOWN_DATA = "governance.datasets.known.known_data"

# Where artifacts may lie: schemes out of those that are safe, hosts or buckets; empty is any.
REGISTRY_SOURCE_SCHEMES = [one for one in ENVIRONMENT.source_schemes.lower().split(",") if one]
REGISTRY_SOURCE_HOSTS = [one for one in ENVIRONMENT.source_hosts.lower().split(",") if one]

# Where predictions may lie when they are named instead of uploaded: folders or https:// prefixes.
EVALUATION_ROOTS = [root for root in ENVIRONMENT.evaluation_roots.split(",") if root]
# Names of warehouses and their addresses, with passwords: name=postgresql://…,other=sc://…
EVALUATION_WAREHOUSES = dict(
    named.strip().split("=", 1)
    for named in ENVIRONMENT.evaluation_warehouses.split(",")
    if "=" in named
)
EVALUATION_MAX_BYTES = ENVIRONMENT.evaluation_max_bytes
EVALUATION_MAX_ROWS = ENVIRONMENT.evaluation_max_rows
# Evaluations run side by side in the worker's processes, so each takes its share of the cores.
EVALUATION_THREADS = ENVIRONMENT.evaluation_threads
EVALUATION_MEMORY = ENVIRONMENT.evaluation_memory

# Folders from which artifacts may be read by name, and the most one infra check may ask for.
INFRA_ROOTS = [root for root in ENVIRONMENT.infra_roots.split(",") if root]
INFRA_MAX_BYTES = ENVIRONMENT.infra_max_bytes
# A key of one of our templates, or a JSON file; a relative name lies in the home folder.
RACI_TEMPLATE = ENVIRONMENT.raci_template
if RACI_TEMPLATE.endswith(".json"):
    RACI_TEMPLATE = str(HOME / RACI_TEMPLATE)
POLICY_FOUR_EYES = ENVIRONMENT.policy_four_eyes
# Whoever answers in use cases with more models than these is overloaded (R10).
RESPONSIBILITY_MOST_MODELS = ENVIRONMENT.responsibility_most_models
INFRA_MAX_SECONDS = ENVIRONMENT.infra_max_seconds
INFRA_MAX_MEMORY_MB = ENVIRONMENT.infra_max_memory_mb

# Chats that may be told, as apprise names them, and the hosts they may be at; none is no chat.
CHAT_SCHEMES = [one.strip() for one in ENVIRONMENT.chat_schemes.split(",") if one.strip()]
CHAT_HOSTS = [one.strip() for one in ENVIRONMENT.chat_hosts.split(",") if one.strip()]
# Hosts (“name” or “name:port”) webhooks may call although they are private or speak plain http.
WEBHOOKS_ALLOWED_HOSTS = [
    host for host in ENVIRONMENT.webhooks_allowed_hosts.split(",") if host.strip()
]

# The same for connections to other MLflow servers; and what of one artifact is read for its digest.
CONNECTIONS_ALLOWED_HOSTS = [
    host for host in ENVIRONMENT.connections_allowed_hosts.split(",") if host.strip()
]
CONNECTIONS_MAX_BYTES = ENVIRONMENT.connections_max_bytes
CONNECTIONS_MAX_FILES = ENVIRONMENT.connections_max_files

JOBS_HEARTBEAT_SECONDS = 2
JOBS_LOST_AFTER_SECONDS = 20
JOBS_RESEND_AFTER_SECONDS = 10

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_STATUS_START_LOG_LEVEL = logging.DEBUG  # one line a request, when it ends
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {
            "()": structlog.stdlib.ProcessorFormatter,
            "processor": structlog.dev.ConsoleRenderer(colors=False)
            if DEBUG
            else structlog.processors.JSONRenderer(),
            "foreign_pre_chain": [
                structlog.contextvars.merge_contextvars,
                structlog.processors.TimeStamper(fmt="iso", utc=True),
                structlog.stdlib.add_log_level,
                structlog.stdlib.add_logger_name,
            ],
        }
    },
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": ENVIRONMENT.log_level},
}
structlog.configure(
    processors=[
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.filter_by_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.format_exc_info,
        structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
    ],
    logger_factory=structlog.stdlib.LoggerFactory(),
    cache_logger_on_first_use=True,
)
