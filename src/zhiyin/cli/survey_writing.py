"""`zhiyin survey accept`: what writers of a survey decide beside its document."""

from __future__ import annotations

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.command()
@click.argument("key")
@click.option(
    "--language", required=True, metavar="CODE", help="Of the translations, e.g. zh-Hans."
)
@click.option("--text", "names", multiple=True, metavar="NAME",
              help="One text, as check names it (default: all that are stale).")  # fmt: skip
@click.pass_obj
def accept(session: Session, key: str, language: str, names: tuple[str, ...]) -> None:
    """Let translations of the draft of KEY hold as they are, though their source was changed."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions, kept

    actions.accept(by=COMMAND_LINE, workspace=slug, key=key, language=language, names=names)
    document = kept.stale(kept.get(slug, key))
    left = sum(len(one) for one in document["stale"].values())
    said = _("The translations hold. Stale ones that are left: {n}", n=left)
    session.say(document, lambda: str(said))
