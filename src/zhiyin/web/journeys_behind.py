"""The customers behind a figure of journeys: what the address asks, and who they are."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import msgspec
from django.urls import reverse

from zhiyin.accounts.workspaces import Settings
from zhiyin.journey.asking import read_steps
from zhiyin.journey.behind import (
    Behind,
    Listing,
    Side,
    StepAsked,
    TaskListed,
    Which,
    no_figure,
)
from zhiyin.journey.repeats import WHO, Who
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import MISSING
from zhiyin.reports import journeys
from zhiyin.reports.journeys import Address
from zhiyin.unify import people
from zhiyin.unify.people import Person
from zhiyin.warehouse.log import Log
from zhiyin.web import (
    adoption_page,
    before_page,
    engagement_page,
    funnels_page,
    losses_page,
    parting_page,
    personal,
    tasks_page,
)
from zhiyin.web.journeys_asked import events_of

ROWS = 50
MOST_PAGES = 200
FIELDS = (
    "of", "steps", "within", "order", "by", "segments", "every", "step", "stopped", "group",
    "grouped", "in", "show", "start", "end", "gap", "share", "node", "after", "later", "page",
    "outcome", "name", "band", "beside", "which", "against", "last", "side",
    "whose", "one", "two", "then", "nothing",
    "goal", "error", "help", "whom", "names", "times", "since", "more", "like", "at",
)  # fmt: skip
OWN = (
    "of", "step", "stopped", "group", "grouped", "in", "node", "later", "page", "side", "then",
    "nothing", "whom", "at",
)  # fmt: skip
"""Fields that say which figure of its page it is."""


@dataclass(frozen=True, slots=True)
class Page:
    """The list. With a `problem` there is none.

    Args:
        title: whose list it is.
        back: the address of the page that the figure is on.
    """

    title: Text
    back: str
    problem: Problem | None = None
    customers: int = 0
    people: tuple[Person, ...] = ()
    number: int = 1
    older: str = ""
    newer: str = ""


@dataclass(frozen=True, slots=True)
class _Asked:
    """One address, ready to be answered."""

    title: Text
    back: str
    find: Callable[[Listing], Behind]


def build(log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool) -> Page:
    """The list for what the query string asks; a mistake in it is shown in its place.

    Args:
        sees_it: whether the reader sees personal data; else she does not ask by it either.
    """
    address = Address.of(query, FIELDS)
    text = address.given["page"]
    number = min(max(int(text), 1), MOST_PAGES) if text.isdecimal() and len(text) < _DIGITS else 1
    bare = Page(_("Customers behind a figure"), reverse("funnels", args=[settings.slug]))
    try:
        asked = _asked(settings, address, sees_it)
        bare = replace(bare, title=asked.title, back=asked.back, number=number)
        found = asked.find(Listing(log, settings, (number - 1) * ROWS, ROWS))
    except Problem as problem:
        return replace(bare, problem=problem)
    has_more = number * ROWS < found.customers and number < MOST_PAGES
    return replace(
        bare,
        customers=found.customers,
        people=people.of_keys(log, settings, found.keys),
        older=address.query(page=str(number + 1)) if has_more else "",
        newer=address.query(page=str(number - 1)) if number > 1 else "",
    )


def finder(
    settings: Settings, query: Mapping[str, str], *, sees_it: bool
) -> Callable[[Listing], Behind]:
    """What lists the customers that a query string asks for.

    Raises:
        Problem: as `build` shows; ``journey.behind`` where it names no figure.
    """
    return _asked(settings, Address.of(query, FIELDS), sees_it).find


def _asked(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    return _READ.get(address.given["of"], _nothing)(settings, address, sees_it)


def _of_step(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    steps = read_steps(given["steps"])
    funnel = funnels_page.asked_of(settings, address, steps, clock.now(), sees_it=sees_it)
    place = (
        int(given["step"]) - 1 if given["step"].isdecimal() and len(given["step"]) < _DIGITS else -1
    )
    if not 0 <= place < len(steps.labels):
        raise no_figure()
    asked = StepAsked(
        funnel=funnel,
        step=place,
        stopped=bool(given["stopped"]),
        group=given["group"] or None,
        is_grouped=bool(given["grouped"]),
        period=given["in"] or None,
        every=journeys.grain_of(given["every"], "week"),
    )
    said = (
        _("Came to step {n} and no further: {step}", n=place + 1, step=steps.labels[place])
        if asked.stopped
        else _("Came to step {n}: {step}", n=place + 1, step=steps.labels[place])
    )
    if asked.is_grouped or asked.period:
        called = journeys.group_names(settings, funnel)
        word = personal.words(asked.group or MISSING, sees_it=sees_it)
        which = asked.period or called.get(asked.group, word)
        said = _("{figure} · {which}", figure=said, which=which)
    back = _back("funnels", settings, address)
    return _Asked(said, back, lambda listing: listing.of_step(asked))


def _of_edge(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    chosen = events_of(address, settings, clock.now(), sees_it=sees_it)
    asked = journeys.paths_of(address, chosen)
    before, after = given["node"], given["after"]
    said = (
        _("{before} directly followed by {after}", before=before, after=after)
        if after
        else _("Before or after another event: {name}", name=before)
    )
    back = _back("paths", settings, address, after="")
    return _Asked(said, back, lambda listing: listing.of_edge(asked, before, after or None))


def _of_variant(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    chosen = events_of(address, settings, clock.now(), sees_it=sees_it)
    steps = _names(address.given["steps"])
    back = _back("paths", settings, address, steps="")
    said = _("With this whole history: {steps}", steps=" → ".join(steps))
    return _Asked(said, back, lambda listing: listing.of_variant(chosen, steps))


def _of_repeat(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    chosen = events_of(address, settings, clock.now(), sees_it=sees_it)
    node, whom = address.given["node"], address.given["whom"]
    who: Who = next((one for one in WHO if one == whom), "customers")
    said = {
        "customers": _("Were at: {node}", node=node),
        "again": _("Came again to: {node}", node=node),
        "back": _("Came back to: {node}", node=node),
    }[who]
    back = _back("paths", settings, address)
    return _Asked(said, back, lambda listing: listing.of_repeat(chosen, node, who))


def _of_cohort(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    chosen = events_of(address, settings, clock.now(), sees_it=sees_it)
    later, period, every = given["later"], given["in"], journeys.grain_of(given["every"], "week")
    number = int(later) if later.isdecimal() and len(later) < _DIGITS else -1
    said = (
        _("First came in {period}, and again {n} periods later", period=period, n=number)
        if number
        else _("First came in {period}", period=period)
    )
    back = _back("cohorts", settings, address)
    return _Asked(said, back, lambda listing: listing.of_cohort(chosen, every, period, number))


def _of_before(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    address = before_page.tidy(address)
    given = address.given
    asked = before_page.asked_of(settings, address, clock.now(), sees_it=sees_it)
    side: Side = "there" if given["side"] == "there" else "here"
    back = _back("before", settings, address, steps="")
    if given["node"]:
        said = _("Before the outcome: {what}", what=given["node"])
        other = _("Before what it is compared with: {what}", what=given["node"])
        title = said if side == "here" else other
        return _Asked(title, back, lambda all_: all_.of_before(asked, side, node=given["node"]))
    steps = _names(given["steps"])
    what = " → ".join(steps) or _("(nothing)")
    said = _("Last before the outcome: {what}", what=what)
    other = _("Last before what it is compared with: {what}", what=what)
    title = said if side == "here" else other
    return _Asked(title, back, lambda listing: listing.of_before(asked, side, steps=steps))


def _of_parting(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    address = parting_page.tidy(address)
    given = address.given
    sides = {"one": 0, "two": 1}
    if given["side"] not in sides or not (given["then"] or given["nothing"]):
        raise no_figure()
    side, node, then = sides[given["side"]], given["node"], given["then"] or None
    said = _("{before}, then {after}", before=node, after=then or _("(nothing)"))

    def find(listing: Listing) -> Behind:
        asked = parting_page.asked_of(listing.log, settings, address, clock.now(), sees_it=sees_it)
        return listing.of_parting(asked, side, node, then)

    return _Asked(said, _back("parting", settings, address), find)


def _names(text: str) -> tuple[str, ...]:
    try:
        return msgspec.json.decode(text, type=tuple[str, ...])
    except msgspec.DecodeError:
        raise no_figure() from None


def _of_task(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    task = tasks_page.asked_of(settings, address, clock.now(), sees_it=sees_it)
    which: Which = next((one for one in _EACH if one == given["whom"]), "tried")
    asked = TaskListed(
        task,
        which,
        group=given["group"] or None,
        is_grouped=bool(given["grouped"]),
        period=given["in"] or None,
    )
    said = _tried(which, given["start"], given["goal"])
    if asked.is_grouped or asked.period:
        part = asked.period or personal.words(asked.group or MISSING, sees_it=sees_it)
        said = _("{figure} · {which}", figure=said, which=part)
    back = _back("tasks", settings, address)
    return _Asked(said, back, lambda listing: listing.of_task(asked))


_EACH: tuple[Which, ...] = ("tried", "done", "never")


def _tried(which: Which, start: str, goal: str) -> Text:
    return {
        "tried": _("Attempted it, beginning with: {start}", start=start),
        "done": _("Completed it: {start} to {goal}", start=start, goal=goal),
        "never": _("Attempted and never completed it: {start} to {goal}", start=start, goal=goal),
    }[which]


def _new(which: Which, period: str, names: str) -> Text:
    return {
        "tried": _("New in {period}", period=period),
        "done": _("New in {period}, and did it in time: {names}", period=period, names=names),
        "never": _("New in {period}, and did not in time: {names}", period=period, names=names),
    }[which]


def _of_between(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    asked = tasks_page.between_of(settings, address, clock.now(), sees_it=sees_it)
    followed = given["whom"] == "done"
    start, goal = given["start"], given["goal"] or given["start"]
    said = (
        _("After {start} came {goal}", start=start, goal=goal)
        if followed
        else _("Had an event: {name}", name=start)
    )
    back = _back("tasks", settings, address)
    return _Asked(said, back, lambda listing: listing.of_between(asked, followed=followed))


def _of_engagement(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    asked = engagement_page.asked_of(settings, address, clock.now(), sees_it=sees_it)
    period = address.given["in"]
    said = _("Came in {period}", period=period)
    back = _back("engagement", settings, address)
    return _Asked(said, back, lambda listing: listing.of_engaged(asked, period))


def _of_adoption(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    asked = adoption_page.asked_of(settings, address, clock.now(), sees_it=sees_it)
    which: Which = next((one for one in _EACH if one == given["whom"]), "tried")
    said = _new(which, given["in"], given["names"])
    back = _back("adoption", settings, address)
    return _Asked(said, back, lambda listing: listing.of_adoption(asked, given["in"], which=which))


def _of_loss(settings: Settings, address: Address, sees_it: bool) -> _Asked:
    given = address.given
    asked = losses_page.asked_of(settings, address, clock.now(), sees_it=sees_it)
    step = given["step"]
    number = int(step) if step.isdecimal() and len(step) < _DIGITS else 0
    try:
        words = msgspec.json.decode(given["at"], type=tuple[str | None, ...])
        place = tuple(zip(asked.columns, words, strict=True))
    except (msgspec.DecodeError, ValueError):
        raise no_figure() from None
    if asked.steps is None or not 0 < number < len(asked.steps.labels):
        raise no_figure()
    stopped = bool(given["stopped"])
    said = _(
        "{figure} · {which}",
        figure=losses_page.said_of(asked.steps.labels[number - 1], stopped=stopped),
        which=losses_page.name_of(words, sees_it=sees_it),
    )
    back = _back("losses", settings, address)
    return _Asked(
        said, back, lambda listing: listing.of_loss(asked, place, number - 1, stopped=stopped)
    )


_DIGITS = 6


def _back(page: str, settings: Settings, address: Address, **changed: str) -> str:
    """The address of the page that the figure is on."""
    query = address.query(**dict.fromkeys(OWN, ""), **changed)
    return f"{reverse(page, args=[settings.slug])}?{query}"


def _nothing(_settings: Settings, _address: Address, _sees_it: bool) -> _Asked:
    raise no_figure()


_READ: Mapping[str, Callable[[Settings, Address, bool], _Asked]] = {
    "step": _of_step,
    "edge": _of_edge,
    "variant": _of_variant,
    "repeat": _of_repeat,
    "cohort": _of_cohort,
    "before": _of_before,
    "parting": _of_parting,
    "task": _of_task,
    "between": _of_between,
    "adoption": _of_adoption,
    "engagement": _of_engagement,
    "loss": _of_loss,
}
