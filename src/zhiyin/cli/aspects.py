"""`zhiyin aspects`: the workspace's list of what customers judge."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.collect.models import Aspect


@click.group()
def command() -> None:
    """List, add, edit and retire aspects: what chosen reasons count under."""


@command.command("list")
@click.option("--starters", "is_starters", is_flag=True, help="List the industries to begin with.")
@click.pass_obj
def list_command(session: Session, is_starters: bool) -> None:
    """List the aspects of the workspace in their order."""
    slug = session.workspace.slug
    from zhiyin.collect.aspects import kept, starters

    if is_starters:
        listed = [
            {"industry": name, "for": str(says), "aspects": len(starters.of(name))}
            for name, (says, _keys) in starters.INDUSTRIES.items()
        ]
        heads = [_("industry"), _("for"), _("aspects")]
        rows = [[str(value) for value in one.values()] for one in listed]
        session.say({"starters": listed}, lambda: table(heads, rows, "2"))
        return
    found = kept.tree(slug)
    session.say({"aspects": [kept.as_dict(one) for one, _depth in found]}, lambda: _tree(found))


@command.command()
@click.argument("key")
@click.option("--en", required=True, metavar="LABEL", help="As people read it in English.")
@click.option("--zh", required=True, metavar="LABEL", help="As people read it in Chinese.")
@click.option("--parent", default="", metavar="KEY", help="The aspect above it (default: none).")
@click.pass_obj
def add(session: Session, key: str, en: str, zh: str, parent: str) -> None:
    """Add the aspect KEY, as surveys and facts name it."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.aspects import actions

    made = actions.add(by=COMMAND_LINE, workspace=slug, key=key, en=en, zh=zh, parent=parent)
    _say(session, made, _("The aspect {key} is saved.", key=key))


@command.command()
@click.argument("key")
@click.option("--en", metavar="LABEL", help="As people read it in English.")
@click.option("--zh", metavar="LABEL", help="As people read it in Chinese.")
@click.option("--parent", metavar="KEY", help="The aspect above it; '' is none.")
@click.option("--place", type=int, metavar="N", help="In the order, from 0.")
@click.pass_obj
def edit(
    session: Session, key: str, en: str | None, zh: str | None, parent: str | None,
    place: int | None,
) -> None:  # fmt: skip
    """Change the aspect KEY; what is not named stays."""
    _edit(session, key, en=en, zh=zh, parent=parent, place=place)


@command.command()
@click.argument("key")
@click.option("--undo", is_flag=True, help="Offer it again.")
@click.pass_obj
def retire(session: Session, key: str, undo: bool) -> None:
    """Offer the aspect KEY no more; what was said under it stays."""
    _edit(session, key, is_retired=not undo)


@command.command("import")
@click.argument(
    "file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option("--starter", default="", metavar="INDUSTRY", help="Begin with those of an industry.")
@click.pass_obj
def import_command(session: Session, file: Path | None, starter: str) -> None:
    """Add the aspects of FILE, or of an industry, that are not there yet.

    FILE is CSV with columns key, label_en, label_zh and parent.
    """
    if (file is None) == (not starter):
        raise click.UsageError(str(_("Give a file or --starter.")))
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.aspects import actions, kept, lists, starters

    written = starters.of(starter) if file is None else lists.read(file.read_bytes())
    made = actions.bring(by=COMMAND_LINE, workspace=slug, written=written)
    document = {"added": [kept.as_dict(one) for one in made], "same": len(written) - len(made)}
    said = _("{n} aspects are added; {same} were there already.",
             n=len(made), same=len(written) - len(made))  # fmt: skip
    session.say(document, lambda: str(said))


def _edit(session: Session, key: str, **given: Any) -> None:
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.aspects import actions

    held = actions.edit(by=COMMAND_LINE, workspace=slug, key=key, **given)
    _say(session, held, _("The aspect {key} is saved.", key=key))


def _say(session: Session, one: Aspect, said: Text) -> None:
    from zhiyin.collect.aspects import kept

    session.say(kept.as_dict(one), lambda: str(said))


def _tree(found: list[tuple[Aspect, int]]) -> str:
    if not found:
        return str(
            _("There is no aspect yet; `zhiyin aspects import --starter general` adds some.")
        )
    heads = [_("aspect"), _("In English"), _("In Chinese"), _("retired")]
    rows = [
        [
            "  " * depth + one.key,
            one.label_en,
            one.label_zh,
            str(_("yes")) if one.is_retired else "",
        ]
        for one, depth in found
    ]
    return table(heads, rows)
