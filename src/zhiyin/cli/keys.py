"""`zhiyin key`: the write keys of sources, and the API keys of programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@click.group()
def command() -> None:
    """Make, list and revoke keys: of sources that send events, and of programs."""


@command.command()
@click.option("--write", "is_write", is_flag=True, help="A write key: it sends events, no more.")
@click.option("--webhook", "is_webhook", is_flag=True, help="A key for signed webhooks.")
@click.option("--api", "is_api", is_flag=True, help="A secret API key, for a program.")
@click.option("--name", default="", help="Of an API key: what it is for.")
@click.option(
    "--right", "rights", multiple=True, metavar="RIGHT",
    help="Of an API key: what it may do, e.g. see_figures; may be given several times.",
)  # fmt: skip
@click.option("--personal", is_flag=True, help="Of an API key: it sees personal data.")
@click.option("--unit", default="", help="Of an API key: nothing but this branch of the tree.")
@click.option("--days", type=int, help="Of an API key: after so many it ends (default: never).")
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
    is_api: bool,
    name: str,
    rights: Sequence[str],
    personal: bool,
    unit: str,
    days: int | None,
    source: str,
    origins: Sequence[str],
    rate: int,
) -> None:
    """Make a key: --write for events, --webhook for signed webhooks, --api for a program."""
    if is_write + is_webhook + is_api != 1:
        raise Problem(
            "keys.which",
            _("A key is either for events, for webhooks or for a program."),
            _("Add --write, --webhook or --api."),
        )
    workspace = session.workspace.slug
    if is_api:
        _make_api_key(
            session, name=name, rights=rights, sees_personal_data=personal, unit=unit, days=days
        )
        return
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
    document = keys.made_as_dict(made)
    said = [str(_("The write key of {source} is {key}", source=made.source, key=made.key))]
    if made.signing_secret:
        said += [
            str(_("Webhooks go to /v1/webhooks/{key}", key=made.key)),
            str(_("and are signed with {secret}", secret=made.signing_secret)),
        ]
    session.say(document, lambda: "\n".join(said))


def _make_api_key(session: Session, **asked: Any) -> None:
    slug = session.workspace.slug
    from zhiyin.accounts import api_keys
    from zhiyin.accounts.audit import COMMAND_LINE

    made = api_keys.create(by=COMMAND_LINE, workspace=slug, **asked)
    said = _(
        "The API key “{name}” is {secret}; it is not shown again.",
        name=made.key.name,
        secret=made.secret,
    )
    session.say({**api_keys.as_dict(made.key), "secret": made.secret}, lambda: str(said))


@command.command(name="list")
@click.pass_obj
def list_keys(session: Session) -> None:
    """List the keys of the workspace, revoked ones too."""
    workspace = session.workspace.slug
    from zhiyin.accounts import api_keys, keys

    programs = [api_keys.as_dict(key) for key in api_keys.of(workspace)]
    found = [keys.as_dict(key) for key in keys.of(workspace)]
    heads = [str(head) for head in (_("source"), _("key"), _("origins"), _("state"))]

    def human() -> str:
        if not found and not programs:
            return str(_("There is no key yet; `zhiyin key create --write` makes one."))
        rows = [
            [key["source"], key["key"], " ".join(key["origins"]) or "*", _state(key)]
            for key in found
        ]
        rows += [[key["name"], f"{key['start']}…", "", _state(key)] for key in programs]
        return table(heads, rows)

    session.say({"keys": found, "api_keys": programs}, human)


@command.command()
@click.argument("key")
@click.pass_obj
def revoke(session: Session, key: str) -> None:
    """Revoke KEY: what is sent with it from now on is refused.

    An API key is named by what it begins with, as the list shows it.
    """
    workspace = session.workspace.slug
    if key.startswith("zk_"):
        _revoke_api_key(session, key.rstrip("…"))
        return
    from zhiyin.accounts import keys
    from zhiyin.accounts.audit import COMMAND_LINE

    ended = keys.revoke(by=COMMAND_LINE, workspace=workspace, key=key)
    said = _("The key of {source} is revoked.", source=ended.source)
    session.say(keys.as_dict(ended), lambda: str(said))


def _revoke_api_key(session: Session, start: str) -> None:
    slug = session.workspace.slug
    from zhiyin.accounts import api_keys
    from zhiyin.accounts.audit import COMMAND_LINE

    named = [one for one in api_keys.of(slug) if one.start == start]
    number = named[0].pk if len(named) == 1 else 0
    ended = api_keys.revoke(by=COMMAND_LINE, workspace=slug, number=number)
    said = _("The API key “{name}” is revoked.", name=ended.name)
    session.say(api_keys.as_dict(ended), lambda: str(said))


def _state(key: dict[str, Any]) -> str:
    if key["revoked_at"]:
        return str(_("revoked"))
    kinds = {"webhook": _("for webhooks"), "write": _("for events"), "api": _("for a program")}
    return str(kinds[key["kind"]])
