"""Every write to a report that is being made: one transaction, with its audit entry."""

from __future__ import annotations

import secrets
from collections.abc import Callable

import msgspec
from django.db import transaction

from zhiyin.accounts import audit
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import LANGUAGES
from zhiyin.accounts.workspaces import find, settings_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.reports import blocks, questions
from zhiyin.reports.blocks import Block, Blocks, Figure, Said, Words
from zhiyin.reports.models import Report
from zhiyin.warehouse.log import Log

MOST_BLOCKS = 200
LONGEST_WORDS = 20_000
MOST_VERBATIMS = 50
"""In one block."""

Change = Callable[[Blocks], Blocks]


# A report


@transaction.atomic
def create(*, by: Actor, workspace: str, title: str, language: str) -> Report:
    """An empty report.

    Raises:
        Problem: ``reports.no-title``, ``reports.taken``, ``reports.language``.
    """
    made = Report.objects.create(
        workspace=find(workspace),
        title=_title(workspace, title, None),
        language=_language(language),
        made_by=by.name,
    )
    audit.record(
        by=by, action="report.created", subject=made.title, workspace=workspace,
        after={"number": made.pk, "language": made.language},
    )  # fmt: skip
    return made


@transaction.atomic
def rename(*, by: Actor, workspace: str, number: int, title: str, language: str) -> Report:
    """Give a report another title and language.

    Raises:
        Problem: as `create`; ``reports.none``.
    """
    held = _held(workspace, number)
    before = {"title": held.title, "language": held.language}
    held.title, held.language = _title(workspace, title, held), _language(language)
    held.save()
    after = {"title": held.title, "language": held.language}
    if after != before:
        audit.record(
            by=by, action="report.changed", subject=held.title, workspace=workspace,
            before=before, after=after,
        )  # fmt: skip
    return held


@transaction.atomic
def copy(*, by: Actor, workspace: str, number: int) -> Report:
    """A new report with the same blocks; what was published stays with the first.

    Raises:
        Problem: ``reports.none``.
    """
    held = get(workspace, number)
    taken = set(Report.objects.filter(workspace=held.workspace).values_list("title", flat=True))
    tries = (f"{held.title[:110]} ({count})" for count in range(2, len(taken) + 3))
    made = Report.objects.create(
        workspace=held.workspace,
        title=next(title for title in tries if title not in taken),
        language=held.language,
        blocks=held.blocks,
        made_by=by.name,
    )
    audit.record(
        by=by, action="report.copied", subject=made.title, workspace=workspace,
        before={"number": held.pk}, after={"number": made.pk},
    )  # fmt: skip
    return made


@transaction.atomic
def remove(*, by: Actor, workspace: str, number: int) -> list[int]:
    """Remove a report with all that was published of it; returns what the editions were numbered.

    Their files go after the transaction: see `editions.sweep`.

    Raises:
        Problem: ``reports.none``.
    """
    held = _held(workspace, number)
    editions = list(held.editions.values_list("pk", flat=True))
    audit.record(
        by=by, action="report.removed", subject=held.title, workspace=workspace,
        before={"number": held.pk, "editions": len(editions)},
    )  # fmt: skip
    held.delete()
    return editions


# Its blocks


def add_figure(
    *,
    by: Actor,
    log: Log,
    workspace: str,
    number: int,
    query: str,
    show: str = "",
    dates: str = "",
) -> Figure:
    """Put a figure at the end.

    Args:
        query: a query string of the page *Scores*, or a whole address with one, or one of
            *Funnels*, *Paths* or *Retention*.

    Raises:
        Problem: ``reports.none``, ``reports.no-figure``, ``reports.full``; a question that cannot
            be read.
    """
    named = questions.tidy(query, log, settings_of(workspace))
    made = Figure(
        _name(), named.query, blocks.show_of(show), blocks.dates_of(dates), page=named.page
    )
    _add(by, workspace, number, made)
    return made


