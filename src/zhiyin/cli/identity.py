"""`zhiyin merge`, `unmerge` and `why`: which ids are one customer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.unify.matching import Matched
    from zhiyin.unify.merging import Merge, Undone
    from zhiyin.unify.suggesting import Suggested
    from zhiyin.unify.why import Explanation, Reason


@click.command()
@click.argument("a")
@click.argument("b")
@click.option("--note", default="", metavar="TEXT", help="Why, for those who ask later.")
@click.pass_obj
def merge(session: Session, a: str, b: str, note: str) -> None:
    """Make the customers of two ids one. An id of another kind is written kind:ID."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import merging

    made = merging.merge(session.log, by=COMMAND_LINE, workspace=workspace, a=a, b=b, note=note)
    session.say(made.as_dict(), lambda: _merged(made))


@click.command()
@click.argument("merge_id", metavar="ID")
@click.pass_obj
def unmerge(session: Session, merge_id: str) -> None:
    """Undo a merge by its id (`zhiyin why` lists them). No rule joins the two again."""
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import merging

    done = merging.unmerge(session.log, by=COMMAND_LINE, workspace=workspace, merge_id=merge_id)
    session.say(done.as_dict(), lambda: _unmerged(done))


@click.command()
@click.argument("customer_id", metavar="ID")
@click.pass_obj
def why(session: Session, customer_id: str) -> None:
    """Say why the ids of a customer are one, and what was held back."""
    from zhiyin.unify.why import explain

    found = explain(session.log, workspace=session.workspace.slug, written=customer_id)
    session.say(found.as_dict(), lambda: explained(found))


def _merged(made: Merge) -> str:
    said = _(
        "One customer now: {ids}. To undo it: zhiyin unmerge {id}",
        ids=", ".join(one.written for one in made.ids),
        id=made.merge_id,
    )
    return str(said)


def _unmerged(done: Undone) -> str:
    one, other = (customer.written for customer in done.customers)
    if done.is_still_one:
        return str(_("Undone; other merges by people still keep them one: {id}.", id=one))
    return str(_("Two customers again: {a} and {b}.", a=one, b=other))


def explained(found: Explanation) -> str:
    """The tree of ids with the reason of each, then what was held back."""
    lines = []
    for branch in found.tree:
        reason = f"  {_line(branch.reason)}" if branch.reason else ""
        lines.append("  " * branch.depth + branch.id.written + reason)
    for title, reasons in (
        (_("Says the same:"), [one for one in found.reasons if one.state == "agrees"]),
        (_("No longer counts:"), [one for one in found.reasons if one.state in ("void", "two")]),
        (_("Held back:"), found.held),
        (_("Said to be others:"), found.apart),
    ):
        if reasons:
            lines += ["", str(title)]
            lines += [_pair(one) for one in reasons]
    return "\n".join(lines)


def _pair(reason: Reason) -> str:
    held = f" {reason.held_because}" if reason.held_because else ""
    return f"  {reason.one.written} – {reason.other.written}  {_line(reason)}{held}"


def _line(reason: Reason) -> str:
    said = f"[{reason.merge_id}] {reason.says}, {reason.source}, {reason.occurred_at:%Y-%m-%d}"
    ground = _ground(reason)
    return f"{said} ({ground})" if ground else said


def _ground(reason: Reason) -> Text | str:
    return "; ".join(f"{name}: {value}" for name, value in reason.evidence.items())


@click.command()
@click.option("--suggest", is_flag=True, help="Also compare all customers by the model.")
@click.option("--always", is_flag=True, help="Even if nothing has changed since the last time.")
@click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="RULE=VALUE",
    help="Change a rule of the workspace first, e.g. shared_by_at_most=3 or traits=email,phone.",
)
@click.option("--rules", is_flag=True, help="Say by what ids are one customer, and match nothing.")
@click.pass_obj
def match(
    session: Session, suggest: bool, always: bool, changes: tuple[str, ...], rules: bool
) -> None:
    """Find customers with the same e-mail or telephone, and those who may be one.

    Equal values join by the workspace's rules. With --suggest a model compares names, dates of
    birth and more, and leaves every pair to a person.
    """
    workspace = session.workspace.slug
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import identity_rules, matching, suggesting

    if changes:
        given = identity_rules.read(changes)
        identity_rules.change(session.log, by=COMMAND_LINE, workspace=workspace, **given)
    if rules:
        _say_rules(session, workspace)
        return
    done = matching.match(session.log, workspace, always=always)
    model = suggesting.suggest(session.log, workspace) if suggest else None
    document = {**done.as_dict(), "model": model.as_dict() if model else None}
    session.say(document, lambda: _matched(done, model))


def _say_rules(session: Session, workspace: str) -> None:
    from zhiyin.unify import documents, identity_rules, matching

    known = identity_rules.rules_of(workspace)
    document = documents.identity_rules(known, matching.last_run(workspace))
    rows = [
        [name, ", ".join(held) if name == "traits" else str(held)]
        for name, held in document.items()
        if name != "last_run"
    ]
    heads = [str(_("rule")), str(_("value"))]
    session.say(document, lambda: table(heads, rows))


def _matched(done: Matched, model: Suggested | None) -> str:
    lines = [
        _(
            "Links by rules: {linked} new, {withdrawn} withdrawn, {standing} in all.",
            linked=done.linked,
            withdrawn=done.withdrawn,
            standing=done.standing,
        )
    ]
    if done.is_unchanged:
        lines = [_("Nothing has changed since the last run.")]
    lines += [
        _("{trait}: {count} values are shared by too many to identify.", trait=name, count=count)
        for name, count in done.contacts.items()
        if count
    ]
    if done.suggested:
        lines.append(_("{count} pairs wait for a person.", count=done.suggested))
    if model:
        lines.append(
            _(
                "The model compared {records} ids in {seconds} s; {count} pairs wait for a person.",
                records=model.records,
                seconds=model.seconds,
                count=model.offered,
            )
        )
    return "\n".join(str(line) for line in lines)
