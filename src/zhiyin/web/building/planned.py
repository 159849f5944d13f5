"""Before launch: what so many answers will tell, asked by the builder's form."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.stats import planning

MOST = 10_000_000

USUAL = {"measure": "nps", "n": "200", "promoters": "50", "detractors": "20", "share": "80",
         "mean": "4.0", "sd": "1.0"}  # fmt: skip

MEASURES: dict[str, Text] = {"nps": _("NPS"), "csat": _("CSAT"), "mean": _("mean of a scale")}


def planned(query: Mapping[str, str]) -> dict[str, Any]:
    """The interval and the smallest change, in the unit in which pages show the measure.

    Raises:
        Problem: ``survey.plan``.
    """
    measure = query.get("measure", "nps")
    n = _whole(query.get("n", USUAL["n"]))
    try:
        if measure == "csat":
            found = planning.of_share(share=_number(query, "share") / 100, n=n)
        elif measure == "mean":
            found = planning.of_mean(value=_number(query, "mean"), sd=_number(query, "sd"), n=n)
        else:
            found = planning.of_nps(
                promoters=_number(query, "promoters") / 100,
                detractors=_number(query, "detractors") / 100,
                n=n,
            )
    except ValueError as error:
        raise _wrong() from error
    times = 1.0 if measure == "mean" else 100.0
    value = found.value
    return {
        "measure": measure, "n": n,
        "value": value.value * times,
        "low": None if value.low is None else value.low * times,
        "high": None if value.high is None else value.high * times,
        "change": None if found.change is None else found.change * times,
    }  # fmt: skip


def _number(query: Mapping[str, str], name: str) -> float:
    found = float(query.get(name) or USUAL[name])
    if not abs(found) <= MOST:
        raise ValueError(name)
    return found


def _whole(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 2 <= int(text[:9]) <= MOST):
        raise _wrong()
    return int(text[:9])


def _wrong() -> Problem:
    return Problem(
        "survey.plan",
        _("This cannot be reckoned."),
        _("Write at least 2 answers; shares from 0 to 100, which together are at most 100."),
    )
