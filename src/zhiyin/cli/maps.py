"""`zhiyin journey map`: journey maps with their figures, as files, and what is kept of them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.journeys_chosen import customers, percent
from zhiyin.cli.map_asked import asked_of, heading, score_cells, scored_by
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.figures import MISSING, count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from zhiyin.maps.looking import Looked

OUTPUT = click.option("-o", "--output", "file", type=click.Path(dir_okay=False, path_type=Path),
                      metavar="FILE", help="The file to write.")  # fmt: skip


SIGNS = {-2: "▼▼", -1: "▼", 0: "", 1: "▲", 2: "▲▲"}
"""How a touchpoint stands beside the others."""


class Maps(click.Group):
    """The group, which takes a map's key in the place of a command: then it shows the figures."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that is named, else `figures` of all that was given."""
        first = args[0]
        if first in self.commands or first.startswith("-"):
            return super().resolve_command(ctx, args)
        return "figures", self.commands["figures"], args


@click.group("map", cls=Maps, subcommand_metavar="KEY | COMMAND [ARGS]...")
def map_command() -> None:
    """Show journey maps with their figures, bring them in, keep them, write them to files.

    `zhiyin journey map KEY` shows the figures of the map of this key.
    """


@map_command.command("list")
@click.pass_obj
def list_command(session: Session) -> None:
    """List the journey maps of the workspace."""
    slug = session.workspace.slug
    from zhiyin.maps import kept

    found = [kept.as_dict(one) for one in kept.of(slug)]
    session.say({"maps": found}, lambda: _list(found))


@map_command.command("figures")
@click.argument("key")
@scored_by
@click.pass_obj
def figures_command(session: Session, /, key: str, **given: Any) -> None:
    """Show what happens at each touchpoint of the map KEY: every figure with its interval."""
    settings = session.workspace
    from zhiyin.maps import looking

    found = looking.look(session.log, settings, key, asked_of(**given))
    session.say(found.as_dict(), lambda: _figures(found))


@map_command.command("difficulties")
@click.argument("key")
@scored_by
@click.pass_obj
def difficulties_command(session: Session, /, key: str, **given: Any) -> None:
    """Say which touchpoints of the map KEY hurt most for certain, and what may be lost there."""
    settings = session.workspace
    from zhiyin.maps import looking

    found = looking.look(session.log, settings, key, asked_of(**given))
    session.say(found.difficulties_as_dict(), lambda: _difficulties(found))


@map_command.command("show")
@click.argument("key")
@click.option("--version", "number", type=click.IntRange(1), metavar="N",
              help="As it was kept under this number.")  # fmt: skip
@click.pass_obj
def show_command(session: Session, key: str, number: int | None) -> None:
    """Show the map KEY as it is drawn: its document, and its versions."""
    slug = session.workspace.slug
    from zhiyin.maps import documents, kept

    held = kept.get(slug, key)
    told = documents.map_(held) if number is None else documents.whole_version(held, number)
    session.say(told, lambda: json.dumps(told["document"], ensure_ascii=False, indent=2))


@map_command.command("create")
@click.argument("key")
@click.option("--template", required=True, metavar="NAME",
              help="Of an industry: airline, bank, restaurant, retail, software; or stages alone:"
              " sale, consumption, subscription, business, service.")  # fmt: skip
@click.option("--name", default="", metavar="TEXT", help="In the workspace's language.")
@click.pass_obj
def create_command(session: Session, key: str, template: str, name: str) -> None:
    """Make the map KEY of a template; one of an industry brings personas, aspects and surveys."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import beginning, kept, starters, templates

    tongue = "zh-Hans" if settings.language.startswith("zh") else "en"
    more: dict[str, Any] = {}
    if template in {one.key for one in starters.STARTERS}:
        beginning.with_stages(
            by=COMMAND_LINE, workspace=settings.slug, key=key, name={tongue: name or key},
            starter=template,
        )  # fmt: skip
    else:
        brought = templates.bring(
            by=COMMAND_LINE, workspace=settings.slug, key=template, as_key=key,
            name={tongue: name} if name else None,
        ).as_dict()  # fmt: skip
        more = {"made": brought["made"], "were_there": brought["were_there"]}
    said = _("The map {key} is made.", key=key)
    found = kept.as_dict(kept.get(settings.slug, key))
    session.say({**found, **more}, lambda: str(said))


@map_command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", metavar="KEY",
              help="The map's key (default: the name of the file).")  # fmt: skip
@click.option("--keep/--draft", "keeps", default=False,
              help="Whether pages show it at once, as a version.")  # fmt: skip
@click.pass_obj
def import_command(session: Session, file: Path, key: str, keeps: bool) -> None:
    """Make a map of FILE, its JSON; one of this key that is there gets it as its draft."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import bringing, kept

    brought = bringing.bring(
        by=COMMAND_LINE, workspace=slug, key=key or file.stem, content=file.read_bytes(),
        keeps=keeps,
    )  # fmt: skip
    said = _("The map {key} is brought in.", key=brought.key)
    session.say(kept.as_dict(kept.get(slug, brought.key)), lambda: str(said))


