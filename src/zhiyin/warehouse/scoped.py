"""The log as one reader may see it: whoever holds this cannot read outside her scope."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, NoReturn, cast

import pyarrow as pa

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, both, render
from zhiyin.kernel.text import _
from zhiyin.warehouse.findings import Readings
from zhiyin.warehouse.lang import Expression
from zhiyin.warehouse.log import Found, Log, Reader, Schema, TimelineAsked
from zhiyin.warehouse.rules import Ruled, Rules

EVERYTHING = Reader()


def scoped(log: Log, scope: Filter | None) -> Log:
    """`log` for a reader with this scope; `log` itself where it is the whole workspace."""
    return log if scope is None else cast("Log", _Scoped(log, scope))


def place_of(log: Log, workspace: str) -> tuple[int, str, str]:
    """Where what was read of a workspace may be kept: apart for each log and each scope."""
    if isinstance(log, _Scoped):
        return id(log.whole), render(log.scope), workspace
    return id(log), "", workspace


class _Scoped:
    """Reads with the scope, and refuses whatever is about the workspace as a whole.

    The dictionaries of names are not narrowed: what a touchpoint or a unit is called is no figure
    and no fact about a customer.
    """

    def __init__(self, log: Log, scope: Filter) -> None:
        self.whole = log
        self.scope = scope

    def __getattr__(self, name: str) -> Callable[..., NoReturn]:
        if name.startswith("_") or not hasattr(Log, name):
            raise AttributeError(name)
        return _refuse

    def schema(self, workspace: str) -> Schema:
        """As the log's."""
        return self.whole.schema(workspace)

    def words(self, workspace: str, domain: str) -> dict[int, str]:
        """As the log's."""
        return self.whole.words(workspace, domain)

    def rules(self, workspace: str, column: Ruled) -> Rules:
        """As the log's: by them facts have their words, in a scope as in the whole. The pages that
        show them need a right that nobody has in a scope."""
        return self.whole.rules(workspace, column)

    def readings(self, workspace: str, read_by: str, *, reader: Reader = EVERYTHING) -> Readings:
        """As the log's, of verbatims in scope."""
        return self.whole.readings(workspace, read_by, reader=self._narrowed(reader))

    def execute(
        self, workspace: str, query: Expression, *, reader: Reader = EVERYTHING, **more: Any
    ) -> pa.Table:
        """As the log's, over rows in scope."""
        return self.whole.execute(workspace, query, reader=self._narrowed(reader), **more)

    def totals(
        self, workspace: str, query: Expression, *, reader: Reader = EVERYTHING, **more: Any
    ) -> list[pa.Table]:
        """As the log's, over rows in scope."""
        return self.whole.totals(workspace, query, reader=self._narrowed(reader), **more)

    def products(
        self, workspace: str, query: Expression, *, reader: Reader = EVERYTHING, **more: Any
    ) -> list[pa.Table]:
        """As the log's, over rows in scope."""
        return self.whole.products(workspace, query, reader=self._narrowed(reader), **more)

    def ask_journeys(
        self,
        workspace: str,
        question: str,
        asked: Mapping[str, Any],
        *,
        reader: Reader = EVERYTHING,
        **more: Any,
    ) -> pa.Table | None:
        """As the log's, over events in scope."""
        return self.whole.ask_journeys(
            workspace, question, asked, reader=self._narrowed(reader), **more
        )

    def find_customers(
        self, workspace: str, text: str, *, reader: Reader = EVERYTHING, limit: int = 20
    ) -> list[Found]:
        """As the log's; who has no fact in scope is not found."""
        return self.whole.find_customers(
            workspace, text, reader=self._narrowed(reader), limit=limit
        )

    def timeline(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """As the log's, over facts in scope."""
        return self.whole.timeline(workspace, self._asked(asked))

    def timeline_counts(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """As the log's, over facts in scope."""
        return self.whole.timeline_counts(workspace, self._asked(asked))

    def rows_of(
        self,
        workspace: str,
        customer: int,
        tables: Mapping[str, Sequence[int] | None],
        *,
        columns: Sequence[str] = (),
        limit: int = 5_000,
        reader: Reader = EVERYTHING,
    ) -> dict[str, pa.Table]:
        """As the log's, over facts in scope."""
        return self.whole.rows_of(
            workspace, customer, tables, columns=columns, limit=limit, reader=self._narrowed(reader)
        )

    def _narrowed(self, reader: Reader) -> Reader:
        return replace(reader, scope=both(self.scope, reader.scope))

    def _asked(self, asked: TimelineAsked) -> TimelineAsked:
        return replace(asked, reader=self._narrowed(asked.reader))


def _refuse(*_asked: object, **_named: object) -> NoReturn:
    raise Problem(
        "log.scope",
        _("This is about the workspace as a whole, and you see a part of it."),
        _("Ask an administrator, who can widen what you see."),
    )
