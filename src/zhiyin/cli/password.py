"""`zhiyin password`: a new password for somebody who has lost the old one."""

from __future__ import annotations

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.text import _


@click.command()
@click.argument("login", default="admin")
@click.option(
    "--without-second-step",
    is_flag=True,
    help="Take the second step of two-step sign-in away, too.",
)
@click.pass_obj
def command(session: Session, login: str, without_second_step: bool) -> None:
    """Give LOGIN (default: admin) a new generated password; the old one and its sessions end."""
    session.start_django()
    from zhiyin.accounts.actions import renew_password
    from zhiyin.accounts.audit import COMMAND_LINE

    made = renew_password(by=COMMAND_LINE, login=login, without_second_step=without_second_step)
    said = _(
        "{login} now signs in with the password {password} (shown this once; change it inside).",
        login=made.login,
        password=made.password,
    )
    session.say({"login": made.login, "password": made.password}, lambda: str(said))
