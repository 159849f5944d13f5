"""`zhiyin journey`: funnels, paths, variants, retention and sessions out of the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from zhiyin.cli import leading, losses, map_audits, map_journeys, map_marks, maps, tasks
from zhiyin.cli.columns import table
from zhiyin.cli.journeys_chosen import (
    Command,
    chosen_by,
    chosen_of,
    customers,
    hundredfold,
    percent,
    too_few,
)
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count, figure, interval, lasted, times
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.journey.conversion import Conversion
    from zhiyin.journey.funnel import Funnel, FunnelAsked, Step
    from zhiyin.journey.paths import Paths
    from zhiyin.journey.repeats import Repeats
    from zhiyin.journey.retention import Retention
    from zhiyin.journey.sessions import Sessions
    from zhiyin.journey.variants import Variants
    from zhiyin.journey.waits import Waits


def _funnel_by(command: Command) -> Command:
    """The options that say which steps, in what time and order."""
    for option in reversed(
        (
            click.option("--steps", required=True, metavar="STEPS",
                         help='Names of events in order: "A > B | C > D"; "A > !X > B": no X'
                         " between."),
            click.option("--within", default="7d", show_default=True, metavar="TIME",
                         help="From the first step to the last: 30m, 12h, 7d."),
            click.option("--order", type=click.Choice(["any", "earliest", "strict"]),
                         default="any", show_default=True,
                         help="Whether any first step may start, or only the earliest; strict:"
                         " steps follow one another directly."),
            click.option("--confidence", type=click.FloatRange(0, 1, min_open=True, max_open=True),
                         default=0.95, show_default=True, help="Of the intervals."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.group()
def command() -> None:
    """Show what customers really do: funnels, paths, retention, tasks, adoption and more."""


for one in (
    tasks.task_command, tasks.between_command, tasks.adoption_command, tasks.engagement_command,
):  # fmt: skip
    command.add_command(one)


command.add_command(leading.before_command)
command.add_command(leading.parting_command)
command.add_command(losses.losses_command)
command.add_command(map_audits.audit_command)
command.add_command(map_journeys.conformance_command)
command.add_command(map_journeys.whole_command)
command.add_command(maps.map_command)
command.add_command(map_marks.mark_command)


@command.command("funnel")
@_funnel_by
@click.option("--by", metavar="COL", help="Break down by this column of the first step.")
@click.option(
    "--by-segment",
    "by_segments",
    multiple=True,
    metavar="RULE",
    help="Break down by this segment, or rule over customers; several times for several.",
)
@chosen_by
@click.pass_obj
def funnel_command(
    session: Session, /, by: str | None, by_segments: tuple[str, ...], **given: Any
) -> None:
    """Count customers who pass steps in order, with intervals and times."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey import funnel

    asked = _funnel_asked(by=by, by_segments=by_segments, **given)
    found = funnel.funnel(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _funnel_table(found, asked.confidence))


@command.command("conversion")
@_funnel_by
@click.option(
    "--every",
    type=click.Choice(["day", "week", "month", "quarter"]),
    default="week",
    show_default=True,
    help="The length of a period.",
)
@chosen_by
@click.pass_obj
def conversion_command(
    session: Session, /, every: Literal["day", "week", "month", "quarter"], **given: Any
) -> None:
    """Show over time how many of those who begin a funnel come to its end."""
    settings = session.workspace
    from zhiyin.journey import conversion

    asked = _funnel_asked(by=None, **given)
    found = conversion.conversion(session.log, settings, asked, every=every)
    session.say(found.as_dict(), lambda: _conversion_table(found, asked.confidence))


@command.command("waits")
@_funnel_by
@click.option("--last", type=click.IntRange(2), metavar="N",
              help="How long until step N; the last where it is not said.")  # fmt: skip
@chosen_by
@click.pass_obj
def waits_command(session: Session, /, last: int | None, **given: Any) -> None:
    """Show how long customers take from the first step to a later one, as a survival curve."""
    settings = session.workspace
    from zhiyin.journey import waits

    asked = _funnel_asked(by=None, **given)
    found = waits.waits(session.log, settings, asked, last=last)
    session.say(found.as_dict(), lambda: _waits_table(found, asked.confidence))


