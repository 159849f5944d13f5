"""`zhiyin unit`: the organisation tree of a workspace."""

from __future__ import annotations

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.group()
def command() -> None:
    """List, add, change and take out units of the organisation tree."""


@command.command(name="list")
@click.pass_obj
def list_units(session: Session) -> None:
    """List the tree from the top down."""
    workspace = session.workspace.slug
    from zhiyin.accounts import units

    places = units.tree(workspace)
    heads = [_("unit"), _("name"), _("kind")]

    def human() -> str:
        if not places:
            return str(_("There is no unit yet; `zhiyin unit add` adds one."))
        rows = [
            ["  " * place.depth + place.unit.key, place.unit.name, place.unit.kind]
            for place in places
        ]
        return table(heads, rows)

    session.say({"units": [units.as_dict(place.unit) for place in places]}, human)


@command.command()
@click.argument("key")
@click.option("--name", default="", help="As people read it (default: KEY).")
@click.option("--kind", default="", help="What it is: region, station, team.")
@click.option("--parent", default="", metavar="KEY", help="The unit above it (default: none).")
@click.pass_obj
def add(session: Session, key: str, name: str, kind: str, parent: str) -> None:
    """Add the unit KEY, as facts name it in their column unit."""
    workspace = session.workspace.slug
    from zhiyin.accounts import units
    from zhiyin.accounts.audit import COMMAND_LINE

    made = units.add(
        by=COMMAND_LINE, workspace=workspace, key=key, name=name, kind=kind, parent=parent
    )
    said = _("{unit} is saved.", unit=made.name)
    session.say(units.as_dict(made), lambda: str(said))


@command.command()
@click.argument("key")
@click.option("--name", help="As people read it.")
@click.option("--kind", help="What it is: region, station, team.")
@click.option("--parent", metavar="KEY", help="The unit above it; '' is none.")
@click.pass_obj
def change(
    session: Session, key: str, name: str | None, kind: str | None, parent: str | None
) -> None:
    """Change the unit KEY; what is not named stays."""
    workspace = session.workspace.slug
    from zhiyin.accounts import units
    from zhiyin.accounts.audit import COMMAND_LINE

    held = units.as_dict(units.find(workspace, key))
    changed = units.save(
        by=COMMAND_LINE,
        workspace=workspace,
        key=key,
        name=held["name"] if name is None else name,
        kind=held["kind"] if kind is None else kind,
        parent=held["parent"] if parent is None else parent,
    )
    said = _("{unit} is saved.", unit=changed.name)
    session.say(units.as_dict(changed), lambda: str(said))


@command.command()
@click.argument("key")
@click.pass_obj
def remove(session: Session, key: str) -> None:
    """Take the unit KEY out of the tree, if nothing hangs on it. Facts keep its key."""
    workspace = session.workspace.slug
    from zhiyin.accounts import units
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.rules import given_units

    document = units.as_dict(units.find(workspace, key))
    by_rule = given_units(session.log, workspace)
    units.remove(by=COMMAND_LINE, workspace=workspace, key=key, by_rule=by_rule)
    said = _("{unit} is taken out.", unit=document["name"])
    session.say(document, lambda: str(said))
