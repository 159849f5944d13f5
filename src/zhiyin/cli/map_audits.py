"""`zhiyin journey audit`: the same task done on our site and on others, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli import lists
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.maps.audit_asked import AuditAsked, StepAsked
    from zhiyin.maps.audit_sites import Beside, Compared, Figure, Measure
    from zhiyin.maps.models import Audit

PARTS = 5
"""Of a step on the command line: words, seconds, touchpoint, what failed, link."""


@click.group("audit")
def audit_command() -> None:
    """Compare the same task on our site and on others: completion, steps, time, failures, ease."""


@audit_command.command("list")
@click.pass_obj
def list_command(session: Session) -> None:
    """List the competitor walkthroughs."""
    slug = session.workspace.slug
    from zhiyin.maps import audits

    found = [audits.as_dict(one) for one in audits.of(slug)]
    session.say({"walkthroughs": found}, lambda: _list(found))


@audit_command.command("show")
@click.argument("number", type=click.IntRange(1))
@click.pass_obj
def show_command(session: Session, number: int) -> None:
    """Show a walkthrough: sites side by side, step by step, and its runs."""
    slug = session.workspace.slug
    from zhiyin.maps import audit_sites, audit_steps, audits

    held = audits.get(slug, number)
    session.say(
        audit_steps.whole(held),
        lambda: _shown(held, audit_sites.compared(held, audits.runs(held))),
    )


@audit_command.command("create")
@click.argument("title")
@click.option("--ours", required=True, metavar="NAME", help="Our own site.")
@click.option(
    "--site", "sites", multiple=True, metavar="NAME", help="Another site (may be repeated)."
)
@click.option("--task", default="", metavar="TEXT", help="What is to be done.")
@click.option("--map", "map_", default="", metavar="KEY", help="The map that steps are put on.")
@click.pass_obj
def create_command(session: Session, /, **given: Any) -> None:
    """Make a walkthrough called TITLE."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import auditing, audits

    asked = _asked(given["title"], given["task"], given["map_"], given["ours"], given["sites"])
    made = auditing.create(by=COMMAND_LINE, workspace=slug, asked=asked)
    said = _("Walkthrough {number} is made.", number=made.pk)
    session.say(audits.as_dict(made), lambda: str(said))


@audit_command.command("change")
@click.argument("number", type=click.IntRange(1))
@click.option("--title", metavar="TEXT", help="Another title.")
@click.option("--ours", metavar="NAME", help="Which site is our own.")
@click.option(
    "--site", "sites", multiple=True, metavar="NAME",
    help="The other sites, all of them; one with runs stays.",
)  # fmt: skip
@click.option("--task", metavar="TEXT", help="What is to be done.")
@click.option("--map", "map_", metavar="KEY", help="The map that steps are put on; blank: none.")
@click.pass_obj
def change_command(session: Session, /, number: int, **given: Any) -> None:
    """Change what a walkthrough says of itself; what is not given stays."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import auditing, audits

    held = audits.as_dict(audits.get(slug, number))
    ours = given["ours"] or next(one["name"] for one in held["sites"] if one["is_ours"])
    others = given["sites"] or [one["name"] for one in held["sites"] if one["name"] != ours]
    kept = {"title": held["title"], "task": held["task"], "map_": held["map"] or ""}
    words = {name: was if given[name] is None else given[name] for name, was in kept.items()}
    asked = _asked(words["title"], words["task"], words["map_"], ours, others)
    changed = auditing.change(by=COMMAND_LINE, workspace=slug, number=number, asked=asked)
    said = _("Walkthrough {number} is changed.", number=number)
    session.say(audits.as_dict(changed), lambda: str(said))


@audit_command.command("remove")
@click.argument("number", type=click.IntRange(1))
@click.pass_obj
def remove_command(session: Session, number: int) -> None:
    """Remove a walkthrough with its runs and their pictures."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import auditing

    auditing.remove(by=COMMAND_LINE, workspace=slug, number=number)
    said = _("Walkthrough {number} is removed.", number=number)
    session.say({"number": number, "removed": True}, lambda: str(said))


@audit_command.command("add-run")
@click.argument("number", type=click.IntRange(1))
@click.option("--site", required=True, metavar="NAME", help="Where it was done.")
@click.option("--who", required=True, metavar="TEXT", help="Who did it, or a code such as P1.")
@click.option("--on", "done_on", metavar="DAY", help="The day, 2026-03-15 (default: today).")
@click.option("--done/--not-done", "is_done", required=True, help="Whether it was completed.")
@click.option("--ease", type=click.IntRange(1, 7), metavar="N", help="1 to 7; 7 is very easy.")
@click.option("--device", default="", metavar="TEXT", help="On what it was done.")
@click.option(
    "--step", "steps", multiple=True, required=True, metavar="STEP",
    help='"WORDS | SECONDS | TOUCHPOINT | WHAT FAILED | LINK"; only the words are needed'
    " (may be repeated).",
)  # fmt: skip
@click.option(
    "--picture", "pictures", multiple=True, nargs=2, metavar="PLACE FILE",
    type=(click.IntRange(1), click.Path(exists=True, dir_okay=False, path_type=Path)),
    help="A picture as the proof of the step at this place (may be repeated).",
)  # fmt: skip
@click.pass_obj
def add_run_command(session: Session, /, number: int, **given: Any) -> None:
    """Write down a run: one person doing the task once."""
    settings = session.workspace
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.kernel import clock
    from zhiyin.kernel.periods import local_day
    from zhiyin.maps import audit_pictures, auditing, audits
    from zhiyin.maps.audit_asked import RunAsked
    from zhiyin.measure.mark_lists import day as day_of

    pictures = given.pop("pictures")
    for place, _file in pictures:
        if place > len(given["steps"]):
            raise Problem(
                "walkthrough.no-step",
                _("There is no step {place}.", place=place),
                _("Its steps are numbered from 1."),
            )
    drawn = [(place, file.read_bytes()) for place, file in pictures]
    for _place, content in drawn:
        audit_pictures.drawn(content)  # before anything is written
    day = given.pop("done_on")
    asked = RunAsked(
        **{**given, "steps": tuple(_step(one) for one in given["steps"])},
        done_on=day_of(day) if day else local_day(clock.now(), settings.timezone),
    )
    run = auditing.add_run(by=COMMAND_LINE, workspace=settings.slug, number=number, asked=asked)
    for place, content in drawn:
        auditing.set_picture(
            by=COMMAND_LINE, workspace=settings.slug, number=number, run=run.pk, place=place,
            content=content,
        )  # fmt: skip
    found = audits.run(audits.get(settings.slug, number), run.pk)
    said = _("Run {number} is written down.", number=run.pk)
    session.say(audits.run_as_dict(found), lambda: str(said))


