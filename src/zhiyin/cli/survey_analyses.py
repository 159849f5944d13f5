"""`zhiyin survey rates` and its like: what came of a survey beyond the answers, as tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.kernel.filters import Filter
    from zhiyin.measure.surveys.sheets import Told

F = TypeVar("F", bound=Callable[..., Any])

_WHERE = click.option(
    "--where", metavar="EXPR", callback=lambda _context, _option, text: _parsed(text),
    help="Only responses for which this holds, e.g. \"channel = 'app'\".",
)  # fmt: skip
_VERSION = click.option(
    "--version", "number", type=int, metavar="N", help="Only answers to this version."
)


def _parsed(text: str | None) -> Filter | None:
    from zhiyin.kernel.filters import parse

    return parse(text) if text and text.strip() else None


_WITHOUT = click.option(
    "--without", multiple=True, metavar="SIGN",
    help="Leave out responses with this sign of carelessness: speeding, straight, duplicate,"
    " repeat, bot, machine.",
)  # fmt: skip


@click.command("rates")
@click.argument("key")
@click.option(
    "--by",
    multiple=True,
    metavar="COLUMN",
    help="A row a value: channel, arm, touchpoint, mode, any dimension of askings.",
)
@click.option(
    "--where",
    metavar="EXPR",
    callback=lambda _context, _option, text: _parsed(text),
    help="Only askings for which this holds, e.g. \"channel = 'sms'\".",
)
@click.option(
    "--eligible",
    type=float,
    default=1.0,
    show_default=True,
    metavar="E",
    help="The share of those of unknown eligibility who could have answered.",
)
@click.option(
    "--complete",
    type=float,
    default=0.8,
    show_default=True,
    metavar="SHARE",
    help="Of the items that she could answer: from here a response is complete.",
)
@click.option(
    "--partial",
    type=float,
    default=0.5,
    show_default=True,
    metavar="SHARE",
    help="From here it is partial, and below broken off.",
)
@click.option(
    "--count-withheld", is_flag=True, help="Count those whom a rule held back as asked (code 3.11)."
)
@click.pass_obj
def rates(
    session: Session, key: str, by: tuple[str, ...], where: Filter | None, eligible: float,
    complete: float, partial: float, count_withheld: bool,
) -> None:  # fmt: skip
    """Show what became of the askings of the survey of this KEY, and its response rates."""
    settings = session.workspace
    from zhiyin.measure.surveys import rates as analysis
    from zhiyin.measure.surveys.dispositions import Rule

    found = analysis.rates(
        session.log, settings, key, by=by, where=where, eligible=eligible,
        rule=Rule(complete, partial, count_withheld),
    )  # fmt: skip
    say(session, found, settings.minimum_base)


@click.command("pages")
@click.argument("key")
@_VERSION
@_WHERE
@click.pass_obj
def pages(session: Session, key: str, number: int | None, where: Filter | None) -> None:
    """Show page by page who stopped there, and how long it takes."""
    settings = session.workspace
    from zhiyin.measure.surveys import pages as analysis

    found = analysis.pages(session.log, settings, key, version=number, where=where)
    say(session, found, settings.minimum_base)


@click.command("quality")
@click.argument("key")
@click.option(
    "--without",
    multiple=True,
    metavar="SIGN",
    help="A sign whose responses are left out of the figures beside (default: all).",
)
@click.option(
    "--list",
    "is_list",
    is_flag=True,
    help="List the responses that have a sign, by their ids in files of responses.",
)
@_VERSION
@_WHERE
@click.pass_obj
def quality(
    session: Session, key: str, without: tuple[str, ...], is_list: bool, number: int | None,
    where: Filter | None,
) -> None:  # fmt: skip
    """Show signs of carelessness in responses, and what leaving them out would change."""
    settings = session.workspace
    from zhiyin.measure.surveys import quality as analysis

    if is_list:
        rows = analysis.listed(session.log, settings, key, version=number, where=where)
        heads = [str(_("response")), str(_("signs"))]
        cells = [[one["response"], ", ".join(one["signs"])] for one in rows]
        session.say({"key": key, "responses": rows}, lambda: table(heads, cells))
        return
    found = analysis.quality(
        session.log, settings, key, without=without or tuple(analysis.SIGNS), version=number,
        where=where,
    )  # fmt: skip
    say(session, found, settings.minimum_base)


@click.command("crosstab")
@click.argument("key")
@click.option(
    "--rows",
    required=True,
    metavar="NAME",
    help="A question, a column of responses, or trait.NAME.",
)
@click.option("--by", required=True, metavar="NAME", help="Likewise: what stands in the columns.")
@click.option("--weighted", is_flag=True, help="With the weights of the survey's margins.")
@_WITHOUT
@_VERSION
@_WHERE
@click.pass_obj
def crosstab(
    session: Session, key: str, rows: str, by: str, weighted: bool, without: tuple[str, ...],
    number: int | None, where: Filter | None,
) -> None:  # fmt: skip
    """Show one thing by another, with a test, and letters where columns differ for certain."""
    settings = session.workspace
    from zhiyin.measure.surveys import crosstab as analysis

    found = analysis.crosstab(
        session.log, settings, key, rows, by, without=without, is_weighted=weighted,
        version=number, where=where,
    )  # fmt: skip
    say(session, found, settings.minimum_base)


@click.command("weights")
@click.argument("key")
@click.option(
    "--set",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Declare the margins of this FILE (docs/survey-results.md).",
)
@click.option("--forget", is_flag=True, help="Weight the survey no more.")
@_WITHOUT
@_VERSION
@_WHERE
@click.pass_obj
def weights(
    session: Session, key: str, file: Path | None, forget: bool, without: tuple[str, ...],
    number: int | None, where: Filter | None,
) -> None:  # fmt: skip
    """Weight the answers to margins, and show what that does and costs."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.measure.surveys import targeting
    from zhiyin.measure.surveys import weights as analysis

    if forget:
        targeting.remove(by=COMMAND_LINE, workspace=settings.slug, key=key)
        said = _("The survey {key} is weighted no more.", key=key)
        session.say({"key": key, "removed": True}, lambda: str(said))
        return
    if file is not None:
        targeting.declare(
            by=COMMAND_LINE, workspace=settings.slug, key=key, document=file.read_bytes()
        )
    found = analysis.weights(
        session.log, settings, key, without=without, version=number, where=where
    )
    say(session, found, settings.minimum_base)


