"""What the commands of journey maps have in common: which days, whose journeys, which version."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.journeys_chosen import Command, chosen_by, chosen_of
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.maps.looking import Asked, Opened
    from zhiyin.measure.scores import Score

LEVEL = click.FloatRange(0, 1, min_open=True, max_open=True)


def looked_by(command: Command) -> Command:
    """The options that say what is looked at on a map.

    Without days it is the last month that is over; without customers the map's persona, and a
    blank is everybody.
    """
    for option in reversed(
        (
            click.option("--version", "number", type=click.IntRange(1), metavar="N",
                         help="As it was kept under this number (default: the newest)."),
            click.option("--confidence", type=LEVEL, default=0.95, show_default=True,
                         help="Of the intervals."),
        )
    ):  # fmt: skip
        command = option(command)
    return chosen_by(command)


def scored_by(command: Command) -> Command:
    """The options that say which scores touchpoints show, and beside which period."""
    for option in reversed(
        (
            click.option("--before", type=click.Choice(["previous", "last-year", "lunar-year"]),
                         default="previous", show_default=True,
                         help="With which period it is compared."),
            click.option("--metric", default="", metavar="METRIC",
                         help="What touchpoints show (default: the map's own)."),
        )
    ):  # fmt: skip
        command = option(command)
    return looked_by(command)


def asked_of(
    *,
    number: int | None,
    confidence: float,
    before: Any = "previous",
    metric: str = "",
    **chosen: Any,
) -> Asked:
    """What the options say."""
    from zhiyin.maps.looking import Asked

    events = chosen_of(**chosen)
    return Asked(
        start=events.start,
        end=events.end,
        before=before,
        where=events.where,
        customers=chosen["customers"],
        metric=metric,
        version=number,
        confidence=confidence,
    )


def heading(one: Opened) -> str:
    """Which map, which version, which days."""
    from zhiyin.maps.document import said

    version = (
        _("draft, never kept as a version")
        if one.version is None
        else _("version {number}", number=one.version.number)
    )
    name = said(one.map.name) or one.held.key
    return f"{name} · {version} · {one.seen.start} – {one.seen.end}"


def score_cells(score: Score | None, unit: str) -> list[str]:
    """A score, its interval and its n."""
    from zhiyin.kernel.figures import MISSING, count, figure, interval
    from zhiyin.measure.words import NOT_SHOWN

    if score is None:
        return [MISSING, "", ""]
    return [
        figure(score.value, unit),
        interval(score.low, score.high, unit)
        if score.value is not None
        else str(NOT_SHOWN.get(score.state, "")),
        count(score.n),
    ]
