"""A journey map's page as one picture for a file: the same figures, in the reader's language."""

from __future__ import annotations

from collections.abc import Iterator

from zhiyin.charts import journey
from zhiyin.charts.journey import Journey, Key, Lane, Stage
from zhiyin.charts.setting import Item, Run
from zhiyin.charts.touchpoint import Tint, Touchpoint
from zhiyin.kernel import figures
from zhiyin.kernel.text import _
from zhiyin.maps import kept
from zhiyin.maps.figures import Figures, Tone
from zhiyin.maps.seen import Seen
from zhiyin.measure import registry
from zhiyin.measure.words import customers
from zhiyin.unify import segments
from zhiyin.web.map_page import BEFORES, Column, Drawn, Hard, Page, axis_of, estimate_of, last_day
from zhiyin.web.templatetags import maps as words

MOST_UNEXPLAINED = 12
_COUNT = 11
TINTS: dict[Tone, Tint] = {-2: "bad-2", -1: "bad-1", 0: "", 1: "good-1", 2: "good-2"}


def svg(page: Page, found: Figures, seen: Seen) -> str:
    """The picture, its colours written in."""
    return journey.journey(picture(page, found, seen))


def picture(page: Page, found: Figures, seen: Seen) -> Journey:
    """What the picture says.

    Args:
        page: with its figures as they are drawn.
        found: these figures.
        seen: what they are of.
    """
    unit = found.scores.unit if found.scores else "percent"
    average = found.scores.total.value if found.scores else None
    return Journey(
        title=page.name,
        about=_about(page),
        asked=asked(page, seen, found.metric),
        notes=tuple(_notes(found)),
        difficulties=tuple(_difficulty(one, found) for one in page.hard),
        no_difficulty=str(
            _("No touchpoint is certainly worse than the others, and none certainly loses more.")
        ),
        stages=tuple(_stage(one, found.minimum_base) for one in page.columns),
        lanes=tuple(
            Lane(one.name, tuple(
                tuple(_touchpoint(drawn, found) for drawn in cell) for _width, cell in one.cells
            ))
            for one in page.lanes
        ),
        emotion=(str(_("Emotion")), str(_("net satisfaction"))),
        axis=axis_of(found, unit),
        average=average,
        unexplained=tuple(_unexplained(page, found)),
        key=_key(found),
        foot=foot(found),
        words=says(page, found, seen),
    )  # fmt: skip


def asked(page: Page, seen: Seen, metric: str) -> str:
    """Whose journeys, in which days, compared with which, and what touchpoints show."""
    said = _(
        "{whose}, {first} – {last}, compared with {before}; touchpoints show {metric}.",
        whose=whose(page, seen),
        first=seen.start.isoformat(),
        last=last_day(seen).isoformat(),
        before=BEFORES[seen.before],
        metric=registry.metric(metric).label,
    )
    only = "" if seen.where is None else f" {_('Only where {rule}.', rule=seen.where.text)}"
    sentence = str(said)
    return f"{sentence[:1].upper()}{sentence[1:]}{only}"


def says(page: Page, found: Figures, seen: Seen) -> str:
    """The picture in one sentence, for those who do not see it."""
    first = [str(_difficulty(one, found).title) for one in page.hard]
    parts = [f"{page.name}.", asked(page, seen, found.metric), *(f"{one}." for one in first)]
    return " ".join(parts)


def foot(found: Figures) -> str:
    """As of when, by which definitions, of how few nothing is told."""
    said = [_("as of {at}", at=f"{found.as_of:%Y-%m-%d %H:%M} UTC")]
    if found.scores:
        metric = found.scores.metric
        definition = _(
            "{definition} (version {version})", definition=metric.definition, version=metric.version
        )
        said.append(_("{metric}: {definition}", metric=metric.label, definition=definition))
    said.append(_("Nothing is shown that is about fewer than {minimum} customers.",
                  minimum=found.minimum_base))  # fmt: skip
    if found.tests:
        said.append(
            _("{held} of {tests} changes hold; {seemed} would have seemed to.",
              held=found.held, tests=found.tests, seemed=found.seemed)
        )  # fmt: skip
    return " · ".join(str(one) for one in said)


def _about(page: Page) -> str:
    if page.version is None:
        return str(_("draft, never kept as a version"))
    day = f"{page.version.kept_at:%Y-%m-%d}"
    return str(_("version {number}, since {day}", number=page.version.number, day=day))


def whose(page: Page, seen: Seen) -> str:
    """The persona or segment by name; another rule as it is written."""
    if not seen.customers:
        return str(_("all customers"))
    slug = page.held.workspace.slug
    names = {one.slug: one.name for one in segments.of(slug)}
    names |= {one.customers: kept.called(one) for one in kept.personas(slug)}
    return names.get(seen.customers, seen.customers)


def _notes(found: Figures) -> Iterator[str]:
    if found.problem is not None:
        yield f"{_('Touchpoints show no score:')} {found.problem.message}"


def _stage(one: Column, least: int) -> Stage:
    flow, emotion = one.figures.traffic, one.figures.emotion
    if flow.customers is None:
        told = Run(customers(None, flow.state, least), "tick")
    else:
        told = Run(figures.short(flow.customers), "soft")
    share = () if flow.reach is None else (Run(_percent(flow.reach), "tick"),)
    return Stage(
        name=one.name,
        counts=(Item((told, *share), "people"),),
        width=one.width,
        value=emotion.value if emotion else None,
        low=emotion.low if emotion else None,
        high=emotion.high if emotion else None,
    )