@click.command("arms")
@click.argument("key")
@click.option(
    "--reference",
    metavar="ARM",
    help="The arm that the others are compared with (default: those without one).",
)
@_WITHOUT
@_WHERE
@click.pass_obj
def arms(
    session: Session, key: str, reference: str | None, without: tuple[str, ...],
    where: Filter | None,
) -> None:  # fmt: skip
    """Compare incentive arms: who answered, and what they said."""
    settings = session.workspace
    from zhiyin.measure.surveys import arms as analysis

    found = analysis.arms(
        session.log, settings, key, reference=reference, without=without, where=where
    )
    say(session, found, settings.minimum_base)


@click.command("change")
@click.argument("key")
@click.option(
    "--before",
    required=True,
    metavar="PERIOD",
    help="As 2026-03, 2026-Q1 or 2026-03-01..2026-03-15.",
)
@click.option("--after", required=True, metavar="PERIOD", help="Likewise, later.")
@click.option("--question", default="", metavar="NAME", help="One question (default: all).")
@_WITHOUT
@_VERSION
@_WHERE
@click.pass_obj
def change(
    session: Session, key: str, before: str, after: str, question: str, without: tuple[str, ...],
    number: int | None, where: Filter | None,
) -> None:  # fmt: skip
    """Show what changed between two periods, in the whole and among those who answered in both."""
    settings = session.workspace
    from zhiyin.measure.surveys import change as analysis

    found = analysis.change(
        session.log, settings, key, before, after, question=question, without=without,
        version=number, where=where,
    )  # fmt: skip
    say(session, found, settings.minimum_base)


@click.command("representativeness")
@click.argument("key")
@click.option(
    "--by",
    multiple=True,
    metavar="NAME",
    help="What is known of all who were asked: a column of askings, or trait.NAME.",
)
@click.option(
    "--where",
    metavar="EXPR",
    callback=lambda _context, _option, text: _parsed(text),
    help="Only askings for which this holds, e.g. \"channel = 'sms'\".",
)
@click.pass_obj
def representativeness(
    session: Session, key: str, by: tuple[str, ...], where: Filter | None
) -> None:
    """Compare those who answered with those who were asked, from what is known of all."""
    settings = session.workspace
    from zhiyin.measure.surveys import representativeness as analysis

    found = analysis.representativeness(session.log, settings, key, by=by, where=where)
    say(session, found, settings.minimum_base)


def say(session: Session, found: Told, minimum: int) -> None:
    """Answer with what an analysis found."""
    session.say(found.as_dict(), lambda: text_of(found, minimum))


def text_of(found: Told, minimum: int) -> str:
    """What an analysis tells, for a terminal."""
    if not found.is_shown:
        return str(_("Fewer than {least} customers are behind this: nothing is shown.",
                     least=max(minimum, 1)))  # fmt: skip
    parts = []
    lead = found.lead()
    if lead is not None:
        parts.append("\n".join([f"{lead.value} {lead.within}", *map(str, (lead.says, *lead.more))]))
    for sheet in found.sheets():
        rows = table(sheet.head(), list(sheet.cells()), sheet.right())
        parts.append("\n".join([str(sheet.title), rows, str(sheet.says)]))
    return "\n\n".join(parts)


COMMANDS = (
    rates, pages, quality, crosstab, weights, arms, change, representativeness
)  # fmt: skip
