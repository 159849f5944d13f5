"""Voice over a million verbatims of two clauses: found by words, by what they mean, and its table.

Beside them, in the same run, what each must do at least: for words one pass of DuckDB over the
texts with a plain LIKE, for meanings the product of numpy's of the same points as floats. One
clause of five says one of 144 sentences, the others lie where nothing else does. A search is what
a page asks: the first twenty, how many there are, and of how many customers. Run it with
``python -m bench.voice [VERBATIMS] [FOLDER]``; the folder is kept, so that a second run is quick.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
django.setup()

import duckdb  # noqa: E402
import numpy as np  # noqa: E402
import pyarrow as pa  # noqa: E402
import yaml  # noqa: E402

from bench.overview import Taken, timed  # noqa: E402
from zhiyin.accounts.workspaces import Settings  # noqa: E402
from zhiyin.kernel.filters import parse  # noqa: E402
from zhiyin.listen import embedding, learned  # noqa: E402
from zhiyin.listen.searching import Search, Wanted  # noqa: E402
from zhiyin.measure import comparisons  # noqa: E402
from zhiyin.measure.comparisons import Comparisons  # noqa: E402
from zhiyin.measure.requests import ScoreRequest  # noqa: E402
from zhiyin.warehouse.findings import SPACE, Finding  # noqa: E402
from zhiyin.warehouse.nearness import cosines, lengths_of  # noqa: E402
from zhiyin.warehouse.owner import Owner  # noqa: E402

SETTINGS = Settings("bench", "Bench", "Asia/Shanghai", 0, "CNY", "en")
ALIKE = Path(__file__).parents[1] / "src" / "zhiyin" / "listen" / "tests" / "alike.yaml"
CLAUSES = 2
SAYING = 5
"""One of so many clauses says a sentence that is asked for."""

PART = 100_000
ROUNDS = 40
BESIDE = 500_000
"""Points of the comparison with numpy, which as floats take four times the memory."""

WORDS = ("退钱", "refund", "包装破了", "expensive", "排队", "noise", "会员积分", "hotline")


def sentences() -> list[str]:
    """What some say."""
    groups = yaml.safe_load(ALIKE.read_text(encoding="utf-8"))
    return [text for held in groups for text in held]


def prepare(data: Path, verbatims: int, said: Sequence[str], points: Sequence[bytes]) -> None:
    """A log with so many verbatims, read clause by clause."""
    file = data / "log" / "bench.duckdb"
    if file.exists():
        return
    with Owner(data) as log:
        log.create("bench")
        rows = [
            {"row": n, "id": f"seed{n}", "occurred_at": datetime(2026, 3, 1), "text": "x",
             "customer": f"c{n}", "channel": "app", "touchpoint": f"t{n}"}
            for n in range(12)
        ]  # fmt: skip
        with log.begin("bench", source="desk", label="seed") as batch:
            batch.write("verbatims", pa.Table.from_pylist(rows))
            batch.commit()
        seqs = [seq for seq, _text in log.unread("bench", "one")]
        found = [
            Finding(
                seq, 0, 0, 1, "zh", ("negative", "positive")[seq % 2], 0.9, aspect=f"a{seq % 20}"
            )
            for seq in seqs
        ]
        log.keep_findings("bench", "one", seqs, found)
    chance = np.random.default_rng(20261129)
    with duckdb.connect(str(file)) as connection:
        for at in range(0, verbatims, PART):
            _part(connection, min(PART, verbatims - at), 10_000 + at, said, points, chance)
        connection.execute("CHECKPOINT")


def _part(
    connection: duckdb.DuckDBPyConnection,
    n: int,
    first: int,
    said: Sequence[str],
    points: Sequence[bytes],
    chance: np.random.Generator,
) -> None:
    which = chance.integers(0, len(said), (n, CLAUSES))
    says = chance.random((n, CLAUSES)) < 1 / SAYING
    texts = [
        "，".join(
            said[which[row, place]] if says[row, place] else f"第{first + row}单第{place}件 nothing"
            for place in range(CLAUSES)
        )
        for row in range(n)
    ]
    width = len(points[0]) - SPACE
    wild = np.clip(chance.normal(0, 32, (n * CLAUSES, width)), -127, 127).astype(np.int8)
    known = np.array([np.frombuffer(one, np.int8, offset=SPACE) for one in points])
    chosen = says.ravel()
    wild[chosen] = known[which.ravel()[chosen]]
    name = np.broadcast_to(np.frombuffer(points[0][:SPACE], np.int8), (n * CLAUSES, SPACE))
    held = np.hstack([name, wild]).tobytes()
    kind = pa.binary(SPACE + width)
    blobs = pa.FixedSizeBinaryArray.from_buffers(kind, n * CLAUSES, [None, pa.py_buffer(held)])
    connection.register("texts", pa.table({"i": np.arange(n), "text": texts}))
    connection.register(
        "found",
        pa.table(
            {
                "verbatim": np.repeat(np.arange(n), CLAUSES) + first,
                "place": np.tile(np.arange(CLAUSES), n),
                "point": blobs.cast(pa.binary()),
            }
        ),
    )
    connection.execute(
        f"""
        INSERT INTO verbatims BY NAME SELECT s.* EXCLUDE (k) REPLACE (
            {first} + t.i AS seq, {first} + t.i AS id_hash, {first} + t.i AS content_hash,
            'b' || ({first} + t.i) AS id, t.text AS text,
            100 + (hash(t.i + {first}) % 300000)::INTEGER AS customer_key,
            TIMESTAMP '2025-01-01' + to_seconds((hash(t.i + {first}) % 31536000)::BIGINT)
                AS occurred_at)
        FROM texts t JOIN (SELECT *, row_number() OVER () - 1 AS k FROM verbatims
            WHERE id LIKE 'seed%') s ON s.k = t.i % 12
        """
    )
    connection.execute(
        """
        INSERT INTO findings BY NAME SELECT s.* EXCLUDE (k) REPLACE (f.verbatim AS verbatim,
            f.place AS place, 0 AS starts, 5 AS ends, f.point AS point)
        FROM found f JOIN (SELECT *, row_number() OVER () - 1 AS k FROM findings
            WHERE verbatim < 10000) s ON s.k = f.verbatim % 12
        """
    )


def ask(log: Owner, wanted: Wanted) -> tuple[int, int]:
    """As the page does."""
    search = Search(log, SETTINGS, wanted)
    search.page(limit=21)
    return search.count()


def compared(log: Owner, day: int) -> Comparisons:
    """The table of aspects by touchpoint, from some day on."""
    start, end, by = date(2025, 1, 1 + day), date(2025, 12, 30), ("aspect", "touchpoint")
    request = ScoreRequest("sentiment", by=by, start=start, end=end)
    return comparisons.compare(log, SETTINGS, request)


def told(name: str, work: Callable[[int], Any], *, rounds: int, warm: int = 0) -> Taken:
    """So many rounds, each of another number from 0 on; what they took is written."""
    taken = timed(work, rounds=rounds, warm=warm)
    print(
        f"{name}: p50 {taken.wall_at(0.5):.3f} s, p95 {taken.wall_at(0.95):.3f} s, longest"
        f" {max(taken.wall):.3f} s, {sum(taken.processor) / rounds:.2f} s of the processor,"
        f" {rounds} times; {taken.memory_mib:.0f} MiB held",
        flush=True,
    )
    return taken


def main() -> None:
    """Plant, then measure."""
    verbatims = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    folder = Path(sys.argv[2]) if len(sys.argv) > 2 else Path(tempfile.mkdtemp())
    embedder, space, said = embedding.default(), learned.space(), sentences()
    if embedder is None or space is None:
        sys.exit("This machine has no embedder.")
    points = space.of(said, embedder.embed(said))
    prepare(folder, verbatims, said, points)
    size = (folder / "log" / "bench.duckdb").stat().st_size
    load = os.getloadavg()[0]
    print(f"{verbatims} verbatims, {CLAUSES} clauses each, {size >> 20} MiB; load {load:.1f}")
    with Owner(folder) as log:
        held = log._workspace("bench")
        with log._cursor() as cursor:
            like = f"SELECT count(*) FROM {held.sql}.verbatims WHERE text LIKE '%{{}}%'"
            plain = told(
                "plain pass",
                lambda n: cursor.sql(like.format(WORDS[n])).fetchall(),
                rounds=len(WORDS),
            )
        words = told("words", lambda n: ask(log, Wanted(WORDS[n])), rounds=len(WORDS))
        print(f"words take {words.wall_at(0.5) / plain.wall_at(0.5):.1f} times a plain pass")
        blame, start = parse("polarity = 'negative'"), date(2025, 6, 1)
        told("meaning, the first", lambda n: ask(log, Wanted(like=said[n])), rounds=1)
        if not ask(log, Wanted(like=said[0]))[0]:
            sys.exit("What was planted there lies in another space: give another folder.")
        told("meaning", lambda n: ask(log, Wanted(like=said[1 + n])), rounds=ROUNDS)
        told(
            "meaning, of half a year and clauses that blame",
            lambda n: ask(log, Wanted(like=said[50 + n], meaning=blame, start=start)),
            rounds=ROUNDS,
        )
        told("aspects by touchpoint, the first", lambda n: compared(log, n), rounds=1)
        told("aspects by touchpoint", lambda n: compared(log, n), rounds=12, warm=1)
        told("the embedder alone", lambda n: embedder.embed([said[n] + "。"]), rounds=ROUNDS)
    _beside(points[0])


def _beside(point: bytes) -> None:
    chance = np.random.default_rng(1)
    row = np.frombuffer(point, np.int8, offset=SPACE)
    rows = np.clip(chance.normal(0, 32, (BESIDE, len(row))), -127, 127).astype(np.int8)
    lengths, wide, one = lengths_of(rows), rows.astype(np.float32), row.astype(np.float32)
    ours = told(
        f"{BESIDE} cosines by the kernel", lambda _n: cosines(rows, lengths, row), rounds=20
    )
    numpys = told(f"{BESIDE} products by numpy, of floats", lambda _n: wide @ one, rounds=20)
    ratio = ours.wall_at(0.5) / numpys.wall_at(0.5)
    print(f"the kernel takes {ratio:.2f} of numpy's time, and a quarter of its memory")


if __name__ == "__main__":
    main()
