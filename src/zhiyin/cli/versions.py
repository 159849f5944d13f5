"""`zhiyin listen versions`: what the version before and the present one read, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.listen.versions import By, Changed, Versions
    from zhiyin.stats.estimate import Estimate


@click.command()
@click.option(
    "--by", type=click.Choice(["aspect", "polarity", "language"]), default="aspect",
    show_default=True, help="What of each clause is compared.",
)  # fmt: skip
@click.option("--language", default="", metavar="CODE", help="Only clauses in this language.")
@click.option(
    "--before", metavar="NAME", help="Examples that were read so; - is about no single thing."
)
@click.option("--now", metavar="NAME", help="Examples that are read so now; with --before.")
@click.option("--examples", type=click.IntRange(0, 200), default=5, show_default=True,
              help="So many clauses that are not read as they were.")  # fmt: skip
@click.pass_obj
def versions(
    session: Session, by: str, language: str, before: str | None, now: str | None, examples: int
) -> None:
    """Say what the version before and the present one read in the same clauses, and what moved.

    All that was said is read anew when aspects change or something was learned.
    """
    settings = session.workspace
    from zhiyin.listen import versions as comparing

    kind = cast("By", by)
    move = comparing.move_of(before, now)
    found = comparing.compare(session.log, settings, kind, language=language)
    shown = (
        comparing.changed(session.log, settings, kind, language=language, move=move, limit=examples)
        if examples
        else []
    )
    document = comparing.document(found, shown, sees_it=True)
    session.say(document, lambda: _told(found, shown))


def _told(found: Versions, shown: list[Changed]) -> str:
    if not found.both:
        return str(_("No text is read by two versions: there is nothing to compare yet."))
    head = _(
        "{both} of {n} verbatims are read by both versions, {before} and {now}: {clauses} clauses"
        " of {customers} customers, {share} of them read as they were.",
        both=count(found.both), n=count(found.verbatims), before=found.earlier, now=found.version,
        clauses=count(found.compared.clauses), customers=count(found.compared.customers),
        share=_share(found.same),
    )  # fmt: skip
    groups = [
        [one.name or "–", count(one.before.clauses), count(one.now.clauses),
         count(one.before.customers), count(one.now.customers), _share(one.stayed)]
        for one in found.groups
    ]  # fmt: skip
    heads = [_("read as"), _("clauses before"), _("clauses now"), _("customers before"),
             _("customers now"), _("stayed")]  # fmt: skip
    moves = [
        [one.before or "–", one.now or "–", count(one.said.clauses), count(one.said.customers),
         _share(one.share)]
        for one in found.moves
    ]  # fmt: skip
    parts = [str(head), table(heads, groups, "12345")]
    if moves:
        headings = [_("was read as"), _("is read as"), _("clauses"), _("customers"), _("share")]
        parts.append(table(headings, moves, "234"))
    if shown:
        parts.append("\n".join(_line(one) for one in shown))
    return "\n\n".join(parts)


def _line(one: Changed) -> str:
    ends = [f"{read.aspect or '–'} · {read.polarity}" for read in (one.before, one.now)]
    said = " ".join(one.text[one.starts : one.ends].split())
    return f"{one.at:%Y-%m-%d}  {ends[0]} → {ends[1]}  {said}"


def _share(found: Estimate | None) -> str:
    if found is None:
        return str(_("not enough answers"))
    if found.low is None or found.high is None:
        return f"{found.value:.1%}"
    return f"{found.value:.1%} [{found.low:.1%}, {found.high:.1%}]"
