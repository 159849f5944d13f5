"""The page *Losses* 流失: what its address asks, and what it shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import msgspec

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import read_span, read_steps, write_steps
from zhiyin.journey.losses import USUAL_BY, Loss, Losses, LossesAsked, losses, usual_steps
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import MISSING
from zhiyin.reports.journeys import Address
from zhiyin.warehouse.log import Log
from zhiyin.web import journeys_methods, personal
from zhiyin.web.journeys_asked import SPANS, Links, Shown, columns_of, events_of, label_of, offered

FIELDS = ("steps", "by", "more", "like", "gap")
GAPS = {span: SPANS[span] for span in ("30m", "1h", "1d")}
MOST_ROWS = 60
"""More than these are in the files that the page gives, not on it."""


@dataclass(frozen=True, slots=True)
class Row:
    """One step in one place.

    Args:
        name: of the place.
        came_at, lost_at: addresses of who came, and of who ended there; or blank.
    """

    loss: Loss
    name: str
    came_at: str = ""
    lost_at: str = ""


@dataclass(frozen=True, slots=True)
class Page(Shown):
    """All that the page shows. With a `problem` there is a form alone."""

    found: Losses | None = None
    every_row: tuple[Row, ...] = ()

    @property
    def view_name(self) -> str:
        """What a saved view of it may be called."""
        names = [label_of(self.given[name]) for name in ("by", "more", "like") if self.given[name]]
        return " · ".join([str(_("Losses")), *dict.fromkeys(names)])

    @property
    def rows(self) -> tuple[Row, ...]:
        """Those on the page."""
        return self.every_row[:MOST_ROWS]

    @property
    def worst(self) -> Row | None:
        """The place that is worst for certain, where there is one."""
        first = self.every_row[0] if self.every_row else None
        return first if first and first.loss.marked and (first.loss.low or 0) > 0 else None

    @property
    def hides(self) -> bool:
        """Whether anything is left out so that no small group can be calculated."""
        return any(row.loss.state != "ok" for row in self.every_row)


def build(
    log: Log,
    settings: Settings,
    query: Mapping[str, str],
    *,
    sees_it: bool,
    sees_rows: bool,
    answers: bool = True,
    now: datetime | None = None,
) -> Page:
    """The page for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not ask by it either.
        sees_rows: whether she may open the customers behind a figure.
        answers: whether the figures are asked for, which takes its time; else the form alone.
    """
    instant = now or clock.now()
    address = Address.of(query, FIELDS)
    names = log.words(settings.slug, "name").values()
    given = dict(address.given)
    usual = usual_steps(set(names))
    given["steps"] = given["steps"] or (write_steps(usual) if usual else "")
    given["by"] = given["by"] or USUAL_BY[0]
    given["gap"] = given["gap"] if given["gap"] in GAPS else "30m"
    address = replace(address, given=given)
    columns = columns_of(log, settings)
    more: dict[str, Mapping[str, object]] = {
        "by": columns,
        "more": {"": _("nothing more"), **columns},
        "like": {"": _("nothing"), **columns},
        "gap": GAPS,
    }
    choices = offered(log, settings, address, more=more)
    page = Page(address, choices.menus, choices.filters, has_events=bool(names))
    if not answers and names:
        return replace(page, is_waiting=True)
    if not names:
        return page
    try:
        asked = asked_of(settings, address, instant, sees_it=sees_it)
        found = losses(log, settings, asked)
    except Problem as problem:
        return replace(page, problem=problem)
    links = Links.of(settings, address, sees_rows=sees_rows)
    return replace(
        page,
        found=found,
        every_row=tuple(_row(one, links, sees_it) for one in found.losses),
        methods=journeys_methods.of_losses(settings, asked, found, instant),
    )


def asked_of(settings: Settings, address: Address, now: datetime, *, sees_it: bool) -> LossesAsked:
    """What an address asks.

    Raises:
        Problem: ``journey.steps``, ``journey.span``, ``period.bad-date``, ``personal.filter``; a
            filter that cannot be read.
    """
    given = address.given
    by = tuple(dict.fromkeys(name for name in (given["by"], given["more"]) if name)) or USUAL_BY
    like = (given["like"],) if given["like"] else ()
    personal.check_facts([*by, *like], sees_it=sees_it)
    return LossesAsked(
        steps=read_steps(given["steps"]) if given["steps"] else None,
        by=by,
        like=like,
        gap=read_span(given["gap"] or "30m"),
        chosen=events_of(address, settings, now, sees_it=sees_it),
    )


def name_of(words: tuple[str | None, ...], *, sees_it: bool) -> str:
    """What a place is called."""
    return " · ".join(
        personal.words(MISSING if word is None else word, sees_it=sees_it) for word in words
    )


def said_of(step: str, *, stopped: bool) -> Text:
    """Whose list it is."""
    if stopped:
        return _("Unknown customers who ended at: {step}", step=step)
    return _("Unknown customers who came to: {step}", step=step)


def _row(one: Loss, links: Links, sees_it: bool) -> Row:
    words = tuple(word for _name, word in one.place)
    name = name_of(words, sees_it=sees_it)
    if not one.sessions:
        return Row(one, name)
    asked = {
        "of": "loss",
        "step": str(one.number),
        "at": msgspec.json.encode(words).decode(),
    }
    came = links.to(**asked)
    lost = links.to(**asked, stopped="1") if one.lost else ""
    return Row(one, name, came, lost)
