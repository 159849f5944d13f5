"""`zhiyin journey task`, `between`, `adoption` and `engagement`: HEART out of the events."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

import click

from zhiyin.cli.columns import table
from zhiyin.cli.journeys_chosen import (
    chosen_by,
    chosen_of,
    customers,
    hundredfold,
    percent,
    too_few,
)
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import MISSING, count, figure, interval, lasted
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.journey.adoption import Adoption
    from zhiyin.journey.between import Between
    from zhiyin.journey.engagement import Engagement
    from zhiyin.journey.lengths import Length
    from zhiyin.journey.shares import Figure
    from zhiyin.journey.task import Success, Task

Every = Literal["day", "week", "month", "quarter"]

_EVERY = click.Choice(["day", "week", "month", "quarter"])
_CONFIDENCE = click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="Of the intervals.",
)


@click.command("task")
@click.option(
    "--start",
    required=True,
    metavar="NAMES",
    help='Events that an attempt begins with: NAME or "NAME | NAME".',
)
@click.option("--goal", required=True, metavar="NAMES", help="Events by which it succeeds.")
@click.option(
    "--within",
    default="1d",
    show_default=True,
    metavar="TIME",
    help="An attempt is given up so long after its start: 30m, 12h, 7d.",
)
@click.option("--error", metavar="NAMES", help="Events that say that something went wrong.")
@click.option(
    "--help-events", "help_", metavar="NAMES", help="Events that say that help was needed."
)
@click.option("--by", metavar="COL", help="Break down by this column of the start.")
@click.option("--every", type=_EVERY, help="Show it over time, too.")
@_CONFIDENCE
@chosen_by
@click.pass_obj
def task_command(
    session: Session,
    /,
    start: str,
    goal: str,
    within: str,
    error: str | None,
    help_: str | None,
    by: str | None,
    every: Every | None,
    confidence: float,
    **chosen: Any,
) -> None:
    """Show how many attempts at something succeed, how fast and at what effort."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey.asking import read_names, read_span
    from zhiyin.journey.task import NOTHING, TaskAsked, task

    asked = TaskAsked(
        begins=read_names(start),
        goal=read_names(goal),
        within=read_span(within),
        error=read_names(error) if error else NOTHING,
        help=read_names(help_) if help_ else NOTHING,
        by=by,
        every=every,
        chosen=chosen_of(**chosen),
        confidence=confidence,
    )
    found = task(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _task_table(found, confidence))


@click.command("between")
@click.option(
    "--first",
    required=True,
    metavar="NAMES",
    help='Events that the time counts from: NAME or "NAME | NAME".',
)
@click.option(
    "--next",
    "then",
    metavar="NAMES",
    help="Events that end it; without them, how long until the first again.",
)
@_CONFIDENCE
@chosen_by
@click.pass_obj
def between_command(
    session: Session, /, first: str, then: str | None, confidence: float, **chosen: Any
) -> None:
    """Show how long it takes from each event to the next."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey.asking import read_names
    from zhiyin.journey.between import BetweenAsked, between

    names = read_names(first)
    asked = BetweenAsked(
        names, read_names(then) if then else names, chosen_of(**chosen), confidence
    )
    found = between(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _between_table(found, confidence))


@click.command("adoption")
@click.option(
    "--of",
    "names",
    required=True,
    metavar="NAMES",
    help='Events that show it: NAME or "NAME | NAME".',
)
@click.option(
    "--within",
    default="7d",
    show_default=True,
    metavar="TIME",
    help="So long after a customer was new: 30m, 12h, 7d.",
)
@click.option(
    "--times",
    type=click.IntRange(1),
    default=1,
    show_default=True,
    metavar="N",
    help="So many of these events at least.",
)
@click.option(
    "--since",
    metavar="NAMES",
    help="The event that makes a customer new; without it, her first of all.",
)
@click.option("--every", type=_EVERY, required=True, help="The length of a period.")
@_CONFIDENCE
@chosen_by
@click.pass_obj
def adoption_command(
    session: Session,
    /,
    names: str,
    within: str,
    times: int,
    since: str | None,
    every: Every,
    confidence: float,
    **chosen: Any,
) -> None:
    """Show how many of those who were new in a period really start something soon."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey.adoption import AdoptionAsked, adoption
    from zhiyin.journey.asking import read_names, read_span

    asked = AdoptionAsked(
        names=read_names(names),
        within=read_span(within),
        times=times,
        since=read_names(since) if since else None,
        every=every,
        chosen=chosen_of(**chosen),
        confidence=confidence,
    )
    found = adoption(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _adoption_table(found, confidence))


@click.command("engagement")
@click.option(
    "--gap",
    default="30m",
    show_default=True,
    metavar="TIME",
    help="After a longer pause a session is over.",
)
@click.option(
    "--every", type=_EVERY, default="week", show_default=True, help="The length of a period."
)
@_CONFIDENCE
@chosen_by
@click.pass_obj
def engagement_command(
    session: Session, /, gap: str, every: Every, confidence: float, **chosen: Any
) -> None:
    """Show how often customers come in a period, and how long they stay."""  # fmt: skip
    settings = session.workspace
    from zhiyin.journey.asking import read_span
    from zhiyin.journey.engagement import EngagementAsked, engagement

    asked = EngagementAsked(read_span(gap), every, chosen_of(**chosen), confidence)
    found = engagement(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _engagement_table(found, confidence))


