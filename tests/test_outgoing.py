"""Whom the product calls: where a person can set the address, by the one guarded way out."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src"

CLIENTS = (
    "aiohttp", "allauth.socialaccount", "apprise", "asyncio.create_connection",
    "asyncio.open_connection", "asyncssh", "boto3", "dbos", "django.core.mail", "elasticsearch",
    "ftplib", "fsspec", "grpc", "http.client", "httpcore", "httpx", "imaplib", "kafka", "ldap3",
    "opentelemetry.exporter", "paramiko", "poplib", "psycopg", "pyarrow.flight", "pyarrow.fs",
    "pycurl", "redis", "requests", "smtplib", "socket", "urllib.request", "urllib3", "websocket",
    "websockets", "xmlrpc.client",
)  # fmt: skip
"""Modules, and functions of modules, by which a program reaches another machine."""

CONNECTS = ("create_connection", "open_connection")

OURSELVES = "our own processes, by a socket or a port that they listen at"
OPERATOR = "the operator, by an environment variable"
GUARDED = "whoever typed it: only public addresses, and what the operator allows"

CALLS = {
    ("accounts/company.py", "allauth.socialaccount"): OPERATOR,  # ZHIYIN_OIDC_ISSUER
    ("accounts/mail.py", "django.core.mail"): OPERATOR,  # ZHIYIN_MAIL_URL
    ("accounts/mail.py", "smtplib"): OPERATOR,  # only its errors
    ("accounts/relational.py", "psycopg"): OPERATOR,  # ZHIYIN_DATABASE_URL
    ("cli/serving.py", "socket"): OURSELVES,  # finds a free port
    ("collect/reaching/smtp.py", "django.core.mail"): OPERATOR,  # ZHIYIN_MAIL_URL
    ("collect/reaching/smtp.py", "smtplib"): OPERATOR,  # the same server
    ("collect/sources/mailbox.py", "imaplib"): GUARDED,  # over `outbound.connect`
    ("edge/passing.py", "aiohttp"): OURSELVES,  # the web process
    ("kernel/outbound.py", "asyncio.create_connection"): GUARDED,  # the one of sockets
    ("kernel/outbound.py", "http.client"): GUARDED,
    ("kernel/outbound.py", "socket"): GUARDED,
    ("kernel/otlp.py", "opentelemetry.exporter"): OPERATOR,  # OTEL_EXPORTER_OTLP_ENDPOINT
    ("processes/jobs.py", "dbos"): OPERATOR,  # ZHIYIN_DATABASE_URL
    ("processes/births.py", "socket"): OURSELVES,  # the nursery
    ("processes/nursery.py", "socket"): OURSELVES,  # the supervisor
    ("processes/supervisor.py", "http.client"): OURSELVES,  # /readyz
    ("warehouse/remote.py", "pyarrow.flight"): OURSELVES,  # the log process
    ("warehouse/server.py", "pyarrow.flight"): OURSELVES,  # listens
    ("warehouse/traced.py", "pyarrow.flight"): OURSELVES,  # headers of the two
}
"""Which file uses which client, and who says whom it calls."""


def used(source: str) -> set[str]:
    """The clients that a module imports, wherever in it, or names."""
    named = set(_named(ast.parse(source)))
    return {
        client
        for client in CLIENTS
        if any(name == client or name.startswith(f"{client}.") for name in named)
    }


def _named(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Attribute) and node.attr in CONNECTS:
            yield f"asyncio.{node.attr}"  # of the module, or of a loop


def test_there_is_one_way_to_an_address_that_a_person_can_set() -> None:
    """One that is added goes the way that docs/security.md describes, and then stands here."""
    found = {
        (path.relative_to(SRC / "zhiyin").as_posix(), client)
        for path in (SRC / "zhiyin").rglob("*.py")
        if "tests" not in path.parts
        for client in used(path.read_text("utf-8"))
    }
    assert found == CALLS.keys()
    assert set(CALLS.values()) == {OURSELVES, OPERATOR, GUARDED}
    guarded = {file for (file, _), who in CALLS.items() if who == GUARDED}
    assert guarded == {"kernel/outbound.py", "collect/sources/mailbox.py"}
    mailbox = (SRC / "zhiyin/collect/sources/mailbox.py").read_text("utf-8")
    assert "self.sock = outbound.connect(" in mailbox


@pytest.mark.parametrize(
    ("source", "client"),
    [
        ("def ask(url):\n    import urllib.request\n", "urllib.request"),
        ("from urllib import request", "urllib.request"),
        ("from requests import get as fetch", "requests"),
        ("import asyncio\nasyncio.open_connection('x', 1)", "asyncio.open_connection"),
        ("from django.core import mail", "django.core.mail"),
    ],
)
def test_a_client_is_found_wherever_it_hides(source: str, client: str) -> None:
    assert used(source) == {client}
    assert used("from urllib.parse import urlsplit\nimport asyncio, http") == set()


def test_the_engine_of_the_log_is_given_no_way_out() -> None:
    """DuckDB reads addresses as it reads files, where its extension for that is there."""
    engine = (SRC / "zhiyin/warehouse/engines/duckdb/engine.py").read_text("utf-8")
    sandbox = (SRC / "zhiyin/collect/files/sandbox.py").read_text("utf-8")
    for source in (engine, sandbox):
        assert '"autoload_known_extensions": "false"' in source
        assert "SET enable_external_access = false" in source
    for path in (SRC / "zhiyin").rglob("*.py"):
        assert "httpfs" not in path.read_text("utf-8"), path
