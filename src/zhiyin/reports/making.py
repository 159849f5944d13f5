"""A report is made: each block asked of the log as one reader may see it, at one instant."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _, in_language
from zhiyin.listen import keeping
from zhiyin.measure import asking, methods, registry
from zhiyin.measure.asking import Question
from zhiyin.measure.comparisons import Comparison, Comparisons
from zhiyin.measure.metric import Metric
from zhiyin.measure.scores import Score, Scores
from zhiyin.measure.words import COLUMNS, FLAGS, NOT_SHOWN
from zhiyin.reports import blocks, content, journeys, marks, questions, verbatims
from zhiyin.reports.blocks import SCORES
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.tables import PARTS


@dataclass(frozen=True, slots=True)
class Maker:
    """For whom a report is made, and when.

    Args:
        log: reads no more than its readers may see.
        scope: which part of the workspace that is, in words; blank: all of it.
        at: what the log knew then (UTC, naive); moving dates end before it.
    """

    log: Log
    settings: Settings
    at: datetime
    scope: str = ""


def make(maker: Maker, *, title: str, language: str, given: blocks.Blocks) -> content.Content:
    """A report with the values of this instant; a figure that cannot be made says why."""
    with in_language(language):
        return content.Content(
            title=title,
            language=language,
            workspace=maker.settings.name,
            scope=maker.scope,
            as_of=f"{maker.at:%Y-%m-%d %H:%M} UTC",
            blocks=tuple(_made(maker, block) for block in given),
        )


def found(maker: Maker, asked: Question) -> tuple[Scores, Comparisons | None]:
    """What the page *Scores* shows for a question, as of the maker's instant.

    Raises:
        Problem: as `asking.answer`.
    """
    then = replace(asked, request=replace(asked.request, as_of=maker.at))
    return asking.answer(maker.log, maker.settings, then, maker.at)


def scored(maker: Maker, asked: Question) -> tuple[tuple[content.Cell, ...], content.Cell]:
    """The cells of a question and that of all, compared with nothing.

    Raises:
        Problem: as `asking.answer`.
    """
    score, _compared = found(maker, replace(asked, against=None, pair=None))
    alone = asking.Beside.of(asked, None)
    return tuple(_cell(row, alone, score) for row in score.rows), _cell(score.total, alone, score)


def _made(maker: Maker, block: blocks.Block) -> content.Block:
    if isinstance(block, blocks.Words):
        return content.Words(block.id, marks.parts(block.text))
    if isinstance(block, blocks.Said):
        return content.Said(block.id, tuple(_quotes(maker, block.rows)))
    if isinstance(block, blocks.Break):
        return content.Break(block.id)
    try:
        if block.page != SCORES:
            told = questions.of_journeys(block, maker.settings, maker.at)
            return journeys.figure(maker.log, maker.settings, block, told, maker.at)
        asked = questions.of(block, maker.log, maker.settings, maker.at)
        return _figure(maker, block, asked)
    except Problem as problem:
        if problem.code.startswith("log."):
            raise  # the log is away or busy: the report is made another time, not without figures
        title = block.title or _name_of(block)
        return content.Fault(block.id, title, str(problem.message), str(problem.hint or ""))


def _name_of(block: blocks.Figure) -> str:
    """The name of the measure, where the query string names one, or of the figure."""
    if block.page != SCORES:
        return str(journeys.NAMES[block.page])
    slug = block.query.partition("metric=")[2].partition("&")[0]
    known = registry.METRICS.get(slug)
    return str(known.label) if known else slug


def _figure(maker: Maker, block: blocks.Figure, asked: Question) -> content.Figure:
    score, compared = found(maker, asked)
    beside = asking.Beside.of(asked, compared)
    rows = asking.ordered(asked, score)
    column = score.by[0] if score.by else ""
    return content.Figure(
        id=block.id,
        title=block.title or str(score.metric.label),
        asks=str(score.metric.asks),
        show=block.show,
        metric=score.metric.slug,
        version=score.metric.version,
        query=block.query,
        unit=score.unit,
        by=str(COLUMNS.get(column, column)),
        against=against_words(asked) if compared else "",
        start="" if score.start is None else score.start.isoformat(),
        end="" if score.end is None else score.end.isoformat(),
        rows=tuple(_cell(row, beside, score) for row in rows),
        total=_cell(score.total, beside, score),
        foot=methods.foot(score, asked),
        methods=(*methods.lines(maker.settings, score, compared, asked), *_read(maker, score)),
        periods=tuple(period.label for period in score.periods),
        read_by=read_by(score.metric, maker.settings.slug),
    )


def read_by(metric: Metric, workspace: str) -> str:
    """Which version reads the words that a measure counts; blank where it counts none."""
    return keeping.version(workspace) if metric.table in PARTS else ""


def _read(maker: Maker, score: Scores) -> tuple[tuple[str, str], ...]:
    """How far, and by what, the words were read that a figure counts."""
    if score.metric.table not in PARTS:
        return ()
    state = keeping.state(maker.log, maker.settings.slug)
    says = _(
        "{now} of {n} verbatims by version {version}",
        now=count(state.up_to_date), n=count(state.verbatims), version=state.version,
    )  # fmt: skip
    return ((str(_("How words were read")), str(says)),)


def _cell(row: Score, beside: asking.Beside, score: Scores) -> content.Cell:
    other = beside.find(row)
    return content.Cell(
        name=asking.group_name(row.group),
        period=row.period,
        value=row.value,
        low=row.low,
        high=row.high,
        n=row.n,
        customers=row.customers,
        why=str(NOT_SHOWN.get(row.state, "")),
        flags=tuple(str(FLAGS.get(flag, flag)) for flag in row.flags),
        is_final=not {"unfinished", "preliminary"} & set(row.flags),
        reference=other.reference_value if other else None,
        difference=other.difference if other else None,
        difference_low=other.low if other else None,
        difference_high=other.high if other else None,
        tone=_tone(other, score),
    )


def _tone(other: Comparison | None, score: Scores) -> content.Tone:
    if other is None or not other.marked or other.difference is None:
        return ""
    return "better" if (other.difference > 0) == (score.better == "up") else "worse"


def against_words(asked: Question) -> str:
    """What a figure is compared with, in words."""
    name = asked.given["against"]
    if asked.pair is not None:
        return asked.given["other"]
    return str(asking.AGAINST.get(name, name))


def readable(maker: Maker, rows: tuple[int, ...]) -> set[int]:
    """Which of these verbatims may be read now."""
    return set(verbatims.read(maker.log, maker.settings, rows, Reader(is_merged=False)))


def _quotes(maker: Maker, rows: tuple[int, ...]) -> Iterator[content.Quote]:
    """The verbatims in the order asked for; one that nobody reads any more says so."""
    # By the id's own key: an erasure names those, whoever was one with whom when this was made.
    reader = Reader(as_of=maker.at, is_merged=False)
    known = verbatims.read(maker.log, maker.settings, rows, reader)
    for row in rows:
        yield known.get(row) or content.Quote(row, 0, "", "", gone="missing")
