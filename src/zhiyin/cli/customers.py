"""`zhiyin customer` and `zhiyin segment`: one customer, and how many a rule chooses."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from zhiyin.cli import lists
from zhiyin.cli.columns import table
from zhiyin.cli.exporting import say_written
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.unify.customer import Customer
    from zhiyin.unify.lines import Line


@click.command()
@click.argument("text", metavar="ID")
@click.option("--limit", type=click.IntRange(0, 1000), default=20, show_default=True,
              help="How many lines of the time line, newest first.")  # fmt: skip
@click.pass_obj
def customer(session: Session, text: str, limit: int) -> None:
    """Show one customer: ids, traits, counts and the head of the time line.

    ID is any id of hers, an order, a telephone, an e-mail address or a whole name.
    """
    settings = session.workspace
    from zhiyin.unify import customer as one_customer
    from zhiyin.unify import documents, lines

    key = one_customer.find(session.log, settings.slug, text)
    held = one_customer.rows_of(session.log, settings.slug, key)
    found = one_customer.read(session.log, settings, key, held=held)
    everything = lines.Chosen(kinds=tuple(lines.KINDS))
    shown = (
        lines.read(session.log, settings, key, everything, limit=limit, held=held).lines
        if limit
        else ()
    )
    session.say(documents.customer(found, shown), lambda: _said(found, shown))


def _said(found: Customer, shown: tuple[Line, ...]) -> str:
    parts = [
        found.name,
        " ".join(one.id for one in found.ids),
        "  ".join(f"{name}={value}" for name, value in found.traits.items()),
        "  ".join(f"{name} {count(n)}" for name, n in found.counts.items()),
        "",
        *(
            f"{line.at:%Y-%m-%d %H:%M}  {line.channel or '–':10}  {line.title}"
            f"{'  ' + (line.says or line.detail) if line.says or line.detail else ''}"
            f"{'  ' + line.amount if line.amount else ''}"
            for line in shown
        ),
    ]
    return "\n".join(parts)


@click.group()
def segment() -> None:
    """Count, list and export segments: rules that choose customers."""


@segment.command("count")
@click.argument("rule", metavar="EXPR|SLUG")
@click.pass_obj
def count_command(session: Session, rule: str) -> None:
    """Count the customers whom a filter chooses, or who are in a saved segment."""
    settings = session.workspace
    from zhiyin.unify import documents, people

    chosen = _rule(session, rule)
    found = people.count(session.log, settings, chosen)
    said = _(
        "{n} of {of} customers, in {seconds} s.",
        n=count(found.n),
        of=count(found.of),
        seconds=found.seconds,
    )
    session.say(documents.counted(chosen, found), lambda: str(said))


@segment.command("list")
@click.pass_obj
def list_command(session: Session) -> None:
    """List the saved segments."""
    slug = session.workspace.slug
    from zhiyin.unify import documents, segments

    found = segments.of(slug)
    rows = [
        [one.slug, one.name, _("a kept list of customers") if one.is_kept else one.rule]
        for one in found
    ]
    document = {"segments": [documents.segment(one) for one in found]}
    heads = [str(head) for head in (_("Short name"), _("Name"), _("Rule"))]
    session.say(document, lambda: table(heads, rows))


@segment.command("export")
@click.argument("rule", metavar="EXPR|SLUG")
@click.option("--format", "kind", type=click.Choice(["csv", "xlsx"]), default="csv",
              show_default=True, help="Of the file.")  # fmt: skip
@lists.OUTPUT
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def export_command(
    session: Session, rule: str, kind: Literal["csv", "xlsx"], output: Path, force: bool
) -> None:
    """Write the customers whom a filter chooses, or who are in a segment, to a file."""
    settings = session.workspace
    from zhiyin.collect.exports import run
    from zhiyin.collect.exports.rows import Rows
    from zhiyin.unify import people

    schema, parts = people.export(session.log, settings, _rule(session, rule))
    done = run.write(Rows(schema, parts), kind, output.absolute(), settings.timezone, replace=force)
    say_written(session, done)


def _rule(session: Session, text: str) -> Any:
    """A saved segment of this short name, else a filter."""
    slug = session.workspace.slug
    from zhiyin.kernel.filters import parse
    from zhiyin.unify import segments

    saved = next((one for one in segments.of(slug) if one.slug == text), None)
    return segments.chosen(session.log, saved) if saved else parse(text)
