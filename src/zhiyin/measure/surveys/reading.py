"""What the log holds of one survey, read into arrays: responses, and what became of their items."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from zhiyin.collect.surveys import definition, kept
from zhiyin.collect.surveys.definition import Item, Survey
from zhiyin.collect.surveys.facts import SOURCE
from zhiyin.collect.surveys.unnamed import GROUP
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter
from zhiyin.kernel.text import _
from zhiyin.measure.metric import NO_CODE
from zhiyin.measure.requests import BreakColumn, breakable_of
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Schema
from zhiyin.warehouse.where import where as condition_of

if TYPE_CHECKING:
    from zhiyin.accounts.workspaces import Settings

SECONDS = 60.0

ANSWERED = ("answered", "not_applicable", "dont_know")
"""States in which she has said something; *don't know* is an answer, leaving a blank is none."""

Times = NDArray[np.datetime64]
Ints = NDArray[np.int64]
Objects = NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Reading:
    """One survey of a workspace, as its log is read.

    Args:
        versions: what was published, by number, the oldest first.
        version: the one that is asked for; None: all.
        where: of responses.
    """

    log: Log
    settings: Settings
    key: str
    schema: Schema
    versions: tuple[tuple[int, Survey], ...]
    as_of: datetime
    version: int | None = None
    where: Filter | None = None

    @classmethod
    def of(
        cls,
        log: Log,
        settings: Settings,
        key: str,
        *,
        version: int | None = None,
        where: Filter | None = None,
        now: datetime | None = None,
    ) -> Reading:
        """Look the survey up.

        Of an anonymous one at least `GROUP` customers are told of, and as many must be left out
        where some are, whatever the workspace says.

        Raises:
            Problem: ``survey.none``, ``survey.no-version``, ``survey.not-published``;
                ``survey.without-few`` of an anonymous one.
        """
        held = kept.get(settings.slug, key)
        if version is None:
            versions = tuple(kept.versions(held))
        else:
            document = kept.version(held, version).document
            versions = ((version, definition.read(document.encode())),)
        if not versions:
            raise kept.not_published(key)
        schema = log.schema(settings.slug)
        is_anonymous = versions[-1][1].is_anonymous
        if is_anonymous:
            settings = replace(settings, minimum_base=max(settings.minimum_base, GROUP))
        found = cls(log, settings, key, schema, versions, now or clock.now(), version, where)
        if is_anonymous and (version is not None or where is not None):
            whole = replace(found, version=None, where=None)
            others = whole._responding() - found._responding()
            if 0 < others < found.minimum:
                raise few_left_out(found.minimum)
        return found

    def _responding(self) -> int:
        """How many customers have a response."""
        rows = self.responses()
        (found,) = self.run(rows.aggregate(n=rows.customer.nunique())).to_pylist()
        return int(found["n"])

    @property
    def newest(self) -> Survey:
        """The newest of the versions that are asked for."""
        return self.versions[-1][1]

    @property
    def minimum(self) -> int:
        """Under so many customers nothing is told."""
        return max(self.settings.minimum_base, 1)

    def items(self) -> dict[str, Item]:
        """Everything that was asked, by series, as it was asked last; the newest's order first."""
        found: dict[str, Item] = {}
        for _number, survey in reversed(self.versions):
            for item in survey.items():
                found.setdefault(item.series, item)
        return found

    def item(self, name: str) -> Item:
        """The item of this name, or of this series.

        Raises:
            Problem: ``survey.no-question``.
        """
        known = self.items()
        for series, item in known.items():
            if name in (item.name, series):
                return item
        raise Problem(
            "survey.no-question",
            _("The survey {key} asks nothing called {name}.", key=self.key, name=name[:80]),
            _("It asks: {known}.", known=", ".join(item.name for item in known.values())),
        )

    def column(self, table: str, name: str) -> BreakColumn:
        """The column of a table by which rows can be broken down.

        Raises:
            Problem: ``survey.no-column``.
        """
        possible = breakable_of(table, self.schema)
        if name in possible:
            return possible[name]
        raise Problem(
            "survey.no-column",
            _("{column} is no column that {table} can be broken down by.",
              column=name[:80], table=table),
            _("Columns to break down by: {known}.", known=", ".join(possible)),
        )  # fmt: skip

    # Tables

    def table(self, name: str, *, where: Filter | None = None) -> lang.Expression:
        """The rows of a table that are of this survey, and for which a filter holds.

        Responses and answers have `response`, the filling-in; exposures have `invitation`.

        Raises:
            Problem: a column that the table does not have.
        """
        version = None if name == "exposures" else self.version
        facts = lang.table(self.schema, name)
        chosen = kept.answers_to(self.key, version=version, where=where)
        rows = facts.filter(
            condition_of(chosen, facts, self.schema, table_name=name, zone=self.settings.timezone)
        )
        if name == "answers":
            return rows.mutate(response=lang.coalesce(rows.response, rows.id))
        if name == "exposures":
            return rows.mutate(invitation=lang.coalesce(rows.invitation, rows.id))
        ours = self.codes("source", [SOURCE])[0]
        # What the survey page tells of a response is told again, as id:1, id:2.
        told = lang.ifelse(rows.source == ours, rows.id.split(":")[0], rows.id)
        return rows.mutate(response=told)

    def responses(self) -> lang.Expression:
        """The responses that are asked for."""
        return self.table("responses", where=self.where)

    def answers(self, *columns: str) -> lang.Expression:
        """Answers of these responses, with `filling`: the `seq` of theirs."""
        chosen = self.responses().select("source", "response", filling="seq")
        rows = self.table("answers").select("source", "response", *columns)
        return rows.join(chosen, ["source", "response"]).select("filling", *columns)

    def run(self, query: lang.Expression, *, words: bool = True) -> pa.Table:
        """The rows of a query."""
        return self.log.execute(self.settings.slug, query, words=words, seconds=SECONDS)

    def codes(self, domain: str, words: Iterable[str]) -> list[int]:
        """The codes of words; of one that the log has never seen a code that nothing has."""
        known = {word: code for code, word in self.log.words(self.settings.slug, domain).items()}
        return [known.get(word, NO_CODE) for word in words]

    def fillings(self, columns: Sequence[BreakColumn] = ()) -> Fillings:
        """The responses in the order in which they arrived.

        Args:
            columns: read beside what every response has.
        """
        rows = self.responses()
        more = {f"by_{place}": rows[column.physical] for place, column in enumerate(columns)}
        query = rows.select(*_OWN, **more).order_by("seq")
        found = self.run(query, words=False)
        flags = self.log.words(self.settings.slug, "flags")
        return Fillings(
            seq=_ints(found["seq"]),
            response=found["response"].to_numpy(zero_copy_only=False),
            customer=_ints(found["customer"]),
            version=_ints(found["version"]),
            invitation=found["invitation"].to_numpy(zero_copy_only=False),
            started=_times(found["started_at"]),
            last=_times(found["last_at"]),
            ended=_times(found["ended_at"]),
            flags=np.array(
                [
                    frozenset() if code is None else frozenset(flags.get(code, "").split())
                    for code in found["flags"].to_pylist()
                ],
                dtype=np.object_,
            ),
            more={
                column.name: self.words_of(column, found[f"by_{place}"])
                for place, column in enumerate(columns)
            },
        )

    def words_of(self, column: BreakColumn, values: pa.ChunkedArray[Any]) -> Objects:
        """A column's values in words; None where a row has none."""
        said = values.to_pylist()
        if column.domain is not None:
            known = self.log.words(self.settings.slug, column.domain)
            said = [None if code is None else known.get(code) for code in said]
        else:
            said = [None if one is None else f"{one:g}" if isinstance(one, float) else str(one)
                    for one in said]  # fmt: skip
        found = np.empty(len(said), dtype=object)
        found[:] = said
        return found

    def standing(self, fillings: Fillings) -> Standing:
        """How many items each response could answer, and how many it has answered."""
        states = [*ANSWERED, "hidden"]
        codes = self.codes("answer_state", states)
        rows = self.answers("question", "answer_state")
        # Of several choices there is a row each.
        once = rows.select("filling", "question", "answer_state").distinct()
        is_hidden = once.answer_state == codes[-1]
        counted = once.group_by("filling").aggregate(
            all=once.count(),
            answered=_sum(once.answer_state.isin(codes[:-1])),
            hidden=_sum(is_hidden),
        )
        found = self.run(counted, words=False)
        at = fillings.places(found["filling"])
        size = len(fillings)
        told, answered, hidden = (np.zeros(size, dtype=np.int64) for _name in range(3))
        told[at], answered[at], hidden[at] = (
            _ints(found[name]) for name in ("all", "answered", "hidden")
        )
        asked = {number: sum(1 for _item in survey.items()) for number, survey in self.versions}
        of_version = np.array([asked.get(int(one), 0) for one in fillings.version], dtype=np.int64)
        # An open response has no row for what is yet to come.
        return Standing(np.maximum(of_version, told) - hidden, answered)


