"""`zhiyin init`: the stores of a data folder, made or brought up to date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.accounts.actions import Start


@click.command()
@click.pass_obj
def command(session: Session) -> None:
    """Make the stores in the data folder; may run twice."""
    start = prepare(session)
    document: dict[str, Any] = {
        "data": str(session.data),
        "workspace": start.workspace,
        "made_workspace": start.made_workspace,
        "login": start.login,
        "password": start.administrator.password if start.administrator else None,
    }
    session.say(document, lambda: "\n".join([*_made(session, start), sign_in_words(start)]))


def prepare(session: Session, *, log_follows: bool = False) -> Start:
    """Migrate the relational store, make workspace, administrator, write key and log.

    What is there stays.

    Args:
        log_follows: the log process comes next and brings the files that are there up to date as
            it opens them: only missing ones are made here.
    """
    from zhiyin.warehouse.folders import check_whole, has_log

    check_whole(session.data)
    session.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    session.start_django()
    from django.core.management import call_command

    from zhiyin.accounts import keys, relational, workspaces

    relational.check_known()
    call_command("migrate", verbosity=0, interactive=False)
    from zhiyin.accounts.actions import set_up
    from zhiyin.accounts.audit import COMMAND_LINE

    start = set_up(by=COMMAND_LINE)
    if start.made_workspace:
        # A new installation can be sent events at once.
        keys.create(by=COMMAND_LINE, workspace=start.workspace, source="web")
    keys.publish()
    for slug in workspaces.slugs():
        if not (log_follows and has_log(session.data, slug)):
            session.log.create(slug)
    return start


def sign_in_words(start: Start) -> str:
    """How to sign in: with the password, the one time that it can be told."""
    if start.administrator is None:
        return str(
            _(
                "Sign in as {login}, with the password of the first start or the one chosen since."
                " Lost it? Run: zhiyin password {login}",
                login=start.login,
            )
        )
    return str(
        _(
            "Sign in as {login} with the password {password} (shown this once; change it inside).",
            login=start.administrator.login,
            password=start.administrator.password,
        )
    )


def _made(session: Session, start: Start) -> list[str]:
    if start.made_workspace:
        said = _("Made workspace {slug} in {data}.", slug=start.workspace, data=session.data)
    else:
        said = _("Workspace {slug} in {data} is ready.", slug=start.workspace, data=session.data)
    return [str(said)]
