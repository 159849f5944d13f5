"""What work takes: time by the clock, of all processors, and memory beyond what was there before."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

OWN = Path("/proc/self")


@dataclass(frozen=True)
class Spent:
    """The best of several rounds; memory is that of the first."""

    wall: float
    cpu: float
    mebibytes: float

    def as_dict(self) -> dict[str, float]:
        """To be written as JSON."""
        return asdict(self)


def spent(work: Callable[[], Any], rounds: int) -> tuple[Any, Spent]:
    """The answer, and what it took."""
    (OWN / "clear_refs").write_text("5")  # the highest memory is counted from here
    before = _mebibytes("VmRSS")
    answer, walls, cpus = work(), [], []
    more = _mebibytes("VmHWM") - before
    for _round in range(rounds):
        began, began_cpu = time.perf_counter(), time.process_time()
        answer = work()
        walls.append(time.perf_counter() - began)
        cpus.append(time.process_time() - began_cpu)
    return answer, Spent(min(walls), min(cpus), more)


def _mebibytes(name: str) -> float:
    found = re.search(rf"{name}:\s+(\d+) kB", (OWN / "status").read_text())
    assert found
    return int(found[1]) / 1024
