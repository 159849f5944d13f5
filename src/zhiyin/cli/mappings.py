"""`zhiyin mapping`: mappings that the workspace keeps for the next file of the same kind."""

from __future__ import annotations

from pathlib import Path

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.group()
def command() -> None:
    """List, show, save and remove the mappings of imports that the workspace keeps."""


@command.command(name="list")
@click.pass_obj
def list_mappings(session: Session) -> None:
    """List the saved mappings by name."""
    slug = session.workspace.slug
    from zhiyin.collect import saved_mappings

    found = [saved_mappings.as_dict(one) for one in saved_mappings.of(slug)]
    heads = [str(head) for head in (_("number"), _("name"), _("saved by"), _("saved on"))]

    def human() -> str:
        if not found:
            return str(_("No mapping is saved yet; `zhiyin mapping save` keeps one."))
        rows = [
            [str(one["number"]), one["name"], one["saved_by"], f"{one['saved_at']:%Y-%m-%d}"]
            for one in found
        ]
        return table(heads, rows, "0")

    session.say({"mappings": found}, human)


@command.command()
@click.argument("name")
@click.pass_obj
def show(session: Session, name: str) -> None:
    """Show the mapping of this NAME or number, as `zhiyin import --map` reads it."""
    slug = session.workspace.slug
    from zhiyin.collect import saved_mappings

    held = saved_mappings.named(slug, name)
    session.say(saved_mappings.as_dict(held), lambda: held.says.rstrip("\n"))


@command.command()
@click.argument("name")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_obj
def save(session: Session, name: str, file: Path) -> None:
    """Keep the mapping of FILE under NAME; one that has the name is replaced."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect import saved_mappings

    says = file.read_text("utf-8-sig", errors="replace")
    held = saved_mappings.save(by=COMMAND_LINE, workspace=slug, name=name, says=says)
    said = _("The mapping {name} is saved.", name=held.name)
    session.say(saved_mappings.as_dict(held), lambda: str(said))


@command.command()
@click.argument("name")
@click.pass_obj
def remove(session: Session, name: str) -> None:
    """Keep the mapping of this NAME or number no longer; imports made with it stay."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect import saved_mappings

    held = saved_mappings.named(slug, name)
    was = saved_mappings.as_dict(held)
    saved_mappings.remove(by=COMMAND_LINE, held=held)
    session.say(was, lambda: str(_("The mapping {name} is removed.", name=was["name"])))
