"""`zhiyin journey before` and `parting`: what led to an outcome, and where two groups part."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

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
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.journey.before import Before
    from zhiyin.journey.compared import Row, Side, Table
    from zhiyin.journey.parting import Choice, Node, Parting


@click.command("before")
@click.argument(
    "outcome", type=click.Choice(["event", "answer", "contact", "stopped", "stopped_ordering"])
)
@click.argument("name", required=False)
@click.option("--band", metavar="LOW-HIGH", help="Of an answer: its scores, e.g. 0-6.")
@click.option(
    "--beside",
    metavar="LOW-HIGH",
    help="Of an answer: the scores to compare with; else all others.",
)
@click.option("--after", metavar="TIME", help="Of who stopped: how long nothing came, e.g. 90d.")
@click.option("--which", metavar="EXPR", help="Only outcomes for which this holds.")
@click.option(
    "--within",
    default="7d",
    show_default=True,
    metavar="TIME",
    help="How long before the outcome: 1h, 7d.",
)
@click.option(
    "--against",
    type=click.Choice(["others", "earlier"]),
    help="Compare with moments of the same kind that were not the outcome, or with the"
    " same customers' time before.",
)
@click.option(
    "--steps",
    type=click.IntRange(1, 5),
    default=3,
    show_default=True,
    metavar="N",
    help="Tell the last N before the outcome.",
)
@click.option(
    "--top",
    type=click.IntRange(1),
    metavar="N",
    default=20,
    show_default=True,
    help="Only so many rows of last events.",
)
@chosen_by
@click.pass_obj
def before_command(
    session: Session,
    /,
    outcome: str,
    name: str | None,
    band: str | None,
    beside: str | None,
    after: str | None,
    which: str | None,
    within: str,
    against: Any,
    steps: int,
    top: int,
    **given: Any,
) -> None:
    """Show what customers did before an outcome, and of that what is more than usual."""
    settings = session.workspace
    from zhiyin.journey import before
    from zhiyin.journey.asking import read_span
    from zhiyin.journey.outcomes import read_outcome

    asked = before.BeforeAsked(
        read_outcome(outcome, name, band=band, beside=beside, after=after, which=which),
        within=read_span(within),
        against=against,
        steps=steps,
        top=top,
        chosen=chosen_of(**given),
    )
    found = before.before(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _before_tables(found))


@click.command("parting")
@click.option("--one", required=True, metavar="EXPR", help="The first group: \"channel = 'app'\".")
@click.option("--two", required=True, metavar="EXPR", help="The second group: \"channel = 'web'\".")
@click.option(
    "--whose",
    type=click.Choice(["events", "customers"]),
    default="events",
    show_default=True,
    help="Whether the groups are of events, or of customers (also by segment).",
)
@click.option(
    "--gap",
    default="7d",
    show_default=True,
    metavar="TIME",
    help="What comes later than this is no next step.",
)
@chosen_by
@click.pass_obj
def parting_command(
    session: Session, /, one: str, two: str, whose: str, gap: str, **given: Any
) -> None:
    """Show at which events two groups of customers go on differently."""
    settings = session.workspace
    from zhiyin.journey import parting
    from zhiyin.journey.asking import read_span
    from zhiyin.journey.groups import read_groups

    groups = read_groups(session.log, settings, whose, one, two)
    asked = parting.PartingAsked(groups, read_span(gap), chosen_of(**given))
    found = parting.parting(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _parting_tables(found))


def _before_tables(found: Before) -> str:
    if found.customers is None or found.others is None:
        return too_few(found.minimum_base)
    if not found.customers:
        return str(_("The outcome did not come about."))
    against = {
        "others": _("Before the others"),
        "earlier": _("In the time before that"),
    }[found.against]
    said = _(
        "{customers} customers with the outcome, {others} to compare with.",
        customers=count(found.customers),
        others=count(found.others),
    )
    parts = [
        _before_table(_("Event"), found.nodes, against, found.minimum_base),
        _before_table(_("Last events"), found.leading, against, found.minimum_base),
    ]
    return "\n\n".join([str(said), *parts, _marks(found.nodes.tests + found.leading.tests)])


def _before_table(title: object, rows: Table, against: object, minimum: int) -> str:
    head = [title, _("Before the outcome"), "%", against, "%", _("Difference"), _("Interval")]
    cells = [
        [
            f"{'●' if row.marked else '○'} {' > '.join(row.steps) or _('(nothing)')}",
            *_side_cells(row.here, minimum),
            *_side_cells(row.there, minimum),
            *_difference_cells(row),
        ]
        for row in rows.rows
    ]
    return table(head, cells, "123456")


def _side_cells(side: Side, minimum: int) -> list[str]:
    return [customers(side.customers, side.state, minimum), percent(side.share)]


def _difference_cells(row: Row | Choice) -> list[str]:
    return [
        figure(hundredfold(row.difference), "percent", signed=True),
        interval(hundredfold(row.low), hundredfold(row.high), "percent", signed=True),
    ]


def _marks(tests: int) -> str:
    return str(
        _(
            "{tests} tests in two families; ● is more than chance: at most 5% of such marks are"
            " expected to be false.",
            tests=tests,
        )
    )


def _parting_tables(found: Parting) -> str:
    if not found.nodes:
        if found.nodes_withheld:
            return too_few(found.minimum_base)
        return str(_("There are no events."))
    head = [
        _("After step"),
        _("Next step"),
        _("First group"),
        "%",
        _("Second group"),
        "%",
        _("Difference"),
        _("Interval"),
    ]
    rows = [cells for node in found.nodes for cells in _node_cells(node)]
    said = _(
        "{tests} events tested as one family; ● the groups go on differently: at most 5% of such"
        " marks are expected to be false.",
        tests=found.tests,
    )
    return f"{table(head, rows, '234567')}\n\n{said}"


def _node_cells(node: Node) -> list[list[str]]:
    first = [
        f"{'●' if node.marked else '○'} {node.node}",
        "",
        count(node.one),
        "",
        count(node.two),
        "",
        "",
        "",
    ]
    return [first] + [
        [
            "",
            _called(one),
            count(one.one),
            percent(one.share_one),
            count(one.two),
            percent(one.share_two),
            *_difference_cells(one),
        ]
        for one in node.choices
    ]


def _called(one: Choice) -> str:
    return one.step or str(_("(nothing)") if one.kind == "nothing" else _("(others)"))
