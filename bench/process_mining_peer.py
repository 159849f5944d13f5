"""What PM4Py says of event logs: ``PYTHON -m bench.process_mining_peer FOLDER REPEATS ROUNDS OUT``.

PM4Py is AGPL-3.0 and no part of this project, which never imports it: this runs in an interpreter
where somebody has installed it, and hands over figures as JSON.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from bench.spent import spent

CASE = "case:concept:name"


def main(folder: str, repeats: int, rounds: int, out: str) -> None:
    """Read, count, measure, write."""
    import pandas as pd
    import pm4py

    def read(name: str) -> Any:
        file = Path(folder) / name
        if name.endswith(".csv"):
            rows = pd.read_csv(file)
            rows["time:timestamp"] = pd.to_datetime(rows["time:timestamp"], utc=True)
            return rows
        return pm4py.read_xes(str(file))

    def told(log: Any) -> dict[str, Any]:
        edges, _first, _last = pm4py.discover_dfg(log)
        variants = pm4py.get_variants(log)
        again = pm4py.get_rework_cases_per_activity(log)
        return {
            "rework": [[name, cases] for name, cases in again.items() if cases],
            "edges": [[*edge, count] for edge, count in edges.items()],
            "variants": [[list(row), count] for row, count in variants.items()],
        }

    logs = {name: read(name) for name in ("helpdesk.xes.gz", "receipt.csv", "bpic2012.xes.gz")}
    found: dict[str, Any] = {name: told(log) for name, log in logs.items()}
    one = logs["bpic2012.xes.gz"]
    many = pd.concat(
        [one.assign(**{CASE: one[CASE] + f"#{k}"}) for k in range(repeats)], ignore_index=True
    )
    (edges, _first, _last), graph = spent(lambda: pm4py.discover_dfg(many), rounds)
    variants, rows = spent(lambda: pm4py.get_variants(many), rounds)
    found["repeated"] = {
        "events": len(many),
        "edges": [[*edge, count] for edge, count in edges.items()],
        "variants": len(variants),
        "graph": graph.as_dict(),
        "rows": rows.as_dict(),
        "held": float(many.memory_usage(deep=True).sum()) / (1 << 20),
        "version": pm4py.__version__,
    }
    Path(out).write_text(json.dumps(found))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