def _touchpoint(drawn: Drawn, found: Figures) -> Touchpoint:
    one, score = drawn.figures, drawn.figures.score
    has_value = score is not None and score.value is not None
    value = figures.figure(score.value, drawn.unit) if score and has_value else ""
    return Touchpoint(
        name=drawn.name,
        value=value,
        why="" if has_value else words.why_none(one),
        estimate=estimate_of(one) if has_value else None,
        tint=TINTS[one.tone],
        change=words.change_short(drawn) if one.changed else "",
        change_tone="good" if one.changed > 0 else "bad",
        counts=tuple(_counts(drawn, found)),
        rank=drawn.rank,
        problems=drawn.problems,
        suggestions=drawn.suggestions,
        is_bound=one.node.is_bound,
        words=": ".join(part for part in (drawn.name, _value(drawn)) if part),
    )


def _counts(drawn: Drawn, found: Figures) -> Iterator[Item]:
    """Who came, what they ordered, and how many of them ended here."""
    flow = drawn.figures.traffic
    if flow.customers is not None:
        yield Item((Run(figures.short(flow.customers), "soft", _COUNT),), "people")
    if flow.money is not None:
        money = figures.short_money(flow.money, found.currency)
        yield Item((Run(money, "soft", _COUNT),))
    if flow.left_share is not None and flow.left_customers:
        yield Item((Run(words.left_words(flow), "soft", _COUNT),), "left")


def _difficulty(one: Hard, found: Figures) -> journey.Difficulty:
    drawn = one.drawn
    title = _("{name}: {why}", name=drawn.name, why=one.why)
    who = [words.owner_name(drawn.figures.node.owner) if drawn.figures.node.owner
           else str(_("nobody answers for it"))]  # fmt: skip
    if drawn.problems:
        who.append(str(_("problems marked: {n}", n=drawn.problems)))
    if drawn.suggestions:
        who.append(str(_("suggestions: {n}", n=drawn.suggestions)))
    parts = (_how_hard(one, found), one.cause, " · ".join(who))
    return journey.Difficulty(
        one.difficulty.place, str(title), tuple(part for part in parts if part)
    )


def _how_hard(one: Hard, found: Figures) -> str:
    """The figure by which it stands where it does."""
    drawn, loss, flow = one.drawn, one.difficulty.loss, one.drawn.figures.traffic
    if one.difficulty.by in ("worst", "money"):
        said = _value(drawn)
        if drawn.figures.changed:
            said = f"{said}{_(', ')}{_moved(drawn)}"
        if one.difficulty.by == "money":
            ends = words.short_moneys(flow.money_low, flow.money_high, found.currency)
            said = f"{said} · {figures.short_money(flow.money, found.currency)} {ends}"
        return said
    if one.difficulty.by == "loss" and loss is not None:
        return str(
            _("{value} {ends}: {n} customers ended here who might have gone on like the others.",
              value=words.loss_value(loss, found.currency),
              ends=words.loss_ends(loss, found.currency), n=figures.count(loss.customers))
        )  # fmt: skip
    return str(
        _("{n} customers ended here, {share} of those who came.",
          n=figures.count(flow.left_customers), share=_percent(flow.left_share or 0.0))
    )  # fmt: skip


def _value(drawn: Drawn) -> str:
    """The score with its interval."""
    score = drawn.figures.score
    if score is None or score.value is None:
        return words.why_none(drawn.figures)
    sign = "%" if drawn.unit == "percent" else ""
    ends = figures.interval(score.low, score.high, drawn.unit)
    return f"{figures.figure(score.value, drawn.unit)}{sign} {ends}"


def _moved(drawn: Drawn) -> str:
    row = drawn.figures.change
    if row is None or row.difference is None:
        return ""
    unit = "percent" if drawn.unit == "points" else drawn.unit
    size = figures.figure(abs(row.difference), unit)
    return str(_("up {n}", n=size) if row.difference > 0 else _("down {n}", n=size))


def _unexplained(page: Page, found: Figures) -> Iterator[Item]:
    flow = found.traffic
    heading = Run(str(_("Traffic that no touchpoint explains")), "strong", 13)
    if flow.sessions_unexplained and flow.unexplained_share is not None:
        said = _("{share} of sessions, {n}:", share=_percent(flow.unexplained_share),
                 n=figures.count(flow.sessions_unexplained))  # fmt: skip
        yield Item((heading, Run(str(said), "soft", 13)))
        for one in flow.unexplained[:MOST_UNEXPLAINED]:
            yield Item((Run(one.name, "soft", 13), Run(figures.count(one.sessions), "strong", 13)))
    else:
        none = _("Every event of these days is at a touchpoint of the map.")
        yield Item((heading, Run(str(none), "soft", 13)))
    if page.unbound:
        dashed = _("Touchpoints that are bound to no rule yet are dashed: {n}.", n=page.unbound)
        yield Item((Run(str(dashed), "tick", 13),))


def _key(found: Figures) -> Key:
    total = found.scores.total.value if found.scores else None
    above = (
        _("above the other touchpoints, after false-discovery control")
        if found.scores is None or total is None
        else _("above the other touchpoints, after false-discovery control (all together {value})",
               value=words.average_words(found.scores))
    )  # fmt: skip
    return Key(
        below=str(_("below")),
        level=str(_("cannot be told from")),
        above=str(above),
        string=str(
            _("bar: 95% interval; hollow: the period before, where the change holds; tick: all")
        ),
        problems=str(_("open problems")),
        suggestions=str(_("open suggestions")),
        people=str(_("customers who came here")),
        left=str(_("of those who came, ended here without the goal")),
    )


def _percent(share: float) -> str:
    return figures.figure(100 * share, "percent") + "%"
