"""What the writer of a source runs against hers; ours are tested with it.

In a test module of pytest, subclass `SourceTests`, say in `world` how to make a small real world
for the source (a server with things to fetch), and every test below runs against it:

    class TestFeed(SourceTests):
        source = Feed()

        @pytest.fixture
        def world(self, server): return MyWorld(server)

A test needs Django's store, so pytest-django must be there, with ``DJANGO_SETTINGS_MODULE`` =
``zhiyin.settings``, and `pytest_plugins = ["zhiyin.collect.sources.testkit"]` in a conftest.
"""

from __future__ import annotations

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
from pytest_django import Settings as DjangoSettings

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.sources import (
    actions,
    bringing,
    documents,
    fetching,
    kept,
    known,
    mapped,
    trying,
)
from zhiyin.collect.sources.actions import Wanted
from zhiyin.collect.sources.models import SourceRun, VerbatimSource
from zhiyin.collect.sources.source import Source, reading
from zhiyin.kernel import outbound
from zhiyin.kernel.outbound import NotReached
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log
from zhiyin.warehouse.owner import Owner

KEY = "tried"


class World(Protocol):
    """A small world that a source is let loose on.

    Attributes:
        settings: for the source, its secrets with them.
        mapping: YAML; blank: what its kind has.
        host: whom it reaches, as ``ZHIYIN_OUTBOUND_ALLOW`` has it.
        pages: into how many the source cuts what `fill` puts in; at least 3 where it has pages.
    """

    settings: dict[str, str]
    mapping: str
    host: str
    pages: int

    def fill(self) -> list[str]:
        """Put in what makes `pages` pages; returns the texts as they are to be stored, all
        different."""

    def add(self, text: str) -> None:
        """Put one more in, newer than all."""

    def add_bad(self) -> None:
        """Put one in that cannot be stored: without a time, without a text."""

    def grow(self) -> None:
        """Make the next answer larger than any source may take."""


class Killed(BaseException):
    """What a kill is to a test: nothing of ours catches it."""


@pytest.fixture
def data(db: None, tmp_path: Path, settings: DjangoSettings) -> Path:
    """A data folder with the workspace ``main``."""
    settings.ZHIYIN_DATA = str(tmp_path)
    accounts.set_up(by=COMMAND_LINE, login="ana")
    return tmp_path


@pytest.fixture
def log(data: Path) -> Iterator[Log]:
    """Its log."""
    with Owner(data) as owner:
        owner.create("main")
        yield owner


@pytest.fixture
def reachable(world: World, monkeypatch: pytest.MonkeyPatch) -> World:
    """The world, which the installation may reach."""
    monkeypatch.setenv(outbound.ALLOW, world.host)
    return world


def texts(log: Log) -> list[str]:
    """The texts of all verbatims of `main`, in the order of what was said first."""
    said = lang.table(log.schema("main"), "verbatims")
    rows = said.select("text", "occurred_at").order_by("occurred_at")
    return [str(said) for said in log.execute("main", rows)["text"].to_pylist()]


