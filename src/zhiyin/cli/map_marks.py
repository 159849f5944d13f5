"""`zhiyin journey mark`: problems and suggestions pinned to touchpoints of a map."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count, figure, interval
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.maps.models import Pin
    from zhiyin.maps.pin_wanted import Wanted
    from zhiyin.maps.pinning import Proof

Command = Callable[..., Any]

KINDS = click.Choice(["problem", "suggestion"])
STATUSES = ("open", "planned", "doing", "done", "declined")
MAP = click.argument("key")
NUMBER = click.argument("number", type=int)


def _said_by(command: Command) -> Command:
    """The options that say what a mark is."""
    for option in reversed(
        (
            click.option("--kind", type=KINDS, help="A problem, or a suggestion."),
            click.option("--says", metavar="TEXT", help="More than the title does."),
            click.option("--status", type=click.Choice(STATUSES), help="How far it is."),
            click.option("--owner", metavar="LOGIN", help='Who answers for it; "": nobody.'),
            click.option("--contributor", "contributors", multiple=True, metavar="LOGIN",
                         help="Who helps; several times for several."),
            click.option("--due", metavar="DAY", help='As 2026-01-31; "": no day.'),
            click.option("--figure", "figures", multiple=True, metavar="ADDRESS",
                         help="A figure that it rests on: an address of the page Scores."),
            click.option("--row", "rows", multiple=True, metavar="N",
                         help="A customer's words that it rests on: their number in the log."),
            click.option("--link", "links", multiple=True, metavar="URL",
                         help="A page elsewhere that it rests on."),
        )
    ):  # fmt: skip
        command = option(command)
    return command


@click.group("mark")
def mark_command() -> None:
    """Pin problems and suggestions to touchpoints of a map, and say how far they are."""


@mark_command.command("list")
@click.option("--map", "key", default="", metavar="KEY", help="Of this map alone.")
@click.option("--status", default="", metavar="STATUS", type=click.Choice(["", *STATUSES, "all"]),
              help="Of this status alone, or all; by default those that are not over.")  # fmt: skip
@click.option("--kind", type=KINDS, default=None, help="Of this kind alone.")
@click.option("--node", default="", metavar="ID", help="At this touchpoint alone.")
@click.option("--owner", default="", metavar="LOGIN", help="Of this owner alone.")
@click.option("--of", "whose", default="", metavar="LOGIN",
              help="Owned by this member, or contributed to.")  # fmt: skip
@click.option("--overdue", is_flag=True, help="Whose day has passed.")
@click.option("--text", default="", metavar="TEXT", help="With this in title or text.")
@click.option("--sort", type=click.Choice(["votes", "due", "newest"]), default="votes",
              show_default=True, help="In which order.")  # fmt: skip
@click.pass_obj
def list_command(session: Session, /, key: str, kind: str | None, **asked: Any) -> None:
    """List marks with their votes, owners and days."""
    settings = session.workspace
    from zhiyin.maps import kept, pins

    if key:
        kept.get(settings.slug, key)
    found = list(pins.chosen(settings, pins.Chosen(kind=kind or "", **asked), key))
    names = pins.names_of(found)
    told = [pins.as_dict(pin, settings, names[pin.map.key]) for pin in found]
    session.say({"marks": told}, lambda: _list_table(told))


@mark_command.command("show")
@MAP
@NUMBER
@click.pass_obj
def show_command(session: Session, key: str, number: int) -> None:
    """Show a mark of the map KEY: evidence with the figures of now, comments, history."""
    settings = session.workspace
    from zhiyin.maps import pin_telling, pins

    pin = pins.get(settings.slug, key, number)
    told = pin_telling.whole(pin, session.log, settings, sees_it=True)
    session.say(told, lambda: _page(told))


@mark_command.command("add")
@MAP
@click.argument("node")
@click.argument("title")
@_said_by
@click.pass_obj
def add_command(session: Session, /, key: str, node: str, title: str, **given: Any) -> None:
    """Pin a mark to the touchpoint NODE of the map KEY."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import pinning
    from zhiyin.maps.pin_wanted import Wanted

    made = pinning.make(
        by=COMMAND_LINE, workspace=settings, key=key,
        wanted=_wanted(Wanted(node, title), given), proofs=_proofs(given), log=session.log,
    )  # fmt: skip
    _say(session, made, str(_("Mark {number} is on the map.", number=made.number)))


@mark_command.command("change")
@MAP
@NUMBER
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option("--node", metavar="ID", help="At which touchpoint it is pinned.")
@_said_by
@click.option("--no-contributors", is_flag=True, help="Nobody helps any more.")
@click.option("--drop-evidence", "dropped", type=int, multiple=True, metavar="N",
              help="Let it rest no longer on what has this number.")  # fmt: skip
@click.option("--revision", type=int, metavar="N",
              help="That was looked at; a newer one is not overwritten.")  # fmt: skip
@click.pass_obj
def change_command(
    session: Session, /, key: str, number: int, revision: int | None, **given: Any
) -> None:
    """Change a mark of the map KEY; what is not given stays as it is."""
    settings = session.workspace
    from django.db import transaction

    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import pinning, pins
    from zhiyin.maps.pin_wanted import wanted_of

    asked: dict[str, Any] = {
        "by": COMMAND_LINE, "workspace": settings, "key": key, "number": number,
    }  # fmt: skip
    wanted = _wanted(wanted_of(pins.get(settings.slug, key, number)), given)
    with transaction.atomic():
        pinning.change(revision=revision, wanted=wanted, **asked)
        for proof in given["dropped"]:
            pinning.remove_evidence(proof=proof, **asked)
        if proofs := _proofs(given):
            pinning.add_evidence(proofs=proofs, log=session.log, **asked)
    held = pins.get(settings.slug, key, number)
    _say(session, held, str(_("Mark {number} is changed.", number=number)))


