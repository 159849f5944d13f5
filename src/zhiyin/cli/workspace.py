"""`zhiyin workspace`: what every figure of a workspace goes by."""

from __future__ import annotations

from typing import Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@click.group()
def command() -> None:
    """Show and change the settings of a workspace."""


@command.command()
@click.pass_obj
def show(session: Session) -> None:
    """Show the settings."""
    _say(session)


@command.command()
@click.option("--name", help="As people read it.")
@click.option("--timezone", metavar="ZONE", help="Where its days begin, e.g. Asia/Shanghai.")
@click.option("--week-start", type=click.IntRange(0, 6), help="First day of the week; 0 is Monday.")
@click.option(
    "--fiscal-year-start", type=click.IntRange(1, 12), help="First month of the fiscal year."
)
@click.option("--currency", metavar="CODE", help="Of figures about money, e.g. CNY.")
@click.option("--language", type=click.Choice(["en", "zh-hans"]), help="Of the workspace.")
@click.option("--minimum-base", type=int, help="Under so many customers no figure is shown.")
@click.option("--test-base", type=int, help="Under so many customers nothing is tested.")
@click.option("--small-base", type=int, help="Under so many customers a figure is flagged.")
@click.option(
    "--second-step/--no-second-step", "requires_second_step", default=None,
    help="Whether people sign in by two steps.",
)  # fmt: skip
@click.pass_obj
def change(session: Session, /, **given: Any) -> None:
    """Change settings; what is not named stays. Every figure goes by them at once."""
    changes = {name: value for name, value in given.items() if value is not None}
    if not changes:
        raise Problem(
            "workspace.nothing",
            _("No setting was named."),
            _("`zhiyin workspace change --help` lists them."),
        )
    slug = session.workspace.slug
    from zhiyin.accounts.actions import change_workspace
    from zhiyin.accounts.audit import COMMAND_LINE

    change_workspace(by=COMMAND_LINE, slug=slug, **changes)
    del session.workspace  # it is read again
    _say(session)


def _say(session: Session) -> None:
    settings = session.workspace
    from zhiyin.accounts import documents

    document = documents.workspace(settings)
    heads = [_("setting"), _("value")]
    session.say(document, lambda: table(heads, list(document.items())))
