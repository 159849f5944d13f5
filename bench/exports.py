"""250,000 responses to .sav and .xlsx, each in a process of its own, beside plain CSV by Arrow.

Each is written twice: the first time Python reads its libraries too, which a server has done long before.

Run it with ``python -m bench.exports [RESPONSES] [FOLDER]``.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pyarrow as pa

from zhiyin.warehouse.owner import Owner

QUESTIONS = 13
CHUNK = 50_000

CHILD = """
import json, resource, sys
from pathlib import Path
import pyarrow.csv
from zhiyin.warehouse.owner import Owner
data, kind, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
class Settings:
    slug, timezone = "bench", "Asia/Shanghai"
import time
took = []
def write(log):
    began = time.monotonic()
    from zhiyin.collect.exports import run
    if kind == "arrow":
        found = run.read(log, Settings, "responses")
        with pyarrow.csv.CSVWriter(out, found.schema) as writer:
            for part in found.parts:
                writer.write_table(part)
    else:
        run.export(log, Settings, "responses", kind, out, replace=True)
    took.append(time.monotonic() - began)
with Owner(data) as log:
    write(log)
    write(log)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
print(json.dumps({"first": took[0], "seconds": took[1], "peak_gb": peak, "bytes": out.stat().st_size}))
"""


def prepare(data: Path, responses: int) -> None:
    """A log with so many responses to `QUESTIONS` questions, one of them text."""
    if (data / "log" / "bench.duckdb").exists():
        return
    rng = np.random.default_rng(11)
    words = ["排队太久，柜台只开了一个。", "Quick and friendly.", "退票三周还没到账", "Fine.", ""]
    with Owner(data) as log:
        log.create("bench")
        log.declare("bench", {"answers": {"city": "text", "delay": "float"}})
        for first in range(0, responses, CHUNK):
            rows = np.arange(first, min(first + CHUNK, responses))
            at = np.datetime64("2026-01-01", "us") + rng.integers(0, 180 * 86400, len(rows)).astype(
                "timedelta64[s]"
            )
            with log.begin("bench", source="bench", label="bench") as batch:
                batch.write("responses", _responses(rows, at))
                for q in range(QUESTIONS - 1):
                    batch.write("answers", _answers(rows, at, rng, f"q{q}", words))
                text = pa.table(
                    {
                        "row": pa.array(rows),
                        "id": pa.array([f"response-{k}" for k in rows]),
                        "question": ["why"] * len(rows),
                        "occurred_at": pa.array(at),
                        "text": pa.array(np.array(words)[rng.integers(0, len(words), len(rows))]),
                    }
                )
                batch.write("answers", _answers(rows, at, rng, "why", words))
                batch.write("verbatims", text)
                batch.commit()


def _responses(rows: np.ndarray, at: np.ndarray) -> pa.Table:
    return pa.table(
        {
            "row": pa.array(rows),
            "id": pa.array([f"response-{k}" for k in rows]),
            "occurred_at": pa.array(at),
            "customer": pa.array([f"customer-{k % 90_000}" for k in rows]),
            "mode": ["file"] * len(rows),
            "device": pa.array(np.array(["phone", "desktop"])[rows % 2]),
        }
    )


def _answers(
    rows: np.ndarray, at: np.ndarray, rng: np.random.Generator, question: str, words: list[str]
) -> pa.Table:
    count, is_text = len(rows), question == "why"
    answered = rng.random(count) < 0.85
    score = np.where(answered & (not is_text), rng.integers(1, 6, count), np.nan)
    return pa.table(
        {
            "row": pa.array(rows),
            "id": pa.array([f"response-{k}" for k in rows]),
            "occurred_at": pa.array(at),
            "customer": pa.array([f"customer-{k % 90_000}" for k in rows]),
            "question": [question] * count,
            "metric": ["text" if is_text else "csat"] * count,
            "kind": ["touchpoint"] * count,
            "score": pa.array(score, from_pandas=True),
            "scale_min": [None if is_text else 1.0] * count,
            "scale_max": [None if is_text else 5.0] * count,
            "direction": [None if is_text else "up"] * count,
            "answer_state": pa.array(np.where(answered, "answered", "skipped")),
            "d_city": pa.array(np.array(["上海", "北京", "Chengdu"])[rows % 3]),
            "d_delay": pa.array(rng.normal(20, 9, count)),
        }
    )


def main(responses: int = 250_000, folder: Path | None = None) -> None:
    """Print seconds, ratio to Arrow's own CSV, and peak memory."""
    with tempfile.TemporaryDirectory() as temporary:
        data = folder or Path(temporary)
        began = time.monotonic()
        prepare(data, responses)
        print(f"{responses:,} responses × {QUESTIONS} questions"
              f" (prepared in {time.monotonic() - began:.0f} s)")  # fmt: skip
        plain = 0.0
        for kind in ("arrow", "sav", "xlsx", "csv", "parquet", "jsonl"):
            out = data / f"out.{'csv' if kind == 'arrow' else kind}"
            out.unlink(missing_ok=True)
            done = subprocess.run(
                [sys.executable, "-c", CHILD, str(data), kind, str(out)],
                check=True, capture_output=True, text=True, env={**os.environ},
            )  # fmt: skip
            found = json.loads(done.stdout.splitlines()[-1])
            plain = plain or found["seconds"]
            print(f"  {kind:8} {found['first']:6.1f} s, again {found['seconds']:6.1f} s"
                  f"  {found['seconds'] / plain:5.1f} × arrow csv"
                  f"  {found['peak_gb']:.2f} GB  {found['bytes'] / 1e6:.0f} MB")  # fmt: skip


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else 250_000,
        Path(sys.argv[2]) if len(sys.argv) > 2 else None,
    )