@command.command("paths")
@click.option("--start", metavar="NAME", help="Leave out what came before the first NAME.")
@click.option("--end", metavar="NAME", help="Leave out what came after the last NAME.")
@click.option(
    "--gap", metavar="TIME", help="Events further apart than this do not follow one another: 30m."
)
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the N most frequent.")
@chosen_by
@click.pass_obj
def paths_command(
    session: Session,
    /,
    start: str | None,
    end: str | None,
    gap: str | None,
    top: int | None,
    **chosen: Any,
) -> None:
    """Show which event directly follows which, how often and after how long."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey import paths
    from zhiyin.journey.asking import read_span

    span = None if gap is None else read_span(gap)
    asked = paths.PathsAsked(start=start, end=end, gap=span, top=top, chosen=chosen_of(**chosen))
    found = paths.paths(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _paths_table(found))


@command.command("variants")
@click.option("--top", type=click.IntRange(1), metavar="N", help="Only the N most frequent.")
@chosen_by
@click.pass_obj
def variants_command(session: Session, /, top: int | None, **chosen: Any) -> None:
    """Show whole histories by the order of their events."""
    settings = session.workspace
    from zhiyin.journey import variants

    found = variants.variants(session.log, settings, chosen_of(**chosen), top=top)
    session.say(found.as_dict(), lambda: _variants_table(found))


@command.command("repeats")
@click.option("--top", type=click.IntRange(1), metavar="N",
              help="Only the N to which most come again.")  # fmt: skip
@chosen_by
@click.pass_obj
def repeats_command(session: Session, /, top: int | None, **chosen: Any) -> None:
    """Show to which events customers come again: rework and loops."""
    settings = session.workspace
    from zhiyin.journey import repeats

    found = repeats.repeats(session.log, settings, chosen_of(**chosen), top=top)
    session.say(found.as_dict(), lambda: _repeats_table(found))


@command.command("retention")
@click.option(
    "--every",
    type=click.Choice(["day", "week", "month", "quarter"]),
    required=True,
    help="The length of a period.",
)
@chosen_by
@click.pass_obj
def retention_command(
    session: Session, /, every: Literal["day", "week", "month", "quarter"], **chosen: Any
) -> None:
    """Show how many of those who first came in a period come again."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey import retention

    found = retention.retention(session.log, settings, chosen_of(**chosen), every=every)
    session.say(found.as_dict(), lambda: _retention_table(found))