@audit_command.command("remove-run")
@click.argument("number", type=click.IntRange(1))
@click.argument("run", type=click.IntRange(1))
@click.pass_obj
def remove_run_command(session: Session, number: int, run: int) -> None:
    """Remove a run with its steps and their pictures."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import auditing

    auditing.remove_run(by=COMMAND_LINE, workspace=slug, number=number, run=run)
    said = _("Run {number} is removed.", number=run)
    session.say({"number": run, "removed": True}, lambda: str(said))


@audit_command.command("import")
@click.argument("number", type=click.IntRange(1))
@lists.FILE
@click.option("--dry-run", is_flag=True, help="Look at the list, and write nothing.")
@click.pass_obj
def import_command(session: Session, number: int, file: Path, dry_run: bool) -> None:
    """Write down all runs of a CSV list, a line a step, or none where a line is wrong."""
    slug = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.maps import audit_lists, auditing, audits

    found = audit_lists.preview(file.read_bytes(), audits.get(slug, number))

    def add_all() -> None:
        auditing.add_runs(by=COMMAND_LINE, workspace=slug, number=number, asked=found.asked)

    said = _("{new} new, {same} there already.", **found.counts)
    lists.bring_in(session, found.faults, None if dry_run else add_all, found.counts, said)


@audit_command.command("export")
@click.argument("number", type=click.IntRange(1))
@lists.OUTPUT
@click.pass_obj
def export_command(session: Session, number: int, output: Path) -> None:
    """Write all runs to a CSV list that can be imported elsewhere."""
    slug = session.workspace.slug
    from zhiyin.maps import audit_lists, audits

    runs = audits.runs(audits.get(slug, number))
    lists.write(session, output, audit_lists.write(runs), len(audit_lists.rows(runs)))


def _asked(title: str, task: str, map_: str, ours: str, sites: Sequence[str]) -> AuditAsked:
    from zhiyin.maps.audit_asked import AuditAsked, SiteAsked

    others = tuple(SiteAsked(name) for name in sites)
    return AuditAsked(title, task, map_, (SiteAsked(ours, is_ours=True), *others))


def _step(written: str) -> StepAsked:
    from zhiyin.maps.audit_asked import StepAsked
    from zhiyin.measure.lists import number

    parts = [part.strip() for part in written.split("|")]
    if len(parts) > PARTS:
        raise Problem(
            "walkthrough.step",
            _("A step has at most {most} parts, and “{step}” has {n}.",
              most=PARTS, step=written[:80], n=len(parts)),
            _("They are: words | seconds | touchpoint | what failed | link."),
        )  # fmt: skip
    says, seconds, node, failed, link = (*parts, *[""] * (PARTS - len(parts)))
    return StepAsked(says, node, number(seconds) if seconds else None, failed, link)


def _list(found: Sequence[dict[str, Any]]) -> str:
    if not found:
        return str(_("There is no walkthrough yet; `zhiyin journey audit create` makes one."))
    rows = [
        [one["number"], one["title"], ", ".join(site["name"] for site in one["sites"]),
         one["runs"], one["map"]]
        for one in found
    ]  # fmt: skip
    return table(["", _("Title"), _("Sites"), _("Runs"), _("Map")], rows, "03")


def _shown(held: Audit, found: Compared) -> str:
    from zhiyin.maps.audit_sites import MEASURES

    head = [
        _("Measure"), _("Site"), _("Figure"), _("Interval"), _("Runs"), _("Persons"),
        _("Beside ours"), _("Interval"), "",
    ]  # fmt: skip
    rows = [
        [
            measure.label if site.is_ours else "",
            site.name,
            *_cells(measure, site.figures[measure.slug], site.beside.get(measure.slug)),
        ]
        for measure in MEASURES
        for site in sorted(found.sites, key=lambda one: not one.is_ours)
    ]
    return f"{held.title}\n\n{table(head, rows, '245')}"


def _cells(measure: Measure, one: Figure, beside: Beside | None) -> list[object]:
    from zhiyin.maps import audit_words

    return [
        audit_words.written(one.value, measure),
        audit_words.interval(one.low, one.high, measure),
        one.n,
        one.people,
        audit_words.difference(beside, measure),
        audit_words.ends(beside, measure),
        audit_words.verdict(beside, measure, one),
    ]
