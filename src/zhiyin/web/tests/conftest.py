"""The cast: Ana is administrator in chief of main, Cleo of another workspace; and a log."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from zhiyin.accounts import actions
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import Settings as Workspace
from zhiyin.collect.events.reading import read
from zhiyin.maps.tests import trip
from zhiyin.warehouse.owner import Owner
from zhiyin.web import log as web_log
from zhiyin.web import sample
from zhiyin.web.tests.planted import plant_decisions, plant_facts

MAIN = Workspace("main", "Main", "UTC", 0, "CNY", "en")
"""What the sample's mapping does not say is not asked of the workspace."""


@pytest.fixture(autouse=True)
def plain_static_files(settings: Settings) -> None:
    storages = dict(settings.STORAGES)
    storages["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STORAGES = storages
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]


@pytest.fixture
def log(two_workspaces: Owner) -> Iterator[Owner]:
    web_log.use(two_workspaces)
    yield two_workspaces
    web_log.use(None)


@pytest.fixture(scope="session")
def planted_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs with one customer who has something in every place, to be copied."""
    folder = tmp_path_factory.mktemp("planted") / "data"
    shutil.copytree(empty_logs, folder)
    with Owner(folder) as owner:
        plant_facts(owner, folder)
    return folder


@pytest.fixture
def planted(planted_logs: Path, ana: Person, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    """Her log, and what the relational store says of her."""
    with planted_in(tmp_path, planted_logs, settings) as owner:
        yield owner


@contextmanager
def planted_in(folder: Path, logs: Path, settings: Settings) -> Iterator[Owner]:
    """A copy of logs that she is in, and what the relational store says of her."""
    settings.ZHIYIN_DATA = folder
    shutil.copytree(logs, folder, dirs_exist_ok=True)
    with Owner(folder) as owner:
        owner.reader = read
        web_log.use(owner)
        plant_decisions(owner)
        yield owner
        web_log.use(None)


@pytest.fixture
def ana(db: None) -> Person:
    actions.set_up(by=COMMAND_LINE, login="ana")
    return Person.objects.get(login="ana")


@pytest.fixture
def cleo(ana: Person) -> Person:
    actions.create_workspace(by=COMMAND_LINE, slug="other", name="Other")
    actions.create_administrator_in_chief(by=COMMAND_LINE, workspace="other", login="cleo")
    return Person.objects.get(login="cleo")


@pytest.fixture
def as_ana(client: Client, ana: Person, log: Owner) -> Client:
    client.force_login(ana)
    return client


@pytest.fixture(scope="session")
def sample_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs with the sample, to be copied."""
    folder = tmp_path_factory.mktemp("sample") / "data"
    shutil.copytree(empty_logs, folder)
    with Owner(folder) as owner:
        done = sample.load(owner, MAIN, folder)
        assert (done.rows_added, done.rows_rejected) == (180, 0)
    return folder


@pytest.fixture
def sampled(sample_logs: Path, ana: Person, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    """Their log."""
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(sample_logs, tmp_path, dirs_exist_ok=True)
    with Owner(tmp_path) as owner:
        web_log.use(owner)
        yield owner
        web_log.use(None)


@pytest.fixture
def with_sample(client: Client, ana: Person, sampled: Owner) -> Client:
    """Ana, where the sample has been imported."""
    client.force_login(ana)
    return client


@pytest.fixture(scope="session")
def trip_logs(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of a journey map, to be copied."""
    return trip.plant(empty_logs, tmp_path_factory.mktemp("trip") / "data")


@pytest.fixture
def trip_log(trip_logs: Path, ana: Person, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    """The log of the map ``trip``, which is kept as its first version."""
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(trip_logs, tmp_path, dirs_exist_ok=True)
    trip.keep()
    with Owner(tmp_path) as found:
        web_log.use(found)
        yield found
        web_log.use(None)


@pytest.fixture
def trip_client(trip_log: Owner, ana: Person) -> Client:
    """Ana, who reads the map."""
    asking = Client()
    asking.force_login(ana)
    return asking
