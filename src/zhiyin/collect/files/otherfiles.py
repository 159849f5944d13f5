"""JSON Lines, Parquet and SPSS files as staged tables."""

# ruff: noqa: S608 - the path and the names are quoted

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import duckdb
import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from zhiyin.collect.files import encodings
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.staging import Bad, Form, Staged, Workshop, clean_names, fill, human
from zhiyin.collect.files.texts import text_of
from zhiyin.collect.files.unpacking import damaged
from zhiyin.collect.files.values import literal, quoted
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

SPSS_ROWS = 50_000


def stage_json(path: Path, reading: Reading, shop: Workshop, table: str, name: str) -> Staged:
    """JSON Lines: one object a line; the columns are the names that occur."""
    encoding = reading.encoding or encodings.detect(path)
    text = encodings.in_utf8(path, encoding, shop.folder)
    decoder = msgspec.json.Decoder(dict[str, object])
    seen: dict[str, None] = {}
    bad = shop.bad_rows()
    objects = _objects(text, decoder, shop.limits.cell_bytes * 8)
    for line, found in islice(objects, shop.first):
        if isinstance(found, Bad):
            bad.add(found)
            continue
        seen.update(dict.fromkeys(found))
        if len(seen) > shop.limits.columns:
            clean_names(list(seen), name, shop.limits)
        del line
    if not seen:
        raise Problem(
            "import.no-objects",
            _("{name} has no line that is a JSON object.", name=name),
            _('JSON Lines has one object a line: {"id": 1, "score": 9}'),
        )  # fmt: skip
    names = clean_names(list(seen), name, shop.limits)
    keys = list(seen)
    records = (
        (line, [text_of(found.get(key)) for key in keys])
        for line, found in _objects(text, decoder, shop.limits.cell_bytes * 8)
        if not isinstance(found, Bad)
    )
    fill(shop, table, names, records)
    form = Form("json", encoding=encoding)
    return Staged(shop.connection, table, names, bad, form=form)


def _objects(
    path: Path, decoder: msgspec.json.Decoder[dict[str, object]], longest: int
) -> Iterator[tuple[int, dict[str, object] | Bad]]:
    reason = _("this line is not a JSON object")
    with path.open("rb") as file:
        number = 0
        while line := file.readline(longest):
            number += 1
            if number == 1:
                line = line.removeprefix(b"\xef\xbb\xbf")
            if not line.endswith(b"\n") and len(line) >= longest:
                while (rest := file.readline(longest)) and not rest.endswith(b"\n"):
                    pass
                yield number, Bad(number, "", "", _("this line is too long"))
                continue
            if not line.strip():
                continue
            try:
                yield number, decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                said = line.decode("utf-8", "replace").rstrip()
                yield number, Bad(number, "", said[:200], reason, (said,))


def stage_parquet(path: Path, shop: Workshop, table: str, name: str) -> Staged:
    """Parquet: the values as text; nested ones as JSON."""
    try:
        about = pq.ParquetFile(path)
    except (pa.ArrowException, OSError) as error:
        raise damaged(path) from error
    with about:
        metadata, schema = about.metadata, about.schema_arrow
        size = sum(metadata.row_group(i).total_byte_size for i in range(metadata.num_row_groups))
    if size > shop.limits.file_bytes:
        raise Problem(
            "import.too-large",
            _("{name} is {size}; files up to {limit} can be read.", name=name, size=human(size),
              limit=human(shop.limits.file_bytes)),
            _("Split it."),
        )  # fmt: skip
    names = clean_names(schema.names, name, shop.limits)
    cells = []
    for i, field in enumerate(schema):
        cell = quoted(field.name)
        nested = pa.types.is_nested(field.type)
        said = f"to_json({cell})::VARCHAR" if nested else f"{cell}::VARCHAR"
        if pa.types.is_floating(field.type):
            said = f"CASE WHEN NOT isnan({cell}) THEN regexp_replace({said}, '\\.0$', '') END"
        cells.append(f"nullif(trim({said}), '') AS c{i}")
    try:
        shop.connection.execute(
            f"CREATE OR REPLACE TABLE {table} AS SELECT file_row_number + 1 AS line,"
            f" {', '.join(cells)} FROM read_parquet({literal(path)}, file_row_number = true)"
            f"{'' if shop.first is None else f' LIMIT {shop.first}'}"
        )
    except duckdb.Error as error:
        raise damaged(path) from error
    return Staged(shop.connection, table, names, shop.bad_rows(), form=Form("parquet"))


def stage_spss(path: Path, shop: Workshop, table: str, name: str) -> Staged:
    """SPSS: codes as they are, user-missing codes included; the labels of codes beside."""
    import pyreadstat

    try:
        _none, about = pyreadstat.read_sav(
            path, metadataonly=True, output_format="dict", user_missing=True
        )
        names = clean_names(list(about.column_names), name, shop.limits)
        if (about.number_rows or 0) * len(names) > shop.limits.spss_cells:
            raise Problem(
                "import.too-many-cells",
                _("{name} has {rows} rows of {columns} columns: too many cells.", name=name,
                  rows=f"{about.number_rows:,}", columns=f"{len(names):,}"),
                _("Keep the columns that the mapping names, or split the file."),
            )  # fmt: skip
        fill(shop, table, names, _cases(path, list(about.column_names)))
    except (pyreadstat.ReadstatError, pyreadstat.PyreadstatError, OverflowError) as error:
        raise damaged(path) from error
    labels = {
        column: {text_of(code) or "": str(said) for code, said in found.items()}
        for column, found in about.variable_value_labels.items()
    }
    missing = {
        column: tuple((_bound(span["lo"]), _bound(span["hi"])) for span in spans)
        for column, spans in about.missing_ranges.items()
    }
    return Staged(
        shop.connection,
        table,
        names,
        shop.bad_rows(),
        labels=labels,
        missing=missing,
        form=Form("spss"),
    )


def _bound(code: object) -> float | None:
    """One end of a range of missing codes; None where the code is a word."""
    return float(code) if isinstance(code, int | float) else None


def _cases(path: Path, columns: list[str]) -> Iterator[tuple[int, list[str | None]]]:
    import pyreadstat

    first = 0
    while True:
        found, _about = pyreadstat.read_sav(
            path, row_offset=first, row_limit=SPSS_ROWS, output_format="dict", user_missing=True
        )
        rows = list(zip(*(found[column] for column in columns), strict=True))
        for number, row in enumerate(rows, first + 1):
            yield number, [text_of(value) for value in row]
        if len(rows) < SPSS_ROWS:
            return
        first += SPSS_ROWS
