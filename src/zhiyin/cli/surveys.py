"""`zhiyin survey`: surveys are made, checked, published, closed and linked to."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli import exporting, survey_analyses, survey_results, survey_step, survey_writing
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import Text, _, language

if TYPE_CHECKING:
    from zhiyin.collect.models import Survey


@click.group()
def command() -> None:
    """Make surveys, check them, publish and close them, and give their address."""


@command.command("list")
@click.option("--ready", "is_ready", is_flag=True, help="List the ready sets to begin with.")
@click.pass_obj
def list_command(session: Session, is_ready: bool) -> None:
    """List the surveys of the workspace, or the ready sets."""
    slug = session.workspace.slug
    from zhiyin.collect.surveys import kept
    from zhiyin.collect.surveys.library import sets

    if is_ready:
        ready = [one.as_dict() for one in sets.SETS]
        heads = [str(head) for head in (_("ready set"), _("questions"), _("for"), _("after"))]
        rows = [[one["name"], str(one["questions"]), one["says"], one["source"]] for one in ready]
        session.say({"ready": ready}, lambda: table(heads, rows, "1"))
        return
    found = [kept.as_dict(one) for one in kept.of(slug)]
    session.say({"surveys": found}, lambda: _table(found))


@command.command()
@click.argument("key")
@click.option("--version", "number", type=int, metavar="N", help="What was published as this.")
@click.pass_obj
def show(session: Session, key: str, number: int | None) -> None:
    """Show the survey of this KEY: its document, and its versions."""
    slug = session.workspace.slug
    from zhiyin.collect.surveys import kept

    held = kept.get(slug, key)
    if number is None:
        document = kept.shown(held)
    else:
        document = kept.version_shown(held, kept.version(held, number))
    session.say(document, lambda: json.dumps(document["document"], ensure_ascii=False, indent=2))


@command.command()
@click.argument("key")
@click.option("--from", "ready", default="", metavar="NAME", help="Begin with a ready set.")
@click.option("--title", default="", metavar="T", help="In the workspace's language.")
@click.pass_obj
def create(session: Session, key: str, ready: str, title: str) -> None:
    """Make a draft under KEY, which the log calls it by for good."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions, bringing

    begun = bringing.begun(settings, title=title, ready=ready)
    held = actions.create(by=COMMAND_LINE, workspace=settings.slug, key=key, survey=begun)
    _say(session, held, _("The draft {key} is made.", key=key))


@command.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", default="", metavar="KEY", help="Its key (default: the name of the file).")
@click.option("--into", default="", metavar="KEY", help="Put it in the place of this draft.")
@click.option("--dry-run", is_flag=True, help="Look at the file, and keep nothing.")
@click.pass_obj
def import_command(session: Session, file: Path, key: str, into: str, dry_run: bool) -> None:
    """Make a draft of FILE, ours or another system's, and say what became of each element."""
    if key and into:
        raise click.UsageError(str(_("Give --key for a new survey, or --into for one there is.")))
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions, bringing, kept
    from zhiyin.collect.surveys.formats import reading

    content = file.read_bytes()
    if into and not dry_run:
        found = reading.read(file.name, content)
        held = kept.get(slug, into)
        actions.save(
            by=COMMAND_LINE, workspace=slug, key=into, survey=found.survey, revision=held.revision
        )
        document = {"id": held.public_id, "key": into, **found.as_dict()}
    else:
        document = bringing.bring(
            by=COMMAND_LINE, workspace=slug, name=file.name, content=content, key=key or into,
            dry_run=dry_run,
        )  # fmt: skip
    session.say(document, lambda: _brought(document))


@command.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.argument("answers", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--source", default="", metavar="NAME",
              help="What the log calls them (default: the name of the questionnaire).")  # fmt: skip
@click.pass_obj
def mapping(session: Session, file: Path, answers: Path, source: str) -> None:
    """Make a mapping for zhiyin import of ANSWERS, a CSV file, to the questionnaire FILE."""
    from zhiyin.collect.surveys.formats import answers as columns
    from zhiyin.collect.surveys.formats import reading

    found = reading.read(file.name, file.read_bytes())
    mapped = columns.map_to(found, answers, source=source or file.stem)
    session.say(mapped.as_dict(), mapped.written)


@command.command()
@click.argument("key")
@click.option("--series", "decisions", multiple=True, metavar="QUESTION=same|new",
              help="Whether a question that is asked otherwise begins a new series.")  # fmt: skip
@click.option("--notes", default="", metavar="TEXT", help="What is new in this version.")
@click.option("--beside", type=int, metavar="N",
              help="A version that goes on beside it, each given at random.")  # fmt: skip
@click.option("--share", type=float, default=0.5, show_default=True,
              help="Of new responses that are given the new one.")  # fmt: skip
@click.pass_obj
def publish(
    session: Session, key: str, decisions: tuple[str, ...], notes: str, beside: int | None,
    share: float,
) -> None:  # fmt: skip
    """Let customers see the draft of KEY, as a version that never changes."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions, kept

    made = actions.publish(
        by=COMMAND_LINE,
        workspace=slug,
        key=key,
        decisions=_pairs(decisions),
        notes=notes,
        beside=beside,
        share=share,
    )
    held = kept.get(slug, key)
    said = _("Version {number} is published: {link}", number=made.number, link=kept.link(held, {}))
    session.say(kept.as_dict(held), lambda: str(said))


@command.command()
@click.argument("key")
@click.pass_obj
def close(session: Session, key: str) -> None:
    """Let the survey of this KEY take no answers any more."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions

    held = actions.close(by=COMMAND_LINE, workspace=slug, key=key)
    _say(session, held, _("The survey {key} is closed.", key=key))


