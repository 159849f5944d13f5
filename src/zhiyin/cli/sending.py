"""`zhiyin reach` list, show, create, change, send, test, links, pause, resume, again, stop,
bounces: surveys are sent to people."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.collect.models import Distribution

_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command("list")
@click.pass_obj
def list_command(session: Session) -> None:
    """List the distributions: how surveys are sent out, and what became of it."""
    slug = session.workspace.slug
    from zhiyin.collect.reaching import distributions, standing

    found = [standing.as_dict(one, standing.of(session.log, one)) for one in distributions.of(slug)]
    session.say({"distributions": found}, lambda: _table(found))


@click.command()
@click.argument("key")
@click.pass_obj
def show(session: Session, key: str) -> None:
    """Show the distribution of this KEY: what it says, and how many are in which state and why."""
    slug = session.workspace.slug
    from zhiyin.collect.reaching import distributions, standing

    held = distributions.get(slug, key)
    document = standing.as_dict(held, standing.of(session.log, held))
    session.say(document, lambda: _shown(document))


_OPTIONS = (
    click.option("--name", default=None, metavar="TEXT", help="What people call it."),
    click.option("--texts", "file", type=_FILE, metavar="FILE",
                 help="JSON by language: subject, body…; without it what is ready."),
    click.option("--remind", "reminders", multiple=True, type=int, metavar="DAYS",
                 help="A reminder so many days after the letter; may be repeated."),
    click.option("--first-question/--no-first-question", "has_first_question", default=None,
                 help="Ask the first question in the e-mail itself."),
    click.option("--arm", "arms", multiple=True, metavar="NAME:KIND:VALUE:SHARE",
                 help="An incentive that is drawn; may be repeated."),
    click.option("--share", type=float, default=None, metavar="N",
                 help="The share of those who could be asked, above 0 and up to 1."),
)  # fmt: skip


def _asked_by_options(command: Any) -> Any:
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


@click.command()
@click.argument("key")
@click.option("--survey", required=True, metavar="KEY", help="Which survey it sends.")
@click.option("--channel", default="email", show_default=True,
              type=click.Choice(["email", "sms", "push", "link"]))  # fmt: skip
@_asked_by_options
@click.pass_obj
def create(session: Session, /, key: str, survey: str, channel: str, **given: Any) -> None:
    """Make a distribution under KEY, which the log calls it by for good. It asks nobody yet."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions

    asked = distributions.read({"channel": channel, **_given(given)})
    held = distributions.create(
        by=COMMAND_LINE, workspace=slug, survey=survey, key=key, asked=asked
    )
    _say(session, held, _("The distribution {key} is made.", key=key))


@click.command()
@click.argument("key")
@_asked_by_options
@click.pass_obj
def change(session: Session, /, key: str, **given: Any) -> None:
    """Change what the distribution of KEY says and whom it asks; what is not given stays."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions

    before = distributions.as_asked(distributions.get(slug, key))
    asked = distributions.read({**before, **_given(given)})
    held = distributions.change(by=COMMAND_LINE, workspace=slug, key=key, asked=asked)
    _say(session, held, _("The distribution {key} is changed.", key=key))


@click.command()
@click.argument("key")
@click.argument("people", type=_FILE)
@click.option("--at", "moment", type=click.DateTime(), default=None, metavar="TIME",
              help="When, in the workspace's zone (default: now).")  # fmt: skip
@click.option("--now", "sends_here", is_flag=True,
              help="Send here until nothing is due, and leave nothing to the server.")  # fmt: skip
@click.pass_obj
def send(session: Session, key: str, people: Path, moment: Any, sends_here: bool) -> None:
    """Ask PEOPLE, a CSV file with a column customer, and email, phone or device.

    Its columns language, unit, about_kind, about_id, experienced_at, touchpoint and arm say more;
    letters name every other as {column}. The server sends; nobody is asked twice.
    """
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions, planning, sending
    from zhiyin.collect.reaching import people as lists
    from zhiyin.kernel.periods import to_utc

    held = distributions.get(settings.slug, key)
    listed = lists.read(people, channel=held.channel, zone=settings.timezone)
    due = to_utc(moment, settings.timezone) if moment else None
    planned = planning.plan(
        session.log, by=COMMAND_LINE, distribution=held, people=listed, due_at=due
    )
    document = {"key": key, **planned.as_dict()}
    if sends_here:
        document["done"] = sending.send_due(session.log, settings.slug).as_dict()
    session.say(document, lambda: _planned(document))


@click.command()
@click.argument("key")
@click.option("--to", required=True, metavar="ADDRESS", help="Who gets the letter.")
@click.option("--language", default="", metavar="CODE", help="Of the letter, such as zh-Hans.")
@click.option("--field", "fields", multiple=True, metavar="NAME=VALUE",
              help="What the list would say of her.")  # fmt: skip
@click.pass_obj
def test(session: Session, key: str, to: str, language: str, fields: tuple[str, ...]) -> None:
    """Send the letter of KEY to yourself. Its link asks nobody, and nothing is counted."""
    slug = session.workspace.slug
    from zhiyin.collect.reaching import distributions, trying

    held = distributions.get(slug, key)
    said = dict(one.partition("=")[::2] for one in fields)
    trying.send_test(held, to=to, language=language, fields=said)
    session.say({"key": key, "sent": True}, lambda: str(_("The letter is on its way.")))


@click.command()
@click.argument("key")
@click.option("--go-on", is_flag=True, help="End the pause.")
@click.pass_obj
def pause(session: Session, key: str, go_on: bool) -> None:
    """Send nothing of the distribution KEY for now."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions

    held = distributions.pause(by=COMMAND_LINE, workspace=slug, key=key, is_paused=not go_on)
    said = _("{key} is paused.", key=key) if held.is_paused else _("{key} goes on.", key=key)
    _say(session, held, said)


