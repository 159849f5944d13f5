"""The frame of the command line: global options, lazy commands, two languages, errors.

A command is a plain click command in a module that is imported only when it is called. Its
help sentences are plain English; the frame shows them in the chosen language, from the
catalogue, and gives every command the global options. A command gets its `Session` by
``@click.pass_obj``.
"""

from __future__ import annotations

import copy
import gettext
import importlib
import logging
import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from zhiyin import __version__
from zhiyin.cli.session import Session, write_json
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, best_language, in_language

COMMANDS: dict[str, tuple[str, Text]] = {
    "init": (
        "zhiyin.cli.init:command",
        _("Make the stores in the data folder; may run twice."),
    ),
    "serve": (
        "zhiyin.cli.serving:command",
        _("Start Zhiyin: pages, intake and background work."),
    ),
    "doctor": (
        "zhiyin.cli.doctor:command",
        _("Look at stores, versions, disk and clock, and say what to do about each fault."),
    ),
    "jobs": (
        "zhiyin.cli.jobs:command",
        _("List background work, and cancel it."),
    ),
    "backup": (
        "zhiyin.cli.backup:backup",
        _("Write everything that Zhiyin holds into one file, while it runs."),
    ),
    "restore": (
        "zhiyin.cli.backup:restore",
        _("Put a backup back."),
    ),
    "upgrade": (
        "zhiyin.cli.upgrading:command",
        _("Bring the stores of an older Zhiyin up to date, after a backup."),
    ),
    "password": (
        "zhiyin.cli.password:command",
        _("Give somebody a new password when the old one is lost."),
    ),
    "workspace": (
        "zhiyin.cli.workspace:command",
        _("Show and change the settings of a workspace."),
    ),
    "person": (
        "zhiyin.cli.people:command",
        _("List, invite, change and take out the people of a workspace."),
    ),
    "unit": (
        "zhiyin.cli.units:command",
        _("List, add, change and take out units of the organisation tree."),
    ),
    "key": (
        "zhiyin.cli.keys:command",
        _("Make, list and revoke the keys with which sources send events in."),
    ),
    "unit-rule": (
        "zhiyin.cli.unit_rules:command",
        _("Say which unit facts are of that came without one."),
    ),
    "touchpoint-rule": (
        "zhiyin.cli.touchpoint_rules:command",
        _("Say at which touchpoint events were that came without one."),
    ),
    "import": (
        "zhiyin.cli.importing:command",
        _("Bring files into the experience log, or take an import back."),
    ),
    "mapping": (
        "zhiyin.cli.mappings:command",
        _("List, show, save and remove the mappings of imports that the workspace keeps."),
    ),
    "data-health": (
        "zhiyin.cli.data_health:command",
        _("Say each source's last row and silences, and what is refused or linked to nobody."),
    ),
    "score": (
        "zhiyin.cli.scoring:score",
        _("Show a score with its interval, by column and period."),
    ),
    "measure": (
        "zhiyin.cli.measures:command",
        _("List every measure and how it is counted: one definition each, the same everywhere."),
    ),
    "compare": (
        "zhiyin.cli.scoring:compare",
        _("Say which differences are more than chance."),
    ),
    "journey": (
        "zhiyin.cli.journeys:command",
        _("Show what customers really do: funnels, paths, retention, tasks, adoption and more."),
    ),
    "report": (
        "zhiyin.cli.reporting:command",
        _("List reports, make PDF and slides of them, publish them."),
    ),
    "survey": (
        "zhiyin.cli.surveys:command",
        _("Make surveys, check them, publish and close them, and give their address."),
    ),
    "source": (
        "zhiyin.cli.sources:command",
        _("Fetch what customers say elsewhere: feeds, mailboxes, REST interfaces."),
    ),
    "listen": (
        "zhiyin.cli.listening:command",
        _("Read what customers mean by what they wrote, and say how rightly."),
    ),
    "alert": (
        "zhiyin.cli.alerts:command",
        _("Watch words, answers, scores and counts; see what fired; dismiss it."),
    ),
    "channel": (
        "zhiyin.cli.alerts:channel",
        _("Say where teams are told: robots of chat groups, signed webhooks."),
    ),
    "case": (
        "zhiyin.cli.cases:command",
        _("Take alerts, customers' words and marks, and work on them until they are closed."),
    ),
    "aspects": (
        "zhiyin.cli.aspects:command",
        _("List, add, edit and retire aspects: what chosen reasons count under."),
    ),
    "reach": (
        "zhiyin.cli.reaching:command",
        _("Say who may be asked and when, and send surveys to people."),
    ),
    "widget": (
        "zhiyin.cli.widgets:command",
        _("Show surveys on companies' own sites, by rules: page, event, segment, share, delay."),
    ),
    "target": (
        "zhiyin.cli.targets:command",
        _("Set targets and see which are reached, missed, or likely."),
    ),
    "calendar": (
        "zhiyin.cli.calendar:command",
        _("Mark days, list them, and choose whose holidays figures are read with."),
    ),
    "customer": (
        "zhiyin.cli.customers:customer",
        _("Show one customer: ids, traits, counts and the head of the time line."),
    ),
    "segment": (
        "zhiyin.cli.customers:segment",
        _("Count, list and export segments: rules that choose customers."),
    ),
    "demo": (
        "zhiyin.cli.demo:command",
        _("Fill a workspace with a demo company whose truth is known, or write it to files."),
    ),
    "erase": (
        "zhiyin.cli.erasing:erase",
        _("Erase a customer and give a signed receipt, or check one."),
    ),
    "customer-export": (
        "zhiyin.cli.erasing:export",
        _("Write everything that is held about one customer."),
    ),
    "retention": (
        "zhiyin.cli.retention:command",
        _("Show and say how long each kind of data is kept."),
    ),
    "events": (
        "zhiyin.cli.events:events",
        _("Count events, by name or by any filter."),
    ),
    "dead-letters": (
        "zhiyin.cli.events:dead_letters",
        _("Show events that intake refused, try them again, or put them aside for good."),
    ),
    "export": (
        "zhiyin.cli.exporting:command",
        _("Write answers, responses, events or orders to a file."),
    ),
    "merge": (
        "zhiyin.cli.identity:merge",
        _("Make the customers of two ids one."),
    ),
    "unmerge": (
        "zhiyin.cli.identity:unmerge",
        _("Undo a merge of customers."),
    ),
    "why": (
        "zhiyin.cli.identity:why",
        _("Say why the ids of a customer are one."),
    ),
    "match": (
        "zhiyin.cli.identity:match",
        _("Find ids that are one customer, by equal values and by a model."),
    ),
}