@command.command("open")
@click.argument("key")
@click.pass_obj
def open_command(session: Session, key: str) -> None:
    """Let the survey of this KEY take answers again."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions

    held = actions.reopen(by=COMMAND_LINE, workspace=slug, key=key)
    _say(session, held, _("The survey {key} is open.", key=key))


@command.command()
@click.argument("key")
@click.argument("to")
@click.pass_obj
def copy(session: Session, key: str, to: str) -> None:
    """Make a draft under TO like that of KEY."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions

    held = actions.copy(by=COMMAND_LINE, workspace=slug, key=key, to=to)
    _say(session, held, _("The draft {key} is made.", key=to))


@command.command()
@click.argument("key")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE",
              help="What the address brings, kept with the answers.")  # fmt: skip
@click.pass_obj
def link(session: Session, key: str, fields: tuple[str, ...]) -> None:
    """Give the public address of the survey of this KEY.

    It begins with ZHIYIN_PUBLIC_URL, which must be the server's.
    """
    slug = session.workspace.slug
    from zhiyin.collect.surveys import kept

    address = kept.link(kept.get(slug, key), _pairs(fields))
    session.say({"key": key, "link": address}, lambda: address)


@command.command()
@click.argument("key")
@click.argument("people", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("-o", "--output", "file", required=True, metavar="FILE",
              type=click.Path(dir_okay=False, path_type=Path),
              help="The CSV file that gets the link of each.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def invite(session: Session, key: str, people: Path, file: Path, force: bool) -> None:
    """Make a link of her own for each of PEOPLE, a CSV file with a column customer.

    Its columns customer_kind, about_kind, about_id, experienced_at, touchpoint, channel and arm
    say what she is asked about; every other goes into the link.
    """
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.exports import plain
    from zhiyin.collect.surveys import inviting

    if file.exists() and not force:
        raise click.UsageError(str(_("{file} is there already; --force replaces it.", file=file)))
    asked = inviting.read_people(people, zone=settings.timezone)
    links = inviting.invite(
        session.log, by=COMMAND_LINE, workspace=settings.slug, key=key, people=asked
    )
    plain.write_csv(inviting.links_of(asked, links), file, settings.timezone, lambda _rows: None)
    said = _("{n} people are invited; their links are in {file}.", n=len(links), file=file)
    session.say({"key": key, "invitations": len(links), "file": str(file)}, lambda: str(said))


@command.command()
@click.argument("key")
@click.pass_obj
def check(session: Session, key: str) -> None:
    """Say all that hinders the publication of the draft of KEY."""
    slug = session.workspace.slug
    from zhiyin.collect.surveys import kept

    document = kept.checked(kept.get(slug, key))
    session.say(document, lambda: _checked(document))


@command.command()
@click.argument("key")
@click.pass_obj
def delete(session: Session, key: str) -> None:
    """Remove a draft that was never published."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.surveys import actions

    actions.remove(by=COMMAND_LINE, workspace=slug, key=key)
    said = _("The draft {key} is removed.", key=key)
    session.say({"key": key, "removed": True}, lambda: str(said))


command.add_command(survey_results.command)
for _analysis in survey_analyses.COMMANDS:
    command.add_command(_analysis)
command.add_command(exporting.of_survey)
command.add_command(survey_writing.accept)
command.add_command(survey_step.step)
command.add_command(survey_step.orders)


def _say(session: Session, held: Survey, said: Text) -> None:
    from zhiyin.collect.surveys import kept

    session.say(kept.as_dict(kept.get(session.workspace.slug, held.key)), lambda: str(said))


def _pairs(given: Sequence[str]) -> dict[str, str]:
    wrong = [one for one in given if "=" not in one]
    if wrong:
        raise click.UsageError(str(_("{given} has no =.", given=wrong[0])))
    return {
        name.strip(): value.strip() for name, _is, value in (one.partition("=") for one in given)
    }


def _table(found: list[dict[str, Any]]) -> str:
    from zhiyin.collect.surveys import definition, kept

    if not found:
        return str(_("There is no survey yet; `zhiyin survey create` makes one."))
    code = definition.language_of(language())
    heads = [_("survey"), _("title"), _("state"), _("version"), _("questions"), _("changed on")]
    rows = [
        [
            one["key"],
            one["title"].get(code) or next(iter(one["title"].values()), ""),
            str(kept.STATES[one["state"]]) + (" *" if one["has_changes"] else ""),
            str(one["version"] or ""),
            str(one["questions"]),
            f"{one['changed_at']:%Y-%m-%d}",
        ]
        for one in found
    ]
    text = table([str(head) for head in heads], rows, "34")
    starred = any(one["has_changes"] for one in found)
    return f"{text}\n* {_('The draft has changes that are not published.')}" if starred else text


def _brought(document: dict[str, Any]) -> str:
    from zhiyin.collect.surveys.formats.brought import OUTCOMES

    heads = [str(head) for head in (_("question"), _("type"), _("scale"), _("logic"))]
    rows = [
        [
            one["name"],
            one["type"],
            "–".join(map(str, one["scale"] or ())),
            one["logic"] or "",
        ]
        for one in document["questions"]
    ]
    lines = [table(heads, rows)]
    lines += [
        f"{one['element']}: {OUTCOMES[one['outcome']]}. {one['note']}"
        for one in document["fidelity"]
        if one["outcome"] != "kept"
    ]
    return "\n".join(lines)


def _checked(document: dict[str, Any]) -> str:
    lines = [f"{one['place']}  {one['message']} {one['hint']}" for one in document["faults"]]
    lines += [
        str(_("{question} is asked otherwise than in version {version}: {what}.",
              question=one["question"], version=one["version"], what=", ".join(one["what"])))
        for one in document["changed"]
    ]  # fmt: skip
    return "\n".join(lines) or str(_("Nothing hinders its publication."))
