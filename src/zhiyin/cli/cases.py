"""`zhiyin case`: what somebody looks after until it is closed."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.act.cases.models import Case

STATUSES = ("new", "taken", "waiting", "done", "not_justified")
SEVERITIES = ("high", "normal", "low")
NUMBER = click.argument("number", type=int)
VERSION = click.option("--version", type=int, metavar="N",
                       help="That was looked at; a newer one is not overwritten.")  # fmt: skip


@click.group("case")
def command() -> None:
    """Take alerts, customers' words and marks, and work on them until they are closed."""


@command.command("list")
@click.option("--status", default="open", show_default=True, help="Of this status alone, or all.",
              type=click.Choice(["open", *STATUSES, "all"]))  # fmt: skip
@click.option("--owner", default="", metavar="LOGIN", help='Of this owner alone; "–": of nobody.')
@click.option("--touchpoint", default="", metavar="NAME", help="At this touchpoint alone.")
@click.option("--reason", default="", metavar="KEY", help="Closed for this reason.")
@click.option("--due", default="", type=click.Choice(["", "overdue", "today", "week"]),
              help="Overdue, or due so soon.")  # fmt: skip
@click.option("--text", default="", metavar="TEXT", help="With this in title, notes or messages.")
@click.option("--sort", type=click.Choice(["due", "newest", "severity"]), default="due",
              show_default=True, help="In which order.")  # fmt: skip
@click.pass_obj
def list_command(session: Session, /, **asked: Any) -> None:
    """List cases, the first due first."""
    settings = session.workspace
    from zhiyin.act.cases import kept

    found = kept.chosen(settings, kept.Chosen(**asked))
    told = [kept.as_dict(one) for one in found]
    session.say({"cases": told}, lambda: _list_table(told))


@command.command("show")
@NUMBER
@click.pass_obj
def show_command(session: Session, number: int) -> None:
    """Show a case: what it is about, and its history."""
    settings = session.workspace
    from zhiyin.act import documents
    from zhiyin.act.cases import kept

    case = kept.get(settings.slug, number)
    told = documents.whole_case(case, session.log, settings, sees_it=True)
    session.say(told, lambda: _page(told))


@command.command("open")
@click.argument("kind", type=click.Choice(["alert", "verbatim", "mark"]))
@click.argument("key")
@click.option("--owner", default="", metavar="LOGIN", help="Who takes it; nobody yet otherwise.")
@click.pass_obj
def open_command(session: Session, kind: str, key: str, owner: str) -> None:
    """Open a case about KEY: number of a verbatim or an alert, MAP/NUMBER of a mark."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act import subjects
    from zhiyin.act.cases import actions, kept

    subject = subjects.find(kind, key, log=session.log, settings=settings, scope=None)
    case, is_new = actions.open(
        by=COMMAND_LINE, workspace=settings, subject=subject,
        owner=actions.owner_of(settings.slug, owner),
    )  # fmt: skip
    said = (
        _("Case {number} is open.", number=case.number) if is_new
        else _("There is case {number} about this already.", number=case.number)
    )  # fmt: skip
    session.say({**kept.as_dict(case), "is_new": is_new}, lambda: str(said))


@command.command("take")
@NUMBER
@click.option("--for", "login", required=True, metavar="LOGIN", help="The member who takes it.")
@VERSION
@click.pass_obj
def take_command(session: Session, number: int, login: str, version: int | None) -> None:
    """Let a member take a case."""
    _assign(session, number, login, version)


@command.command("assign")
@NUMBER
@click.argument("login")
@VERSION
@click.pass_obj
def assign_command(session: Session, number: int, login: str, version: int | None) -> None:
    """Give a case to LOGIN, who gets a letter; "" gives it back to nobody."""
    _assign(session, number, login, version)


@command.command("status")
@NUMBER
@click.argument("status", type=click.Choice(STATUSES))
@click.option("--reason", default="", metavar="KEY", help="For which it is done.")
@click.option("--note", default="", metavar="TEXT", help="Why; what is not justified needs it.")
@VERSION
@click.pass_obj
def status_command(session: Session, /, number: int, **given: Any) -> None:
    """Say how far a case is: new, taken, waiting for the customer, done, not justified."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import actions

    done = actions.move(by=COMMAND_LINE, workspace=settings, number=number, **given)
    _say(session, done)


