"""`zhiyin upgrade`: what an older program wrote becomes the present form, and is kept as it was."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.processes.conftest import zhiyin
from tests.processes.installation import Installation, Made
from zhiyin.kernel.archive import Archive
from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.owner import Owner

TAKE_BACK = """
import django
from django.core.management import call_command
django.setup()
call_command("migrate", "accounts", "0004", verbosity=0)
call_command("migrate", "unify", "0002", verbosity=0)
"""
"""Takes the relational store back to earlier forms."""

FORM = 3
"""Which form the log is given."""

UNDONE = [
    "accounts.0005_mail", "accounts.0006_failed_sign_in", "accounts.0007_work",
    "accounts.0008_api_keys", "accounts.0009_second_step", "accounts.0010_open_session",
    "accounts.0011_saved_view", "accounts.0012_theme_and_keys", "channels.0001_channels",
    "alerts.0001_alerts", "cases.0001_cases", "collect.0002_uploads", "collect.0003_surveys",
    "collect.0004_aspects", "collect.0005_survey_versions_beside",
    "collect.0006_reaching", "collect.0007_contact_rules", "collect.0008_widget_rules",
    "collect.0009_asking_customer", "collect.0010_verbatim_sources", "collect.0011_source_held",
    "listen.0001_labels", "listen.0002_themes",
    "maps.0001_maps", "measure.0001_targets_and_calendar", "measure.0002_survey_targets",
    "reports.0001_reports",
    "unify.0010_segments", "unify.0011_kept_customers",
]  # fmt: skip

CUT = """
import os, sys
from zhiyin.warehouse.owner import Owner
Owner.schema = lambda *given: os._exit(9)
from zhiyin.cli import main
sys.exit(main())
"""
"""The command line of a program that is killed between the two stores."""


ROOT = Path(__file__).resolve().parents[2]
KEPT = Path(os.environ.get("ZHIYIN_TEST_DATA") or ROOT.parent / "shared" / "data") / "releases"
"""What `scripts/keep-data` wrote at each release."""


def done(data: Path, *arguments: str) -> dict[str, Any]:
    """The document of a command that succeeds."""
    ended = zhiyin(data, *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return dict(json.loads(ended.stdout))


def refused(data: Path, *arguments: str) -> str:
    """The code of a command's refusal."""
    ended = zhiyin(data, *arguments)
    assert ended.returncode == 1, ended.stdout + ended.stderr
    return str(json.loads(ended.stdout)["error"]["code"])


