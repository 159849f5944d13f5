"""Words of coded columns as their codes, for intake: looked up in memory, new ones added."""

from __future__ import annotations

from typing import Any

import duckdb
import msgspec
import numpy as np
import pyarrow as pa

from zhiyin.warehouse.engines.duckdb import layout
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

MOST_WORDS = 50_000
OTHERS = "(more)"
"""Stands for every word of a column beyond `MOST_WORDS`. Dictionaries are held in memory, and a
public write key can name events without end; what was said stays with the event or trait."""

_SAYS = {"events": "properties", "traits": "value"}
"""The column that keeps a word which has no code."""


class Coding:
    """The dictionaries of one workspace."""

    def __init__(self, held: Workspace) -> None:
        self._held = held
        self._codes: dict[str, dict[str, int]] = {}
        self._fresh: list[tuple[str, int, str]] = []

    def coded(self, table: str, rows: pa.Table) -> pa.Table:
        """`rows` with codes in place of words."""
        dimensions = self._held.dimensions.get(table, {})
        for place, name in enumerate(rows.schema.names):
            if not layout.is_coded(table, name, dimensions):
                continue
            words = rows[name].combine_chunks().dictionary_encode()
            if isinstance(words, pa.ChunkedArray):
                words = words.combine_chunks()
            said = list(map(str, words.dictionary.to_pylist()))
            codes = np.array([self._code(name, word) for word in said], np.int32)
            beyond = np.array([word not in self._codes[name] for word in said], np.bool_)
            if beyond.any():
                rows = _said_in_full(table, rows, name, words, beyond)
            at = words.indices
            empty = at.is_null().to_numpy(zero_copy_only=False)
            places = at.fill_null(0).to_numpy(zero_copy_only=False)
            column = codes[places] if len(codes) else np.zeros(len(rows), np.int32)
            rows = rows.set_column(place, name, pa.array(column, pa.int32(), mask=empty))
        return rows

    def write(self, cursor: duckdb.DuckDBPyConnection) -> None:
        """Store the new words."""
        if self._fresh:
            cursor.executemany(f"INSERT INTO {self._held.sql}.words VALUES (?, ?, ?)", self._fresh)

    def fresh(self) -> list[tuple[str, str]]:
        """The new words, each with its domain, in the order of their codes."""
        return [(domain, word) for domain, _code, word in self._fresh]

    def learn(self) -> None:
        """The transaction is in the log: so are its words."""
        self._fresh = []

    def forget(self) -> None:
        """The transaction was taken back."""
        self._codes = {}
        self._fresh = []

    def known(self, domain: str, word: str) -> int | None:
        """The code of a word, if the log has it or this load brings it."""
        return self._of(domain).get(word)

    def _of(self, domain: str) -> dict[str, int]:
        codes = self._codes.get(domain)
        known = self._held.words.get(domain, [])
        if codes is None or len(codes) < len(known):
            # An import has learned words since.
            codes = {known_word: code for code, known_word in enumerate(known)}
            for fresh_domain, code, fresh_word in self._fresh:
                if fresh_domain == domain:
                    codes[fresh_word] = code
            self._codes[domain] = codes
        return codes

    def _code(self, domain: str, word: str) -> int:
        codes = self._of(domain)
        if word not in codes:
            if len(codes) >= MOST_WORDS and word != OTHERS:
                return self._code(domain, OTHERS)
            self._fresh.append((domain, len(codes), word))
            codes[word] = len(codes)
        return codes[word]


def _said_in_full(
    table: str, rows: pa.Table, name: str, words: Any, beyond: np.ndarray
) -> pa.Table:
    """`rows` whose words without a code stand in full beside what else the row says."""
    keeps = _SAYS.get(table)
    if keeps is None or keeps not in rows.schema.names:
        return rows
    cells = rows[keeps].to_pylist()
    places = words.indices.fill_null(0).to_numpy(zero_copy_only=False)
    for row in np.flatnonzero(beyond[places] & words.is_valid().to_numpy(zero_copy_only=False)):
        word = str(words.dictionary[places[row]].as_py())
        said: dict[str, Any] = {f"own_{name}": word}
        if keeps == "properties":
            said = {**msgspec.json.decode(cells[row] or b"{}"), **said}
        else:
            said["value"] = cells[row]
        cells[row] = msgspec.json.encode(said).decode()
    return rows.set_column(rows.schema.names.index(keeps), keeps, pa.array(cells, pa.string()))
