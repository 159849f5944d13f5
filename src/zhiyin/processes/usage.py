"""What a process uses of the machine, as Linux counts it; elsewhere nothing is said."""

from __future__ import annotations

import os
from pathlib import Path

from zhiyin.kernel.exposition import Family, Labels, counter, gauge

_PROC = Path("/proc")


def families(process: str, pid: int) -> list[Family]:
    """The figures of the process with this id; none where it is gone or cannot be looked at."""
    try:
        memory = (_PROC / str(pid) / "statm").read_text()
        state = (_PROC / str(pid) / "stat").read_text()
        machine = (_PROC / "stat").read_text()
    except OSError:
        return []
    ticks = os.sysconf("SC_CLK_TCK")
    # The command's name stands in brackets and may hold anything; what follows are numbers, from
    # the third field on (proc(5)).
    fields = state.rpartition(")")[2].split()
    resident = int(memory.split()[1]) * os.sysconf("SC_PAGE_SIZE")
    used = (int(fields[11]) + int(fields[12])) / ticks
    booted = next(int(line.split()[1]) for line in machine.splitlines() if line.startswith("btime"))
    labels: Labels = (("process", process),)
    return [
        gauge(
            "process_resident_memory_bytes",
            "Memory that the process holds, in bytes.",
            {labels: resident},
        ),
        counter(
            "process_cpu_seconds_total",
            "Processor time that the process has used, in seconds.",
            {labels: used},
        ),
        gauge(
            "process_start_time_seconds",
            "When the process started, in seconds since 1970.",
            {labels: booted + int(fields[19]) / ticks},
        ),
    ]