class SourceTests:
    """The tests of every source."""

    source: Source

    @pytest.fixture(autouse=True)
    def is_known(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """The source is known for the length of a test, also where it is not installed."""
        found = {**known.all_kinds(), self.source.kind: self.source}
        monkeypatch.setattr(known, "all_kinds", lambda: found)

    def _made(self, world: World) -> VerbatimSource:
        wanted = Wanted(
            "Tried", self.source.kind, world.settings, mapping=world.mapping, voice="review"
        )
        return actions.add(by=COMMAND_LINE, workspace="main", key=KEY, wanted=wanted)

    def _run(self, log: Log, data: Path) -> SourceRun:
        run = fetching.fetch(log, settings_of("main"), kept.get("main", KEY), data=data)
        assert run is not None
        return run

    def test_it_says_what_it_is_in_both_languages(self) -> None:
        from zhiyin.kernel.text import in_language

        assert re.fullmatch(r"[a-z][a-z-]{1,39}", self.source.kind)
        said = [self.source.label, self.source.says]
        said += [word for one in self.source.fields for word in (one.label, one.help)]
        for sentence in said:
            with in_language("en"):
                english = str(sentence)
            with in_language("zh"):
                assert re.search("[\u4e00-\u9fff]", str(sentence)) or str(sentence).isascii()
            assert english.strip()
        names = [one.name for one in self.source.fields]
        assert len(names) == len(set(names))

    def test_all_is_fetched_once(self, reachable: World, log: Log, data: Path) -> None:
        wanted = reachable.fill()
        self._made(reachable)
        run = self._run(log, data)
        assert not run.error, run.error
        assert sorted(texts(log)) == sorted(wanted)
        assert (run.pages, run.added, run.rejected) == (reachable.pages, len(wanted), 0)

    def test_what_is_known_is_not_taken_again_and_what_is_new_is(
        self, reachable: World, log: Log, data: Path
    ) -> None:
        wanted = reachable.fill()
        self._made(reachable)
        self._run(log, data)
        again = self._run(log, data)
        assert (again.added, again.rejected, again.error) == (0, 0, {})
        reachable.add("One more 又一条")
        assert self._run(log, data).added == 1
        assert sorted(texts(log)) == sorted([*wanted, "One more 又一条"])

    def test_it_begins_anew_without_doubles(self, reachable: World, log: Log, data: Path) -> None:
        wanted = reachable.fill()
        self._made(reachable)
        self._run(log, data)
        VerbatimSource.objects.update(cursor="")
        again = self._run(log, data)
        assert (again.added, again.doubles) == (0, len(wanted))
        assert sorted(texts(log)) == sorted(wanted)

    @pytest.mark.parametrize("where", ["before", "after"])
    def test_killed_at_any_page_it_goes_on_without_loss_or_doubles(
        self, reachable: World, log: Log, data: Path, where: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Killed at each page in turn: before it was brought into the log, and after that but
        before the cursor was kept."""
        wanted = reachable.fill()
        self._made(reachable)
        monkeypatch.setattr(fetching, "AT_ONCE", 1)
        whole = bringing.bring

        def killed(*given: Any, **named: Any) -> Any:
            if where == "after":
                whole(*given, **named)
            raise Killed

        for _page in range(reachable.pages):
            with monkeypatch.context() as patch:
                patch.setattr(bringing, "bring", killed)
                try:
                    self._run(log, data)
                except Killed:
                    pass
                else:
                    break  # nothing is left that could be brought
            # One page further each time, as whoever is killed now and then comes on.
            held = kept.get("main", KEY)
            with reading(self.source, kept.cursor_of(held), kept.settings_of(held)) as pages:
                page = next(pages, None)
            if page is None:
                break
            turn = fetching._Turn(
                log, settings_of("main"), held, SourceRun(source=held), data, lambda: None
            )
            turn._records, turn._cursor = list(page.records), page.cursor
            turn._bring()
        self._run(log, data)
        assert sorted(texts(log)) == sorted(wanted)

    def test_a_bad_record_is_rejected_with_a_reason_and_loses_nothing(
        self, reachable: World, log: Log, data: Path
    ) -> None:
        wanted = reachable.fill()
        reachable.add_bad()
        self._made(reachable)
        run = self._run(log, data)
        assert not run.error, run.error
        assert sorted(texts(log)) == sorted(wanted)
        assert run.rejected == 1
        files = [data / "rejects" / f"{one}.csv" for one in run.imports]
        said = "".join(file.read_text("utf-8-sig") for file in files if file.exists())
        assert "missing" in said or "object" in said

    def test_secrets_are_nowhere_but_sealed(
        self, reachable: World, log: Log, data: Path, caplog: pytest.LogCaptureFixture
    ) -> None:
        secrets = [
            reachable.settings[one.name]
            for one in self.source.fields
            if one.kind == "secret" and reachable.settings.get(one.name)
        ]
        reachable.fill()
        caplog.set_level(logging.DEBUG)
        held = self._made(reachable)
        self._run(log, data)
        held.refresh_from_db()
        said = [
            caplog.text,
            json.dumps(documents.whole(held), default=str),
            json.dumps(list(AuditEntry.objects.values()), default=str),
            json.dumps(list(VerbatimSource.objects.values()), default=str),
            json.dumps(list(SourceRun.objects.values()), default=str),
            repr(kept.settings_of(held)),
        ]
        for secret in secrets:
            assert not [one for one in said if secret in one]
            assert kept.settings_of(held)[_name_of(self.source, reachable, secret)] == secret

    def test_a_try_shows_and_stores_nothing(self, reachable: World, log: Log, data: Path) -> None:
        reachable.fill()
        wanted = Wanted("", self.source.kind, reachable.settings, mapping=reachable.mapping)
        found = actions.checked(wanted, key=KEY)
        tried = trying.try_out(
            log, settings_of("main"), found.source, found.settings, found.whole, data=data
        )
        assert tried.added == tried.read > 0
        assert "text" in tried.columns
        assert tried.absent == ()
        assert texts(log) == []
        assert not VerbatimSource.objects.exists()

    def test_who_may_not_be_reached_is_not(
        self, world: World, log: Log, data: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv(outbound.ALLOW, world.host)
        world.fill()
        self._made(world)
        monkeypatch.setenv(outbound.ALLOW, "")
        assert self._run(log, data).error["code"] == "outbound.not-public"
        with pytest.raises(NotReached):
            outbound.check(f"http://{world.host}/")

    def test_limits_are_kept(self, reachable: World, log: Log, data: Path) -> None:
        reachable.fill()
        self._made(reachable)
        self._run(log, data)
        before = texts(log)
        reachable.grow()
        run = self._run(log, data)
        assert run.error or max(map(len, texts(log))) <= 2_100_000
        assert set(before) <= set(texts(log))

    def test_its_mapping_is_whole(self, reachable: World) -> None:
        settings = actions.settings_for(self.source, reachable.settings)
        whole = mapped.whole(mapped.as_yaml(self.source.mapping(settings)), source=KEY)
        assert {"id", "at", "text"} <= whole.keys()


def _name_of(source: Source, world: World, secret: str) -> str:
    return next(one.name for one in source.fields if world.settings.get(one.name) == secret)
