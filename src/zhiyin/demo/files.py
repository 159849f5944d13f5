"""The company as files: Parquet and CSV, a mapping beside each, and ``truth.json``."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Literal

import pyarrow as pa
import pyarrow.csv as pa_csv
import pyarrow.parquet as pq

from zhiyin.demo import asked_facts, facts, mappings, reference, truth, voice_facts
from zhiyin.demo.chunks import Chunk, make
from zhiyin.demo.plan import Plan
from zhiyin.demo.questionnaires import SURVEYS
from zhiyin.demo.truth import Truth
from zhiyin.demo.world import World
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import _

Format = Literal["parquet", "csv"]
FORMATS: tuple[Format, ...] = ("parquet", "csv")
Mapper = Callable[[str, list[str]], str]
"""File name and columns in, mapping out."""
_LONG = ("responses", "answers", "verbatims_surveys")
"""Tables that the files hold in another form: one row a filled-in survey."""


def write(
    plan: Plan,
    folder: Path,
    *,
    formats: Sequence[Format] = FORMATS,
    progress: Progress = unseen,
) -> Truth:
    """Write the company into an empty or new folder; memory does not grow with its size.

    Raises:
        Problem: ``demo.folder-not-empty``.
    """
    if folder.exists() and any(folder.iterdir()):
        raise Problem(
            "demo.folder-not-empty",
            _("The folder {folder} is not empty.", folder=folder),
            _("Name a new folder: the demo's files should be alone in theirs."),
        )
    folder.mkdir(parents=True, exist_ok=True)
    world = World.of(plan)
    found = Truth(world)
    with _Writers(folder, formats, found) as writers:
        for name, table in reference.of(world).items():
            writers.write(name, table)
        for number in range(plan.chunks):
            chunk = make(world, number)
            found.add(chunk)
            for name, table, mapping in tables(chunk):
                writers.write(name, table, mapping)
            progress(number + 1, plan.chunks)
    (folder / "truth.json").write_bytes(found.json())
    return found


def tables(chunk: Chunk) -> Iterator[tuple[str, pa.Table, Mapper | None]]:
    """(file, rows, how its mapping is made) of a chunk; the truth's tables have no mapping."""
    for family, table in facts.of(chunk):
        if family.table == "events":
            table = table.drop_columns(["properties"])
        if family.name not in _LONG:
            yield family.name, table, partial(mappings.of_family, family)
    waves = {asked.survey.slug: asked.survey for asked in chunk.asked}
    for survey in SURVEYS:
        if survey.slug not in waves:
            continue
        parts = [
            asked_facts.wide(chunk, asked, said)
            for asked, said in zip(chunk.asked, chunk.voices.comments, strict=True)
            if asked.survey is survey
        ]
        table = pa.concat_tables(parts).unify_dictionaries()
        yield (
            f"answers_{survey.slug}", table,
            partial(mappings.of_survey, survey),
        )  # fmt: skip
    yield "truth_customers", truth.customers(chunk), None
    yield "truth_trips", truth.trips(chunk), None
    yield "turns", voice_facts.turns(chunk), None
    yield "truth_clauses", voice_facts.truth(chunk), None


class _Writers:
    """Open files, one a table and format."""

    def __init__(self, folder: Path, formats: Sequence[Format], found: Truth) -> None:
        self.folder = folder
        self.formats = formats
        self.found = found
        self._open: dict[str, list[pq.ParquetWriter | pa_csv.CSVWriter]] = {}

    def __enter__(self) -> _Writers:
        return self

    def __exit__(self, *_error: object) -> None:
        for writers in self._open.values():
            for writer in writers:
                writer.close()

    def write(self, name: str, table: pa.Table, mapping: Mapper | None = None) -> None:
        """Append rows to a file, which begins with the first call."""
        coded = [f.name for f in table.schema if pa.types.is_dictionary(f.type)]
        plain = pa.schema(
            [
                pa.field(f.name, pa.string() if pa.types.is_dictionary(f.type) else f.type)
                for f in table.schema
            ]
        )
        if name not in self._open:
            self._open[name] = self._begin(name, plain, coded)
            if mapping is not None:
                text = mapping(f"{name}.{self.formats[0]}", table.schema.names)
                (self.folder / f"{name}.yaml").write_text(text, encoding="utf-8")
        self.found.wrote(name, table.num_rows)
        if not table.num_rows:
            return
        table = table.cast(plain)
        for writer in self._open[name]:
            writer.write_table(table)

    def _begin(
        self, name: str, plain: pa.Schema, coded: list[str]
    ) -> list[pq.ParquetWriter | pa_csv.CSVWriter]:
        found: list[pq.ParquetWriter | pa_csv.CSVWriter] = []
        dictionary: Any = coded  # a list of names is as good as a yes
        if "parquet" in self.formats:
            found.append(
                pq.ParquetWriter(
                    self.folder / f"{name}.parquet", plain, compression="zstd",
                    compression_level=1, use_dictionary=dictionary, store_schema=False,
                )
            )  # fmt: skip
        if "csv" in self.formats:
            found.append(pa_csv.CSVWriter(self.folder / f"{name}.csv", plain))
        return found
