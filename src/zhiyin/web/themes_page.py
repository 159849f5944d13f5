"""The page *Themes* 主题: what many customers say and nobody named, and whether more do."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from zhiyin.accounts.workspaces import Settings
from zhiyin.charts.axis import Axis
from zhiyin.charts.series import Line, Point
from zhiyin.charts.trends import axis_of, small
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, both, parse, write_node
from zhiyin.kernel.text import Text, _
from zhiyin.listen import subjects
from zhiyin.listen.themes import examples, figures, kept
from zhiyin.listen.themes.examples import Example
from zhiyin.listen.themes.figures import Found, Told
from zhiyin.listen.themes.models import Theme, ThemeState
from zhiyin.measure import asking
from zhiyin.warehouse.log import Log
from zhiyin.web import personal
from zhiyin.web.menus import Choice, menu

FIELDS = ("show", "touchpoint", "weeks", "where")
ROWS = 24

SHOWS: dict[str, Text] = {
    "": _("that nobody named"),
    "all": _("all, those that an aspect names too"),
    "hidden": _("said to be no themes"),
    "promoted": _("made aspects"),
}

TRENDS: dict[str, Text] = {
    "new": _("new"),
    "growing": _("growing"),
    "shrinking": _("shrinking"),
    "steady": _("no change beyond noise"),
    "few": _("not enough answers"),
}

WEEKS: dict[str, Text] = {
    "1": _("the last week"),
    "2": _("the last two weeks"),
    "": _("the last four weeks"),
    "6": _("the last six weeks"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """A theme as it is shown.

    Attributes:
        name: what it is called.
        under: the aspect that names it, in words; blank where none does.
        picture: its weeks, as SVG; blank where nothing can be shown.
        said: in the customers' words, each with what it says and whether it praises.
    """

    told: Told
    name: str
    trend: Text
    under: str
    picture: str
    said: tuple[tuple[Example, str], ...]

    @property
    def tone(self) -> str:
        """A colour where it changes by more than noise, and customers praise or blame."""
        if not self.told.is_emerging or self.told.sentiment is None:
            return ""
        return "bad" if self.told.sentiment.value < 0 else "good"


@dataclass(frozen=True, slots=True)
class Page:
    """All that the page shows.

    Attributes:
        left_out: themes that are not on the page, said by fewer.
    """

    given: Mapping[str, str]
    menus: Mapping[str, tuple[Choice, ...]]
    found: Found | None = None
    rows: tuple[Row, ...] = ()
    left_out: int = 0
    hidden: int = 0
    query: str = ""
    scale: str = ""
    problem: Problem | None = None

    @property
    def is_asked(self) -> bool:
        """Whether anything narrows the list."""
        return any(self.given.values())


def build(
    log: Log, settings: Settings, query: Mapping[str, str], *, sees_it: bool, sees_rows: bool
) -> Page:
    """The page for what the query string asks.

    Args:
        sees_it: whether the reader sees personal data.
        sees_rows: whether she may read what single customers said.
    """
    given = {name: query.get(name, "").strip() for name in FIELDS}
    page = Page(given, _menus(log, settings, given), query=asking.query_of(given))
    try:
        found = asked(log, settings, given, sees_it=sees_it)
    except Problem as problem:
        return replace(page, problem=problem)
    wanted = wanted_of(found, given["show"])
    shown = wanted[:ROWS]
    said = examples.of(log, settings, shown) if sees_rows else {}
    axis = axis_of([_line(one) for one in shown], "%")
    names = subjects.named(settings.slug)
    return replace(
        page,
        found=found,
        rows=tuple(
            row(one, names, axis, said.get(one.theme.number, ()), sees_it=sees_it) for one in shown
        ),
        left_out=len(wanted) - len(shown),
        hidden=sum(one.theme.state == ThemeState.HIDDEN for one in found.told),
        scale=f"{axis.low:.0f} – {axis.high:.0f}%" if axis else "",
    )


def asked(log: Log, settings: Settings, given: Mapping[str, str], *, sees_it: bool) -> Found:
    """The figures that an address asks for.

    Raises:
        Problem: a filter that cannot be read, or compares with what says who a customer is.
    """
    where = _where(given)
    personal.check_facts(where.columns() if where else (), sees_it=sees_it)
    now = int(given["weeks"]) if given["weeks"] in WEEKS and given["weeks"] else figures.NOW
    return figures.told(log, settings, narrowed=where, now=now)


def wanted_of(found: Found, show: str) -> list[Told]:
    """The themes that are asked for; those of too few customers are none for now."""
    states = {"hidden": ThemeState.HIDDEN, "promoted": ThemeState.PROMOTED}
    state = states.get(show, ThemeState.OPEN)
    return [
        one
        for one in found.told
        if one.theme.state == state
        and one.trend != "few"
        and (show or not one.theme.under or one.is_emerging)
    ]


def row(
    one: Told,
    names: Mapping[str, str],
    axis: Axis | None,
    said: Sequence[Example],
    *,
    sees_it: bool,
) -> Row:
    """A theme with its picture and the customers' words."""
    line = _line(one)
    name = kept.name_of(one.theme)
    is_shown = axis is not None and any(point.value is not None for point in line.points)
    words = str(_("Customers who spoke of it, of a hundred who said something, week by week"))
    return Row(
        one,
        name,
        TRENDS[one.trend],
        names.get(one.theme.under, one.theme.under),
        small(line, axis=axis, unit="%", words=words) if axis and is_shown else "",
        tuple((example, example.words(sees_it=sees_it)) for example in said),
    )


def in_words(theme: Theme) -> list[tuple[str, int | None, object]]:
    """What became of a theme by itself, the newest first: what, the other theme, and when."""
    return [(str(TURNS[one.kind]), one.other, one.at) for one in theme.turns.order_by("-at", "-pk")]


TURNS: dict[str, Text] = {
    "split": _("split off theme"),
    "merged": _("became a part of theme"),
    "back": _("came back after silence"),
}


def _line(one: Told) -> Line:
    return Line(
        kept.name_of(one.theme),
        tuple(
            Point(
                week.first.isoformat(),
                None if week.share is None else week.share.value * 100,
                None if week.share is None or week.share.low is None else week.share.low * 100,
                None if week.share is None or week.share.high is None else week.share.high * 100,
                n=week.spoke,
            )
            for week in one.weeks
        ),
    )


def _where(given: Mapping[str, str]) -> Filter | None:
    found = parse(given["where"]) if given["where"] else None
    if given["touchpoint"]:
        node = Compare("touchpoint", "=", given["touchpoint"])
        found = both(found, Filter(node, write_node(node)))
    return found


def _menus(log: Log, settings: Settings, given: Mapping[str, str]) -> dict[str, tuple[Choice, ...]]:
    touchpoints = sorted(log.words(settings.slug, "touchpoint").values())
    return {
        "show": menu(given["show"], SHOWS),
        "weeks": menu(given["weeks"], WEEKS),
        "touchpoint": menu(
            given["touchpoint"], {"": _("all touchpoints")} | {one: one for one in touchpoints}
        ),
    }