@pytest.fixture(scope="module")
def taken_back(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with rows in both stores, taken back to earlier forms; it is copied."""
    data = made.copy(tmp_path_factory.mktemp("old") / "data")
    environment = {**os.environ, "ZHIYIN_DATA": str(data),
                   "DJANGO_SETTINGS_MODULE": "zhiyin.settings"}  # fmt: skip
    subprocess.run([sys.executable, "-c", TAKE_BACK], env=environment, check=True)
    file = data / "log" / "main.duckdb"
    file.unlink()
    with duckdb.connect() as connection:
        connection.execute(f"ATTACH '{file}' AS ws_main")
        assert layout.migrate(connection, "ws_main", upto=FORM) == FORM
        connection.execute("INSERT INTO ws_main.words VALUES ('source', 0, 'old')")
        connection.execute(
            "INSERT INTO ws_main.events (seq, batch, id_hash, content_hash, id, source,"
            " occurred_at, received_at, customer_key)"
            " VALUES (0, 0, 1, 1, 'kept', 0, '2020-01-01', '2020-01-02', 0)"
        )
        connection.execute("INSERT INTO ws_main.counters VALUES ('seq:events', 1), ('key', 1)")
    return data


@pytest.fixture
def old(taken_back: Path, tmp_path: Path) -> Path:
    """Such a folder, to be upgraded."""
    return Path(shutil.copytree(taken_back, tmp_path / "data"))


def forms(data: Path) -> tuple[set[str], int]:
    """(forms of the relational store, form of the log), read by nothing of ours."""
    with closing(sqlite3.connect(data / "zhiyin.sqlite3")) as store:
        found = store.execute("SELECT app || '.' || name FROM django_migrations").fetchall()
    with duckdb.connect(str(data / "log" / "main.duckdb"), read_only=True) as log:
        (form,) = log.execute("SELECT max(version) FROM form").fetchall()[0]
    return {name for (name,) in found}, form


def people(data: Path) -> list[tuple[str, str]]:
    with closing(sqlite3.connect(data / "zhiyin.sqlite3")) as store:
        return store.execute(
            "SELECT login, role FROM accounts_person JOIN accounts_membership"
            " ON accounts_person.id = person_id"
        ).fetchall()


def test_a_command_on_an_older_store_says_to_upgrade(old: Path) -> None:
    assert refused(old, "password") == "store.older"


def test_both_stores_come_forward_with_what_is_in_them(old: Path, tmp_path: Path) -> None:
    before, file = forms(old), tmp_path / "before.tar"
    assert not before[0] & set(UNDONE)
    document = done(old, "upgrade", str(file))
    assert (document["migrations"], document["log"]) == (UNDONE, {"main": FORM})
    assert document["backup"] == str(file)
    assert forms(old) == (before[0] | set(UNDONE), layout.PRESENT)
    assert people(old) == [("admin", "administrator_in_chief")]
    assert done(old, "events", "--count")["count"] == 1
    findings = {f["what"]: f["state"] for f in done(old, "doctor")["findings"]}
    assert findings["relational store"] == findings["log main"] == "ok"
    with Archive(file) as archive:
        assert archive.about["log"] == {"main": FORM}
        assert not set(archive.about["migrations"]) & set(UNDONE)
    done(tmp_path / "again", "restore", str(file))
    assert forms(tmp_path / "again") == before
    assert done(old, "upgrade", str(tmp_path / "second.tar"))["backup"] is None
    assert not (tmp_path / "second.tar").exists(), "nothing was to be done"


def test_an_upgrade_that_was_killed_between_the_stores_is_run_again(
    old: Path, tmp_path: Path
) -> None:
    """Would catch a second run that keeps the half upgraded stores as what was there before."""
    file = tmp_path / "before.tar"
    environment = {**os.environ, "ZHIYIN_DATA": str(old)}
    cut = [sys.executable, "-c", CUT, "upgrade", str(file)]
    assert subprocess.run(cut, env=environment, check=False).returncode == 9
    assert (set(UNDONE) <= forms(old)[0], forms(old)[1]) == (True, FORM)
    document = done(old, "upgrade", str(file))
    assert (document["migrations"], document["log"]) == ([], {"main": FORM})
    assert forms(old)[1] == layout.PRESENT
    with Archive(file) as archive:
        assert not set(archive.about["migrations"]) & set(UNDONE)
    assert not (old / "tmp" / "upgrade-begun").exists()


def test_a_file_that_is_there_is_not_written_over(old: Path, tmp_path: Path) -> None:
    before = forms(old)
    (tmp_path / "mine.tar").write_text("mine")
    assert refused(old, "upgrade", str(tmp_path / "mine.tar")) == "archive.exists"
    assert (tmp_path / "mine.tar").read_text() == "mine"
    assert forms(old) == before


def test_without_a_backup_only_where_that_is_said(old: Path) -> None:
    assert zhiyin(old, "upgrade").returncode == 2
    document = done(old, "upgrade", "--no-backup")
    assert (document["backup"], document["log"]) == (None, {"main": FORM})


@pytest.mark.parametrize("store", ["relational", "log"])
def test_what_a_newer_program_has_written_is_left_alone(
    made: Made, tmp_path: Path, store: str
) -> None:
    data, file = made.copy(tmp_path / "data"), tmp_path / "before.tar"
    if store == "relational":
        with closing(sqlite3.connect(data / "zhiyin.sqlite3")) as opened, opened:
            opened.execute(
                "INSERT INTO django_migrations (app, name, applied)"
                " VALUES ('accounts', '0999_later', '2030-01-01')"
            )
    else:
        with duckdb.connect(str(data / "log" / "main.duckdb")) as opened:
            opened.execute("INSERT INTO form VALUES (999, current_timestamp::TIMESTAMP)")
    code = "store.newer" if store == "relational" else "log.newer"
    before = forms(data)
    assert refused(data, "upgrade", str(file)) == code
    assert refused(data, "init") == code
    assert (forms(data), file.exists()) == (before, False)


@pytest.fixture
def held(made: Made, tmp_path: Path) -> Iterator[Path]:
    found = Installation(tmp_path / "data", made)
    with Owner(found.data):
        yield found.data


def test_a_folder_that_somebody_works_with_is_refused(held: Path, tmp_path: Path) -> None:
    assert refused(held, "upgrade", str(tmp_path / "before.tar")) == "upgrade.held"


def test_a_folder_without_stores_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, "upgrade", str(tmp_path / "before.tar")) == "upgrade.nothing"
    assert not (tmp_path / "zhiyin.sqlite3").exists()


@pytest.fixture(params=["this version", *sorted(KEPT.glob("*.tar"))], ids=str)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Data as a version wrote it: this one, and each that a release has kept."""
    if isinstance(request.param, Path):
        return request.param
    file = tmp_path / "this.tar"
    environment = {**os.environ, "PYTHON": sys.executable}
    subprocess.run(
        [str(ROOT / "scripts" / "keep-data"), str(file)],
        env=environment, check=True, capture_output=True,
    )  # fmt: skip
    return file


def test_what_a_release_has_kept_is_read(kept: Path, tmp_path: Path) -> None:
    data = tmp_path / "restored"
    done(data, "restore", str(kept))
    done(data, "upgrade", "--no-backup")
    (row,) = done(data, "score", "nps")["rows"]
    assert (row["n"], row["customers"]) == (180, 102)
    assert {key["source"] for key in done(data, "key", "list")["keys"]} == {"web", "shop"}
    assert {f["state"] for f in done(data, "doctor")["findings"]} == {"ok"}
