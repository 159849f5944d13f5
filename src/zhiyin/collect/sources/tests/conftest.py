"""The servers that the tests of sources ask, and the fixtures of the kit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from zhiyin.collect.sources.testkit import data, log, reachable  # noqa: F401 - fixtures
from zhiyin.collect.sources.tests import servers
from zhiyin.collect.sources.tests.servers import MailServer


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return servers.make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def trusted(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The certificate, which this machine takes for good."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "certificate.pem"))
    return certificate


@pytest.fixture
def mail(trusted: Path) -> Iterator[MailServer]:
    with servers.mail_server(trusted) as server:
        yield server
