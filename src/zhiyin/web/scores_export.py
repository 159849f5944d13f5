"""What the page *Scores* shows as files: its table, and its chart."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.markup import FILE
from zhiyin.collect.exports.rows import Rows, rows_of
from zhiyin.kernel.text import _
from zhiyin.measure.asking import AGAINST, EVERY
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.scores import Scores
from zhiyin.web import scores_charts
from zhiyin.web.scores_page import Page, Row

_FIELDS: tuple[tuple[str, pa.DataType], ...] = (
    ("title", pa.string()),
    ("group", pa.string()),
    ("period", pa.string()),
    ("place", pa.string()),
    ("value", pa.float64()),
    ("low", pa.float64()),
    ("high", pa.float64()),
    ("n", pa.int64()),
    ("customers", pa.int64()),
    ("reference_value", pa.float64()),
    ("reference_n", pa.int64()),
    ("difference", pa.float64()),
    ("difference_low", pa.float64()),
    ("difference_high", pa.float64()),
    ("p", pa.float64()),
    ("q", pa.float64()),
    ("marked", pa.bool_()),
    ("state", pa.string()),
    ("flags", pa.string()),
    ("unit", pa.string()),
    ("definition", pa.string()),
    ("definition_version", pa.int64()),
    ("as_of", pa.timestamp("us")),
)


def title(page: Page) -> str:
    """What is shown, as one sentence: the measure, the groups, the dates, the filter."""
    found, question = page.scores, page.question
    parts = [str(page.metric.label)]
    if found is None or question is None:
        return parts[0]
    if page.by_label:
        parts.append(str(_("by {column}", column=page.by_label)))
    if page.is_series:
        parts.append(str(_("over {every}", every=EVERY[page.given["every"]])))
    if question.rolling:
        parts.append(str(_("of the last {n} days", n=question.rolling)))
    if found.start and found.end:
        parts.append(f"{found.start} … {found.end}")
    if page.compared is not None:
        parts.append(str(_("compared with {what}", what=_reference(page))))
    if question.request.where:
        parts.append(str(question.request.where))
    return " · ".join(parts)


def table(page: Page) -> Rows:
    """Every row of the table, and the total; values are not rounded.

    Columns of a comparison are there where something is compared. The end of the dates is not
    included.
    """
    found = page.scores
    assert found is not None  # noqa: S101 - a page with a problem is not exported
    rows = [_line(page, found, row) for row in page.every_row if page.is_table]
    rows.append(_line(page, found, Row(str(_("Total")), found.total, None)))
    lacking = set() if page.compared else {name for name, _t in _FIELDS[9:17]}
    return rows_of({name: kind for name, kind in _FIELDS if name not in lacking}, rows)


def picture(page: Page, settings: Settings) -> str:
    """The chart with its colours written in; blank where the page has none."""
    return scores_charts.picture(page, settings, paint=FILE) if page.has_picture else ""


def _line(page: Page, found: Scores, row: Row) -> dict[str, Any]:
    score, compared = row.score, row.comparison
    flags = ", ".join(str(page.flags.get(flag, flag)) for flag in score.flags)
    said = {
        "title": title(page),
        "group": row.name,
        "period": score.period,
        "place": row.place or None,
        "value": score.value,
        "low": score.low,
        "high": score.high,
        "n": score.n,
        "customers": score.customers,
        "state": score.state,
        "flags": flags or None,
        "unit": found.unit,
        "definition": str(found.metric.definition),
        "definition_version": found.metric.version,
        "as_of": found.as_of,
    }
    return said if compared is None else {**said, **_difference(compared)}


def _difference(compared: Comparison) -> dict[str, Any]:
    return {
        "reference_value": compared.reference_value,
        "reference_n": compared.reference_n,
        "difference": compared.difference,
        "difference_low": compared.low,
        "difference_high": compared.high,
        "p": compared.p,
        "q": compared.q,
        "marked": compared.marked,
    }


def _reference(page: Page) -> str:
    given = page.given
    if given["against"] == "group":
        return given["other"]
    if given["against"] == "dates":
        return f"{given['other_from']} – {given['other_until']}"
    return str(AGAINST.get(given["against"], given["against"]))
