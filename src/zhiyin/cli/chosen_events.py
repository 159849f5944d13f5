"""The options that say which events a question about journeys is about."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeVar

import click

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
            click.option("--from", "first_day", type=day, metavar="DATE", help="The first day."),
            click.option("--to", "end_day", type=day, metavar="DATE",
                         help="The day after the last day."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


def chosen_events(
    *, where: str | None, first_day: datetime | None, end_day: datetime | None
) -> Chosen:
    """What the options say.

    Raises:
        Problem: a filter that cannot be read.
    """
    from zhiyin.journey.asking import Chosen
    from zhiyin.kernel.filters import parse

    return Chosen(
        where=None if where is None else parse(where),
        start=None if first_day is None else first_day.date(),
        end=None if end_day is None else end_day.date(),
    )