def add_verbatims(*, by: Actor, workspace: str, number: int, rows: tuple[int, ...]) -> Said:
    """Put customers' own words at the end.

    Args:
        rows: of the log's verbatims, by order of arrival.

    Raises:
        Problem: ``reports.none``, ``reports.full``, ``reports.no-verbatims``.
    """
    chosen = tuple(dict.fromkeys(row for row in rows if 0 <= row < 2**63))
    if not chosen or len(chosen) > MOST_VERBATIMS:
        raise Problem(
            "reports.no-verbatims",
            _("Choose between 1 and {most} of customers' words.", most=MOST_VERBATIMS),
            _("Mark those that you want to show."),
        )
    made = Said(_name(), chosen)
    _add(by, workspace, number, made)
    return made


def add_words(*, by: Actor, workspace: str, number: int, text: str = "") -> Words:
    """Put own words at the end.

    Raises:
        Problem: ``reports.none``, ``reports.full``, ``reports.too-long``.
    """
    made = Words(_name(), _text(text))
    _add(by, workspace, number, made)
    return made


def add_break(*, by: Actor, workspace: str, number: int) -> blocks.Break:
    """Put a page break at the end.

    Raises:
        Problem: ``reports.none``, ``reports.full``.
    """
    made = blocks.Break(_name())
    _add(by, workspace, number, made)
    return made


def move(*, by: Actor, workspace: str, number: int, block: str, steps: int) -> None:
    """Move a block up (−1) or down (1), as far as there is room.

    Raises:
        Problem: ``reports.none``, ``reports.no-block``.
    """

    def moved(held: Blocks) -> Blocks:
        at = _place(held, block)
        rest = [*held[:at], *held[at + 1 :]]
        rest.insert(min(max(at + steps, 0), len(rest)), held[at])
        return tuple(rest)

    _change(by, workspace, number, moved, {"moved": block})


def write(*, by: Actor, workspace: str, number: int, block: str, text: str) -> None:
    """Change own words.

    Raises:
        Problem: ``reports.none``, ``reports.no-block``, ``reports.too-long``.
    """
    _text(text)
    _put(by, workspace, number, block, Words, lambda held: msgspec.structs.replace(held, text=text))


def show(
    *, by: Actor, workspace: str, number: int, block: str, show: str, dates: str, title: str
) -> None:
    """Change how a figure is shown, which days it takes and what it is called.

    Raises:
        Problem: ``reports.none``, ``reports.no-block``.
    """
    _put(
        by, workspace, number, block, Figure,
        lambda held: msgspec.structs.replace(
            held,
            show=blocks.show_of(show),
            dates=blocks.dates_of(dates),
            title=" ".join(title.split())[:120],
        ),
    )  # fmt: skip


@transaction.atomic
def take_out(*, by: Actor, workspace: str, number: int, block: str) -> None:
    """Take a block out. The last one taken out can be put back.

    Raises:
        Problem: ``reports.none``, ``reports.no-block``.
    """
    held = _held(workspace, number)
    given = blocks.read(held.blocks)
    at = _place(given, block)
    held.removed = {"at": at, "block": blocks.write((given[at],))[0]}
    _save(by, held, (*given[:at], *given[at + 1 :]), {"taken_out": blocks.kind_of(given[at])})


@transaction.atomic
def put_back(*, by: Actor, workspace: str, number: int) -> str:
    """Put the block back that was taken out last; returns its name.

    Raises:
        Problem: ``reports.none``, ``reports.nothing-removed``.
    """
    held = _held(workspace, number)
    if not held.removed:
        raise Problem(
            "reports.nothing-removed",
            _("There is nothing to put back."),
            _("Load the page again."),
        )
    given = blocks.read(held.blocks)
    (back,) = blocks.read([held.removed["block"]])
    at = min(held.removed["at"], len(given))
    held.removed = {}
    _save(by, held, (*given[:at], back, *given[at:]), {"put_back": blocks.kind_of(back)})
    return back.id