@mark_command.command("comment")
@MAP
@NUMBER
@click.argument("text")
@click.pass_obj
def comment_command(session: Session, key: str, number: int, text: str) -> None:
    """Say something about a mark of the map KEY."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import pinning, pins

    done = pinning.say(by=COMMAND_LINE, workspace=settings, key=key, number=number, text=text)
    session.say(pins.event_as_dict(done), lambda: str(_("The comment is kept.")))


@mark_command.command("vote")
@MAP
@NUMBER
@click.option("--for", "login", required=True, metavar="LOGIN", help="The member whose vote it is.")
@click.option("--take-back", is_flag=True, help="Take her vote back.")
@click.pass_obj
def vote_command(session: Session, key: str, number: int, login: str, take_back: bool) -> None:
    """Give a member's vote for a mark of the map KEY; each has one."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import pinning, pins

    pinning.vote(
        by=COMMAND_LINE, workspace=settings, key=key, number=number, login=login,
        is_for=not take_back,
    )  # fmt: skip
    pin = pins.get(settings.slug, key, number)
    said = _("Mark {number} has {votes} votes.", number=number, votes=_votes(pin))
    _say(session, pin, str(said))


@mark_command.command("remove")
@MAP
@NUMBER
@click.pass_obj
def remove_command(session: Session, key: str, number: int) -> None:
    """Take a mark off the map KEY, with its votes, comments and evidence."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import pinning

    pinning.remove(by=COMMAND_LINE, workspace=settings, key=key, number=number)
    said = _("Mark {number} is removed.", number=number)
    session.say({"map": key, "number": number, "removed": True}, lambda: str(said))


def _wanted(stands: Wanted, given: dict[str, Any]) -> Wanted:
    """What stands, with what is given in its place."""
    from dataclasses import replace

    from zhiyin.kernel.periods import read_day

    changed = {
        name: given[name]
        for name in ("node", "title", "kind", "says", "status", "owner")
        if given.get(name) is not None
    }
    if given["contributors"] or given.get("no_contributors"):
        changed["contributors"] = given["contributors"]
    if given["due"] is not None:
        changed["due_on"] = read_day(given["due"], _("The day"))
    return replace(stands, **changed)


def _proofs(given: dict[str, Any]) -> list[Proof]:
    from zhiyin.maps.pinning import Proof

    return [
        *(Proof("figure", one) for one in given["figures"]),
        *(Proof("words", one) for one in given["rows"]),
        *(Proof("link", one) for one in given["links"]),
    ]


def _votes(pin: Pin) -> int:
    from zhiyin.maps import pins

    return pins.counted(pin, "supporters")


def _say(session: Session, pin: Pin, said: str) -> None:
    from zhiyin.maps import pins

    told = pins.as_dict(pin, session.workspace, pins.names_of([pin])[pin.map.key])
    session.say(told, lambda: said)


def _list_table(told: list[dict[str, Any]]) -> str:
    if not told:
        return str(_("There is no such mark; `zhiyin journey mark add` makes one."))
    heads = [_("Map"), "", _("Votes"), _("Kind"), _("Title"), _("Touchpoint"), _("How far it is"),
             _("Owner"), _("Due")]  # fmt: skip
    rows = [
        [
            one["map"], one["number"], one["votes"], _word(one["kind"]), one["title"],
            one["touchpoint"] or one["node"], _word(one["status"]), one["owner"],
            f"{one['due_on']} !" if one["is_overdue"] else one["due_on"],
        ]
        for one in told
    ]  # fmt: skip
    return table([str(head) for head in heads], rows, "12")


def _word(value: str) -> str:
    from zhiyin.maps import pins

    return str({**pins.KINDS, **pins.STATUSES}[value])


def _page(told: dict[str, Any]) -> str:
    said = [
        f"{told['map']} {told['number']}: {told['title']}",
        table(
            [str(_("Kind")), str(_("Touchpoint")), str(_("How far it is")), str(_("Owner")),
             str(_("Contributors")), str(_("Due")), str(_("Votes"))],
            [[_word(told["kind"]), told["touchpoint"] or told["node"], _word(told["status"]),
              told["owner"], ", ".join(told["contributors"]), told["due_on"], told["votes"]]],
            "6",
        ),
    ]  # fmt: skip
    said += [told["says"]] if told["says"] else []
    said += [f"[{one['number']}] {_evidence(one)}" for one in told["evidence"]]
    said += [f"{_at(one['at'])} {one['by']}: {one['says']}" for one in told["comments"]]
    return "\n\n".join(said)


def _at(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"


def _evidence(one: dict[str, Any]) -> str:
    if one["kind"] == "link":
        return str(one["url"])
    if one["kind"] == "words":
        return str(one["text"] or _("These words are not there any more, or not for you to see."))
    if one["problem"]:
        return str(one["problem"])
    value = f"{one['metric']} {figure(one['value'], one['unit'])}"
    ends = interval(one["low"], one["high"], one["unit"])
    change = one["change"] or {}
    since = ""
    if change.get("difference") is not None:
        size = figure(change["difference"], one["unit"], signed=True)
        bounds = interval(change["low"], change["high"], one["unit"], signed=True)
        since = " · " + str(_("since {day}: {size} {bounds}", day=change["from"], size=size,
                              bounds=bounds))  # fmt: skip
    return f"{value} {ends} n {count(one['n'])}{since}"
