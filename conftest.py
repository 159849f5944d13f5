"""For the tests of the rooms and of the whole alike."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from django.test import override_settings
from django.utils import translation
from pytest_django import Settings

from zhiyin.warehouse.owner import Owner

# How long an example takes says something of the machine, and nothing of the code.
hypothesis.settings.register_profile(
    "untimed", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("untimed")


# Few objects of a test are garbage in a cycle, and none that is imported. To look at them again and
# again takes a tenth of the tests' time; the product's processes leave them alone too.
gc.set_threshold(20_000, 20, 50)


def pytest_collection_finish() -> None:
    """What is imported stays."""
    gc.collect()
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Libraries say at the end what they find not to be freed."""
    gc.unfreeze()


@pytest.fixture(scope="session", autouse=True)
def quick_passwords() -> Iterator[None]:
    """A strong hash takes half a second, and nearly every test makes a person who has one."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True)
def no_language_is_left() -> Iterator[None]:
    """A request in Chinese leaves its language with its thread, and the next test would find it."""
    yield
    translation.deactivate()


@pytest.fixture(scope="session")
def empty_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of `main` and `other` with nothing in it, to be copied: making it takes longer."""
    folder = tmp_path_factory.mktemp("empty")
    with Owner(folder) as owner:
        for slug in ("main", "other"):
            owner.create(slug)
    return folder


@pytest.fixture(scope="session")
def empty_log(empty_logs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The log of `main` alone, to be copied."""
    folder = tmp_path_factory.mktemp("empty") / "one"
    shutil.copytree(empty_logs, folder, ignore=shutil.ignore_patterns("other.*"))
    return folder


@pytest.fixture
def two_workspaces(empty_logs: Path, tmp_path: Path, settings: Settings) -> Iterator[Owner]:
    """The log of `main` and `other`, in the folder that the settings name."""
    settings.ZHIYIN_DATA = tmp_path
    shutil.copytree(empty_logs, tmp_path, dirs_exist_ok=True)
    with Owner(tmp_path) as owner:
        yield owner