@click.command()
@click.argument("key")
@click.pass_obj
def again(session: Session, key: str) -> None:
    """Send once more what may or may not have gone out when a process was killed.

    Whoever got it then gets it twice.
    """
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions

    n = distributions.send_uncertain(by=COMMAND_LINE, workspace=slug, key=key)
    said = _("{n} will be sent again.", n=n)
    session.say({"key": key, "askings": n}, lambda: str(said))


@click.command()
@click.argument("address")
@click.option("--channel", default="email", show_default=True,
              type=click.Choice(["email", "sms", "push"]))  # fmt: skip
@click.pass_obj
def stop(session: Session, address: str, channel: str) -> None:
    """Ask nobody at ADDRESS any more, by any survey of the workspace."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import stopping

    is_new = stopping.stop_by_hand(
        by=COMMAND_LINE, workspace=slug, channel=channel, address=address
    )
    said = _("It is stopped.") if is_new else _("It was stopped before.")
    session.say({"stopped": True, "is_new": is_new}, lambda: str(said))


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="FILE…",
                type=click.Path(exists=True, path_type=Path, allow_dash=True))  # fmt: skip
@click.pass_obj
def bounces(session: Session, places: tuple[Path, ...]) -> None:
    """Read letters that came back and complaints: files, mailboxes (mbox, Maildir), or - for one
    on standard input.

    A mail server can hand each over as it comes: an alias |zhiyin reach bounces -
    """
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import bounces as reports

    found = reports.take_in(
        by=COMMAND_LINE,
        workspace=slug,
        raws=(
            raw
            for place in places
            for raw in (
                [sys.stdin.buffer.read(reports.MOST_BYTES)]
                if str(place) == "-"
                else reports.messages_in(place)
            )
        ),
    )
    session.say({"messages": dict(found)}, lambda: _reports(dict(found)))


def _reports(found: dict[str, int]) -> str:
    from zhiyin.collect.reaching.bounces import KINDS

    return "\n".join(f"{count(n)}: {KINDS[kind]}" for kind, n in found.items())


@click.command()
@click.argument("key")
@click.option("-o", "--output", "file", required=True, metavar="FILE",
              type=click.Path(dir_okay=False, path_type=Path),
              help="The CSV file that gets the link of each.")  # fmt: skip
@click.option("--mini-programme", "app", default="", metavar="APPID",
              help="Also the scheme that opens this WeChat mini-programme.")  # fmt: skip
@click.option("--page", default="pages/survey/index", show_default=True, metavar="PATH",
              help="Its page that shows surveys.")  # fmt: skip
@click.option("--force", is_flag=True, help="Replace a file that is there.")
@click.pass_obj
def links(session: Session, key: str, file: Path, app: str, page: str, force: bool) -> None:
    """Write the link of everybody who was asked by KEY, for whoever hands them on."""
    settings = session.workspace
    import pyarrow as pa

    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.exports import plain
    from zhiyin.collect.exports.rows import rows_of
    from zhiyin.collect.reaching import distributions
    from zhiyin.collect.reaching import links as own

    if file.exists() and not force:
        raise click.UsageError(str(_("{file} is there already; --force replaces it.", file=file)))
    held = distributions.get(settings.slug, key)
    mini = own.MiniProgramme(app, page) if app else None
    found = own.of(held, by=COMMAND_LINE, mini_programme=mini)
    heads = ["customer", "customer_kind", "link", *(["mini_programme"] if mini else [])]
    columns = dict.fromkeys(heads, pa.string())
    plain.write_csv(rows_of(columns, found), file, settings.timezone, lambda _rows: None)
    said = _("{n} links are in {file}.", n=count(len(found)), file=file)
    session.say({"key": key, "links": len(found), "file": str(file)}, lambda: str(said))


@click.command()
@click.pass_obj
def hooks(session: Session) -> None:
    """Give the address at which a provider of SMS tells of answers such as TD, and of reports.

    It has a secret in it, and begins with ZHIYIN_PUBLIC_URL, which must be the server's.
    """
    slug = session.workspace.slug
    from zhiyin.collect.reaching import replies

    address = replies.address(slug)
    session.say({"sms": address}, lambda: address)


def _given(options: dict[str, Any]) -> dict[str, Any]:
    """What the options say, as a part of the document of a distribution."""
    found: dict[str, Any] = {}
    if options["name"] is not None:
        found["name"] = options["name"]
    if options["file"] is not None:
        found["texts"] = _json(options["file"])
    if options["reminders"]:
        found["reminders"] = list(options["reminders"])
    if options["has_first_question"] is not None:
        found["has_first_question"] = options["has_first_question"]
    if options["arms"]:
        found["arms"] = [_arm(one) for one in options["arms"]]
    if options["share"] is not None:
        found["sample_share"] = options["share"]
    return found


def _arm(written: str) -> dict[str, Any]:
    parts = written.split(":")
    try:
        arm, kind, value, share = (*parts, *("none", "", "1")[len(parts) - 1 :])
        return {"arm": arm, "kind": kind or "none", "value": value, "share": float(share)}
    except ValueError:
        raise click.UsageError(
            str(_("{given} is not NAME:KIND:VALUE:SHARE.", given=written))
        ) from None


def _json(file: Path) -> Any:
    try:
        return json.loads(file.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError):
        raise click.UsageError(str(_("{file} is not JSON.", file=file))) from None


def _say(session: Session, held: Distribution, said: Text) -> None:
    from zhiyin.collect.reaching import distributions, standing

    fresh = distributions.get(session.workspace.slug, held.key)
    document = standing.as_dict(fresh, standing.of(session.log, fresh))
    session.say(document, lambda: str(said))


def _table(found: list[dict[str, Any]]) -> str:
    if not found:
        return str(_("There is no distribution yet; `zhiyin reach create` makes one."))
    heads = [_("distribution"), _("survey"), _("channel"), _("waiting"), _("sent"), _("came back"),
             _("withheld"), _("answered")]  # fmt: skip
    rows = [
        [
            one["key"] + (" *" if one["is_paused"] else ""),
            one["survey"],
            one["channel"],
            *(count(one["states"][state]) for state in ("waiting", "sent", "bounced", "withheld")),
            count(one["began"]),
        ]
        for one in found
    ]
    text = table([str(head) for head in heads], rows, "34567")
    paused = any(one["is_paused"] for one in found)
    return f"{text}\n* {_('paused')}" if paused else text


def _shown(document: dict[str, Any]) -> str:
    from zhiyin.collect.reaching.standing import STATES, WHY

    rows = [[str(STATES[state]), "", count(n)] for state, n in document["states"].items() if n]
    rows += [
        [str(STATES[one["state"]]), str(WHY.get(one["reason"], one["reason"])), count(one["n"])]
        for one in document["reasons"]
    ]
    heads = [str(head) for head in (_("state"), _("why"), _("people"))]
    lines = [table(heads, rows, "2")]
    lines.append(
        str(_("{began} began to answer, {finished} came to the end; {reminders} reminders.",
              began=count(document["began"]), finished=count(document["finished"]),
              reminders=count(document["reminders_sent"])))
    )  # fmt: skip
    if not document["can_send"]:
        lines.append(str(_("This installation cannot send by this channel: see docs/reaching.md.")))
    return "\n".join(lines)


def _planned(document: dict[str, Any]) -> str:
    from zhiyin.collect.reaching.planning import REASONS

    lines = [str(_("{n} people are to be asked.", n=count(document["planned"])))]
    if document["already"]:
        lines.append(str(_("{n} were asked before.", n=count(document["already"]))))
    lines += [
        f"{count(n)}: {REASONS.get(reason, reason)}" for reason, n in document["withheld"].items()
    ]
    if done := document.get("done"):
        lines.append(str(_("{n} letters or messages are sent.", n=count(done["sent"]))))
    return "\n".join(lines)