@map_command.command("export")
@click.argument("key")
@click.option("--version", "number", type=click.IntRange(1), metavar="N",
              help="As it was kept under this number (default: the newest).")  # fmt: skip
@OUTPUT
@click.pass_obj
def export_command(session: Session, key: str, number: int | None, file: Path | None) -> None:
    """Write the map KEY as the JSON that `import` takes, to FILE or to the terminal."""
    slug = session.workspace.slug
    from zhiyin.maps import document, kept

    held = kept.get(slug, key)
    version, map_ = kept.shown(held) if number is None else kept.version(held, number)
    written = document.write(map_)
    told = {
        "key": key,
        "version": version.number if version else None,
        "file": None if file is None else _written(file, written),
        "document": document.builtins(map_),
    }
    session.say(told, lambda: _wrote(file) if file else written.decode())


@map_command.command("picture")
@click.argument("key")
@OUTPUT
@scored_by
@click.pass_obj
def picture_command(session: Session, /, key: str, file: Path | None, **given: Any) -> None:
    """Write the map KEY with its figures to FILE: .png, .svg, .pdf (with the table) or .xlsx."""
    if file is None:
        raise click.UsageError(str(_("Say where it goes: -o map.png.")))
    settings = session.workspace
    from zhiyin.maps import looking
    from zhiyin.web import map_export

    kind = map_export.kind_of(file.suffix.removeprefix(".").lower())
    found = looking.look(session.log, settings, key, asked_of(**given))
    content = map_export.made(kind, map_export.page_of(found), settings)
    told = {**found.of.heading, "file": _written(file, content), "kind": kind,
            "bytes": len(content)}  # fmt: skip
    session.say(told, lambda: _wrote(file))


@map_command.command("keep")
@click.argument("key")
@click.option("--notes", default="", metavar="TEXT", help="What is new in this version.")
@click.pass_obj
def keep_command(session: Session, key: str, notes: str) -> None:
    """Keep the draft of the map KEY as a version, which pages show from now on."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import actions, documents

    made = actions.keep(by=COMMAND_LINE, workspace=slug, key=key, notes=notes)
    said = _("Version {number} of {key} is kept.", number=made.number, key=key)
    session.say({"key": key, **documents.version(made)}, lambda: str(said))


@map_command.command("remove")
@click.argument("key")
@click.pass_obj
def remove_command(session: Session, key: str) -> None:
    """Remove the map KEY with its versions and what is pinned on it."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import actions

    actions.remove(by=COMMAND_LINE, workspace=slug, key=key)
    said = _("The map {key} is removed.", key=key)
    session.say({"key": key, "removed": True}, lambda: str(said))


@map_command.command("personas")
@click.pass_obj
def personas_command(session: Session) -> None:
    """List the personas: whose journeys maps are."""
    slug = session.workspace.slug
    from zhiyin.maps import documents

    found = documents.personas(slug)
    session.say(found, lambda: _personas(found["personas"]))


@map_command.command("persona")
@click.argument("key")
@click.option("--en", "name_en", metavar="TEXT", help="Its name in English.")
@click.option("--zh", "name_zh", metavar="TEXT", help="Its name in Chinese.")
@click.option("--says-en", metavar="TEXT", help="Who they are and what they want, in English.")
@click.option("--says-zh", metavar="TEXT", help="The same in Chinese.")
@click.option("--customers", metavar="RULE",
              help="Their segment, or a rule over customers; blank: everybody.")  # fmt: skip
