"""What the commands of journeys have in common: whose events, and how figures are written."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zhiyin.kernel.figures import count, figure
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.journey.asking import Chosen

Command = TypeVar("Command", bound=Callable[..., Any])


def chosen_by(command: Command) -> Command:
    """The options that say which events count."""
    day = click.DateTime(["%Y-%m-%d"])
    for option in reversed(
        (
            click.option("--where", metavar="EXPR",
                         help="Only events for which this holds, e.g. \"channel = 'app'\"."),
            click.option("--customers", metavar="RULE",
                         help="Only of customers of this segment, or for whom this rule holds."),
            click.option("--from", "first_day", type=day, metavar="DATE", help="The first day."),
            click.option("--to", "end_day", type=day, metavar="DATE",
                         help="The day after the last day."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def chosen_of(
    *,
    where: str | None,
    customers: str | None,
    first_day: datetime | None,
    end_day: datetime | None,
) -> Chosen:
    """The events that the options say."""
    from zhiyin.journey.asking import Chosen
    from zhiyin.kernel.filters import parse

    return Chosen(
        where=None if where is None else parse(where),
        start=None if first_day is None else first_day.date(),
        end=None if end_day is None else end_day.date(),
        customers=customers or "",
    )


def customers(known: int | None, state: str, minimum: int) -> str:
    """How many customers a count has: ``1,482``, or ``< 10`` where they are too few to say."""
    return f"< {minimum}" if state == "too_few" else count(known)


def too_few(minimum: int) -> str:
    """What is said in the place of figures of too few customers."""
    return str(_("Nothing is shown that is about fewer than {minimum} customers.", minimum=minimum))


def hundredfold(share: float | None) -> float | None:
    """A share in per cent."""
    return None if share is None else share * 100


def percent(share: float | None) -> str:
    """A share as it is written, in per cent."""
    return figure(hundredfold(share), "percent")
