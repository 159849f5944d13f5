"""The tables under a journey map as a printed page has them: every figure with its interval."""

from __future__ import annotations

from collections.abc import Callable

from zhiyin.kernel import figures
from zhiyin.kernel.text import Text, _
from zhiyin.maps.figures import Figures
from zhiyin.measure import registry
from zhiyin.measure.comparisons import Comparison
from zhiyin.measure.scores import Score
from zhiyin.measure.words import customers
from zhiyin.reports.map_printing import Cell, Table
from zhiyin.web.map_page import Drawn, Page
from zhiyin.web.templatetags import maps as words

NOTHING: Cell = (figures.MISSING,)
Told = Callable[[Drawn], Cell]


def of_map(page: Page, found: Figures) -> tuple[Table, ...]:
    """Touchpoints, stages, and the traffic that no touchpoint explains."""
    return (
        _touchpoints(page, found),
        _stages(page, found),
        _unexplained(found),
    )


def _touchpoints(page: Page, found: Figures) -> Table:
    columns = _columns(found)
    rows = tuple(
        ((drawn.name,), (column.name,), *(told(drawn) for _head, told in columns))
        for column, some in page.by_stage
        for drawn in some
    )
    heads = (_("Touchpoint"), _("Stage"), *(head for head, _told in columns))
    note = _(
        "Shares in per cent, over customers. < {least}: too few customers; –: not known, or"
        " withheld so that no small group can be calculated; *: more than chance.",
        least=found.minimum_base,
    )
    return Table(str(_("Touchpoints")), tuple(str(one) for one in heads), rows, 2, str(note))


def _columns(found: Figures) -> tuple[tuple[Text, Told], ...]:
    least = found.minimum_base
    return (
        (registry.metric(found.metric).label, lambda one: _score(one.figures.score, one)),
        (Text("n", {}), lambda one: _n(one.figures.score)),
        (_("Beside the others"), lambda one: _difference(one.figures.rest, one.unit)),
        (_("Change of the score"), lambda one: _difference(one.figures.change, one.unit)),
        (_("Customers"), lambda one: _who(one, least)),
        (_("Reach"), _share("reach")),
        (_("Reached the goal"), _share("completion")),
        (_("Ended here"), _share("left_share", "left")),
        (_("Time to the next"), lambda one: (figures.lasted(one.figures.traffic.seconds),)),
        (_("Necessity"), _share("necessity")),
        (_("Without it"), lambda one: (figures.count(one.figures.traffic.without),)),
        (_("Attempts"), _number("attempts")),
        (_("Switches of channel"), _number("switches")),
        (_("Asked for help"), _share("helped")),
        (_("Customer effort"), lambda one: _score(one.figures.effort, one, "scale")),
        (_("Convenience"), _convenience),
        (_("Promise felt"), lambda one: _score(one.figures.felt, one, "percent")),
        (_("Net sentiment"), lambda one: _score(one.figures.sentiment, one, "points")),
        (_("Money"), _number("money")),
    )


def _told(value: str, *small: str) -> Cell:
    """A figure with what is known beside it."""
    return value, *(one for one in small if one and one != figures.MISSING)


def _score(score: Score | None, drawn: Drawn, unit: str = "") -> Cell:
    if score is None or score.value is None:
        return (words.why_none(drawn.figures),) if not unit else NOTHING
    unit = unit or drawn.unit
    ends = figures.interval(score.low, score.high, unit)
    return _told(figures.figure(score.value, unit), ends)


def _n(score: Score | None) -> Cell:
    return (figures.count(score.n),) if score else NOTHING


def _difference(row: Comparison | None, unit: str) -> Cell:
    if row is None or row.difference is None:
        return NOTHING
    sign = "*" if row.marked else ""
    ends = figures.interval(row.low, row.high, unit, signed=True)
    value = figures.figure(row.difference, unit, signed=True)
    return _told(f"{value}{sign}", ends, "" if row.q is None else f"q {figures.chance(row.q)}")


def _who(drawn: Drawn, least: int) -> Cell:
    flow = drawn.figures.traffic
    return (customers(flow.customers, flow.state, least),)


def _share(name: str, ends: str = "") -> Told:
    """A share of the traffic in per cent; `ends` is how its interval is called."""

    def told(drawn: Drawn) -> Cell:
        value, low, high = _of(drawn, name, ends or name)
        if value is None:
            return NOTHING
        least, most = (None if end is None else 100 * end for end in (low, high))
        interval = figures.interval(least, most, "percent")
        return _told(figures.figure(100 * value, "percent"), interval)

    return told


def _number(name: str) -> Told:
    def told(drawn: Drawn) -> Cell:
        value, low, high = _of(drawn, name, name)
        if value is None:
            return NOTHING
        return _told(figures.figure(value, "count"), figures.interval(low, high, "count"))

    return told


def _of(drawn: Drawn, name: str, ends: str) -> tuple[float | None, float | None, float | None]:
    flow = drawn.figures.traffic
    return getattr(flow, name), getattr(flow, f"{ends}_low"), getattr(flow, f"{ends}_high")


def _convenience(drawn: Drawn) -> Cell:
    one = drawn.figures.convenience
    if one is None:
        return NOTHING
    ends = figures.interval(one.low, one.high, "percent")
    return _told(figures.figure(one.value, "percent"), ends)


def _stages(page: Page, found: Figures) -> Table:
    rows: list[tuple[Cell, ...]] = []
    for column in page.columns:
        flow, emotion = column.figures.traffic, column.figures.emotion
        share = NOTHING if flow.reach is None else (figures.figure(100 * flow.reach, "percent"),)
        felt = NOTHING
        if emotion is not None and emotion.value is not None:
            ends = figures.interval(emotion.low, emotion.high, "points")
            felt = _told(figures.figure(emotion.value, "points"), ends)
        who = customers(flow.customers, flow.state, found.minimum_base)
        rows.append(((column.name,), (who,), share, felt, _n(emotion)))
    heads = (_("Stage"), _("Customers"), _("Reach"), _("Emotion"), "n")
    return Table(str(_("Stages")), tuple(str(one) for one in heads), tuple(rows), 1)


def _unexplained(found: Figures) -> Table:
    rows = tuple(
        (
            (one.name,),
            *((figures.count(n),) for n in (one.sessions, one.customers, one.events)),
        )
        for one in found.traffic.unexplained
    )
    heads = (_("Event"), _("Sessions"), _("Customers"), _("Events"))
    title = str(_("Traffic that no touchpoint explains"))
    none = "" if rows else str(_("Every event of these days is at a touchpoint of the map."))
    return Table(title, tuple(str(one) for one in heads), rows, 1, none)