@click.option("--remove", "is_removed", is_flag=True, help="Take it out.")
@click.pass_obj
def persona_command(session: Session, /, key: str, is_removed: bool, **given: str | None) -> None:
    """Make the persona KEY, or change it: what is not given stays."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import actions, documents, kept

    if is_removed:
        actions.remove_persona(by=COMMAND_LINE, workspace=slug, key=key)
        gone = _("The persona {key} is removed.", key=key)
        session.say({"key": key, "removed": True}, lambda: str(gone))
        return
    was = next((one for one in kept.personas(slug) if one.key == key), None)
    fields = {
        name: getattr(was, name, "") if value is None else value for name, value in given.items()
    }
    made = actions.put_persona(by=COMMAND_LINE, workspace=slug, key=key, **fields)
    said = _("The persona {key} is kept.", key=key)
    session.say(documents.persona(made), lambda: str(said))


def _written(place: Path, content: bytes) -> str:
    """Write a file; the path as it was given."""
    try:
        place.write_bytes(content)
    except OSError as error:
        raise Problem(
            "map.cannot-write",
            _("{file} cannot be written: {why}.", file=place, why=error.strerror or error),
            _("Name a file in a folder that is there and that you may write to."),
        ) from error
    return str(place)


def _wrote(file: Path) -> str:
    return str(_("Written: {file}", file=file))


def _list(found: Sequence[dict[str, Any]]) -> str:
    from zhiyin.maps.document import said

    if not found:
        return str(_("There is no journey map yet; `zhiyin journey map create` makes one."))
    heads = [_("map"), _("called"), _("version"), _("stages"), _("touchpoints"), _("bound"), ""]
    rows = [
        [
            one["key"],
            said(one["name"]),
            one["version"],
            one["stages"],
            one["touchpoints"],
            one["bound"],
            "*" if one["has_changes"] else "",
        ]
        for one in found
    ]
    text = table(heads, rows, "2345")
    starred = any(one["has_changes"] for one in found)
    return f"{text}\n* {_('The draft has changes that are not kept.')}" if starred else text


def _figures(found: Looked) -> str:
    from zhiyin.maps.document import said

    told = found.found
    unit = told.scores.unit if told.scores else "percent"
    heads = [
        _("Touchpoint"), _("Customers"), told.metric, _("Interval"), "n", "", _("Ended here"),
        _("Reached the goal"), _("Necessity"), _("Money"),
    ]  # fmt: skip
    rows = [
        [
            said(one.node.name) or one.node.id,
            customers(one.traffic.customers, one.traffic.state, told.minimum_base),
            *score_cells(one.score, unit),
            SIGNS[one.tone],
            percent(one.traffic.left_share),
            percent(one.traffic.completion),
            percent(one.traffic.necessity),
            figure(one.traffic.money, "count"),
        ]
        for one in told.nodes
    ]
    parts = [heading(found.of), table(heads, rows, "1246789")]
    if told.problem is not None:
        parts.append(f"{_('Touchpoints show no score:')} {told.problem}")
    parts.append(_difficulties(found))
    flow = told.traffic
    if flow.unexplained:
        names = ", ".join(f"{one.name} {count(one.sessions)}" for one in flow.unexplained[:12])
        parts.append(f"{_('Traffic that no touchpoint explains')}: {names}")
    return "\n\n".join(parts)


def _difficulties(found: Looked) -> str:
    from zhiyin.maps.difficulties import difficulties
    from zhiyin.maps.document import said
    from zhiyin.web.map_page import WHYS

    rows = [
        [one.place, said(one.figures.node.name) or one.figures.node.id, WHYS[one.by],
         *((figure(one.loss.value, "count"), interval(one.loss.low, one.loss.high, "count"))
           if one.loss else (MISSING, ""))]
        for one in difficulties(found.found)
    ]  # fmt: skip
    if not rows:
        return str(
            _("No touchpoint is certainly worse than the others, and none certainly loses more.")
        )
    loss = _("May be lost, {currency}", currency=found.found.currency)
    return table(["", _("Touchpoint"), _("First by"), loss, _("Interval")], rows, "03")


def _personas(found: Sequence[dict[str, Any]]) -> str:
    from zhiyin.maps.document import said

    if not found:
        return str(_("There is no persona yet; `zhiyin journey map persona` makes one."))
    rows = [[one["key"], said(one["name"]), one["customers"]] for one in found]
    return table([_("persona"), _("called"), _("customers")], rows)
