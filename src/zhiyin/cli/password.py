"""`zhiyin password`: a new password for somebody who has lost the old one."""

from __future__ import annotations

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.command()
@click.argument("login", default="admin")
@click.pass_obj
def command(session: Session, login: str) -> None:
    """Give LOGIN (default: admin) a new generated password; the old one and its sessions end."""
    session.start_django()
    from zhiyin.accounts.actions import renew_password
    from zhiyin.accounts.audit import COMMAND_LINE

    made = renew_password(by=COMMAND_LINE, login=login)
    said = _(
        "{login} now signs in with the password {password} (shown this once; change it inside).",
        login=made.login,
        password=made.password,
    )
    session.say({"login": made.login, "password": made.password}, lambda: str(said))
