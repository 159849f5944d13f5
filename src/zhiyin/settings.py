"""How Zhiyin's Django is set up.

Everything that differs between installations is an environment variable.

- ``ZHIYIN_DATA``: the folder of the embedded stores (default ``./data``).
- ``ZHIYIN_DATABASE_URL``: ``postgres://name:password@host:port/database`` for PostgreSQL
  instead of SQLite.
- ``ZHIYIN_MAIL_URL``: ``smtp://name:password@host:port`` (STARTTLS where the server offers it is
  demanded with ``?tls=start``), or ``smtps://``; without it no mail is sent.
- ``ZHIYIN_MAIL_FROM``: the address that mail comes from.
- ``ZHIYIN_MAIL_BOUNCES``: the mailbox to which letters to customers come back; each comes to it
  with ``+`` and its own name before the ``@`` (default: they come back to ``ZHIYIN_MAIL_FROM``).
- ``ZHIYIN_MAIL_CONNECTIONS``: how many connections to the mail server send letters to customers.
- ``ZHIYIN_SMS_URL``: who sends SMS: ``aliyun://KEY:SECRET@dysmsapi.aliyuncs.com``,
  ``tencent://ID:KEY@sms.tencentcloudapi.com?app=…``, or ``gateway://:whsec_…@host/path``; without
  it none is sent.
- ``ZHIYIN_PUSH_URL``, ``ZHIYIN_PUSH_SECRET``: the company's service that shows messages in its app,
  and the secret of the signature (``whsec_…``).
- ``ZHIYIN_PUBLIC_URL``: the address that browsers use (default: where ``zhiyin serve``
  listens); with ``https://`` the cookies are sent over TLS only.
- ``ZHIYIN_PAGE_LIMITS``: share of the usual limits of how many pages somebody may ask for; 0 is
  none.
- ``ZHIYIN_OIDC_ISSUER``, ``ZHIYIN_OIDC_CLIENT``, ``ZHIYIN_OIDC_SECRET``: an identity provider at
  which people may sign in, by OpenID Connect, and what it knows this installation by;
  ``ZHIYIN_OIDC_NAME``: what the sign-in page calls it.
- ``ZHIYIN_LOG_FORMAT``: ``json`` for one JSON document a line on standard error.
- ``ZHIYIN_ACCESS_LOG``: ``all`` for a line about each request that brings events, too.
- ``ZHIYIN_METRICS_TOKEN``: what must be presented to read ``/metrics`` from elsewhere.
- ``OTEL_EXPORTER_OTLP_ENDPOINT`` and the other variables of OpenTelemetry: where traces go.

The command line sets ``ZHIYIN_DATA`` before it calls `django.setup()`; this module is read then.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from django.utils.functional import lazystr

_PACKAGE = Path(__file__).resolve().parent

ZHIYIN_DATA = Path(os.environ.get("ZHIYIN_DATA") or "data").absolute()
ZHIYIN_PUBLIC_URL = os.environ.get("ZHIYIN_PUBLIC_URL") or "http://127.0.0.1:8000"

_public = urlsplit(ZHIYIN_PUBLIC_URL)
_behind_tls = _public.scheme == "https"


class _SecretKey:
    """The installation's key: made once, in a file that only its owner reads.

    It is read when something is signed and not before, so that type checkers and
    ``zhiyin --help``, which import this module, leave no folder behind.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self.key = ""

    def __str__(self) -> str:
        if not self.key:
            self.key = self._read() or self._make()
        return self.key

    def _read(self) -> str:
        return self.file.read_text("ascii").strip() if self.file.exists() else ""

    def _make(self) -> str:
        self.file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor, name = tempfile.mkstemp(dir=self.file.parent, prefix=".secret-key-")
        with os.fdopen(descriptor, "w", encoding="ascii") as draft:  # mkstemp makes it 0600
            draft.write(secrets.token_urlsafe(64))
            draft.flush()
            os.fsync(draft.fileno())
        try:
            # A link cannot replace a file, so of two processes that start at once one wins
            # and both sign with the same key.
            os.link(name, self.file)
        except FileExistsError:
            pass
        finally:
            Path(name).unlink()
        return self._read()


SECRET_KEY = lazystr(_SecretKey(ZHIYIN_DATA / "secret-key"))

