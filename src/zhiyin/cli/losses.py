"""`zhiyin journey losses`: unknown customers who ended where like ones elsewhere go on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.journeys_chosen import chosen_by, chosen_of
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import MISSING, count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.journey.losses import Loss, Losses


@click.command("losses")
@click.option(
    "--steps",
    metavar="STEPS",
    help='Names of events in order: "A > B | C > D"; the last is the goal (default: a'
    " look, a cart, an order).",
)
@click.option(
    "--by",
    metavar="COL",
    multiple=True,
    default=("channel",),
    show_default=True,
    help="Where a session was, by this column of its first event (may be repeated).",
)
@click.option(
    "--like",
    metavar="COL",
    multiple=True,
    help="What sessions elsewhere must agree in to be compared (may be repeated).",
)
@click.option(
    "--gap",
    default="30m",
    show_default=True,
    metavar="TIME",
    help="After a longer pause a session is over.",
)
@click.option(
    "--confidence",
    type=click.FloatRange(0, 1, min_open=True, max_open=True),
    default=0.95,
    show_default=True,
    help="One less the share of the marks that may be false.",
)
@chosen_by
@click.pass_obj
def losses_command(
    session: Session,
    /,
    steps: str | None,
    by: tuple[str, ...],
    like: tuple[str, ...],
    gap: str,
    confidence: float,
    **chosen: Any,
) -> None:
    """Show where unknown customers end who would go on elsewhere, and what that costs."""
    settings = session.workspace
    from zhiyin.journey import losses
    from zhiyin.journey.asking import read_span, read_steps

    asked = losses.LossesAsked(
        steps=None if steps is None else read_steps(steps),
        by=by,
        like=like,
        gap=read_span(gap),
        chosen=chosen_of(**chosen),
        confidence=confidence,
    )
    found = losses.losses(session.log, settings, asked)
    session.say(found.as_dict(), lambda: _losses_table(found))


def _losses_table(found: Losses) -> str:
    if not found.losses:
        return str(_("No unknown customer came to these steps."))
    head = [
        *dict.fromkeys((*found.by, *found.like)),
        _("Step"),
        _("Sessions"),
        _("Ended here"),
        _("Go on"),
        _("Like ones elsewhere"),
        _("Then worth"),
        _("Loss, {currency}", currency=found.currency),
        _("{level}% CI", level=f"{found.interval_confidence * 100:.3g}"),
        "",
    ]
    first = len(dict.fromkeys((*found.by, *found.like)))
    rows = [_cells(one, found.minimum_base) for one in found.losses]
    said = _("if they had gone on as like sessions elsewhere did; that is no proof of a cause")
    return f"{table(head, rows, ''.join(str(first + i) for i in range(1, 7)))}\n\n{said}"


def _cells(one: Loss, minimum: int) -> list[str]:
    few = f"< {minimum}" if one.state == "too_few" else MISSING
    return [
        *(str(_("(none)")) if word is None else word for _name, word in one.place),
        f"{one.number} {one.short_step}",
        few if one.sessions is None else count(one.sessions),
        count(one.lost),
        _percent(one.share),
        _percent(one.like_share),
        figure(one.went_on_worth, "count"),
        figure(one.loss, "count"),
        interval(one.low, one.high, "count"),
        str(_("may be chance")) if one.may_be_nothing else "",
    ]


def _percent(share: float | None) -> str:
    return figure(None if share is None else share * 100, "percent")
