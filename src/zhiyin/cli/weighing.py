"""`zhiyin listen apart` and `first`: what two groups say differently, and what to fix first."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import MINUS, chance, count
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from datetime import date

    from zhiyin.kernel.filters import Filter
    from zhiyin.listen.apart import Apart, Sides
    from zhiyin.listen.first import First

WHERE = click.option("--where", metavar="FILTER", help="Only clauses for which this holds.")
FROM = click.option("--from", "start", metavar="DAY", help="The first day.")
TO = click.option("--to", "end", metavar="DAY", help="The day after the last day.")


@click.command()
@click.option(
    "--sides", type=click.Choice(["scores", "before", "filter"]), default="scores",
    show_default=True,
    help="Low scores and high ones, the period and the one before, or a filter and the rest.",
)  # fmt: skip
@click.option(
    "--one", metavar="FILTER", help="The clauses of the first group, with --sides filter."
)
@WHERE
@FROM
@TO
@click.pass_obj
def apart(
    session: Session,
    sides: str,
    one: str | None,
    where: str | None,
    start: str | None,
    end: str | None,
) -> None:
    """Say what distinguishes two groups by what they say, after control of false discoveries."""
    settings = session.workspace
    from zhiyin.listen import apart as telling

    begins, ends = _days(start, end)
    wanted = telling.Wanted(cast("Sides", sides), begins, ends, _filter(where), _filter(one))
    found = telling.apart(session.log, settings, wanted)
    asked = {"sides": sides, "one": one, "where": where}
    session.say({**asked, **found.as_dict()}, lambda: _told(found))


@click.command()
@WHERE
@FROM
@TO
@click.pass_obj
def first(session: Session, where: str | None, start: str | None, end: str | None) -> None:
    """Say what to fix first: aspects whose blame goes with low scores and is often there.

    One touchpoint: --where "touchpoint = 'check-in'".
    """
    settings = session.workspace
    from zhiyin.listen.first import first as weigh

    begins, ends = _days(start, end)
    found = weigh(session.log, settings, start=begins, end=ends, among=_filter(where))
    session.say({"where": where, **found.as_dict()}, lambda: _weighed(found))


def _days(start: str | None, end: str | None) -> tuple[date | None, date | None]:
    from zhiyin.kernel.periods import read_day

    return (
        read_day(start or "", _("The first day")),
        read_day(end or "", _("The day after the last")),
    )


def _filter(text: str | None) -> Filter | None:
    from zhiyin.kernel.filters import parse

    return parse(text) if text else None


def _told(found: Apart) -> str:
    if not found.things:
        return str(_("Not enough customers in one of the groups."))
    heads = [_("what is said"), "", _("first group"), _("second group"), _("difference"), "q", ""]
    rows = [
        [
            one.name, one.polarity, _percent(one.here.value), _percent(one.there.value),
            _between(one.difference, one.low, one.high), chance(one.q), "*" if one.marked else "",
        ]
        for one in found.things
    ]  # fmt: skip
    return table(heads, rows, "2345")


def _weighed(found: First) -> str:
    if not found.aspects:
        return str(_("Not enough customers gave a score and blamed the same aspect."))
    heads = [_("aspect"), _("blamed in"), _("low scores with it"), _("without it"),
             _("difference"), _("goes with"), "q", ""]  # fmt: skip
    rows = [
        [
            one.key, _percent(one.often.value), _percent(one.low_with.value),
            _percent(one.low_without.value), _between(one.difference, one.low, one.high),
            _percent(one.weight), chance(one.q), "*" if one.marked else "",
        ]
        for one in found.aspects
    ]  # fmt: skip
    said = _("{n} responses of {customers} customers.", n=count(found.n),
             customers=count(found.customers))  # fmt: skip
    return f"{said}\n\n{table(heads, rows, '123456')}"


def _percent(share: float) -> str:
    return f"{share:.1%}".replace("-", MINUS)


def _between(value: float, low: float | None, high: float | None) -> str:
    if low is None or high is None:
        return _percent(value)
    return f"{_percent(value)} [{_percent(low)}, {_percent(high)}]"
