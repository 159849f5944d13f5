"""`zhiyin events` and `zhiyin dead-letters`: what came in, and what was refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.kernel.text import _

if TYPE_CHECKING:
    from zhiyin.warehouse.deadletters import DeadLetter


@click.command()
@click.option("--count", "is_count", is_flag=True, help="Say how many there are.")
@click.option("--name", metavar="N", help="Only events of this name.")
@click.option("--where", metavar="EXPR", help="Only rows for which this holds.")
@click.pass_obj
def events(session: Session, is_count: bool, name: str | None, where: str | None) -> None:
    """Count events, by name or by any filter."""
    from zhiyin.collect import tail
    from zhiyin.kernel.filters import parse

    if not is_count:
        raise click.UsageError(str(_("Say --count; the Events page shows events one by one.")))
    workspace = session.workspace
    condition = None if where is None else parse(where)
    count = tail.count(session.log, workspace.slug, name, condition, workspace.timezone)
    session.say(
        {"count": count, "name": name, "where": where, "workspace": workspace.slug},
        lambda: str(_("{count} events", count=f"{count:,}")),
    )


@click.command()
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True,
              metavar="N", help="Show the newest N that wait.")  # fmt: skip
@click.option("--replay", multiple=True, type=int, metavar="NUMBER", help="Try this one again.")
@click.option("--replay-all", is_flag=True, help="Try all that wait again.")
@click.option("--dismiss", multiple=True, type=int, metavar="NUMBER", help="Put this one aside.")
@click.option("--dismiss-all", is_flag=True, help="Put all that wait aside.")
@click.pass_obj
def dead_letters(
    session: Session,
    limit: int,
    replay: tuple[int, ...],
    replay_all: bool,
    dismiss: tuple[int, ...],
    dismiss_all: bool,
) -> None:
    """Show events that intake refused, try them again, or put them aside for good."""
    if sum(map(bool, (replay, replay_all, dismiss, dismiss_all))) > 1:
        raise click.UsageError(str(_("Replay or dismiss, some or all: one at a time.")))
    slug = session.workspace.slug
    if replay or replay_all:
        _replay(session, slug, None if replay_all else list(replay))
    elif dismiss or dismiss_all:
        count = session.log.dismiss_dead_letters(slug, None if dismiss_all else list(dismiss))
        said = _("{count} put aside.", count=f"{count:,}")
        session.say({"dismissed": count}, lambda: str(said))
    else:
        _show(session, slug, limit)


def _replay(session: Session, slug: str, numbers: list[int] | None) -> None:
    from zhiyin.collect.events.reading import read
    from zhiyin.warehouse.owner import Owner

    log = session.log
    if isinstance(log, Owner):  # without a server, this process reads them
        log.reader = read
    done = log.replay_dead_letters(slug, numbers)
    said = _(
        "{tried} tried again: {taken} taken, {refused} refused again.",
        tried=f"{done.tried:,}",
        taken=f"{done.taken:,}",
        refused=f"{done.refused:,}",
    )
    session.say(done.as_dict(), lambda: str(said))


def _show(session: Session, slug: str, limit: int) -> None:
    counts = session.log.dead_letter_counts(slug)
    letters = session.log.dead_letters(slug, limit=limit)
    document = {
        "waiting": sum(one.count for one in counts),
        "reasons": [one.as_dict() for one in counts],
        "letters": [letter.as_dict() for letter in letters],
    }
    session.say(document, lambda: _in_words(letters))


def _in_words(letters: list[DeadLetter]) -> str:
    if not letters:
        return str(_("Nothing waits: intake has refused no event that is not dealt with."))
    head = [_("Number"), _("Received"), _("Source"), _("What is wrong")]
    rows = [
        [str(one.number), f"{one.received_at:%Y-%m-%d %H:%M}", one.source, str(one.message)]
        for one in letters
    ]
    return table(head, rows, "0")