def get(workspace: str, number: int) -> Report:
    """The report of this number.

    Raises:
        Problem: ``reports.none``.
    """
    found = Report.objects.filter(workspace__slug=workspace, pk=number)
    held = found.select_related("workspace").first()
    if held is None:
        raise none(str(number))
    return held


def named(workspace: str, name: str) -> Report:
    """The report of this number or title.

    Raises:
        Problem: ``reports.none``.
    """
    if name.isdecimal() and len(name) < 10:
        return get(workspace, int(name))
    held = Report.objects.filter(workspace__slug=workspace, title=name)
    found = held.select_related("workspace").first()
    if found is None:
        raise none(name)
    return found


def none(name: str) -> Problem:
    """What is said where there is no such report."""
    return Problem(
        "reports.none",
        _("There is no report {name}.", name=name),
        _("The page of reports and `zhiyin report list` show those that there are."),
    )


def _held(workspace: str, number: int) -> Report:
    """The report, kept from everybody else until the transaction ends."""
    get(workspace, number)
    return Report.objects.select_for_update().get(pk=number)


def _add(by: Actor, workspace: str, number: int, made: Block) -> None:
    def added(held: Blocks) -> Blocks:
        if len(held) >= MOST_BLOCKS:
            raise Problem(
                "reports.full",
                _("A report has at most {most} blocks.", most=MOST_BLOCKS),
                _("Take some out, or begin another report."),
            )
        return (*held, made)

    _change(by, workspace, number, added, {"added": blocks.kind_of(made)})


def _put(
    by: Actor,
    workspace: str,
    number: int,
    block: str,
    kind: type[Figure] | type[Words],
    changed: Callable[..., Block],
) -> None:
    def put(held: Blocks) -> Blocks:
        at = _place(held, block)
        if not isinstance(held[at], kind):
            raise _no_block()
        return (*held[:at], changed(held[at]), *held[at + 1 :])

    _change(by, workspace, number, put, {"changed": block})


@transaction.atomic
def _change(by: Actor, workspace: str, number: int, change: Change, said: dict[str, str]) -> None:
    held = _held(workspace, number)
    given = blocks.read(held.blocks)
    changed = change(given)
    if changed != given:
        _save(by, held, changed, said)


def _save(by: Actor, held: Report, changed: Blocks, said: dict[str, str]) -> None:
    held.blocks = blocks.write(changed)
    held.save()
    audit.record(
        by=by, action="report.changed", subject=held.title, workspace=held.workspace.slug,
        after=said,
    )  # fmt: skip


def _place(held: Blocks, block: str) -> int:
    found = next((at for at, one in enumerate(held) if one.id == block), None)
    if found is None:
        raise _no_block()
    return found


def _no_block() -> Problem:
    return Problem(
        "reports.no-block",
        _("This part of the report is not there any more."),
        _("Somebody has changed the report meanwhile. Load the page again."),
    )


def _name() -> str:
    return secrets.token_hex(4)


def _title(workspace: str, title: str, mine: Report | None) -> str:
    tidy = " ".join(title.split())
    if not tidy or len(tidy) > 120:
        raise Problem(
            "reports.no-title",
            _("A report needs a title of at most 120 characters."),
            _("Name it after what it tells, and to whom."),
        )
    others = Report.objects.filter(workspace__slug=workspace, title=tidy)
    if mine is not None:
        others = others.exclude(pk=mine.pk)
    if others.exists():
        raise Problem(
            "reports.taken",
            _("There is already a report {title}.", title=tidy),
            _("Choose another title."),
        )
    return tidy


def _language(code: str) -> str:
    if code not in dict(LANGUAGES):
        raise Problem(
            "reports.language",
            _("A report is written in English or in Chinese."),
            _("Choose one of: {known}.", known=", ".join(dict(LANGUAGES))),
        )
    return code


def _text(text: str) -> str:
    if len(text) > LONGEST_WORDS:
        raise Problem(
            "reports.too-long",
            _("These are more than {most} characters.", most=f"{LONGEST_WORDS:,}"),
            _("Divide them into several parts."),
        )
    return text
