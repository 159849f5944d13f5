"""`zhiyin score` and `zhiyin compare`: figures with their intervals, in words or as JSON."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Literal, TypeVar

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.answers import STATES
from zhiyin.kernel.figures import chance, count, figure, interval
from zhiyin.kernel.text import Text, _
from zhiyin.measure.words import FLAGS, KINDS, NOT_SHOWN, PER, UNITS, customers

if TYPE_CHECKING:
    from zhiyin.measure.comparisons import Comparison, Comparisons
    from zhiyin.measure.requests import ScoreRequest
    from zhiyin.measure.scores import Score, Scores

Command = TypeVar("Command", bound=Callable[..., Any])


def _filters(command: Command) -> Command:
    """The options that `score` and `compare` have in common."""
    day = click.DateTime(["%Y-%m-%d"])
    for option in reversed(
        (
            click.option("--every", type=click.Choice(["day", "week", "month", "quarter"]),
                         help="One figure a day, week, month or quarter."),
            click.option("--from", "start", type=day, metavar="DATE", help="The first day."),
            click.option("--to", "end", type=day, metavar="DATE",
                         help="The day after the last day."),
            click.option("--where", metavar="EXPR",
                         help="Only rows for which this holds, e.g. \"channel = 'app'\"."),
            click.option("--question", "questions", multiple=True, metavar="Q",
                         help="Only this question; may be given several times."),
            click.option("--kind", metavar="K",
                         help="Only answers of this kind: relationship, journey, touchpoint."),
            click.option("--per", type=click.Choice(["answer", "customer"]),
                         help="Count every answer, or each customer's latest."),
            click.option("--as-of", metavar="TIME", help="As the log was known at this time."),
            click.option("--confidence", type=float, default=0.95, show_default=True,
                         help="Of the intervals."),
            click.option("--date-of", type=click.Choice(["answer", "experience"]),
                         default="answer", show_default=True,
                         help="Whether the date of the answer or of the experience counts."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.argument("metric")
@click.option("--by", metavar="COL[,COL…]", help="Columns to break down by.")
@click.option(
    "--frame",
    type=click.IntRange(1),
    metavar="N",
    help="How many customers there are in all, where those asked were drawn from so many.",
)
@click.option("--without", "mark", type=int, metavar="MARK",
              help="Leave out the customers concerned by this mark of the calendar.")  # fmt: skip
@click.option("--drop", type=click.Choice(["customers", "facts"]), default="customers",
              show_default=True,
              help="With --without: leave out all of these customers, or only their facts."
)  # fmt: skip
@_filters
@click.pass_obj
def score(
    session: Session,
    /,
    metric: str,
    by: str | None,
    mark: int | None,
    drop: Literal["customers", "facts"],
    **asked: Any,
) -> None:
    """Show a score with its interval, by column and period."""
    settings = session.workspace
    from zhiyin.measure import calendar, scores

    request = _request(session, metric, by, asked)
    if mark is not None:
        left = calendar.left_out(settings, calendar.get(settings, mark), drop)
        request = replace(request, without=(left,))
    found = scores.score(session.log, settings, request)
    session.say(found.as_dict(), lambda: scores_table(found))


@click.command()
@click.argument("metric")
@click.option("--by", metavar="COL[,COL…]", help="The groups to compare.")
@click.option("--against", required=True, metavar="rest|previous|last-year|lunar-year|VALUE",
              help="What to compare with; also two dates: 2026-01-01..2026-02-01.")  # fmt: skip
@click.option("--q", type=float, default=0.05, show_default=True,
              help="The share of marks that may be false.")  # fmt: skip
@click.option("--fdr", type=click.Choice(["bh", "by"]), default="bh", show_default=True,
              help="Benjamini–Hochberg, or Benjamini–Yekutieli.")  # fmt: skip
@_filters
@click.pass_obj
def compare(
    session: Session, /, metric: str, by: str | None, against: str, q: float, fdr: str, **asked: Any
) -> None:
    """Say which differences are more than chance."""
    settings = session.workspace
    from zhiyin.measure import comparisons, references

    request = _request(session, metric, by, asked)
    found = comparisons.compare(
        session.log,
        settings,
        request,
        references.read(against, settings.timezone),
        q=q,
        fdr="by" if fdr == "by" else "bh",
    )
    session.say(found.as_dict(), lambda: comparisons_table(found))


def _request(session: Session, metric: str, by: str | None, asked: dict[str, Any]) -> ScoreRequest:
    from zhiyin.kernel.filters import parse
    from zhiyin.kernel.periods import read_instant
    from zhiyin.measure.requests import ScoreRequest

    as_of = asked.pop("as_of")
    where = asked.pop("where")
    return ScoreRequest(
        metric=metric,
        by=tuple(name.strip() for name in (by or "").split(",") if name.strip()),
        start=_day(asked.pop("start")),
        end=_day(asked.pop("end")),
        where=None if where is None else parse(where),
        questions=tuple(asked.pop("questions")),
        as_of=None if as_of is None else read_instant(as_of, session.workspace.timezone),
        **asked,
    )


def _day(moment: datetime | None) -> date | None:
    return None if moment is None else moment.date()


def scores_table(found: Scores) -> str:
    """A table of scores for a terminal."""
    has_period = any(row.period is not None for row in found.rows)
    level = f"{found.confidence * 100:g}"
    head = [
        *found.by,
        *([_("Period")] if has_period else []),
        _("Value"),
        _("{level}% CI", level=level),
        "n",
        _("Customers"),
        _("Design effect"),
        "",
    ]
    rows = [_score_cells(row, found, has_period) for row in found.rows]
    if found.by or has_period:
        total = _score_cells(found.total, found, has_period)
        if total[0] == "":
            total[0] = str(_("Total"))
        rows.append(total)
    first = len(found.by) + has_period
    right = "".join(str(first + i) for i in (0, 2, 3, 4))
    parts = [_headline(found), table(head, rows, right), str(found.metric.definition)]
    if found.states:
        counts = ", ".join(f"{STATES.get(state, state)} {n:,}" for state, n in found.states.items())
        parts.append(str(_("Answers by state: {counts}", counts=counts)))
    return "\n\n".join(parts)


def comparisons_table(found: Comparisons) -> str:
    """A table of comparisons for a terminal."""
    has_period = any(row.period is not None for row in found.rows)
    head = [
        *found.by,
        *([_("Period")] if has_period else []),
        _("Value"),
        _("Compared with"),
        _("Difference"),
        _("Interval"),
        "p",
        "q",
        _("Marked"),
        "n",
        "",
    ]
    first = len(found.by) + has_period
    right = "".join(str(first + i) for i in (0, 1, 2, 4, 5, 7) if first + i < 10)
    rows = [_comparison_cells(row, found, has_period) for row in found.rows]
    says = _(
        "{tests} tests as one family; at most {q}% of the marks are expected to be false ({fdr})."
        " Intervals at {level}%, so that they agree with the marks.",
        tests=found.tests,
        q=f"{found.q * 100:g}",
        fdr={"bh": "Benjamini–Hochberg", "by": "Benjamini–Yekutieli"}[found.fdr],
        level=f"{found.interval_confidence * 100:.4g}",
    )
    return "\n\n".join(
        [_headline(found), table(head, rows, right), str(says), str(found.metric.definition)]
    )


def _headline(found: Scores | Comparisons) -> str:
    said = [str(found.metric.label), str(UNITS[found.unit]), str(PER[found.per])]
    if found.kind:
        said.append(str(KINDS.get(found.kind, Text(found.kind, {}))))
    if found.questions:
        said.append(", ".join(found.questions))
    said += [str(_("without those concerned by “{name}”", name=one.name)) for one in found.without]
    if found.start and found.end:
        said.append(f"[{found.start}, {found.end}) {found.timezone}")
    return " · ".join(said)


def _score_cells(row: Score, found: Scores, has_period: bool) -> list[str]:
    effect = "" if row.design_effect is None else f"{row.design_effect:.2f}"
    within = NOT_SHOWN.get(row.state) or interval(row.low, row.high, found.unit)
    return [
        *_group(row, found),
        *([row.period or ""] if has_period else []),
        figure(row.value, found.unit),
        str(within),
        count(row.n),
        customers(row.customers, row.state, found.minimum_base),
        effect,
        _flags(row.flags),
    ]


def _comparison_cells(row: Comparison, found: Comparisons, has_period: bool) -> list[str]:
    within = NOT_SHOWN.get(row.state) or interval(row.low, row.high, found.unit, signed=True)
    up = row.difference is not None and row.difference > 0
    return [
        *_group(row, found),
        *([row.period or ""] if has_period else []),
        figure(row.value, found.unit),
        figure(row.reference_value, found.unit),
        figure(row.difference, found.unit, signed=True),
        str(within),
        chance(row.p),
        chance(row.q),
        ("▲" if up else "▼") if row.marked else "",
        count(row.n),
        _flags(row.flags),
    ]


def _group(row: Score | Comparison, found: Scores | Comparisons) -> list[str]:
    missing = str(_("(none)")) if row.group else ""
    return ["" if not row.group else _word(row.group[name], missing) for name in found.by]


def _word(value: object, missing: str) -> str:
    return missing if value is None else str(value)


def _flags(flags: tuple[str, ...]) -> str:
    return ", ".join(str(FLAGS.get(flag, flag)) for flag in flags)