DEBUG = False
ALLOWED_HOSTS = sorted({"127.0.0.1", "localhost", "[::1]", _public.hostname or "127.0.0.1"})
CSRF_TRUSTED_ORIGINS = [f"{_public.scheme}://{_public.netloc}"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "csp",
    "template_partials",
    # Behind codes, passkeys and OpenID Connect: none of its addresses is ours, no page shown.
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.socialaccount",
    "zhiyin.accounts",
    "zhiyin.unify",
    "zhiyin.collect",
    "zhiyin.listen",
    "zhiyin.measure",
    "zhiyin.maps",
    "zhiyin.act.cases",
    "zhiyin.act.channels",
    "zhiyin.act.alerts",
    "zhiyin.reports",
    "zhiyin.web",
    "zhiyin.api",
]

MIDDLEWARE = [
    "zhiyin.web.requests.Requests",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "zhiyin.web.compressing.Compressing",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "zhiyin.web.language.SentencesInLanguage",
    "zhiyin.api.problems.ForPrograms",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "zhiyin.web.limits.Limits",
    # Every view asks for a signed-in person unless it says otherwise.
    "django.contrib.auth.middleware.LoginRequiredMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "zhiyin.web.entering.Sessions",
    "zhiyin.web.entering.SecondStepRequired",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "zhiyin.web.faults.Problems",
]

ROOT_URLCONF = "zhiyin.api.addresses"
WSGI_APPLICATION = "zhiyin.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "zhiyin.web.shell.shell",
            ],
            "builtins": [
                "zhiyin.web.templatetags.zhiyin",
                "zhiyin.web.templatetags.happenings",
            ],
        },
    }
]


def _sqlite() -> dict[str, Any]:
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": ZHIYIN_DATA / "zhiyin.sqlite3",
        "CONN_MAX_AGE": 600,
        # Django's tests would use a store in memory, where writers do not wait for each other.
        "TEST": {"NAME": Path(tempfile.gettempdir()) / f"zhiyin-test-{os.getpid()}.sqlite3"},
        "OPTIONS": {
            # A transaction that begins by reading and then writes would fail at once when
            # another writes in between; IMMEDIATE waits its turn, up to the timeout.
            "transaction_mode": "IMMEDIATE",
            "timeout": 20,
            "init_command": (
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA secure_delete=ON;"
            ),
        },
    }


def _postgresql(url: str) -> dict[str, Any]:
    """``postgres://`` address → Django's settings; ``?host=/folder`` is a Unix socket."""
    parts = urlsplit(url)
    options: dict[str, Any] = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", "") or parts.hostname or "",
        "PORT": options.pop("port", "") or str(parts.port or ""),
        "CONN_MAX_AGE": 600,
        "CONN_HEALTH_CHECKS": True,
        "OPTIONS": options,
    }


def _database(url: str) -> dict[str, Any]:
    if not url:
        return _sqlite()
    if urlsplit(url).scheme not in {"postgres", "postgresql"}:
        message = "ZHIYIN_DATABASE_URL must begin with postgres://; without it SQLite is used"
        raise ValueError(message)
    return _postgresql(url)


def _mail(url: str) -> dict[str, Any]:
    """``smtp://`` or ``smtps://`` address → Django's settings; none is no mail."""
    if not url:
        return {"EMAIL_HOST": ""}
    parts = urlsplit(url)
    if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
        message = "ZHIYIN_MAIL_URL must be smtp://host or smtps://host; without it no mail is sent"
        raise ValueError(message)
    is_tls = parts.scheme == "smtps"
    return {
        "EMAIL_HOST": parts.hostname,
        "EMAIL_PORT": parts.port or (465 if is_tls else 587),
        "EMAIL_HOST_USER": unquote(parts.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(parts.password or ""),
        "EMAIL_USE_SSL": is_tls,
        "EMAIL_USE_TLS": dict(parse_qsl(parts.query)).get("tls") == "start",
        "EMAIL_TIMEOUT": 20,
    }


def _share(said: str) -> float:
    """How much of the usual limits of pages holds; 1 where nothing is said."""
    try:
        share = float(said or 1)
    except ValueError:
        share = -1
    if not 0 <= share < 1000:
        message = "ZHIYIN_PAGE_LIMITS must be a number such as 2, for twice the limits; 0 is none"
        raise ValueError(message)
    return share


ZHIYIN_PAGE_LIMITS = _share(os.environ.get("ZHIYIN_PAGE_LIMITS", ""))

globals().update(_mail(os.environ.get("ZHIYIN_MAIL_URL", "")))
DEFAULT_FROM_EMAIL = os.environ.get("ZHIYIN_MAIL_FROM") or f"zhiyin@{_public.hostname}"
ZHIYIN_MAIL_BOUNCES = os.environ.get("ZHIYIN_MAIL_BOUNCES", "")
ZHIYIN_MAIL_CONNECTIONS = min(max(int(os.environ.get("ZHIYIN_MAIL_CONNECTIONS") or 4), 1), 20)


def _sms(url: str) -> str:
    """Who sends SMS, looked at once: a mistake is better said now than with every message."""
    if url and urlsplit(url).scheme.partition("+")[0] not in {"aliyun", "tencent", "gateway"}:
        message = "ZHIYIN_SMS_URL must begin with aliyun://, tencent:// or gateway://"
        raise ValueError(message)
    return url


ZHIYIN_SMS_URL = _sms(os.environ.get("ZHIYIN_SMS_URL", ""))
ZHIYIN_PUSH_URL = os.environ.get("ZHIYIN_PUSH_URL", "")
ZHIYIN_PUSH_SECRET = os.environ.get("ZHIYIN_PUSH_SECRET", "")

DATABASES = {"default": _database(os.environ.get("ZHIYIN_DATABASE_URL", ""))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "accounts.Person"
LOGIN_URL = "sign-in"
LOGIN_REDIRECT_URL = "home"
LOGOUT_REDIRECT_URL = "sign-in"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("login", "name", "email")}},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
     "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]  # fmt: skip

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.Argon2PasswordHasher",
    # Hashes of an earlier release: checked, and made anew at the next sign-in.
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
PASSWORD_RESET_TIMEOUT = 3600

