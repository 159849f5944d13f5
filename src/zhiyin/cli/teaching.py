"""`zhiyin listen learn`, `rightness`, `say`, `unsay`, `labels`: what people teach the reader."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.bar import bar
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _
from zhiyin.listen.words import POLARITIES

if TYPE_CHECKING:
    from zhiyin.listen.models import OwnModel

ROW = click.argument("row", type=click.IntRange(0))
START = click.argument("start", type=click.IntRange(0))

TAUGHT: dict[str, Text] = {
    "comments": _("comments with a score, polarity"),
    "polarity": _("clauses drawn by lot, polarity"),
    "aspect": _("clauses drawn by lot, aspect"),
}


@click.command()
@click.pass_obj
def learn(session: Session) -> None:
    """Learn now from the workspace's scored comments and from what people said of clauses.

    A server does it by itself, once enough was said. Where it reads better, all is read anew.
    """
    workspace = session.workspace.slug
    from zhiyin.listen import documents, keeping

    with bar(session) as progress:
        found = keeping.learn(session.log, workspace, progress=progress)
    session.say(documents.rightness(found), lambda: _told(found))


@click.command()
@click.pass_obj
def rightness(session: Session) -> None:
    """Say how rightly the workspace's own texts are read, on labels that no model had seen."""
    workspace = session.workspace.slug
    from zhiyin.listen import documents, own_learning

    found = own_learning.kept(workspace)
    session.say(documents.rightness(found), lambda: _told(found))


@click.command()
@ROW
@START
@click.option("--polarity", required=True, type=click.Choice(list(POLARITIES)))
@click.option("--aspect", default="", metavar="KEY", help="Blank: it is about no single thing.")
@click.pass_obj
def say(session: Session, row: int, start: int, polarity: str, aspect: str) -> None:
    """Say what the clause means that begins at START of the verbatim ROW.

    It counts so from now on, and is learned from. `zhiyin listen search` shows rows and starts.
    """
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen import documents, labels

    made = labels.say(
        by=COMMAND_LINE, log=session.log, whole=session.log, workspace=workspace,
        place=(row, start), polarity=polarity, aspect=aspect,
    )  # fmt: skip
    session.say(documents.label(made), lambda: str(_("Noted.")))


@click.command()
@ROW
@START
@click.pass_obj
def unsay(session: Session, row: int, start: int) -> None:
    """Take back what was said of the clause that begins at START of the verbatim ROW."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.listen import documents, labels

    held = labels.withdraw(
        by=COMMAND_LINE, log=session.log, whole=session.log, workspace=workspace,
        place=(row, start),
    )  # fmt: skip
    session.say(documents.label(held), lambda: str(_("Taken back.")))


@click.command("labels")
@click.pass_obj
def labels(session: Session) -> None:
    """List what people said that clauses mean, the latest last."""
    workspace = session.workspace.slug
    from zhiyin.listen import documents
    from zhiyin.listen.models import ClauseLabel

    found = [documents.label(one) for one in ClauseLabel.objects.filter(workspace__slug=workspace)]
    heads = [_("verbatim"), _("start"), _("polarity"), _("aspect"), _("read as"), _("by")]
    rows = [
        [
            count(one["row"]), count(one["start"]), str(POLARITIES[one["polarity"]]),
            one["aspect"] or "–", str(POLARITIES[one["told_polarity"]]), one["by"],
        ]
        for one in found
    ]  # fmt: skip
    session.say({"labels": found}, lambda: table(heads, rows, "01"))


def _told(found: OwnModel | None) -> str:
    if found is None:
        return str(_("Nothing is learned from this workspace yet: the seeds alone read."))
    heads = [_("what"), _("labels"), _("customers"), _("right"), _("by the seeds alone")]
    rows = []
    for name, says in TAUGHT.items():
        one = found.figures[name]
        rows.append([str(says), count(one["n"]), count(one["customers"]), *map(_share, _both(one))])
    return table(heads, rows, "1234")


def _both(one: dict[str, Any]) -> tuple[Any, Any]:
    return one["right"], one["by_seeds"]


def _share(found: dict[str, Any] | None) -> str:
    if found is None:
        return str(_("not enough answers"))
    return f"{found['value']:.1%} [{found['low']:.1%}, {found['high']:.1%}]"
