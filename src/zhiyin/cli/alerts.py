"""`zhiyin alert` and `zhiyin channel`: what is watched, what fired, and where teams are told."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

NUMBER = click.argument("number", type=int)
SEVERITY = ("info", "warning", "urgent")


@click.group("alert")
def command() -> None:
    """Watch words, answers, scores and counts; see what fired; dismiss it."""


@command.command("rules")
@click.pass_obj
def rules_command(session: Session) -> None:
    """List the alert rules, with how often they fired."""
    settings = session.workspace
    from zhiyin.act.alerts import rules

    told = [rules.as_dict(one) for one in rules.of(settings.slug)]
    session.say({"rules": told}, lambda: _rules_table(told))


def _watched(command: Any) -> Any:
    """Options that say what a rule watches."""
    for option in reversed((
        click.option("--condition", "file", type=click.Path(exists=True, dir_okay=False,
                     path_type=Path), help="A file of JSON with the condition."),
        click.option("--json-condition", "written", default="", metavar="JSON",
                     help='As {"kind": "verbatim", "where": "emotion = \'anger\'"}.'),
        click.option("--unit", default="", metavar="KEY", help="Only this branch of the tree."),
    )):  # fmt: skip
        command = option(command)
    return command


@command.command("add")
@click.argument("name")
@_watched
@click.option("--severity", type=click.Choice(SEVERITY), default="warning", show_default=True,
              help="How much its alerts press.")  # fmt: skip
@click.option("--person", "people", multiple=True, metavar="LOGIN", help="Tell this member.")
@click.option("--role", "roles", multiple=True, metavar="ROLE", help="Tell all in this role.")
@click.option("--channel", "channels", multiple=True, metavar="KEY", help="Tell this channel.")
@click.option("--owner", "to_owner", is_flag=True, help="Tell the touchpoint's owner.")
@click.option("--pace", type=click.Choice(["at_once", "daily", "weekly"]), default="at_once",
              show_default=True, help="At once, or with a digest.")  # fmt: skip
@click.option("--hour", type=int, default=9, show_default=True, help="Of a digest.")
@click.option("--weekday", type=int, default=0, help="Of a weekly digest; 0 is Monday.")
@click.option("--quiet", default="", metavar="HH:MM-HH:MM", help="When nobody is told.")
@click.pass_obj
def add_command(session: Session, /, name: str, file: Path | None, written: str,
                **given: Any) -> None:  # fmt: skip
    """Add a rule called NAME; it watches what comes from now on."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.alerts import actions, conditions, rules

    wanted = actions.Wanted(name=name, condition=conditions.read(_json(file, written)), **given)
    made = actions.add(by=COMMAND_LINE, workspace=settings.slug, wanted=wanted, log=session.log)
    said = _("Rule {number} watches from now on.", number=made.number)
    session.say(rules.as_dict(rules.get(settings.slug, made.number)), lambda: str(said))


@command.command("rehearse")
@_watched
@click.option("--days", type=click.IntRange(1, 365), default=90, show_default=True,
              help="So many days back.")  # fmt: skip
@click.pass_obj
def rehearse_command(
    session: Session, file: Path | None, written: str, unit: str, days: int
) -> None:
    """Say on which days a condition would have fired; nothing is saved."""
    settings = session.workspace
    from zhiyin.accounts import units
    from zhiyin.act.alerts import conditions, rehearsing

    branch = units.branch_filter(units.find(settings.slug, unit)) if unit else None
    found = rehearsing.rehearse(
        session.log, settings, conditions.read(_json(file, written)), branch=branch, days=days
    )
    session.say(found.as_dict(), lambda: _rehearsal(found.as_dict()))


@command.command("switch")
@NUMBER
@click.argument("state", type=click.Choice(["on", "off"]))
@click.pass_obj
def switch_command(session: Session, number: int, state: str) -> None:
    """Have a rule watch, or not."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.alerts import actions, rules

    actions.switch(by=COMMAND_LINE, workspace=settings.slug, number=number, is_on=state == "on")
    told = rules.as_dict(rules.get(settings.slug, number))
    session.say(told, lambda: _rules_table([told]))


@command.command("remove")
@NUMBER
@click.pass_obj
def remove_command(session: Session, number: int) -> None:
    """Remove a rule; what it fired stays."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.alerts import actions

    actions.remove(by=COMMAND_LINE, workspace=settings.slug, number=number)
    session.say({"removed": number}, lambda: str(_("The rule is removed.")))


