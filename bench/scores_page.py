"""A change of filter on the page *Scores*, from query string to figures, over 10 M answers.

The log is in this process, as in the log process's own; the socket adds a millisecond. Run it with
``python -m bench.scores_page [ROWS] [FOLDER]``; the folder is kept, so that a second run is quick.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import django
from django.http import QueryDict

from bench.measures import _Settings, prepare
from zhiyin.warehouse.owner import Owner

ROUNDS = 20

ASKED = {
    "touchpoints against the rest": "metric=nps&by=touchpoint",
    "one region, against the rest": "metric=nps&by=touchpoint&is.region=region+3",
    "a month against the one before": "metric=nps&by=touchpoint&from=2025-05-01&until=2025-05-31"
    "&against=previous",
    "months, all": "metric=nps&by=&every=month",
    "months by touchpoint": "metric=nps&by=touchpoint&every=month",
    "two regions": "metric=nps&by=region&against=group&group=region+1&other=region+2",
    "90 days at each week's end, a year": "metric=nps&by=&every=week&rolling=90"
    "&from=2025-01-01&until=2025-12-31",
}


def main(rows: int = 10_000_000, folder: str = "") -> None:
    """Print a line a question: the middle and the slow end of some rounds."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "zhiyin.settings")
    django.setup()
    from zhiyin.web import scores_page

    data = Path(folder or tempfile.mkdtemp(prefix="zhiyin-bench-"))
    data.mkdir(parents=True, exist_ok=True)
    prepare(data, rows)
    settings: Any = _Settings()
    with Owner(data) as log:
        for name, query in ASKED.items():
            taken = []
            for _round in range(ROUNDS + 1):
                began = time.perf_counter()
                found = scores_page.build(
                    log, settings, QueryDict(query), sees_it=True, sees_rows=True
                )
                taken.append(time.perf_counter() - began)
                assert found.problem is None, found.problem
            warm = sorted(taken[1:])
            late = warm[int(len(warm) * 0.95) - 1]
            print(f"{name:36} first {taken[0]:6.2f} s  median {statistics.median(warm):6.2f} s"
                  f"  p95 {late:6.2f} s", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(*(int(one) if one.isdigit() else one for one in sys.argv[1:]))  # type: ignore[arg-type]
