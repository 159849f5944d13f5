"""Public mentions: news, posts and videos about the company, by outlet with its reach.

A calm day has a few; a promotion makes them jump without making them kinder; the typhoon
makes forty times as many, a third of them neutral news.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np

from zhiyin.demo.arrays import Floats, Ints, pick_each, stream
from zhiyin.demo.language import Request, Text, write
from zhiyin.demo.language.texts import Kind, Language, Polarity
from zhiyin.demo.orders import daytime
from zhiyin.demo.people import People
from zhiyin.demo.plan import DAY
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.demo.voices import aspect_of
from zhiyin.demo.world import World

PER_CUSTOMER_AND_DAY = 0.00035
TYPHOON_TIMES = 40
PROMOTION_TIMES = 6
KINDS: tuple[Kind, ...] = ("news", "microblog", "forum", "video")
OUTLETS: tuple[tuple[str, ...], ...] = (
    ("江海晚报网", "都市早新闻", "航旅观察", "Skyward Ledger"),
    ("微话",), ("飞友论坛", "亲子旅行圈", "Long Haul Lounge"), ("短映", "随拍"),
)  # fmt: skip
"""All invented."""
OUTLET_NAMES = tuple(name for names in OUTLETS for name in names)
_REACH = np.array([60_000, 900, 2_500, 8_000])
_CALM_KINDS = np.array([0.12, 0.50, 0.14, 0.24])
_STORM_KINDS = np.array([1 / 3, 0.46, 0.05, 0.16])
_CALM = np.array([0.38, 0.22, 0.40])
_STORM = np.array([0.52, 1 / 3, 0.48 - 1 / 3])
_POLARITY: tuple[Polarity, ...] = (-1, 0, 1)
_ABOUT = np.array([3, 4, 2, 3, 2, 2, 2, 4, 3, 6, 3, 3, 3, 2, 0, 0.0])
_STORM_ABOUT = np.array([0, 0, 0, 3, 0, 0, 2, 1, 0, 8, 0, 2, 3, 0, 0, 0.0])


@dataclass(frozen=True, slots=True, eq=False)
class Mentions:
    """Mentions of one chunk's share, by time.

    Args:
        kind: position in `KINDS`; outlet: in `OUTLET_NAMES`.
        reach: how many may have seen it.
        polarity: −1, 0, 1, as planted.
        touchpoint: what it is mostly about.
    """

    at: Ints
    kind: Ints
    outlet: Ints
    reach: Ints
    polarity: Ints
    touchpoint: Ints
    texts: list[Text]


def mention(world: World, people: People) -> Mentions:
    """What is said in public; a chunk brings its share of a company of its size."""
    rng = stream(world.plan.seed, "mentions", people.chunk)
    plan, story = world.plan, world.plan.stories
    days = np.arange(plan.days)
    rate = np.full(plan.days, PER_CUSTOMER_AND_DAY * len(people))
    promoted = (days >= story.promotion[0]) & (days < story.promotion[1])
    rate = np.where(promoted, rate * PROMOTION_TIMES, rate)
    storm = (days >= story.typhoon) & (days <= story.typhoon + 1)
    rate = np.where(storm, rate * TYPHOON_TIMES, rate)
    rate = np.where((days > story.typhoon + 1) & (days <= story.typhoon + 4), rate * 8, rate)
    day = np.repeat(days, rng.poisson(rate))
    at = np.sort(daytime(rng, plan.start + day * DAY + 43_200))
    day = (at - plan.start) // DAY
    is_storm = (day >= story.typhoon) & (day <= story.typhoon + 4)
    kind = pick_each(rng, np.where(is_storm[:, None], _STORM_KINDS, _CALM_KINDS))
    polarity = pick_each(rng, np.where(is_storm[:, None], _STORM, _CALM)) - 1
    # News is the neutral part of a storm.
    polarity = np.where(is_storm & (kind == 0), 0, polarity)
    plain = is_storm & (kind != 0) & (polarity == 0)
    polarity = np.where(plain, np.where(rng.random(len(at)) < 0.78, -1, 1), polarity)
    about = pick_each(rng, np.where(is_storm[:, None], _STORM_ABOUT, _ABOUT))
    outlets = np.array([len(names) for names in OUTLETS])
    first = np.cumsum(outlets) - outlets
    outlet = first[kind] + (rng.random(len(at)) * outlets[kind]).astype(np.int64)
    reach = np.round(_REACH[kind] * rng.lognormal(0, 1.1, len(at))).astype(np.int64)
    is_promotion = (day >= story.promotion[0]) & (day < story.promotion[1])
    ago = np.minimum((rng.random(len(at)) * 3).astype(np.int64), day)
    ago = np.where(is_storm, np.clip(day - story.typhoon, 0, 4), ago)
    dates = [plan.date_of(int(d)) for d in day - ago]
    texts = _texts(rng, kind, outlet, polarity, about, is_storm, is_promotion, dates)
    return Mentions(at, kind, outlet, reach, polarity, about, texts)


def _texts(
    rng: np.random.Generator,
    kind: Ints,
    outlet: Ints,
    polarity: Ints,
    about: Ints,
    is_storm: np.ndarray,
    is_promotion: np.ndarray,
    dates: list[date],
) -> list[Text]:
    english = {"Skyward Ledger", "Long Haul Lounge"}
    chance: Floats = rng.random((len(kind), 3))
    requests = []
    for row in range(len(kind)):
        lang: Language = "zh"
        if OUTLET_NAMES[outlet[row]] in english:
            lang = "en"
        elif chance[row, 0] < 0.05 and kind[row] != 0:
            lang = "mixed"
        aspect = aspect_of(SLUGS[about[row]], float(chance[row, 1]))
        if is_promotion[row] and chance[row, 2] < 0.7:
            aspect = "price"
        topics = {name for name, of in (("typhoon", is_storm), ("promotion", is_promotion))
                  if of[row]}  # fmt: skip
        requests.append(
            Request(
                kind=KINDS[kind[row]],
                lang=lang,
                aspects=(
                    (aspect, _POLARITY[polarity[row] + 1], 0.4 + 0.5 * float(chance[row, 2])),
                ),
                context={"date": dates[row]},
                topics=frozenset(topics),
            )
        )
    return write(rng, requests)