@command.command("watch")
@click.pass_obj
def watch_command(session: Session) -> None:
    """Look at every rule now, and tell who is to be told; the server does both by the clock."""
    settings = session.workspace
    from zhiyin.act.alerts import telling, watching

    watched = watching.watch(session.log, settings.slug)
    told = {**watched, **telling.tell(session.log, settings.slug)}
    said = _("{rules} rules looked at, {alerts} alerts.", rules=told["rules"],
             alerts=told["alerts"])  # fmt: skip
    session.say(told, lambda: str(said))


@command.command("list")
@click.option("--status", default="", metavar="STATUS",
              help="open, noted, dismissed, closed or all; open where it is not said.")  # fmt: skip
@click.option("--severity", default="", type=click.Choice(["", *SEVERITY]), help="Of this alone.")
@click.option("--rule", type=int, help="Of this rule alone.")
@click.option("--text", default="", metavar="TEXT", help="With this in the rule's name.")
@click.pass_obj
def list_command(session: Session, /, **asked: Any) -> None:
    """List alerts, the newest first."""
    settings = session.workspace
    from zhiyin.act import judged
    from zhiyin.act.alerts import documents, fired

    found = fired.chosen(settings.slug, fired.Chosen(**asked))
    told = documents.listed(list(found), session.log, settings, sees_it=True)
    share = judged.false_share(settings.slug)
    false = documents.share(share)
    session.say({"alerts": told, "not_justified": false}, lambda: _alerts_table(told))


@command.command("show")
@NUMBER
@click.pass_obj
def show_command(session: Session, number: int) -> None:
    """Show an alert: why it fired, and the row or the figures."""
    settings = session.workspace
    from zhiyin.act.alerts import documents, fired

    (told,) = documents.listed(
        [fired.get(settings.slug, number)], session.log, settings, sees_it=True
    )
    session.say(told, lambda: "\n".join([told["title"], *told["why"]]))


@command.command("dismiss")
@NUMBER
@click.option("--reason", required=True, type=click.Choice(
    ["not_justified", "known", "duplicate", "over"]), help="Why.")  # fmt: skip
@click.option("--note", default="", metavar="TEXT", help="More about why.")
@click.pass_obj
def dismiss_command(session: Session, number: int, reason: str, note: str) -> None:
    """Dismiss an alert; what is not justified counts as a false alarm."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.alerts import actions, fired

    done = actions.dismiss(
        by=COMMAND_LINE, workspace=settings.slug, number=number, reason=reason, note=note
    )
    session.say(fired.as_dict(done, sees_it=True), lambda: str(_("It is dismissed.")))


@click.group("channel")
def channel() -> None:
    """Say where teams are told: robots of chat groups, signed webhooks."""


@channel.command("list")
@click.pass_obj
def channels_command(session: Session) -> None:
    """List the channels, with what waits for them."""
    settings = session.workspace
    from zhiyin.act.channels import kept

    told = [kept.as_dict(one) for one in kept.of(settings.slug)]
    session.say({"channels": told}, lambda: _channels_table(told))


@channel.command("add")
@click.argument("key")
@click.argument("kind", type=click.Choice(["wecom", "dingtalk", "feishu", "slack", "webhook"]))
@click.option("--name", default="", metavar="TEXT", help="What it is called; the key otherwise.")
@click.option("--address", prompt=True, hide_input=True, metavar="URL",
              help="Asked for where it is not given: that of a robot is a secret.")  # fmt: skip
@click.option("--secret", default="", metavar="TEXT", help="Of the signature.")
@click.option("--keyword", default="", metavar="WORD", help="That the robot demands.")
@click.option("--language", default="", type=click.Choice(["", "en", "zh-hans"]),
              help="The workspace's otherwise.")  # fmt: skip
@click.pass_obj
def add_channel_command(session: Session, /, key: str, name: str, **given: Any) -> None:
    """Add a channel; the secret made for a webhook is shown this once."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.channels import actions, kept

    made = actions.add(
        by=COMMAND_LINE, workspace=settings.slug, key=key,
        wanted=actions.Wanted(name=name or key, **given),
    )  # fmt: skip
    told = {**kept.as_dict(made.channel), "secret": made.secret or None}
    said = _("The secret, shown this once: {secret}", secret=made.secret) if made.secret else _(
        "The channel is there. Send a test message.")  # fmt: skip
    session.say(told, lambda: str(said))