ACCOUNT_USER_MODEL_USERNAME_FIELD = "login"
ZHIYIN_OIDC_ISSUER = os.environ.get("ZHIYIN_OIDC_ISSUER", "")
ZHIYIN_OIDC_CLIENT = os.environ.get("ZHIYIN_OIDC_CLIENT", "")
ZHIYIN_OIDC_SECRET = os.environ.get("ZHIYIN_OIDC_SECRET", "")
ZHIYIN_OIDC_NAME = os.environ.get("ZHIYIN_OIDC_NAME", "")

MFA_ADAPTER = "zhiyin.accounts.sealing.Sealing"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes", "webauthn"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_TOLERANCE = 1  # a clock may be half a minute off

USE_TZ = True
TIME_ZONE = "UTC"
USE_I18N = True
LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("zh-hans", "简体中文")]
LANGUAGE_COOKIE_NAME = "zhiyin_language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = _behind_tls
LOCALE_PATHS = [_PACKAGE / "locale"]

STATIC_URL = "/static/"
STATIC_ROOT = ZHIYIN_DATA / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    # The name of a file carries the hash of what is in it, so browsers keep it for a year.
    "staticfiles": {"BACKEND": "zhiyin.web.static_files.HashedFiles"},
}
WHITENOISE_AUTOREFRESH = False
WHITENOISE_USE_FINDERS = False

# The edge refuses larger bodies before they come here (`edge.passing.MOST_BODY_BYTES`); of one that
# brings a file to import the file does not count.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 1000
DATA_UPLOAD_MAX_NUMBER_FILES = 10

SESSION_COOKIE_NAME = "zhiyin_session"
SESSION_COOKIE_AGE = 14 * 24 * 3600
SESSION_COOKIE_SECURE = _behind_tls
CSRF_COOKIE_NAME = "zhiyin_csrf"
CSRF_COOKIE_SECURE = _behind_tls
CSRF_COOKIE_HTTPONLY = True
CSRF_FAILURE_VIEW = "zhiyin.web.faults.csrf"
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_HSTS_SECONDS = 30 * 24 * 3600 if _behind_tls else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _behind_tls else None

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": ["'none'"],
        "script-src": ["'self'"],
        "style-src": ["'self'"],
        "style-src-attr": ["'unsafe-inline'"],  # chart tooltips place themselves with it
        "img-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "form-action": ["'self'"],
        "frame-ancestors": ["'none'"],
        "base-uri": ["'none'"],
    }
}

MESSAGE_STORAGE = "django.contrib.messages.storage.session.SessionStorage"

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    # A name, since this module knows none of ours: the line that ZHIYIN_LOG_FORMAT asks for.
    "formatters": {"line": {"()": "zhiyin.kernel.server_log.formatter"}},
    # An answer that is an error has its access line; more is to be said only where code broke.
    "filters": {
        "broken": {
            "()": "django.utils.log.CallbackFilter",
            "callback": lambda record: bool(record.exc_info),
        }
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "loggers": {
        "django": {"handlers": ["stderr"], "level": "WARNING", "propagate": False},
        "django.request": {"filters": ["broken"]},
        "zhiyin": {"handlers": ["stderr"], "level": "INFO", "propagate": False},
    },
}
