"""Figures about the program itself, in the text format that Prometheus reads.

What customers do is measured by `zhiyin.measure`; this is for who keeps the server running.
The format is small, and prometheus-client would be one more package to trust:
https://prometheus.io/docs/instrumenting/exposition_formats/ (version 0.0.4).
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import Literal

import msgspec

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

INSIDE = "X-Zhiyin-Inside"
"""The header by which the log process asks the web process for its figures; a visitor's is not
passed on."""

BOUNDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""Seconds up to which durations are counted together."""

Labels = tuple[tuple[str, str], ...]


class Sample(msgspec.Struct, frozen=True, array_like=True):
    """One line: what follows the family's name, what tells it from the others, and the figure."""

    suffix: str
    labels: Labels
    value: float


class Family(msgspec.Struct, frozen=True):
    """Everything of one name.

    Args:
        says: what is counted, in one sentence.
    """

    name: str
    kind: Literal["counter", "gauge", "histogram"]
    says: str
    samples: list[Sample]


class Durations:
    """How often something took how long. One thread adds, any may read."""

    __slots__ = ("counts", "seconds")

    def __init__(self) -> None:
        self.counts = [0] * (len(BOUNDS) + 1)
        self.seconds = 0.0

    def add(self, seconds: float) -> None:
        """It took so long once more."""
        self.counts[bisect_left(BOUNDS, seconds)] += 1
        self.seconds += seconds

    def samples(self, labels: Labels = ()) -> list[Sample]:
        """The lines of a histogram: up to each bound, all, and the sum of seconds."""
        seconds, found, upto = self.seconds, [], 0
        for bound, count in zip((*BOUNDS, math.inf), tuple(self.counts), strict=True):
            upto += count
            found.append(Sample("_bucket", (*labels, ("le", _number(bound))), upto))
        return [*found, Sample("_sum", labels, seconds), Sample("_count", labels, upto)]


def counter(name: str, says: str, figures: Mapping[Labels, float]) -> Family:
    """What only grows until the process starts again; `name` ends in ``_total``."""
    return Family(name, "counter", says, _samples(figures))


def gauge(name: str, says: str, figures: Mapping[Labels, float]) -> Family:
    """What goes up and down."""
    return Family(name, "gauge", says, _samples(figures))


def histogram(name: str, says: str, figures: Mapping[Labels, Durations]) -> Family:
    """How long something took; `name` ends in ``_seconds``."""
    samples = [one for labels, taken in figures.items() for one in taken.samples(labels)]
    return Family(name, "histogram", says, samples)


def joined(families: Iterable[Family]) -> list[Family]:
    """Families of the same name made one, since a name may occur only once; in order of names."""
    found: dict[str, Family] = {}
    for family in families:
        before = found.get(family.name)
        samples = [*before.samples, *family.samples] if before else family.samples
        found[family.name] = Family(family.name, family.kind, family.says, samples)
    return [found[name] for name in sorted(found)]


def text(families: Iterable[Family]) -> str:
    """The document that is scraped."""
    return "".join(line for family in joined(families) for line in _lines(family))


def _samples(figures: Mapping[Labels, float]) -> list[Sample]:
    return [Sample("", labels, value) for labels, value in figures.items()]


def _lines(family: Family) -> Iterable[str]:
    yield f"# HELP {family.name} {_escaped(family.says)}\n"
    yield f"# TYPE {family.name} {family.kind}\n"
    for sample in family.samples:
        said = ",".join(f'{name}="{_quoted(value)}"' for name, value in sample.labels)
        labels = f"{{{said}}}" if said else ""
        yield f"{family.name}{sample.suffix}{labels} {_number(sample.value)}\n"


def _number(value: float) -> str:
    if math.isinf(value):
        return "+Inf" if value > 0 else "-Inf"
    return str(int(value)) if value == int(value) else repr(value)


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(value: str) -> str:
    return _escaped(value).replace('"', '\\"')