@command.command("sessions")
@click.option(
    "--gap",
    default="30m",
    show_default=True,
    metavar="TIME",
    help="After a longer pause a session is over.",
)
@chosen_by
@click.pass_obj
def sessions_command(session: Session, /, gap: str, **chosen: Any) -> None:
    """Count visits: stretches of events without a longer pause."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey import sessions
    from zhiyin.journey.asking import read_span

    found = sessions.sessions(session.log, settings, chosen_of(**chosen), gap=read_span(gap))
    session.say(found.as_dict(), lambda: _sessions_lines(found))


def _funnel_asked(
    *,
    steps: str,
    within: str,
    order: Literal["any", "earliest", "strict"],
    confidence: float,
    by: str | None,
    by_segments: tuple[str, ...] = (),
    **chosen: Any,
) -> FunnelAsked:
    from zhiyin.journey.asking import read_span, read_steps
    from zhiyin.journey.funnel import FunnelAsked

    return FunnelAsked(
        steps=read_steps(steps),
        within=read_span(within),
        order=order,
        by=by,
        by_segments=by_segments,
        chosen=chosen_of(**chosen),
        confidence=confidence,
    )


def _funnel_table(found: Funnel, confidence: float) -> str:
    head = [
        *([found.by] if found.by else []),
        _("Step"),
        _("Customers"),
        _("Of the first step, %"),
        _("{level}% CI", level=f"{confidence * 100:g}"),
        _("Of the previous step, %"),
        _("Median time"),
    ]
    parts = [([str(_("Total"))] if found.by else [], found.steps)]
    parts += [([str(_("(none)")) if word is None else word], steps) for word, steps in found.groups]
    least = found.minimum_base
    rows = [[*group, *_step_cells(step, least)] for group, steps in parts for step in steps]
    first = 1 if found.by else 0
    return table(head, rows, "".join(str(first + i) for i in (1, 2, 4, 5)))


def _conversion_table(found: Conversion, confidence: float) -> str:
    rows = []
    for one in found.periods:
        if not one.steps:
            continue
        first, last = one.steps[0], one.steps[-1]
        began, came = (customers(s.customers, s.state, found.minimum_base) for s in (first, last))
        ends = interval(hundredfold(last.low), hundredfold(last.high), "percent")
        still = "" if one.is_final else str(_("more may come"))
        rows.append([one.period, began, came, percent(last.share_of_first), ends, still])
    if not rows:
        return str(_("There are no events."))
    head = [
        _("Period"),
        _("Began"),
        _("Came to the end"),
        "%",
        _("{level}% CI", level=f"{confidence * 100:g}"),
        "",
    ]
    return table(head, rows, "123")


def _step_cells(step: Step, minimum: int) -> list[str]:
    return [
        step.step,
        customers(step.customers, step.state, minimum),
        percent(step.share_of_first),
        interval(hundredfold(step.low), hundredfold(step.high), "percent"),
        percent(step.share_of_previous),
        lasted(step.median_seconds),
    ]


def _waits_table(found: Waits, confidence: float) -> str:
    if not found.moments:
        return too_few(found.minimum_base)
    level = _("{level}% CI", level=f"{confidence * 100:g}")
    head = [_("Time passed"), f"{_('Still on their way')}, %", level, _("At risk"), _("Arrived")]
    rows = [
        [
            lasted(one.seconds),
            percent(one.still),
            interval(hundredfold(one.low), hundredfold(one.high), "percent"),
            count(one.at_risk),
            count(one.arrived),
        ]
        for one in found.moments
    ]
    if found.median_seconds is None:
        said = _("Fewer than half come within what can be shown, so there is no median.")
        return f"{table(head, rows, '134')}\n\n{said}"
    said = _(
        "Half of {began} customers have come from {first} to {last} after {time} {interval}.",
        began=count(found.began),
        first=found.first,
        last=found.last,
        time=lasted(found.median_seconds),
        interval=times(found.median_low, found.median_high),
    )
    return f"{table(head, rows, '134')}\n\n{said}"


def _paths_table(found: Paths) -> str:
    head = [_("Event before"), _("Event after"), _("Times"), _("Customers"), _("Median time")]
    rows = [
        [one.before, one.after, count(one.count), count(one.customers), lasted(one.median_seconds)]
        for one in found.edges
    ]
    said = _(
        "{shown} of {edges} edges; {pairs} pairs of events in all.",
        shown=count(len(rows)),
        edges=count(found.edges_in_all),
        pairs=count(found.pairs),
    )
    none = _("No event follows another.")
    return _some_of(head, rows, "234", said, none, found.edges_withheld, found.minimum_base)


def _repeats_table(found: Repeats) -> str:
    if not found.nodes:
        return too_few(found.minimum_base)
    ends = _("{level}% CI", level=95)
    head = [_("Event"), _("Customers"), _("Come again"), "%", ends, _("Come back"), "%",
            _("Events"), _("At once")]  # fmt: skip
    rows = [
        [
            one.node,
            count(one.customers),
            customers(one.again, one.again_state, found.minimum_base),
            percent(one.again_share.value),
            interval(
                hundredfold(one.again_share.low), hundredfold(one.again_share.high), "percent"
            ),
            customers(one.back, one.back_state, found.minimum_base),
            percent(one.back_share.value),
            count(one.events),
            count(one.at_once),
        ]
        for one in found.nodes
    ]
    return table(head, rows, "12345678")


def _variants_table(found: Variants) -> str:
    head = [_("Customers"), "%", _("Median time"), _("Events in order")]
    rows = [
        [
            count(one.customers),
            percent(one.share),
            lasted(one.median_seconds),
            " > ".join(one.steps),
        ]
        for one in found.variants
    ]
    said = _(
        "{shown} of {variants} variants, of {customers} customers.",
        shown=count(len(rows)),
        variants=count(found.variants_in_all),
        customers=count(found.customers),
    )
    none = _("There are no events.")
    return _some_of(head, rows, "012", said, none, found.variants_withheld, found.minimum_base)


def _some_of(
    head: Sequence[object],
    rows: Sequence[Sequence[object]],
    right: str,
    said: Text,
    none: Text,
    withheld: int,
    minimum: int,
) -> str:
    """The most frequent rows, with how many there are in all and how many are withheld."""
    if not rows:
        return too_few(minimum) if withheld else str(none)
    return f"{table(head, rows, right)}\n\n{said}{_left_out(withheld)}"


def _left_out(withheld: int) -> str:
    if not withheld:
        return ""
    said = _("{n} are not shown, because they are about too few customers.", n=count(withheld))
    return f" {said}"


def _retention_table(found: Retention) -> str:
    if not found.cohorts:
        return str(_("There are no events."))
    longest = max(len(one.returns) for one in found.cohorts)
    head = [_("Period"), _("Customers"), *(f"+{later}" for later in range(1, longest))]
    rows = []
    for one in found.cohorts:
        shares = [percent(step.share) for step in one.returns[1:]]
        blank = [""] * (longest - 1 - len(shares))
        size = customers(one.customers, one.state, found.minimum_base)
        rows.append([one.period, size, *shares, *blank])
    return table(head, rows, "1")


def _sessions_lines(found: Sessions) -> str:
    if found.sessions is None:
        return too_few(found.minimum_base)
    rows = [
        [_("Sessions"), count(found.sessions)],
        [_("Of one event"), count(found.single)],
        [_("Customers"), count(found.customers)],
        [_("Events"), count(found.events)],
        [_("Median events"), figure(found.median_events, "count")],
        [_("Median time"), lasted(found.median_seconds)],
    ]
    return table(["", ""], rows, "1")