@command.command("change")
@NUMBER
@click.option("--title", metavar="TEXT", help="What it is called.")
@click.option("--severity", type=click.Choice(SEVERITIES), help="How much it matters.")
@VERSION
@click.pass_obj
def change_command(session: Session, /, number: int, **given: Any) -> None:
    """Call a case otherwise, or say how much it matters: it falls due by that."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import actions

    done = actions.change(by=COMMAND_LINE, workspace=settings, number=number, **given)
    _say(session, done)


@command.command("note")
@NUMBER
@click.argument("text")
@click.pass_obj
def note_command(session: Session, number: int, text: str) -> None:
    """Write something down that only people who work here read."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import actions, kept

    done = actions.note(by=COMMAND_LINE, workspace=settings, number=number, text=text)
    session.say(kept.step_as_dict(done), lambda: str(_("The note is kept.")))


@command.command("tell")
@NUMBER
@click.argument("text")
@click.option("--by", "channel", type=click.Choice(["email", "phone", "other"]), default="other",
              show_default=True,
              help="By e-mail it is sent; otherwise it is written down as said.")  # fmt: skip
@click.pass_obj
def tell_command(session: Session, number: int, text: str, channel: str) -> None:
    """Write to the customer of a case, or write down what she was told."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import actions, kept

    done = actions.write(
        by=COMMAND_LINE, workspace=settings, number=number, text=text, channel=channel,
        log=session.log,
    )  # fmt: skip
    session.say(kept.step_as_dict(done), lambda: str(_("The message is kept.")))


@command.command("remind")
@click.pass_obj
def remind_command(session: Session) -> None:
    """Write to whoever has an overdue case, once each; the clock does it every ten minutes."""
    settings = session.workspace
    from zhiyin.act.cases import letters

    written = letters.tell_overdue(settings.slug)
    said = _("{letters} letters.", letters=written)
    session.say({"letters": written}, lambda: str(said))


@command.command("figures")
@click.pass_obj
def figures_command(session: Session) -> None:
    """Say how long customers wait for a first word, and cases for their end."""
    settings = session.workspace
    from zhiyin.act.cases import figures

    told = figures.of(settings).as_dict()
    session.say(told, lambda: _figures(told))


@command.command("rules")
@click.option("--day", "days", multiple=True, metavar="DAY=HOURS",
              help='mon=09:00-18:00, sat= for no hours; several times for several.')  # fmt: skip
@click.option("--hours", "lengths", multiple=True, metavar="SEVERITY=N",
              help="Business hours until due: high=4, normal=8, low=24.")  # fmt: skip
@click.option("--holidays/--no-holidays", "has_holidays", default=None,
              help="Whether the calendar's holidays are days off.")  # fmt: skip
@click.option("--add-reason", "added", nargs=2, multiple=True, metavar="EN ZH",
              help="A reason more, in English and Chinese.")  # fmt: skip
@click.option("--retire-reason", "retired", multiple=True, metavar="KEY",
              help="A reason that is not chosen any more.")  # fmt: skip
@click.pass_obj
def rules_command(session: Session, /, **given: Any) -> None:
    """Show or change business hours, hours until due, and reasons."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import rules

    held = rules.of(settings.slug)
    wanted = _rules(held, given)
    if wanted != held:
        held = rules.change(by=COMMAND_LINE, workspace=settings.slug, rules=wanted)
    told = held.as_dict()
    session.say(told, lambda: _rules_table(told))


def _assign(session: Session, number: int, login: str, version: int | None) -> None:
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.cases import actions

    owner = actions.owner_of(settings.slug, login)
    done = actions.assign(
        by=COMMAND_LINE, workspace=settings, number=number, owner=owner, version=version
    )
    _say(session, done)


DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _rules(held: Any, given: dict[str, Any]) -> Any:
    """The rules that stand, with what is given in their place."""
    from dataclasses import replace

    from zhiyin.act.cases import hours, rules, statuses

    week, lengths = list(held.week), dict(held.hours)
    for written in given["days"]:
        day, _equals, value = written.partition("=")
        if day not in DAYS:
            raise click.BadParameter(f"--day: {', '.join(DAYS)}")
        week[DAYS.index(day)] = hours.read(value)
    for written in given["lengths"]:
        severity, _equals, value = written.partition("=")
        lengths[statuses.known_severity(severity)] = rules.read_hours(value)
    reasons = [
        replace(one, is_retired=one.is_retired or one.key in given["retired"])
        for one in held.reasons
    ]
    wanted = replace(held, week=tuple(week), hours=lengths, reasons=tuple(reasons))
    if given["has_holidays"] is not None:
        wanted = replace(wanted, has_holidays=given["has_holidays"])
    written_reasons = [(one.en, one.zh, one.is_retired) for one in reasons]
    more = [(en, zh, False) for en, zh in given["added"]]
    return rules.with_reasons(wanted, [*written_reasons, *more])


def _say(session: Session, case: Case) -> None:
    from zhiyin.act.cases import kept, statuses

    said = _("Case {number}: {status}.", number=case.number, status=statuses.STATUSES[case.status])
    session.say(kept.as_dict(case), lambda: str(said))


def _list_table(told: list[dict[str, Any]]) -> str:
    if not told:
        return str(_("There is no such case."))
    heads = [_("No."), _("Title"), _("Touchpoint"), _("How far it is"), _("Severity"), _("Owner"),
             _("Due")]  # fmt: skip
    rows = [
        [
            one["number"], one["title"], one["touchpoint"], _status(one["status"]),
            _severity(one["severity"]), one["owner"],
            f"{_at(one['due_at'])}{' !' if one['is_overdue'] else ''}" if one["due_at"] else "",
        ]
        for one in told
    ]  # fmt: skip
    return table([str(head) for head in heads], rows, "0")


def _page(told: dict[str, Any]) -> str:
    said = [f"{told['number']}: {told['title']}", _list_table([told])]
    words = (told["subject"] or {}).get("words")
    said += [words["text"]] if words else []
    said += [
        " ".join(part for part in (_at(one["at"]), one["by"], one["what"], one["says"]) if part)
        for one in told["history"]
    ]
    return "\n\n".join(said)


def _figures(told: dict[str, Any]) -> str:
    rows = [
        [
            str(_("First word to the customer") if name == "first_response" else _("Closed")),
            "–" if one["value"] is None else f"{one['value']:.1f}",
            "–" if one["value"] is None else f"[{_hours(one['low'])}, {_hours(one['high'])}]",
            one["n"], one["ended"], one["state"],
        ]
        for name, one in told.items() if isinstance(one, dict)
    ]  # fmt: skip
    return table(["", "h", "95%", "n", "", ""], rows, "123")


def _rules_table(told: dict[str, Any]) -> str:
    week = table(list(DAYS), [[one or "–" for one in told["week"]]])
    lengths = table([_severity(one) for one in SEVERITIES],
                    [[told["hours"][one] for one in SEVERITIES]], "012")  # fmt: skip
    reasons = [f"{one['key']}: {one['en']} / {one['zh']}" for one in told["reasons"]
               if not one["is_retired"]]  # fmt: skip
    return "\n\n".join([week, lengths, "\n".join(reasons)])


def _status(value: str) -> str:
    from zhiyin.act.cases import statuses

    return str(statuses.STATUSES[value])


def _severity(value: str) -> str:
    from zhiyin.act.cases import statuses

    return str(statuses.SEVERITIES[value])


def _hours(value: float | None) -> str:
    return "…" if value is None else f"{value:.1f}"


def _at(text: str) -> str:
    return f"{datetime.fromisoformat(text):%Y-%m-%d %H:%M}"
