"""One settings module for every way of running; only environment variables differ.

`.env.example` lists every variable read here; a test compares the two.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import timedelta
from typing import Any

import django_stubs_ext

from config.environment import BASE_DIR, VAR_DIR, database, env, load
from config.roles import PERMISSIONS

django_stubs_ext.monkeypatch()

# --- where and how we run ------------------------------------------------------------------------
DEBUG = load()
SECRET_KEY = env.str("SECRET_KEY")
FERNET_KEYS = env.list("FERNET_KEYS")
# Keys the search hashes of phones; apart from SECRET_KEY so that either may change alone.
LOOKUP_KEY = (
    env.str("LOOKUP_KEY", default="")
    or hmac.new(SECRET_KEY.encode(), b"tonglu/lookup", hashlib.sha256).hexdigest()
)
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.list("CSRF_TRUSTED_ORIGINS", default=[])
CSRF_FAILURE_VIEW = "config.kernel.api.envelope.csrf_failed"
PUBLIC_BASE_URL = env.str("PUBLIC_BASE_URL", default="http://127.0.0.1:8000").rstrip("/")
SANDBOX_URL = env.str("SANDBOX_URL", default="http://127.0.0.1:8099").rstrip("/")
OUTBOUND_ALLOW_LOOPBACK = env.bool("OUTBOUND_ALLOW_LOOPBACK", default=DEBUG)
# Ports that tenants' callback URLs may name (loopback, where it is allowed: any).
CALLBACK_PORTS = env.list("CALLBACK_PORTS", cast=int, default=[443, 8443])
# How long one call to a tenant's server may take; the lease of what is in flight is three times it.
CALLBACK_DEADLINE_SECONDS = env.float("CALLBACK_DEADLINE_SECONDS", default=10)
# A font file of TrueType outlines for labels; empty: the one the `labels` extra brings.
LABEL_FONT = env.str("LABEL_FONT", default="")
TRUSTED_PROXIES = env.list("TRUSTED_PROXIES", default=[])
# At /api/external, for tenants without a number of their own; test and live apart.
EXTERNAL_REQUESTS_PER_MINUTE = env.int("EXTERNAL_REQUESTS_PER_MINUTE", default=6_000)

# --- the apps ------------------------------------------------------------------------------------
INSTALLED_APPS = [
    "config",
    "config.apps.ConsoleConfig",
    "knox",  # before accounts, which takes its English table out of the console
    "accounts",
    "quotas",
    "logistics",
    "delivery",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
]
AUTH_USER_MODEL = "accounts.User"
ROLE_PERMISSIONS = PERMISSIONS
ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
APPEND_SLASH = False
FIXTURE_DIRS = [BASE_DIR / "fixtures"]

MIDDLEWARE = [
    "config.kernel.api.middleware.RequestIdMiddleware",
    "config.health.HealthMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.kernel.api.middleware.TrailingSlashMiddleware",
    "config.kernel.api.middleware.ContentPolicyMiddleware",
    "config.kernel.api.direct.DirectDoorsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.kernel.api.middleware.ChosenLanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "config.kernel.api.direct.ViewsMiddleware",
]
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "config" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# --- data ----------------------------------------------------------------------------------------
DATABASES = {"default": database(f"sqlite:///{VAR_DIR / 'tonglu.sqlite3'}")}
CACHES = {"default": env.cache_url("CACHE_URL", default="locmemcache://tonglu")}
PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "accounts.services.passwords.LengthValidator"},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]

# --- language and time ---------------------------------------------------------------------------
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [BASE_DIR / "config" / "locale"]
FORMAT_MODULE_PATH = "config.formats"
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

# --- static files --------------------------------------------------------------------------------
STATIC_URL = "/static/"
STATIC_ROOT = VAR_DIR / "static"
STATIC_ROOT.mkdir(parents=True, exist_ok=True)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}

# --- browsers ------------------------------------------------------------------------------------
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_AGE = 12 * 3_600  # a working day, from the login on
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = not DEBUG
SECURE_SSL_REDIRECT = env.bool("SECURE_SSL_REDIRECT", default=not DEBUG)
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
SECURE_HSTS_SECONDS = env.int("SECURE_HSTS_SECONDS", default=0 if DEBUG else 31_536_000)
SECURE_HSTS_INCLUDE_SUBDOMAINS = SECURE_HSTS_PRELOAD = not DEBUG
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None
X_FRAME_OPTIONS = "DENY"
LOGIN_URL = "admin:login"
LOGIN_REDIRECT_URL = "admin:index"
# Callbacks may hold 256 KB; each door has its own, lower limit (kernel.api.views).
DATA_UPLOAD_MAX_MEMORY_SIZE = 1_048_576
# A bulk action's confirmation names up to a thousand rows.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2_000

# --- our own doors -------------------------------------------------------------------------------
REST_FRAMEWORK: dict[str, Any] = {
    "DEFAULT_RENDERER_CLASSES": ["config.kernel.api.envelope.EnvelopeRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.kernel.api.parsing.StrictJSONParser"],
    "DEFAULT_AUTHENTICATION_CLASSES": [],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "EXCEPTION_HANDLER": "config.kernel.api.envelope.handle_exception",
    "DEFAULT_SCHEMA_CLASS": "config.kernel.api.schema.DoorSchema",
    "DEFAULT_CONTENT_NEGOTIATION_CLASS": "config.kernel.api.envelope.AlwaysJSON",
    "COERCE_DECIMAL_TO_STRING": True,
    "UNAUTHENTICATED_USER": None,
}
SPECTACULAR_SETTINGS: dict[str, Any] = {
    "TITLE": "桐庐 Tonglu API",
    "VERSION": "0.1.0",
    "DESCRIPTION": "Express parcels and same-city deliveries; the README has a tour.",
    "OAS_VERSION": "3.1.0",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_AUTHENTICATION": [],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "COMPONENT_SPLIT_REQUEST": True,
    "ENUM_NAME_OVERRIDES": {
        "SwitchStatusEnum": "logistics.states.SwitchStatus",
        "DeliveryStatusEnum": "delivery.states.DeliveryStatus",
    },
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "config.kernel.api.schema.add_refusal_component",
        "logistics.api.callback_document.add_callback_operation",
    ],
}
REST_KNOX = {
    "TOKEN_TTL": timedelta(hours=12),
    "AUTO_REFRESH": False,
    "TOKEN_LIMIT_PER_USER": None,
}

# --- the clock -----------------------------------------------------------------------------------
BROKER_URL = env.str("BROKER_URL", default="filesystem://localhost//")
CELERY_BROKER_URL = BROKER_URL
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_TIMEZONE = TIME_ZONE
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY = False
CELERY_WORKER_PREFETCH_MULTIPLIER = 4
CELERY_BEAT_SCHEDULER = "config.beat:SteadyScheduler"
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "beat")
if BROKER_URL.startswith("filesystem:"):
    _broker = VAR_DIR / "broker"
    for _folder in ("messages", "processed", "control"):
        (_broker / _folder).mkdir(parents=True, exist_ok=True)
    CELERY_BROKER_TRANSPORT_OPTIONS: dict[str, Any] = {
        "data_folder_in": str(_broker / "messages"),
        "data_folder_out": str(_broker / "messages"),
        "processed_folder": str(_broker / "processed"),
        "control_folder": str(_broker / "control"),
        "store_processed": False,
        "polling_interval": 0.1,
    }
else:
    # A nudge that cannot be handed over at once is dropped: beat sends the next one.
    CELERY_BROKER_TRANSPORT_OPTIONS = {"socket_timeout": 0.2, "socket_connect_timeout": 0.2}
CELERY_BEAT_SCHEDULE: dict[str, dict[str, Any]] = {
    "quotas.reset": {
        "task": "quotas.reset",
        "schedule": 60,
        "options": {"expires": 60},
    },
    # Nudges do most of it; these ticks are for the nudges that got lost. They outlive the seconds
    # that an idle worker on the filesystem transport takes to look up.
    "logistics.work": {"task": "logistics.work", "schedule": 1, "options": {"expires": 10}},
    "logistics.callbacks": {
        "task": "logistics.callbacks",
        "schedule": 1,
        "options": {"expires": 10},
    },
    "logistics.sync": {"task": "logistics.sync", "schedule": 300, "options": {"expires": 300}},
    "logistics.rollup": {
        "task": "logistics.rollup",
        "schedule": 120,
        "options": {"expires": 120},
    },
    "logistics.imports": {"task": "logistics.imports", "schedule": 2, "options": {"expires": 10}},
    "logistics.prune_imports": {
        "task": "logistics.prune_imports",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "accounts.callbacks": {"task": "accounts.callbacks", "schedule": 1, "options": {"expires": 10}},
    "delivery.work": {"task": "delivery.work", "schedule": 1, "options": {"expires": 10}},
    "delivery.prune": {
        "task": "delivery.prune",
        "schedule": 3600,
        "options": {"expires": 3600},
    },
    "accounts.prune": {"task": "accounts.prune", "schedule": 600, "options": {"expires": 600}},
}

# --- logs ----------------------------------------------------------------------------------------
LOG_LEVEL = env.str("LOG_LEVEL", default="INFO")
LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "filters": {"masking": {"()": "config.kernel.masking.MaskingFilter"}},
    "handlers": {
        "stderr": {
            "class": "logging.StreamHandler",
            "formatter": "line",
            "filters": ["masking"],
        },
        "plain": {"class": "logging.StreamHandler", "formatter": "line"},
    },
    # Celery names its tasks under "name", which the masking takes for a person's. At INFO it would
    # say eight lines a second that it looked for work.
    "loggers": {
        "celery": {
            "handlers": ["plain"],
            "propagate": False,
            "level": "WARNING" if LOG_LEVEL == "INFO" else LOG_LEVEL,
        },
        # The development server's access log: S000's queries hold a secret.
        "django.server": {"handlers": ["stderr"], "propagate": False, "level": "INFO"},
    },
    "root": {"handlers": ["stderr"], "level": LOG_LEVEL},
}

SILENCED_SYSTEM_CHECKS: list[str] = []
