"""The tables of a competitor audit as files; values are not rounded."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pyarrow as pa

from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.maps import audit_lists, audit_sites, audit_steps, audits
from zhiyin.maps.audit_sites import MEASURES
from zhiyin.maps.models import Audit

_VALUE = pa.float64()
_FIGURES: dict[str, pa.DataType] = {
    "site": pa.string(),
    "is_ours": pa.bool_(),
    "measure": pa.string(),
    "runs": pa.int64(),
    "people": pa.int64(),
    **dict.fromkeys(("value", "low", "high"), _VALUE),
    **dict.fromkeys(("difference", "ratio", "difference_low", "difference_high", "p", "q"), _VALUE),
    "marked": pa.bool_(),
    "state": pa.string(),
    "interval_confidence": _VALUE,
}
_STEPS: dict[str, pa.DataType] = {
    "touchpoint": pa.string(),
    "name": pa.string(),
    "site": pa.string(),
    "runs": pa.int64(),
    "of": pa.int64(),
    "failed_runs": pa.int64(),
    **dict.fromkeys(("seconds", "low", "high"), _VALUE),
    "timed_runs": pa.int64(),
    "failures": pa.string(),
    "proofs": pa.string(),
}
_RUNS: dict[str, pa.DataType] = {
    **{column.name: pa.string() for column in audit_lists.COLUMNS},
    "run": pa.int64(), "ease": pa.int64(), "seconds": _VALUE,
}  # fmt: skip


def figures(audit: Audit) -> Rows:
    """Each measure of each site, and beside ours. Shares lie in 0…1."""
    table = audit_sites.compared(audit, audits.runs(audit))
    rows = []
    for site in table.sites:
        for measure in MEASURES:
            one, beside = site.figures[measure.slug], site.beside.get(measure.slug)
            row = {
                "site": site.name, "is_ours": site.is_ours, "measure": measure.slug,
                "runs": one.n, "people": one.people, "value": one.value, "low": one.low,
                "high": one.high, "interval_confidence": table.interval_confidence,
            }  # fmt: skip
            if beside is not None:
                row |= {
                    **beside.as_dict(), "low": one.low, "high": one.high,
                    "difference_low": beside.low, "difference_high": beside.high,
                }  # fmt: skip
            rows.append(row)
    return rows_of(_FIGURES, [{name: row.get(name) for name in _FIGURES} for row in rows])


def steps(audit: Audit) -> Rows:
    """Each touchpoint on each site, and what failed there."""
    return rows_of(
        _STEPS,
        [
            {
                "touchpoint": row.node, "name": row.name, "site": cell.site, "runs": cell.runs,
                "of": cell.of, "failed_runs": cell.failed_runs, "seconds": cell.seconds.value,
                "low": cell.seconds.low, "high": cell.seconds.high, "timed_runs": cell.seconds.n,
                "failures": " | ".join(one.failed for one in cell.failures),
                "proofs": " ".join(one.link for one in cell.failures if one.link),
            }
            for row in audit_steps.rows(audit, audits.runs(audit))
            for cell in row.cells
        ],
    )  # fmt: skip


def runs(audit: Audit) -> Rows:
    """Every step of every run, as a list that can be brought in elsewhere."""
    return rows_of(_RUNS, audit_lists.rows(audits.runs(audit)))


TABLES: Mapping[str, Callable[[Audit], Rows]] = {
    "figures": figures, "steps": steps, "runs": runs,
}  # fmt: skip
