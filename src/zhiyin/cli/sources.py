"""`zhiyin source`: from where verbatims are fetched."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.collect.sources.actions import Wanted
    from zhiyin.collect.sources.models import VerbatimSource

KEY = click.argument("key")
NAME = click.option("--name", default="", help="What people call it.")
SETTINGS = click.option(
    "--set", "settings", multiple=True, metavar="NAME=VALUE",
    help="A setting of its kind; may be given several times.",
)  # fmt: skip
SECRETS = click.option(
    "--secret", "secrets", multiple=True, metavar="NAME=FILE",
    help="A secret, out of a file or, with “-”, from standard input.",
)  # fmt: skip
MAPPING = click.option(
    "--map", "mapping", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What its fields are, in YAML (default: as its kind has it).",
)  # fmt: skip
VOICE = click.option("--voice", metavar="KIND", help="Of which kind all are: review, regulator…")
TOUCHPOINT = click.option("--touchpoint", metavar="NAME", help="At which touchpoint all are.")
CHANNEL = click.option("--channel", metavar="NAME", help="Of which channel all are.")
EVERY = click.option("--every", type=int, metavar="MINUTES", help="How often it is asked.")
REPLACE = click.option(
    "--replace/--no-replace", "replaces", default=None,
    help="What is told anew of a known id takes the place of what was told before.",
)  # fmt: skip


@click.group()
def command() -> None:
    """Fetch what customers say elsewhere: feeds, mailboxes, REST interfaces."""


@command.command("list")
@click.pass_obj
def list_command(session: Session) -> None:
    """List the sources, and how each is."""
    slug = session.workspace.slug
    from zhiyin.collect.sources import documents, kept

    found = [documents.source(one) for one in kept.of(slug)]
    heads = [_("key"), _("kind"), _("state"), _("minutes"), _("last new"), _("error")]

    def human() -> str:
        if not found:
            return str(_("There is no source yet; `zhiyin source add` makes one."))
        rows = [
            [
                one["key"], one["kind"], one["state"], one["every_minutes"],
                one["last_run"] and one["last_run"]["added"],
                one["error"] and one["error"]["message"],
            ]
            for one in found
        ]  # fmt: skip
        return table(heads, rows, right="34")

    session.say({"sources": found}, human)


@command.command()
@click.pass_obj
def kinds(session: Session) -> None:
    """List the kinds of sources, and the settings of each."""
    session.workspace.slug  # noqa: B018 - it makes the store usable
    from zhiyin.collect.sources import documents

    found = documents.kinds()

    def human() -> str:
        lines: list[str] = []
        for one in found:
            lines += ["", f"{one['kind']}: {one['says']}"]
            lines += [f"  {field['name']}: {field['help']}" for field in one["settings"]]
        return "\n".join(lines).lstrip("\n")

    session.say({"kinds": found}, human)


@command.command()
@KEY
@click.option("--kind", required=True, help="feed, mailbox, rest; `zhiyin source kinds` tells all.")
@NAME
@SETTINGS
@SECRETS
@MAPPING
@VOICE
@TOUCHPOINT
@CHANNEL
@EVERY
@REPLACE
@click.pass_obj
def add(session: Session, /, key: str, kind: str, **asked: Any) -> None:
    """Add a source called KEY; its rows have that name in the log."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.sources import actions

    wanted = _wanted(None, kind=kind, key=key, **asked)
    held = actions.add(by=COMMAND_LINE, workspace=slug, key=key, wanted=wanted)
    _say(session, held, str(_("The source {key} is added.", key=key)))