@dataclass(frozen=True, slots=True, eq=False)
class Fillings:
    """Responses, one place each; a time that nobody knows is NaT.

    Args:
        invitation: None where anybody could open it.
        more: by name, the columns that were asked for.
    """

    seq: Ints
    response: Objects
    customer: Ints
    version: Ints
    invitation: Objects
    started: Times
    last: Times
    ended: Times
    flags: Objects
    more: dict[str, Objects]

    def __len__(self) -> int:
        return len(self.seq)

    @property
    def has_ended(self) -> NDArray[np.bool_]:
        """Which came to the end."""
        return ~np.isnat(self.ended)

    @property
    def customers(self) -> int:
        """How many customers they are of."""
        return len(np.unique(self.customer))

    def flagged(self, flag: str) -> NDArray[np.bool_]:
        """Which have this flag of the log."""
        return np.array([flag in one for one in self.flags], dtype=np.bool_)

    def places(self, filling: Any) -> Ints:
        """The place of each response, by its `seq`."""
        return np.searchsorted(self.seq, _ints(filling))


@dataclass(frozen=True, slots=True, eq=False)
class Standing:
    """Of each response: the items that it could answer, and those that it has answered."""

    applicable: Ints
    answered: Ints

    @property
    def share(self) -> NDArray[np.float64]:
        """Which part of them it has answered, 0…1."""
        return self.answered / np.maximum(self.applicable, 1)


_OWN = ("seq", "response", "customer", "version", "invitation", "started_at", "last_at",
        "ended_at", "flags")  # fmt: skip


def _sum(holds: lang.Value) -> lang.Value:
    return lang.ifelse(holds, 1, 0).sum()


def _ints(values: Any) -> Ints:
    return np.asarray(values.fill_null(0).to_numpy()).astype(np.int64)


def _times(values: Any) -> Times:
    found: Times = np.asarray(values.to_numpy(zero_copy_only=False)).astype("datetime64[us]")
    return found


def few_left_out(minimum: int) -> Problem:
    """What is told would tell of so few who are not in it."""
    return Problem(
        "survey.without-few",
        _("What is left out concerns fewer than {minimum} customers.", minimum=minimum),
        _("The figures with and without them would tell of these few. Leave out more, or none."),
    )