def _level(confidence: float) -> Text:
    return _("{level}% CI", level=f"{confidence * 100:g}")


def _share(one: Figure) -> list[str]:
    ends = interval(hundredfold(one.low), hundredfold(one.high), "percent")
    return [percent(one.value), ends]


def _number(one: Figure) -> list[str]:
    return [figure(one.value, "scale"), interval(one.low, one.high, "scale")]


def _length(one: Length) -> list[str]:
    return [lasted(one.seconds), _ends(one.low, one.high)]


def _ends(low: float | None, high: float | None) -> str:
    is_told = low is not None or high is not None
    return f"[{lasted(low)}, {lasted(high)}]" if is_told else MISSING


def _task_table(found: Task, confidence: float) -> str:
    one, least = found.success, found.minimum_base
    if one.customers is None:
        return too_few(least)
    rows = [
        [_("Attempts"), count(one.attempts), ""],
        [_("Customers"), count(one.customers), ""],
        [_("Attempts completed, %"), *_share(one.completion)],
        [_("Customers who completed one, %"), *_share(one.customer_share)],
        *(
            [_("{share}% of those completed took at most", share=_hundred(at)), *_length(at)]
            for at in one.times
        ),
        *(
            [_("{share}% of all are completed within", share=_hundred(at)), *_length(at)]
            for at in one.times_of_all
        ),
        [_("Errors an attempt"), *_number(one.errors)],
        [_("Attempts with help, %"), *_share(one.helped)],
        [_("Switches of channel an attempt"), *_number(one.switches)],
        [_("Attempts until the first completed"), *_number(one.tries)],
        [_("Still open"), count(found.open_attempts), ""],
    ]
    told = [[str(cell) for cell in row] for row in rows if row[1:] != [MISSING, MISSING]]
    said = table(["", "", _level(confidence)], told, "1")
    parts = [((word if word is not None else str(_("(none)"))), s) for word, s in found.groups]
    parts += [
        (one.period if one.is_final else f"{one.period} *", one.success)
        for one in found.periods
        if one.success is not None
    ]
    if parts:
        said += "\n\n" + _parts_table(parts, least, confidence)
    if any(not one.is_final for one in found.periods):
        said += "\n" + str(_("* more may come"))
    return said


def _parts_table(parts: Sequence[tuple[str, Success]], least: int, confidence: float) -> str:
    head = ["", _("Attempts"), _("Customers"), _("Completed, %"), _level(confidence),
            _("Median time")]  # fmt: skip
    rows = [
        [
            word,
            count(one.attempts),
            customers(one.customers, one.state, least),
            *_share(one.completion),
            lasted(one.median_seconds),
        ]
        for word, one in parts
    ]
    return table(head, rows, "1235")


def _hundred(one: Length) -> str:
    return f"{100 * one.share:g}"


def _between_table(found: Between, confidence: float) -> str:
    if found.customers is None:
        return too_few(found.minimum_base)
    head = ["%", _("Of those followed, within"), _level(confidence), _("Of all, within"),
            _level(confidence)]  # fmt: skip
    rows = [
        [_hundred(one), *_length(one), *_length(all_)]
        for one, all_ in zip(found.times, found.times_of_all, strict=True)
    ]
    said = _(
        "{followed} of {waits} were followed, of {customers} customers; the others still wait.",
        followed=count(found.followed),
        waits=count(found.waits),
        customers=count(found.customers),
    )
    return f"{table(head, rows, '013')}\n\n{said}" if rows else str(said)


def _adoption_table(found: Adoption, confidence: float) -> str:
    if not found.cohorts:
        return str(_("There are no events."))
    least = found.minimum_base
    rows = [
        [
            one.period,
            customers(one.customers, one.state, least),
            customers(one.adopted, one.adopted_state, least),
            *_share(one.share),
            "" if one.is_final else str(_("more may come")),
        ]
        for one in found.cohorts
    ]
    if found.together is not None:
        all_ = found.together
        rows.append(
            [
                str(_("All cohorts")),
                customers(all_.customers, all_.state, least),
                customers(all_.adopted, all_.adopted_state, least),
                *_share(all_.share),
                "",
            ]
        )
    head = [_("Period"), _("Customers"), _("Adopted"), "%", _level(confidence), ""]
    return table(head, rows, "123")


def _engagement_table(found: Engagement, confidence: float) -> str:
    if not found.periods:
        return str(_("There are no events."))
    parts = [(one.period if one.is_final else f"{one.period} *", one.engaged)
             for one in found.periods]  # fmt: skip
    if found.together is not None:
        parts.append((str(_("All that are over")), found.together))
    rows = [
        [
            word,
            customers(one.customers, one.state, found.minimum_base),
            count(one.sessions),
            *_number(one.per_customer),
            lasted(one.seconds.value),
            _ends(one.seconds.low, one.seconds.high),
        ]
        for word, one in parts
    ]
    head = [_("Period"), _("Customers"), _("Sessions"), _("Per customer"), _level(confidence),
            _("Average length"), _level(confidence)]  # fmt: skip
    said = table(head, rows, "12346")
    if any(not one.is_final for one in found.periods):
        said += "\n" + str(_("* more may come"))
    return said
