"""`zhiyin listen themes`: what many customers say and nobody named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.bar import bar
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.listen.themes.models import Theme

NUMBER = click.argument("number", type=click.IntRange(1))


@click.group()
def themes() -> None:
    """Show what many customers say and nobody named, and whether more and more do."""


@themes.command("list")
@click.option("--where", metavar="FILTER", help="Of clauses for which this holds.")
@click.option(
    "--now", type=click.IntRange(1, 6), default=4, show_default=True, metavar="WEEKS",
    help="So many weeks are set against those before.",
)  # fmt: skip
@click.pass_obj
def listed(session: Session, where: str | None, now: int) -> None:
    """List the themes of the last twelve weeks: those first that grow by more than noise.

    A filter reads like: touchpoint = 'refund' and channel = 'app'.
    """
    settings = session.workspace
    from zhiyin.kernel.filters import parse
    from zhiyin.listen.themes import documents, examples, figures

    found = figures.told(session.log, settings, narrowed=parse(where) if where else None, now=now)
    said = examples.of(session.log, settings, found.told)
    document = documents.found(found, said, sees_it=True)
    session.say({"where": where, **document}, lambda: _listed(document))


@themes.command()
@NUMBER
@click.option("--examples", "each", type=click.IntRange(1, 24), default=8, show_default=True)
@click.pass_obj
def show(session: Session, number: int, each: int) -> None:
    """Show one theme, week by week, with what customers said."""
    settings = session.workspace
    from zhiyin.listen.themes import documents, examples, figures, kept

    theme = kept.get(settings.slug, number)
    found = figures.told(session.log, settings)
    held = [one for one in found.told if one.theme.number == number]
    said = examples.of(session.log, settings, held, each=each)
    document = (
        documents.theme(held[0], said.get(number, ()), sees_it=True)
        if held
        else documents.kept_(theme)
    )
    session.say(document, lambda: _one(document))


@themes.command()
@click.pass_obj
def look(session: Session) -> None:
    """Look for themes now. A server does it by itself, once a day."""
    workspace = session.workspace.slug
    from zhiyin.listen.themes import looking

    with bar(session) as progress:
        done = looking.look(session.log, workspace, session.data, progress=progress)
    session.say(
        {"clauses": done.clauses, "themes": done.themes, "new": done.new},
        lambda: str(
            _(
                "{themes} themes in {clauses} clauses, {new} of them new.",
                themes=count(done.themes), clauses=count(done.clauses), new=count(done.new),
            )
        ),
    )  # fmt: skip


@themes.command()
@NUMBER
@click.option("--name", required=True, help="Blank: it is called by its words again.")
@click.pass_obj
def rename(session: Session, number: int, name: str) -> None:
    """Give a theme a name."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen.themes import actions

    _say(session, actions.rename(by=COMMAND_LINE, workspace=workspace, number=number, name=name))


@themes.command()
@NUMBER
@click.pass_obj
def hide(session: Session, number: int) -> None:
    """Say that this is no theme; `unhide` takes it back."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen.themes import actions

    _say(session, actions.hide(by=COMMAND_LINE, workspace=workspace, number=number))


@themes.command()
@NUMBER
@click.pass_obj
def unhide(session: Session, number: int) -> None:
    """List a theme again that was hidden."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen.themes import actions

    _say(session, actions.show(by=COMMAND_LINE, workspace=workspace, number=number))


@themes.command()
@NUMBER
@click.option("--key", required=True, help="Of the aspect: small letters, digits, hyphens.")
@click.option("--en", required=True, help="What it is called in English.")
@click.option("--zh", required=True, help="What it is called in Chinese.")
@click.option("--parent", default="", metavar="KEY", help="The aspect that it is under.")
@click.option(
    "--examples", "each", type=click.IntRange(0, 24), default=0, show_default=True,
    help="Say of so many central clauses that they are about it.",
)  # fmt: skip
@click.pass_obj
def promote(
    session: Session, number: int, key: str, en: str, zh: str, parent: str, each: int
) -> None:
    """Make a theme an aspect of the workspace; `demote` takes it back."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen.themes import actions, examples, figures

    found = figures.told(session.log, settings)
    held = [one for one in found.told if one.theme.number == number]
    said = examples.of(session.log, settings, held, each=each).get(number, ()) if each else ()
    made = actions.promote(
        by=COMMAND_LINE, log=session.log, whole=session.log, workspace=settings.slug,
        number=number, key=key, en=en, zh=zh, parent=parent, examples=said,
    )  # fmt: skip
    _say(session, made)


@themes.command()
@NUMBER
@click.pass_obj
def demote(session: Session, number: int) -> None:
    """Take a promotion back: the aspect retires, its examples are labelled no more."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen.themes import actions

    made = actions.demote(
        by=COMMAND_LINE, log=session.log, whole=session.log, workspace=workspace, number=number
    )
    _say(session, made)


def _say(session: Session, theme: Theme) -> None:
    from zhiyin.listen.themes import documents

    document = documents.kept_(theme)
    session.say(document, lambda: f"{document['number']}  {document['name']}  {document['state']}")


def _listed(document: dict[str, Any]) -> str:
    if document["found_at"] is None:
        return str(_("Nobody has looked for themes yet: `zhiyin listen themes look`."))
    head = _(
        "{n} themes from {first} to {end}, of {customers} customers who said something.",
        n=count(len(document["themes"])), first=document["from"], end=document["to"],
        customers=count(document["customers"]),
    )  # fmt: skip
    heads: list[Any] = [
        _("number"), _("theme"), _("trend"), _("customers"), _("net sentiment"), _("growth"),
    ]  # fmt: skip
    rows = [
        [
            str(one["number"]),
            one["name"],
            str(TRENDS[one["trend"]]),
            count(one["customers"]) if one["customers"] is not None else "–",
            f"{one['sentiment']['value']:+.0f}" if one["sentiment"] else "–",
            _times(one["growth"]),
        ]
        for one in document["themes"]
        if one["state"] == "open"
    ]
    return f"{head}\n\n{table(heads, rows, '0345')}" if rows else str(head)


TRENDS = {
    "few": _("not enough answers"),
    "new": _("new"),
    "growing": _("growing"),
    "shrinking": _("shrinking"),
    "steady": _("cannot tell from noise"),
}


def _times(one: dict[str, Any] | None) -> str:
    if one is None:
        return "–"
    ratio = "∞" if one["ratio"] is None else f"{one['ratio']:.2f}"
    high = "∞" if one["high"] is None else f"{one['high']:.2f}"
    return f"× {ratio} [{one['low']:.2f}, {high}]"


def _one(document: dict[str, Any]) -> str:
    lines = [f"{document['number']}  {document['name']}"]
    lines += [
        f"{week['first']}  {week['customers'] if week['customers'] is not None else '–'}"
        for week in document.get("weeks", ())
    ]
    lines += [f"{one['at'][:10]}  {one['text']}" for one in document.get("examples", ())]
    return "\n".join(lines)
