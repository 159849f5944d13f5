"""`zhiyin key`: the write keys with which sources send events in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.accounts.models import WriteKey


@click.group()
def command() -> None:
    """Make, list and revoke the keys with which sources send events in."""


@command.command()
@click.option("--write", "is_write", is_flag=True, help="A write key: it sends events, no more.")
@click.option("--webhook", "is_webhook", is_flag=True, help="A key for signed webhooks.")
@click.option("--source", default="web", help="The source that its events come from.")
@click.option(
    "--origin", "origins", multiple=True,
    help="A web origin that may use it, such as https://www.example.com (default: every one).",
)  # fmt: skip
@click.option(
    "--rate", default=0, type=click.IntRange(0, 1_000_000),
    help="Events a second that it may send (default: 0, no limit).",
)  # fmt: skip
@click.pass_obj
def create(
    session: Session,
    is_write: bool,
    is_webhook: bool,
    source: str,
    origins: Sequence[str],
    rate: int,
) -> None:
    """Make a key: --write for events, --webhook for signed webhooks."""
    if is_write == is_webhook:
        raise Problem(
            "keys.which",
            _("A key is either for events or for webhooks."),
            _("Add --write, or --webhook."),
        )
    workspace = session.workspace.slug
    from zhiyin.accounts import keys
    from zhiyin.accounts.audit import COMMAND_LINE

    made = keys.create(
        by=COMMAND_LINE,
        workspace=workspace,
        source=source,
        origins=origins,
        events_per_second=rate,
        signs=is_webhook,
    )
    document = {**_document(made), "signing_secret": made.signing_secret or None}
    said = [str(_("The write key of {source} is {key}", source=made.source, key=made.key))]
    if made.signing_secret:
        said += [
            str(_("Webhooks go to /v1/webhooks/{key}", key=made.key)),
            str(_("and are signed with {secret}", secret=made.signing_secret)),
        ]
    session.say(document, lambda: "\n".join(said))


@command.command(name="list")
@click.pass_obj
def list_keys(session: Session) -> None:
    """List the keys of the workspace, revoked ones too."""
    workspace = session.workspace.slug
    from zhiyin.accounts import keys

    found = [_document(key) for key in keys.of(workspace)]
    heads = [str(head) for head in (_("source"), _("key"), _("origins"), _("state"))]

    def human() -> str:
        if not found:
            return str(_("There is no key yet; `zhiyin key create --write` makes one."))
        rows = [
            [key["source"], key["key"], " ".join(key["origins"]) or "*", _state(key)]
            for key in found
        ]
        return table(heads, rows)

    session.say({"keys": found}, human)


@command.command()
@click.argument("key")
@click.pass_obj
def revoke(session: Session, key: str) -> None:
    """Revoke KEY: what it sends from now on is refused."""
    workspace = session.workspace.slug
    from zhiyin.accounts import keys
    from zhiyin.accounts.audit import COMMAND_LINE

    ended = keys.revoke(by=COMMAND_LINE, workspace=workspace, key=key)
    said = _("The key of {source} is revoked.", source=ended.source)
    session.say(_document(ended), lambda: str(said))


def _document(key: WriteKey) -> dict[str, Any]:
    return {
        "key": key.key,
        "kind": "webhook" if key.signing_secret else "write",
        "source": key.source,
        "workspace": key.workspace.slug,
        "origins": list(key.origins),
        "events_per_second": key.events_per_second,
        "created_at": key.created_at,
        "revoked_at": key.revoked_at,
    }


def _state(key: dict[str, Any]) -> str:
    if key["revoked_at"]:
        return str(_("revoked"))
    return str(_("for webhooks")) if key["kind"] == "webhook" else str(_("for events"))
