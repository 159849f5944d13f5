"""Facts of erased ids do not come in by intake either."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import duckdb
import numpy as np
import pyarrow as pa

from zhiyin.kernel.ids import ANONYMOUS, KNOWN
from zhiyin.kernel.text import _
from zhiyin.warehouse.arriving import Letter, Reading, Refusal
from zhiyin.warehouse.engines.duckdb.keys import COLUMNS, Ids
from zhiyin.warehouse.engines.duckdb.workspace import Workspace
from zhiyin.warehouse.pseudonyms import Pseudonyms


@dataclass(slots=True)
class Bar:
    """The erased ids of one workspace, as intake keeps them in memory.

    They are read again when an erasure has added to them (`Workspace.forgets`).
    """

    held: Workspace
    pseudonyms: Pseudonyms
    _hashes: frozenset[str] = frozenset()
    _read_at: int = -1
    _known: dict[tuple[str, str], bool] = field(default_factory=dict)

    def keep_out(
        self, cursor: duckdb.DuckDBPyConnection, ids: Ids, tables: Mapping[str, pa.Table]
    ) -> tuple[dict[str, pa.Table], Counter[str]]:
        """The tables without rows of erased ids, and how many such rows came from each source."""
        if not (self.held.refuses_erased and self.held.has_erased_ids):
            return dict(tables), Counter()
        self._catch_up(cursor)
        kept: dict[str, pa.Table] = {}
        barred: Counter[str] = Counter()
        for table, rows in tables.items():
            hers = self._hers(ids, rows)
            if not hers.any():
                kept[table] = rows
                continue
            barred.update(map(str, rows.filter(pa.array(hers))["source"].to_pylist()))
            left = rows.filter(pa.array(~hers))
            if left.num_rows:
                kept[table] = left
        return kept, barred

    def without_hers(
        self, cursor: duckdb.DuckDBPyConnection, refused: Sequence[tuple[Letter, Refusal]]
    ) -> tuple[list[tuple[Letter, Refusal]], Counter[str]]:
        """What was refused for another reason and names no erased id; how many do, by source."""
        if not (refused and self.held.refuses_erased and self.held.has_erased_ids):
            return list(refused), Counter()
        self._catch_up(cursor)
        kept: list[tuple[Letter, Refusal]] = []
        barred: Counter[str] = Counter()
        for letter, refusal in refused:
            if any(self._is_erased(kind, said) for said in _said(refusal.body) for kind in KINDS):
                barred[letter.source] += 1
            else:
                kept.append((letter, refusal))
        return kept, barred

    def _catch_up(self, cursor: duckdb.DuckDBPyConnection) -> None:
        if self._read_at == self.held.forgets:
            return
        found = cursor.execute(f"SELECT hash FROM {self.held.sql}.erased_ids").fetchall()
        self._hashes = frozenset(hash_ for (hash_,) in found)
        self._known = {}
        self._read_at = self.held.forgets

    def _hers(self, ids: Ids, rows: pa.Table) -> np.ndarray:
        hers = np.zeros(rows.num_rows, np.bool_)
        names = rows.schema.names
        for column in COLUMNS:
            if column not in names:
                continue
            # An id that has a key was not erased: only new ones are hashed.
            for place in ids.unknown(rows, column):
                kind = rows[f"{column}_kind"][place].as_py() if f"{column}_kind" in names else None
                if self._is_erased(kind or "customer", rows[column][place].as_py()):
                    hers[place] = True
        return hers

    def _is_erased(self, kind: str, name: str) -> bool:
        known = self._known.get((kind, name))
        if known is None:
            if len(self._known) > MOST_KNOWN:
                self._known = {}
            known = self.pseudonyms.of(kind, name) in self._hashes
            self._known[kind, name] = known
        return known


def _said(body: bytes) -> set[str]:
    """Every text and number of a JSON document, a cut one too: one of them may be an id."""
    found = {
        json.loads(token) if token.startswith('"') else token
        for token in _TOKEN.findall(body.decode("utf-8", "replace"))
    }
    # Half a character, escaped alone, is in no id and in no file.
    return {said for said in found if not _HALF.search(said)}


_TOKEN = re.compile(r'"(?:[^"\\\x00-\x1f]|\\["\\/bfnrt]|\\u[0-9a-fA-F]{4})*"|-?\d+')

_HALF = re.compile("[\ud800-\udfff]")

KINDS = (KNOWN, ANONYMOUS)
"""The kinds of ids that intake knows."""

MOST_KNOWN = 100_000


def refusals_of(
    barred: Counter[str], letters: Sequence[tuple[Letter, Reading]]
) -> list[tuple[Letter, Refusal]]:
    """A refusal for each source, without the bodies: nothing of hers is kept."""
    found = []
    for source, count in sorted(barred.items()):
        letter = next((one for one, _reading in letters if one.source == source), None)
        if letter is None:
            continue
        bare = Letter(letter.workspace, source, letter.wire, letter.received_at, b"", {})
        says = _("{count} events of customers who were erased were not taken.", count=count)
        found.append((bare, Refusal(0, "event.erased", says, b"")))
    return found
