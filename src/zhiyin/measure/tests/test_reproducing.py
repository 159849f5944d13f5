"""What R is told gives our interval: the call itself is read and run, with SciPy and statsmodels.

R is not there when the tests run. So the call's few words are put into Python one by one; a call
with a word that is not among them fails here.
"""

from __future__ import annotations

import re
from typing import Any

import numpy as np
import pytest
from scipy import stats
from statsmodels.stats.proportion import proportion_confint

from zhiyin.measure import figures, registry
from zhiyin.measure.metric import Scale
from zhiyin.measure.reproducing import r_call
from zhiyin.stats.totals import Totals

pytestmark = pytest.mark.any_engine

RNG = np.random.default_rng(3)
ONCE = np.arange(240)
AGAIN = RNG.integers(0, 90, 240)

WORDS: dict[str, Any] = {
    "qnorm": stats.norm.ppf,
    "qt": stats.t.ppf,
    "sqrt": np.sqrt,
    "pmin": np.minimum,
    "pmax": np.maximum,
    "c": lambda *values: np.array(values, dtype=float),
    "Inf": np.inf,
    "__builtins__": {},
}


def prop_test(x: float, n: float, level: float) -> Any:
    """R's ``prop.test(x, n, conf.level, correct = FALSE)$conf.int`` by statsmodels."""
    return np.array(proportion_confint(x, n, alpha=1 - level, method="wilson"))


def run(call: str) -> Any:
    """The value of the last line of R."""
    test = re.fullmatch(
        r"prop\.test\((\d+), (\d+), conf\.level = ([\d.]+), correct = FALSE\)\$conf\.int", call
    )
    if test:
        return prop_test(*(float(part) for part in test.groups()))
    *steps, last = re.split(r"[;\n]", call)
    known = dict(WORDS)
    for step in steps:
        name, _arrow, value = step.partition(" <- ")
        known[name.strip()] = eval(value.replace("^", "**"), known)  # noqa: S307 - our own text
    return eval(last.strip().replace("^", "**"), known)  # noqa: S307 - our own text


def answers(slug: str) -> np.ndarray[Any, np.dtype[np.float64]]:
    if slug == "nps":
        return RNG.choice([-1.0, 0.0, 1.0], 240, p=[0.2, 0.3, 0.5])
    if slug in ("csat", "top_box"):
        return RNG.choice([0.0, 1.0], 240, p=[0.3, 0.7])
    return RNG.integers(1, 8, 240).astype(float)


@pytest.mark.parametrize("slug", ["nps", "csat", "ces", "top_box", "order_value"])
@pytest.mark.parametrize("customers", [ONCE, AGAIN], ids=["once", "again"])
@pytest.mark.parametrize("confidence", [0.95, 0.9])
def test_the_call_gives_the_interval(slug: str, customers: Any, confidence: float) -> None:
    metric = registry.metric(slug)
    totals = Totals.of(answers(slug), customers)
    scale = Scale(1, 7) if slug == "ces" else None
    found = figures.estimates(metric, totals, confidence, scale)
    low, high = run(r_call(metric, totals, confidence, scale))
    assert (low, high) == (
        pytest.approx(float(found.low), abs=1e-9), pytest.approx(float(found.high), abs=1e-9),
    )  # fmt: skip


def test_counts_alone_are_enough_where_each_customer_answered_once() -> None:
    call = r_call(
        registry.metric("csat"), Totals.of([1.0] * 81 + [0.0] * 182, range(263)), 0.95, None
    )
    assert call == "prop.test(81, 263, conf.level = 0.95, correct = FALSE)$conf.int"


def test_there_is_no_call_where_there_is_no_such_interval() -> None:
    same = Totals.of([3.0] * 9, range(9))
    assert r_call(registry.metric("rating"), same, 0.95, None) == ""
    assert r_call(registry.metric("rating"), same, 0.95, Scale(1, 5)) == ""


def test_the_reader_of_calls_knows_when_a_call_is_wrong() -> None:
    call = r_call(registry.metric("nps"), Totals.of(answers("nps"), ONCE), 0.95, None)
    assert not np.allclose(run(call), run(call.replace("1.5", "2.5")))
