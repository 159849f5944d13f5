"""`zhiyin reach` rules, triggers, trigger, draw: who may be asked, and when an event asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.collect.reaching.rehearsing import Rehearsed
    from zhiyin.collect.reaching.triggering import Listed


@click.command()
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="RULE=VALUE",
    help="Change a rule first, e.g. days_any=30, quiet=22:00-08:00 or needs_consent=yes.",
)
@click.pass_obj
def rules(session: Session, changes: tuple[str, ...]) -> None:
    """Say who may be asked, and when: cool-down, quiet hours, consent, open incidents."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import rules as contact_rules

    if changes:
        given = contact_rules.read(changes)
        contact_rules.change(by=COMMAND_LINE, workspace=workspace, **given)
    found = contact_rules.of(workspace).as_dict()
    shown = [[name, _value(value), str(contact_rules.NAMED[name])] for name, value in found.items()]
    heads = [str(_("rule")), str(_("value")), ""]
    session.say(found, lambda: table(heads, shown))


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value == "" else str(value)


@click.command()
@click.argument("key", required=False)
@click.option(
    "--dry-run", is_flag=True, help="Also say whom each would have asked, and ask nobody."
)
@click.option("--days", default=7, show_default=True, help="How far a dry run looks back.")
@click.option(
    "--as-if-live",
    is_flag=True,
    help="Let a dry run count imported events, as if each had arrived when it happened.",
)
@click.pass_obj
def triggers(session: Session, key: str | None, dry_run: bool, days: int, as_if_live: bool) -> None:
    """List the triggers, or the one of the distribution KEY: which event asks whom, and when."""
    workspace = session.workspace.slug
    from zhiyin.collect.reaching import triggering

    found = [triggering.get(workspace, key)] if key else triggering.of(workspace)
    tried = [
        triggering.rehearsed(session.log, one.held, one.trigger, days=days, as_if_live=as_if_live)
        if dry_run
        else None
        for one in found
    ]
    document = {
        "triggers": [
            {**one.as_dict(), **({"dry_run": done.as_dict()} if done else {})}
            for one, done in zip(found, tried, strict=True)
        ]
    }
    session.say(document, lambda: _shown(found, tried))


def _shown(found: list[Listed], tried: list[Rehearsed | None]) -> str:
    if not found:
        return str(_("No event asks for anything; `zhiyin reach trigger` lets one ask."))
    parts = []
    for one, done in zip(found, tried, strict=True):
        lines = [str(_line(one)), *(_tried(done) if done else [])]
        if one.look and one.look.trouble:
            lines.append(
                f"  {_('It cannot be read and asks nobody: {code}', code=one.look.trouble)}"
            )
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _line(one: Listed) -> Text:
    trigger = one.trigger
    where = f" ({trigger.where})" if trigger.where else ""
    return _(
        "{key}: {event}{where} asks after {minutes} minutes, a share of {share}, with the survey"
        " {survey} by {channel}",
        key=one.held.key, event=trigger.event, where=where, minutes=trigger.delay_minutes,
        share=f"{one.held.sample_share:g}", survey=one.held.survey.key, channel=one.held.channel,
    )  # fmt: skip


def _tried(done: Rehearsed) -> list[str]:
    from zhiyin.collect.reaching.rehearsal_words import left_out, summary

    return [f"  {summary(done)}", *(f"    {says}: {count(n)}" for says, n in left_out(done))]


@click.command()
@click.argument("key")
@click.option("--event", metavar="NAME", help="Which event asks.")
@click.option("--where", metavar="FILTER", help="Only events for which this holds.")
@click.option("--delay", "delay_minutes", type=int, metavar="MINUTES", help="From event to asking.")
@click.option("--late", "late_hours", type=int, metavar="HOURS", help="Later than this: withheld.")
@click.option(
    "--about", metavar="KIND=PROPERTY", help="What the event is about, e.g. order=order_id."
)
@click.option(
    "--field", "given", multiple=True, metavar="NAME=PROPERTY", help="A field of the link."
)
@click.option("--imports/--no-imports", "takes_imports", default=None,
              help="Whether events of imports ask, too.")  # fmt: skip
@click.option("--share", type=float, help="Of the events, e.g. 0.2.")
@click.option("--off", is_flag=True, help="Let no event ask any more.")
@click.pass_obj
def trigger(
    session: Session,
    /,
    key: str,
    about: str | None,
    given: tuple[str, ...],
    share: float | None,
    off: bool,
    **parts: Any,
) -> None:
    """Let an event ask for the distribution KEY; what is not named stays."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.collect.reaching import distributions, triggering
    from zhiyin.collect.reaching import triggers as read

    if off:
        triggering.remove(by=COMMAND_LINE, workspace=workspace, key=key)
        said = _("No event asks for {key} any more.", key=key)
        session.say({"key": key, "removed": True}, lambda: str(said))
        return
    changes = {name: value for name, value in parts.items() if value is not None}
    if about is not None:
        kind, _equals, named = about.partition("=")
        changes |= {"about_kind": kind.strip(), "about_property": named.strip()}
    if given:
        pairs = [one.partition("=") for one in given]
        changes["fields"] = {name.strip(): named.strip() for name, _equals, named in pairs}
    held = distributions.get(workspace, key)
    wanted = read.read({"event": "", **(held.begins or {}), **changes})
    found = triggering.put(
        session.log, by=COMMAND_LINE, workspace=workspace, key=key, trigger=wanted, share=share
    )
    session.say(found.as_dict(), lambda: str(_line(found)))


@click.command()
@click.argument("key")
@click.argument("source")
@click.argument("event_id", metavar="ID")
@click.pass_obj
def draw(session: Session, key: str, source: str, event_id: str) -> None:
    """Draw again for an event: whether it is in the sample of KEY, and the incentive's arm."""
    workspace = session.workspace.slug
    from zhiyin.collect.reaching import distributions, triggering

    found = triggering.drawn(distributions.get(workspace, key), source, event_id)
    said = (
        _("In the sample: {number} is under {share}.", number=found["number"],
          share=found["sample_share"])
        if found["is_in_sample"]
        else _("Not in the sample: {number} is not under {share}.", number=found["number"],
               share=found["sample_share"])
    )  # fmt: skip
    arm = f" {_('Incentive: {arm}.', arm=found['arm'])}" if found["arm"] else ""
    session.say(found, lambda: f"{said}{arm}")