@command.command()
@KEY
@NAME
@SETTINGS
@SECRETS
@MAPPING
@VOICE
@TOUCHPOINT
@CHANNEL
@EVERY
@REPLACE
@click.pass_obj
def change(session: Session, /, key: str, **asked: Any) -> None:
    """Change the source KEY: what is not given stays."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.sources import actions, kept

    wanted = _wanted(kept.get(slug, key), key=key, **asked)
    held = actions.change(by=COMMAND_LINE, workspace=slug, key=key, wanted=wanted)
    _say(session, held, str(_("The source {key} is changed.", key=key)))


@command.command()
@KEY
@click.pass_obj
def show(session: Session, key: str) -> None:
    """Show the source KEY: its settings without secrets, its mapping, its runs."""
    slug = session.workspace.slug
    from zhiyin.collect.sources import documents, kept

    found = documents.whole(kept.get(slug, key))

    def human() -> str:
        lines = [f"{found['name']} ({found['kind']}, {found['state']})"]
        lines += [f"  {name}: {said}" for name, said in found["settings"].items() if said]
        lines += [f"  {name}: ****" for name in found["secrets"]]
        lines += ["", found["mapping"].rstrip(), ""]
        if found["error"]:
            lines += [found["error"]["message"], found["error"]["hint"] or "", ""]
        heads = [_("began"), _("pages"), _("new"), _("doubles"), _("rejected"), _("error")]
        rows = [
            [
                one["began_at"].strftime("%Y-%m-%d %H:%M"), one["pages"], one["added"],
                one["doubles"], one["rejected"], one["error"] and one["error"]["message"],
            ]
            for one in found["runs"]
        ]  # fmt: skip
        return "\n".join([*lines, table(heads, rows, right="1234")])

    session.say(found, human)


@command.command("try")
@KEY
@click.option("--kind", default="", help="Of a source that is not there yet.")
@SETTINGS
@SECRETS
@MAPPING
@VOICE
@TOUCHPOINT
@CHANNEL
@click.pass_obj
def try_command(session: Session, /, key: str, kind: str, **asked: Any) -> None:
    """Fetch the first page of KEY, and show what would be stored. Nothing is."""
    settings = session.workspace
    from zhiyin.collect.sources import actions, documents, kept, trying

    held = None if kind else kept.get(settings.slug, key)
    wanted = _wanted(held, kind=kind, key=key, name="", every=None, replaces=None, **asked)
    found = actions.checked(wanted, key=key, held=held)
    tried = trying.try_out(
        session.log, settings, found.source, found.settings, found.whole, data=session.data
    )
    document = documents.tried(tried)

    def human() -> str:
        lines = [
            str(
                _("{read} records read: {added} new, {doubles} known, {rejected} rejected.",
                  read=count(tried.read), added=count(tried.added), doubles=count(tried.doubles),
                  rejected=count(tried.rejected))
            ),
            str(_("Fields: {names}", names=", ".join(tried.fields) or "–")),
        ]  # fmt: skip
        if tried.absent:
            lines.append(str(_("No record has: {names}", names=", ".join(tried.absent))))
        lines += [f"{one.rows} × {one.column}: {one.reason}" for one in tried.reasons]
        if tried.rows:
            lines += [
                "",
                table(
                    tried.columns,
                    [[" ".join(cell.split())[:60] for cell in row] for row in tried.rows],
                ),
            ]
        return "\n".join(lines)

    session.say(document, human)


@command.command()
@KEY
@click.pass_obj
def run(session: Session, key: str) -> None:
    """Fetch from KEY now, for a minute at most, also where no server runs."""
    settings = session.workspace
    from zhiyin.collect.sources import documents, fetching, kept

    held = kept.get(settings.slug, key)
    done = fetching.fetch(session.log, settings, held, data=session.data)
    if done is None:
        raise Problem(
            "source.runs",
            _("Somebody fetches from {key} at this moment.", key=key),
            _("Wait until that run is over."),
        )
    if (failed := kept.problem_of(done.error)) is not None:
        raise failed
    said = _(
        "{added} new, {doubles} known, {rejected} rejected.",
        added=count(done.added), doubles=count(done.doubles), rejected=count(done.rejected),
    )  # fmt: skip
    session.say(documents.run(done), lambda: str(said))


@command.command()
@KEY
@click.pass_obj
def pause(session: Session, key: str) -> None:
    """Fetch nothing from KEY for now."""
    _switch(session, key, is_paused=True)


@command.command()
@KEY
@click.pass_obj
def resume(session: Session, key: str) -> None:
    """Let KEY go on."""
    _switch(session, key, is_paused=False)


@command.command()
@KEY
@click.option("--yes", "is_sure", is_flag=True, help="Do not ask whether it is meant.")
@click.pass_obj
def remove(session: Session, key: str, is_sure: bool) -> None:
    """Remove the source KEY. What it brought stays in the log."""
    slug = session.workspace.slug
    if not is_sure:
        if session.is_json:
            raise click.UsageError(str(_("With --json nobody is asked: add --yes.")))
        click.confirm(str(_("Remove the source {key}?", key=key)), abort=True, err=True)
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.sources import actions

    actions.remove(by=COMMAND_LINE, workspace=slug, key=key)
    session.say({"removed": key}, lambda: str(_("The source {key} is removed.", key=key)))


def _switch(session: Session, key: str, *, is_paused: bool) -> None:
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.sources import actions

    held = actions.pause(by=COMMAND_LINE, workspace=slug, key=key, is_paused=is_paused)
    said = _("The source {key} is paused.", key=key) if is_paused else _(
        "The source {key} goes on.", key=key
    )  # fmt: skip
    _say(session, held, str(said))


def _say(session: Session, held: VerbatimSource, said: str) -> None:
    from zhiyin.collect.sources import documents

    session.say(documents.source(held), lambda: said)


def _wanted(
    held: VerbatimSource | None,
    *,
    key: str,
    name: str,
    settings: Sequence[str],
    secrets: Sequence[str],
    mapping: Path | None,
    voice: str | None,
    touchpoint: str | None,
    channel: str | None,
    every: int | None,
    replaces: bool | None,
    kind: str = "",
) -> Wanted:
    from zhiyin.collect.sources.actions import Wanted

    given = {**_pairs(settings), **{n: _read(path) for n, path in _pairs(secrets).items()}}
    return Wanted(
        name=name or (held.name if held else key),
        kind=kind,
        settings=given,
        mapping=mapping.read_text("utf-8-sig") if mapping else held.mapping if held else "",
        voice=voice if voice is not None else held.voice if held else "",
        touchpoint=touchpoint if touchpoint is not None else held.touchpoint if held else "",
        channel=channel if channel is not None else held.channel if held else "",
        every_minutes=every if every is not None else held.every_minutes if held else 60,
        replaces=replaces if replaces is not None else bool(held and held.replaces),
    )


def _pairs(given: Sequence[str]) -> dict[str, str]:
    found = {}
    for one in given:
        name, equals, said = one.partition("=")
        if not equals:
            raise Problem(
                "source.setting-form",
                _("“{said}” is not of the form NAME=VALUE.", said=one.split("=")[0][:40]),
                _("Write for instance --set address=https://example.com/reviews.rss"),
            )
        found[name.strip()] = said
    return found


def _read(path: str) -> str:
    if path == "-":
        return sys.stdin.readline().rstrip("\r\n")
    try:
        return Path(path).read_text("utf-8").strip()
    except OSError as error:
        raise Problem(
            "source.no-secret-file",
            _("The file {path} cannot be read.", path=path),
            _("Give the name of a file that holds the secret alone."),
        ) from error
