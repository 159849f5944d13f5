"""What has changed since a report was published, and why, by count.

The same question is asked twice more, of the same days: as of then, and now. What the log held
then and holds no more, and what it has taken since, is counted by reason. Rows that were erased,
or are kept no longer, are read by nobody, *as of* or not: they are what the frozen base has more
than the base of then as it is read today.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.accounts.models import AuditEntry
from zhiyin.accounts.workspaces import of as settings_of
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure import registry, scores
from zhiyin.measure.asking import Question
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import Ready
from zhiyin.reports import content, journeys, making, questions
from zhiyin.reports.blocks import SCORES, Figure
from zhiyin.reports.making import Maker
from zhiyin.reports.models import Edition
from zhiyin.unify.models import Erasure
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.tables import READ

REASONS: dict[str, Text] = {
    "late": _("arrived since"),
    "corrected": _("corrected since"),
    "taken_back": _("taken back with their import"),
    "otherwise": _("counted otherwise, since what belongs to them has changed"),
    "merged": _("of customers who are one with others now"),
    "erased": _("of erased customers, or kept no longer"),
}
"""Why rows of a figure differ from those of then."""

SETTINGS: dict[str, Text] = {
    "touchpoint_rule.": _("changes of the touchpoint rules"),
    "workspace.changed": _("changes of the workspace's settings"),
    "retention.": _("changes of how long data is kept"),
}
"""By how the action begins in the audit log: what moves figures without a row of the log."""

COUNTED = frozenset({"seq", "received_at", "id", "source"})
"""Columns without which the rows of a figure cannot be told one by one."""

MOST_GONE = 20_000
"""Of more rows that are gone, so many are looked at one by one."""

_VALUES = ("value", "low", "high", "n", "customers", "why")


@dataclass(frozen=True, slots=True)
class Changed:
    """One figure, as it was published and as it is now.

    Args:
        now: of all, today; None where it cannot be asked any more.
        rows: how many rows of its table are otherwise now.
        reasons: rows of the log by a key of `REASONS`; what is 0 is left out.
        was_defined_anew: the measure's definition has another version now.
        was_read_anew: another version reads the words that it counts now; what was found in them
            then is not known any more, only what it summed to.
        problem: why it cannot be asked any more.
    """

    figure: content.Figure
    now: content.Cell | None
    rows: int
    reasons: dict[str, int]
    was_defined_anew: bool = False
    problem: str = ""
    was_read_anew: bool = False

    @property
    def is_same(self) -> bool:
        """Whether it would say today what it said then."""
        return self.now is not None and not self.rows and _same(self.now, self.figure.total)

    @property
    def said(self) -> tuple[tuple[Text, int], ...]:
        """The reasons in words."""
        return tuple((REASONS[name], n) for name, n in self.reasons.items())


@dataclass(frozen=True, slots=True)
class Since:
    """What has changed since an edition was published.

    Args:
        merges: ids that were linked or parted since, in the whole workspace.
        erasures: customers who were erased since, in the whole workspace.
        settings: how often rules and settings were changed since, by a key of `SETTINGS`.
    """

    figures: tuple[Changed, ...]
    merges: int
    erasures: int
    settings: dict[str, int]

    @property
    def differing(self) -> tuple[Changed, ...]:
        """The figures that say something else now."""
        return tuple(one for one in self.figures if not one.is_same)

    @property
    def said(self) -> tuple[tuple[Text, int], ...]:
        """What happened in the workspace as a whole, in words."""
        found = [
            (_("ids linked or parted"), self.merges),
            (_("customers erased"), self.erasures),
            *((SETTINGS[name], n) for name, n in self.settings.items()),
        ]
        return tuple((words, n) for words, n in found if n)

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "figures": [
                {
                    "block": one.figure.id,
                    "title": one.figure.title,
                    "is_same": one.is_same,
                    "then": one.figure.total.value,
                    "now": one.now.value if one.now else None,
                    "rows": one.rows,
                    "reasons": one.reasons,
                    "was_defined_anew": one.was_defined_anew,
                    "was_read_anew": one.was_read_anew,
                    "problem": one.problem or None,
                }
                for one in self.figures
            ],
            "merges": self.merges,
            "erasures": self.erasures,
            "settings": self.settings,
        }


def since(edition: Edition, log: Log) -> Since:
    """Ask every figure of an edition again.

    Args:
        log: as the edition's readers may see it.

    Raises:
        Problem: the log is away or busy.
    """
    settings = settings_of(edition.report.workspace)
    then = edition.as_of.astimezone(UTC).replace(tzinfo=None)
    maker = Maker(log, settings, clock.now(), edition.scope)
    counted = Erasure.objects.filter(workspace__slug=settings.slug, asked_at__gt=edition.as_of)
    erasures, changed = counted.count(), _settings(edition)
    may_be_gone = bool(erasures or changed.get("retention."))
    return Since(
        figures=tuple(
            _changed(maker, then, figure, may_be_gone)
            for figure in content.read(edition.content).figures
        ),
        merges=_merges(log, settings.slug, then),
        erasures=erasures,
        settings=changed,
    )


def _changed(maker: Maker, then: datetime, figure: content.Figure, may_be_gone: bool) -> Changed:
    if figure.page != SCORES:
        return _asked_again(maker, figure)
    is_new = figure.version != registry.metric(figure.metric).version
    try:
        asked = _question(figure, maker)
        cells, total = making.scored(maker, asked)
        _cells, was = making.scored(replace(maker, at=then), asked)
        reasons = _by_row(maker, asked.request, then)
    except Problem as problem:
        if problem.code.startswith("log."):
            raise
        return Changed(figure, None, 0, {}, is_new, str(problem))
    lost = (figure.total.n or 0) - (was.n or 0)
    reasons["erased" if may_be_gone else "merged"] = max(lost, 0)
    return Changed(
        figure, total, _differing(figure.rows, cells),
        {name: reasons[name] for name in REASONS if reasons.get(name)}, is_new,
        was_read_anew=_was_read_anew(maker, figure),
    )  # fmt: skip


def _was_read_anew(maker: Maker, figure: content.Figure) -> bool:
    reads = making.read_by(registry.metric(figure.metric), maker.settings.slug)
    return bool(figure.read_by) and reads != figure.read_by


def _asked_again(maker: Maker, figure: content.Figure) -> Changed:
    """A figure of journeys, of the same days: what it says now, without which rows make it so."""
    block = Figure(figure.id, figure.query, figure.show, page=figure.page)
    try:
        asked = questions.of_journeys(block, maker.settings, maker.at, days=_days(figure))
        now = journeys.figure(maker.log, maker.settings, block, asked, maker.at)
    except Problem as problem:
        if problem.code.startswith("log."):
            raise
        return Changed(figure, None, 0, {}, problem=str(problem))
    return Changed(figure, now.total, _differing(figure.rows, now.rows), {})


def _days(figure: content.Figure) -> tuple[date | None, date | None]:
    """The days that it had: the first, and the day after the last."""
    start, end = (date.fromisoformat(one) if one else None for one in (figure.start, figure.end))
    return start, end


def _question(figure: content.Figure, maker: Maker) -> Question:
    """The question of a figure, over the days that it had."""
    asked = questions.read(figure.query, maker.log, maker.settings, maker.at)
    start, end = _days(figure)
    return replace(asked, request=replace(asked.request, start=start, end=end))


def _differing(then: Sequence[content.Cell], now: Sequence[content.Cell]) -> int:
    was = {(row.name, row.period): row for row in then}
    known = {(row.name, row.period): row for row in now}
    both = [(was.get(key), known.get(key)) for key in {*was, *known}]
    return sum(one is None or other is None or not _same(one, other) for one, other in both)


def _same(one: content.Cell, other: content.Cell) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in _VALUES)


# Rows of the log, one by one


def _by_row(maker: Maker, request: ScoreRequest, then: datetime) -> dict[str, int]:
    """How many rows of a figure came, went or were replaced since, by reason."""
    was = _ready(maker, request, then)
    now = _ready(maker, request, maker.at)
    held, holds = _seqs(was), _seqs(now)
    if held is None or holds is None:
        return {}
    gone = np.setdiff1d(held, holds)
    came = np.setdiff1d(holds, held)
    table = lang.table(now.cells.schema, now.cells.metric.table)
    if not len(gone):
        return {"late": len(came)}
    some = [int(seq) for seq in gone[:MOST_GONE]]
    identity = ("source", *READ[now.cells.metric.table].identity)
    lost = _identities(was, table.filter(table.seq.isin(some)), identity)
    still = set(_execute(now, table.filter(table.seq.isin(some)), ("seq",))["seq"].to_pylist())
    again = table.filter(table.id.isin(sorted({key[1] for key in lost.values()}) or [""]))
    live = _identities(now, again, identity)
    replaced = {key: seq for seq, key in live.items() if seq not in held}
    corrected = [seq for seq, key in lost.items() if seq not in still and key in replaced]
    inside = {replaced[lost[seq]] for seq in corrected} & set(came.tolist())
    otherwise = len(still)
    return {
        "late": len(came) - len(inside),
        "corrected": len(corrected),
        "otherwise": otherwise,
        "taken_back": len(gone) - len(corrected) - otherwise,
    }


def _ready(maker: Maker, request: ScoreRequest, at: datetime) -> Ready:
    return scores.prepared(maker.log, maker.settings, replace(request, as_of=at))


def _seqs(ready: Ready) -> NDArray[np.int64] | None:
    """The rows that a figure counts, by order of arrival; None where they cannot be told."""
    facts = ready.cells.chosen_within([ready.window])
    if not set(facts.columns) >= COUNTED:
        return None
    return np.asarray(_execute(ready, facts, ("seq",))["seq"].to_numpy(), dtype=np.int64)


def _identities(
    ready: Ready, facts: lang.Expression, identity: Sequence[str]
) -> dict[int, tuple[Any, ...]]:
    """By order of arrival, what makes each row the same row again."""
    found = _execute(ready, facts, ("seq", *identity)).to_pylist()
    return {row["seq"]: tuple(row[name] for name in identity) for row in found}


def _execute(ready: Ready, facts: lang.Expression, columns: Sequence[str]) -> Any:
    cells = ready.cells
    return cells.log.execute(cells.settings.slug, facts.select(*columns), reader=cells.reader)


# The workspace as a whole


def _merges(log: Log, workspace: str, then: datetime) -> int:
    """Reasons why ids are one, or are not, that came since; 0 where a scope hides them."""
    told = lang.table(log.schema(workspace), "identities")
    new = told.filter(told.received_at > lang.timestamp(then))
    query = new.aggregate(n=new.count())
    try:
        return int(log.execute(workspace, query, reader=Reader())["n"][0].as_py())
    except Problem as problem:
        if problem.code.startswith("log."):
            raise
        return 0


def _settings(edition: Edition) -> dict[str, int]:
    entries = AuditEntry.of(edition.report.workspace.slug).filter(at__gt=edition.as_of)
    found = {name: entries.filter(action__startswith=name).count() for name in SETTINGS}
    return {name: n for name, n in found.items() if n}
