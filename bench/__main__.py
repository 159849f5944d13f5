"""`make bench`: every measurement, one after another, each in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time

MEASUREMENTS = {
    "help": "zhiyin --help, the whole process",
    "imports": "one million answers from CSV by the command line, beside COPY",
    "measures": "NPS by month × touchpoint × region over ten million answers, beside SQL by hand",
    "customers": "one customer of 5 million with 100 million events; a segment over one million",
    "intake": "events in batches and singly, durable, beside a loop without checks and dashboards",
    "surveys": "the survey page at 200 views a second, and whole responses, each answer durable",
    "survey_results": "results of a million responses to twenty questions, beside plain counts by hand",
    "reaching": "ten thousand invitations by e-mail, and again with the sender killed in between",
    "builder": "the survey builder with 100 questions: how soon it opens, and each edit is painted",
    "maps": "a journey map's page of 30 touchpoints over 100 million events and 10 million answers",
    "workshop": "fifty people edit one map at once: how soon each edit is on the others' screens",
    "changes": "a thousand answers that are changed, loaded into a log of ten million",
    "identity": "merge or unmerge among 5 M ids, until every figure says so",
    "linking": "one million records linked, beside Splink alone",
    "exports": "250,000 responses to .sav and .xlsx, beside Arrow's CSV",
    "backup": "a backup over ten million answers while events come in, beside cp",
    "pages": "sign-in, an empty page, lists and the API, beside /healthz",
    "first_view": "what pages weigh, first and later, and when their largest part is painted",
    "overview": "the pages of figures over ten million answers, beside SQL by hand",
    "voice": "what a million customers said, found by words and by meaning, beside one plain pass",
    "journeys": "questions about the order of 100 million events, beside DuckDB and ClickHouse",
    "process_mining": "public event logs, and one repeated to a million events, beside PM4Py",
    "journeys_beside": "requests to the log process beside questions about the order of events",
    "unit_rules": "a score over ten million answers, without unit rules and with twenty",
    "journey_index": "the journey index over ten million events: made, grown, corrected, erased from",
    "journey_answers": "every question about journeys as a page asks it, over ten million events",
    "touchpoints": "events by touchpoint over ten million events, without rules and with ten",
}


def main() -> int:
    """Run those named, or all; returns how many failed."""
    chosen = sys.argv[1:] or list(MEASUREMENTS)
    failed = 0
    for name in chosen:
        print(f"\n== {name}: {MEASUREMENTS[name]}", flush=True)
        if name == "help":
            _help()
            continue
        failed += (
            subprocess.run([sys.executable, "-m", f"bench.{name}"], check=False).returncode != 0
        )
    return failed


def _help() -> None:
    taken = []
    for _round in range(5):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "zhiyin", "--help"], check=True, capture_output=True)
        taken.append(time.perf_counter() - began)
    print(f"median {sorted(taken)[2]:.3f} s, longest {max(taken):.3f} s")


if __name__ == "__main__":
    sys.exit(main())
