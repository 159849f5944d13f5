"""Reads the text format as strictly as its description is; what a lax reader passes over fails.

https://prometheus.io/docs/instrumenting/exposition_formats/
"""

from __future__ import annotations

import math
import re

Labels = tuple[tuple[str, str], ...]

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (\+Inf|-?[0-9.]+(?:e-?\d+)?)")
_HEAD = re.compile(rf"# HELP ({_NAME}) (\S.*)\n# TYPE ({_NAME}) (counter|gauge|histogram)\Z")


class Scraped:
    """What one scrape said: `figures` by name and labels, `kinds` by family."""

    def __init__(self, document: str) -> None:
        self.figures: dict[tuple[str, Labels], float] = {}
        self.kinds: dict[str, str] = {}
        assert document.endswith("\n")
        for block in re.split(r"^(?=# HELP )", document, flags=re.MULTILINE)[1:]:
            self._read(block.splitlines())
        assert document.startswith("# HELP ")

    def get(self, name: str, **labels: str) -> float:
        """The sum of the lines of this name that have these labels, 0 where there is none."""
        return sum(
            value
            for (found, said), value in self.figures.items()
            if found == name and labels.items() <= dict(said).items()
        )

    def _read(self, lines: list[str]) -> None:
        head = _HEAD.match("\n".join(lines[:2]))
        assert head, lines[:2]
        name, kind = head[1], head[4]
        assert head[3] == name
        assert name not in self.kinds, f"{name} occurs twice"
        self.kinds[name] = kind
        suffixes = ("_bucket", "_sum", "_count") if kind == "histogram" else ("",)
        assert kind != "counter" or name.endswith("_total"), name
        for line in lines[2:]:
            found = _SAMPLE.fullmatch(line)
            assert found, line
            assert found[1] in {name + suffix for suffix in suffixes}, line
            labels = tuple(re.findall(_LABEL, found[2] or ""))
            assert len(dict(labels)) == len(labels), line
            assert (found[1], labels) not in self.figures, line
            self.figures[found[1], labels] = float(found[7].replace("+Inf", "inf"))
        if kind == "histogram":
            self._check_histogram(name)

    def _check_histogram(self, name: str) -> None:
        series: dict[Labels, list[tuple[float, float]]] = {}
        for (found, labels), value in self.figures.items():
            if found == f"{name}_bucket":
                rest = tuple(pair for pair in labels if pair[0] != "le")
                bound = float(dict(labels)["le"].replace("+Inf", "inf"))
                series.setdefault(rest, []).append((bound, value))
        for rest, buckets in series.items():
            assert buckets == sorted(buckets), f"the bounds of {name} have no order"
            counts = [count for _bound, count in buckets]
            assert counts == sorted(counts), f"{name} goes down"
            assert buckets[-1] == (math.inf, self.figures[f"{name}_count", rest])
            assert (f"{name}_sum", rest) in self.figures