def run(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; see `zhiyin.cli.main`."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    language = asked_language(given)
    # Click's own sentences come from the process's catalogue: point it at ours.
    gettext.bindtextdomain("django", str(Path(__file__).resolve().parent.parent / "locale"))
    gettext.textdomain("django")
    os.environ["LANGUAGE"] = "zh_Hans" if language == "zh-hans" else "en"
    logging.basicConfig(stream=sys.stderr, level=logging.WARNING, format="%(message)s")
    session = Session()
    session.is_json = "--json" in given
    with in_language(language):
        try:
            return _invoke(given, session)
        finally:
            session.close()


def asked_language(arguments: Sequence[str]) -> str:
    """The language of ``--lang``, wherever it stands, else of the environment."""
    for i, argument in enumerate(arguments):
        if argument == "--lang" and i + 1 < len(arguments):
            return best_language(arguments[i + 1])
        if argument.startswith("--lang="):
            return best_language(argument.removeprefix("--lang="))
    names = ("LC_ALL", "LC_MESSAGES", "LANG")
    return best_language(next((os.environ[name] for name in names if os.environ.get(name)), None))


def _invoke(arguments: list[str], session: Session) -> int:
    try:
        status = Group(name="zhiyin").main(
            args=arguments, prog_name="zhiyin", standalone_mode=False, obj=session
        )
    except Problem as problem:
        return _fail(session, problem.as_dict(), 1)
    except click.UsageError as error:
        return _used_wrongly(session, error)
    except click.ClickException as error:
        return _fail(session, {"code": "usage", "message": error.format_message()}, 1)
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:  # the reader (`| head`) has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        known = _of_the_store(error)
        if known is not None:
            return _fail(session, known.as_dict(), 1)
        traceback.print_exc()
        message = _("Zhiyin met a fault of its own; what happened is above.")
        hint = _("Please report it, with the lines above and `zhiyin doctor --json`.")
        return _fail(session, {"code": "fault", "message": str(message), "hint": str(hint)}, 1)
    return status if isinstance(status, int) else 0


def _of_the_store(error: Exception) -> Problem | None:
    """What the relational store's state explains: it is away, empty, or an older Zhiyin's."""
    if "django.db" not in sys.modules:
        return None
    from django.db import DatabaseError

    if not isinstance(error, DatabaseError):
        return None
    from zhiyin.accounts import relational

    return relational.trouble()


def _used_wrongly(session: Session, error: click.UsageError) -> int:
    if session.is_json:
        path = error.ctx.command_path if error.ctx else "zhiyin"
        hint = str(_("`{command} --help` shows what it takes.", command=path))
        return _fail(session, {"code": "usage", "message": error.format_message(), "hint": hint}, 2)
    error.show()
    return 2


def _fail(session: Session, error: dict[str, str | None], status: int) -> int:
    error.setdefault("hint", None)
    if session.is_json:
        write_json({"error": error})
    else:
        lines = [f"{error['message']}", *([error["hint"]] if error["hint"] else [])]
        sys.stderr.write("\n".join(lines) + "\n")
    return status


class Group(click.Group):
    """`zhiyin`, whose commands are found by name and imported when called."""

    def __init__(self, **attributes: Any) -> None:
        says = _("Zhiyin 知音: what customers say and do, with honest figures.")
        super().__init__(
            **attributes,
            help=str(says),
            params=[*global_options(), _version_option()],
            context_settings={"help_option_names": ["--help", "-h"], "max_content_width": 100},
        )

    def list_commands(self, ctx: click.Context) -> list[str]:
        """In the order in which a new user needs them."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command called `cmd_name` and fit it into the frame."""
        if cmd_name not in COMMANDS:
            return None
        place, says = COMMANDS[cmd_name]
        module, _colon, name = place.partition(":")
        found: click.Command = getattr(importlib.import_module(module), name)
        return fitted(found, cmd_name, says)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands without importing any."""
        with formatter.section(gettext.gettext("Commands")):
            formatter.write_dl([(name, str(says)) for name, (_place, says) in COMMANDS.items()])


def _version_option() -> click.Option:
    def say(ctx: click.Context, _param: click.Parameter, is_asked: bool) -> None:
        session = ctx.find_object(Session)
        if is_asked and session is not None:
            session.say({"version": __version__}, lambda: f"zhiyin {__version__}")
            ctx.exit()

    says = str(_("Say which version this is."))
    return click.Option(["--version"], is_flag=True, help=says, expose_value=False, callback=say)


def fitted(found: click.Command, name: str, says: Text) -> click.Command:
    """A copy of a command, with the global options and its sentences in the language of now."""
    command = copy.copy(found)
    command.name = name
    command.help = _translated(found.help) or str(says)
    command.epilog = _translated(found.epilog)
    command.params = []
    for param in found.params:
        own = copy.copy(param)
        if isinstance(own, click.Option):
            own.help = _translated(own.help)
        command.params.append(own)
    taken = {option for param in command.params for option in param.opts}
    command.params += [new for new in global_options() if not taken.intersection(new.opts)]
    command.context_settings = {"max_content_width": 100, **found.context_settings}
    if isinstance(command, click.Group):
        command.commands = {
            inner: fitted(one, inner, Text(one.help or "", {}))
            for inner, one in command.commands.items()
        }
    return command


def _translated(sentences: str | None) -> str | None:
    if not sentences:
        return None
    paragraphs = (" ".join(paragraph.split()) for paragraph in sentences.split("\n\n"))
    return "\n\n".join(str(Text(paragraph, {})) for paragraph in paragraphs)


def global_options() -> list[click.Parameter]:
    """The options that stand before or after the subcommand."""

    def keep(ctx: click.Context, param: click.Parameter, value: Any) -> None:
        session = ctx.find_object(Session)
        if session is None or value is None or value is False:
            return
        if param.name == "data":
            session.set_data(value)
        elif param.name == "workspace":
            session.workspace_slug = value
        elif param.name == "as_json":
            session.is_json = True

    folder = click.Path(file_okay=False, path_type=Path)
    about: list[tuple[list[str], Text, dict[str, Any]]] = [
        (
            ["--data"],
            _("The folder that holds the stores (default: ZHIYIN_DATA, else ./data)."),
            {"type": folder, "metavar": "DIR"},
        ),
        (
            ["--workspace"],
            _("The workspace (default: the only one)."),
            {"metavar": "SLUG"},
        ),
        (
            ["--json", "as_json"],
            _("Answer with one JSON document."),
            {"is_flag": True},
        ),
        (
            ["--lang"],
            _("The language of what is shown (default: the environment's)."),
            {"type": click.Choice(["en", "zh"])},
        ),
    ]
    return [
        click.Option(names, help=str(says), expose_value=False, callback=keep, **rest)
        for names, says, rest in about
    ]