@channel.command("test")
@click.argument("key")
@click.pass_obj
def test_command(session: Session, key: str) -> None:
    """Send a message that says nothing but that it arrived, and say what was answered."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.channels import actions, kept, outbox

    made = actions.test(by=COMMAND_LINE, workspace=settings.slug, key=key)
    outbox.send_due(session.log, settings.slug)
    told = kept.delivery_as_dict(kept.delivery(settings.slug, made.pk), with_tries=True)
    session.say(told, lambda: _deliveries_table([told]))


@channel.command("switch")
@click.argument("key")
@click.argument("state", type=click.Choice(["on", "off"]))
@click.pass_obj
def switch_channel_command(session: Session, key: str, state: str) -> None:
    """Send by a channel again, or not for now."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.channels import actions, kept

    actions.switch(by=COMMAND_LINE, workspace=settings.slug, key=key, is_on=state == "on")
    told = kept.as_dict(kept.get(settings.slug, key))
    session.say(told, lambda: _channels_table([told]))


@channel.command("remove")
@click.argument("key")
@click.pass_obj
def remove_channel_command(session: Session, key: str) -> None:
    """Remove a channel with what waits for it."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.channels import actions

    actions.remove(by=COMMAND_LINE, workspace=settings.slug, key=key)
    session.say({"removed": key}, lambda: str(_("The channel is removed.")))


@channel.command("deliveries")
@click.option("--channel", "key", default="", metavar="KEY", help="Of this channel alone.")
@click.option("--state", default="", metavar="STATE",
              help="waiting, sent, merged, empty or dead alone.")  # fmt: skip
@click.pass_obj
def deliveries_command(session: Session, key: str, state: str) -> None:
    """List the last hundred messages with what was answered to each try."""
    settings = session.workspace
    from zhiyin.act.channels import kept

    found = kept.deliveries(settings.slug, channel=key, state=state)[:100]
    told = [kept.delivery_as_dict(one, with_tries=True) for one in found]
    session.say({"deliveries": told}, lambda: _deliveries_table(told))


@channel.command("replay")
@NUMBER
@click.pass_obj
def replay_command(session: Session, number: int) -> None:
    """Send a message once more, with the same id, and say what was answered."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.act.channels import actions, kept, outbox

    made = actions.replay(by=COMMAND_LINE, workspace=settings.slug, number=number)
    outbox.send_due(session.log, settings.slug)
    told = kept.delivery_as_dict(kept.delivery(settings.slug, made.pk), with_tries=True)
    session.say(told, lambda: _deliveries_table([told]))


def _json(file: Path | None, written: str) -> Any:
    text = file.read_text("utf-8") if file else written
    try:
        return json.loads(text)
    except ValueError as error:
        raise click.BadParameter("--condition, --json-condition") from error


def _rules_table(told: list[dict[str, Any]]) -> str:
    rows = [[str(one["number"]), one["name"], one["condition"]["kind"],
             "on" if one["is_on"] else "off", str(one["open"]), str(one["fired"])]
            for one in told]  # fmt: skip
    return table(["", _("rule"), _("watches"), "", _("open"), _("fired")], rows)


def _alerts_table(told: list[dict[str, Any]]) -> str:
    rows = [[str(one["number"]), one["title"], one["severity"], one["status"],
             one["fired_at"][:16]] for one in told]  # fmt: skip
    return table(["", _("alert"), _("severity"), _("status"), _("fired")], rows)


def _channels_table(told: list[dict[str, Any]]) -> str:
    rows = [[one["key"], one["name"], one["kind"], "on" if one["is_on"] else "off",
             str(one["waiting"]), str(one["given_up"])] for one in told]  # fmt: skip
    return table([_("key"), _("name"), _("kind"), "", _("waiting"), _("given up")], rows)


def _deliveries_table(told: list[dict[str, Any]]) -> str:
    rows = [[str(one["number"]), one["channel"], one["kind"], one["state"], str(one["tries"]),
             one["said"] or ""] for one in told]  # fmt: skip
    return table(["", _("channel"), _("kind"), _("state"), _("tries"), _("said")], rows)


def _rehearsal(told: dict[str, Any]) -> str:
    said = _("From {start} to {end} it would have fired {n} times.", start=told["from"],
             end=told["to"], n=told["times"])  # fmt: skip
    rows = [[one["day"], str(one["times"])] for one in told["days"]]
    return "\n".join([str(said), *([table([_("day"), _("times")], rows)] if rows else [])])
