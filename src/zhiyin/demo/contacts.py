"""Service contacts: why customers ask for help, how long they wait, who answers, what it costs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import Bools, Floats, Ints, pick, pick_each, stream, within
from zhiyin.demo.orders import Orders, daytime
from zhiyin.demo.organisation import AGENT_FIRST, TEAM, TEAMS
from zhiyin.demo.people import LANGUAGE_EN, MOMENT, OVERSEAS, People
from zhiyin.demo.plan import AHEAD, DAY
from zhiyin.demo.refunds import Refunds
from zhiyin.demo.touchpoints import AT
from zhiyin.demo.trips import Trips
from zhiyin.demo.world import World

CHANNELS = ("phone", "wechat", "chat", "mail")
PHONE, WECHAT, CHAT, MAIL = range(4)
REASONS = (
    "pre-sale", "rebooking", "refund status", "flight status", "baggage", "check-in",
    "special service", "loyalty", "invoice", "complaint",
)  # fmt: skip
REASONS_ZH = (
    "购票咨询", "改签", "退款进度", "航班动态", "行李", "值机选座", "特殊服务",
    "会员里程", "发票行程单", "投诉",
)  # fmt: skip
(PRE_SALE, REBOOKING, REFUND, FLIGHT, BAGGAGE, CHECK_IN, SPECIAL, LOYALTY, INVOICE, COMPLAINT) = (
    range(10)
)
RESOLVED = np.array([0.90, 0.80, 0.73, 0.80, 0.62, 0.88, 0.80, 0.78, 0.93, 0.55])
"""Chance that one answered contact settles the issue, by reason."""
SLOW_REFUND_RESOLVED = 0.50
EASE = np.array([0.2, 0.0, -0.3, 0.0, -0.4, 0.15, 0.0, 0.0, 0.55, -0.8])
"""Added to the satisfaction with a contact for its reason: invoices are easy for anybody."""
CHATBOT_SLUMP = -0.5
"""The bad six weeks, by chance, before the chatbot change; nothing after them is its doing."""
COMPLAINT_KINDS = (
    "flight problems", "refund", "ticketing", "baggage", "boarding", "passenger service",
    "overbooking", "other",
)  # fmt: skip
"""As the regulator counts complaints."""
COMPLAINT_KINDS_ZH = (
    "航班问题", "退款", "预订票务", "行李运输", "登机", "旅客服务", "超售", "其他",
)  # fmt: skip

_TALK = np.array([180, 330, 240, 200, 380, 170, 300, 260, 150, 520.0])
_COST = np.array([6.5, 4.2, 3.4, 5.0])
WAIT = np.array([38, 5.5 * 3600, 55, 1.4 * 3600])
"""Seconds until an answer at a quiet hour, by channel, about."""
"""Seconds until an answer at a quiet hour, by channel, about."""
_ATTEMPTS = 6


@dataclass(frozen=True, slots=True, eq=False)
class Contacts:
    """All contacts of a chunk, by time; one element a contact.

    Args:
        trip: what it is about.
        issue: number of the customer's issue, over repeated contacts.
        attempt: 0 for the first contact of the issue.
        kind: the regulator's category of a complaint (position in `COMPLAINT_KINDS`), else −1.
        experience: latent satisfaction with the contact.
        cost: fen.
    """

    number: Ints
    customer: Ints
    trip: Ints
    at: Ints
    channel: Ints
    reason: Ints
    kind: Ints
    team: Ints
    agent: Ints
    issue: Ints
    attempt: Ints
    is_answered: Bools
    wait: Ints
    talk: Ints
    hold: Ints
    wrap_up: Ints
    transfers: Ints
    is_resolved: Bools
    word_of: Ints
    is_reopened: Bools
    cost: Ints
    experience: Floats

    def __len__(self) -> int:
        return len(self.number)


def contact(
    world: World, people: People, trips: Trips, orders: Orders, refunds: Refunds
) -> Contacts:
    """The contacts of a chunk."""
    rng = stream(world.plan.seed, "contacts", people.chunk)
    trip, reason, at, slow = _issues(world, rng, people, trips, orders, refunds)
    issue, attempt, at, last = _repeats(rng, reason, at, slow)
    keep = at < world.plan.end
    issue, attempt, at, last = issue[keep], attempt[keep], at[keep], last[keep]
    trip, reason, slow = trip[issue], reason[issue], slow[issue]
    who = trips.customer[trip]
    channel = _channel(rng, people, who)
    wait, answered = _wait(world, rng, channel, at)
    team = _team(rng, people, who, channel, reason)
    agents = np.array([t.agents for t in TEAMS])
    talk = rng.lognormal(0, 0.55, len(who)) * _TALK[reason] * np.where(channel == PHONE, 1, 1.6)
    talk = np.where(answered, talk, 0).astype(np.int64)
    hold = np.where(channel == PHONE, talk * rng.beta(1.2, 8, len(who)), 0).astype(np.int64)
    transfers = np.where(answered, rng.poisson(np.where(reason == COMPLAINT, 0.6, 0.14)), 0)
    resolved = answered & last
    experience = _experience(world, rng, people, who, at, channel, reason, team, wait, attempt,
                             transfers)  # fmt: skip
    order = np.lexsort((issue, at))
    columns = {
        "customer": who, "trip": trip, "at": at, "channel": channel, "reason": reason,
        "kind": _kind(rng, trips, trip, reason), "team": team,
        "agent": np.array(AGENT_FIRST)[team] + (rng.random(len(who)) * agents[team]).astype(int),
        "issue": (people.chunk + 1) * 1_000_000 + issue, "attempt": attempt,
        "is_answered": answered, "wait": wait, "talk": talk, "hold": hold,
        "wrap_up": np.where(answered, rng.gamma(3, 16, len(who)), 0).astype(np.int64),
        "transfers": transfers, "is_resolved": resolved,
        "word_of": np.where(resolved, pick(rng, [0.45, 0.4, 0.15], len(who)), -1),
        "is_reopened": resolved & (rng.random(len(who)) < 0.03),
        "cost": np.round(np.where(
            answered, 100 * (2.0 + _COST[channel] * (talk / 60 + transfers * 2)), 30
        )).astype(np.int64),
        "experience": experience,
    }  # fmt: skip
    number = (people.chunk + 1) * 1_000_000 + np.arange(len(who))
    return Contacts(number=number, **{name: column[order] for name, column in columns.items()})


def _issues(
    world: World,
    rng: np.random.Generator,
    people: People,
    trips: Trips,
    orders: Orders,
    refunds: Refunds,
) -> tuple[Ints, Ints, Ints, Bools]:
    """Issues: trip, reason, when, and whether a slow refund is behind it."""
    size = len(trips)
    persona = people.persona[trips.customer]
    delayed, off = trips.delay > 60, trips.cancelled
    chance = np.zeros((size, len(REASONS)))
    chance[:, PRE_SALE] = np.where(persona == 1, 0.22, 0.09)
    chance[:, REBOOKING] = 0.10 + 0.5 * off
    chance[:, FLIGHT] = 0.03 + 0.3 * delayed + 0.3 * off
    chance[:, BAGGAGE] = 0.025 + 0.8 * trips.bag_late
    chance[:, CHECK_IN] = 0.045
    chance[:, SPECIAL] = np.where(persona == 3, 0.12, 0.03)
    chance[:, LOYALTY] = 0.05
    chance[:, INVOICE] = np.where(persona == 0, 0.16, 0.05)
    chance[:, COMPLAINT] = 0.0012 + 0.02 * (trips.delay > 120) + 0.03 * off + 0.05 * trips.bag_late
    happens = rng.random(chance.shape) < chance
    trip, reason = np.nonzero(happens)
    spread = rng.random(len(trip))
    at = np.where(
        reason == PRE_SALE,
        orders.at[trip] - 600 - spread * 2 * DAY,
        np.where(
            reason == FLIGHT,
            trips.departs[trip] - 1800 + spread * 7200,
            np.where(
                np.isin(reason, (REBOOKING, CHECK_IN, SPECIAL)),
                trips.departs[trip] - (trips.departs[trip] - orders.at[trip]) * spread * 0.8,
                trips.arrives[trip] + 1800 + spread * 3 * DAY,
            ),
        ),
    ).astype(np.int64)
    slow = (refunds.paid_at - refunds.asked_at) > 14 * DAY
    asks = rng.random(len(refunds)) < np.where(slow, 0.92, 0.6)
    waited = 5 * DAY + rng.random(len(refunds)) * np.where(slow, 12, 3) * DAY
    asked = (refunds.asked_at + waited).astype(np.int64)
    trip = np.concatenate([trip, refunds.trip[asks]])
    reason = np.concatenate([reason, np.full(int(asks.sum()), REFUND)])
    at = np.concatenate([at, asked[asks]])
    is_slow = np.concatenate([np.zeros(len(trip) - int(asks.sum()), np.bool_), slow[asks]])
    awake = daytime(rng, at)
    at = np.where(reason == FLIGHT, at, awake)
    return trip, reason, np.maximum(at, world.plan.start + 60), is_slow


def _repeats(
    rng: np.random.Generator, reason: Ints, at: Ints, slow: Bools
) -> tuple[Ints, Ints, Ints, Bools]:
    """Contacts of each issue until one settles it (or they give up): issue, attempt, when, last."""
    settles = np.where(slow, SLOW_REFUND_RESOLVED, RESOLVED[reason])
    needed = rng.geometric(settles)
    contacts = np.minimum(needed, _ATTEMPTS)
    issue = np.repeat(np.arange(len(reason)), contacts)
    attempt = within(contacts)
    gap = rng.exponential(1.6 * DAY, len(issue)) + 3600
    gap = np.where(attempt == 0, 0, gap)
    total = np.cumsum(gap)
    start = np.repeat(total[np.cumsum(contacts) - contacts], contacts)
    when = at[issue] + (total - start).astype(np.int64)
    return issue, attempt, when, attempt + 1 == needed[issue]


def _channel(rng: np.random.Generator, people: People, who: Ints) -> Ints:
    shares = np.tile([0.40, 0.38, 0.15, 0.07], (len(who), 1))
    shares[people.region[who] == OVERSEAS] = [0.30, 0.05, 0.25, 0.40]
    shares[people.persona[who] == 3] = [0.72, 0.22, 0.03, 0.03]
    return pick_each(rng, shares)


def _wait(world: World, rng: np.random.Generator, channel: Ints, at: Ints) -> tuple[Ints, Bools]:
    """Seconds until an answer, and whether the customer waited for it.

    Load follows the half-hour of the Chinese day, and the typhoon's three days.
    """
    half_hour = ((at + AHEAD) % DAY) // 1800
    load = (
        1
        + 0.9 * np.exp(-(((half_hour - 20) / 4.0) ** 2))
        + 0.7 * np.exp(-(((half_hour - 39) / 4.0) ** 2))
    )
    shut, opened = world.plan.stories.typhoon_hours
    storm = (at >= shut) & (at < opened + 36 * 3600)
    load = load * np.where(storm, 9.0, 1.0)
    wait = WAIT[channel] * load * rng.lognormal(-0.4, 0.9, len(at))
    patience = rng.exponential(np.where(channel == PHONE, 420, 500), len(at))
    leaves = np.isin(channel, (PHONE, CHAT)) & (wait > patience)
    return np.where(leaves, patience, wait).astype(np.int64), ~leaves


def _team(rng: np.random.Generator, people: People, who: Ints, channel: Ints, reason: Ints) -> Ints:
    by_phone = np.array([TEAM[f"phone-{r}"] for r in ("east", "north", "south", "west", "east")])
    team = by_phone[people.region[who]]
    chance = rng.random(len(who))
    two = np.where(chance < 0.53, TEAM["wechat-a"], TEAM["wechat-b"])
    team = np.select(
        [channel == WECHAT, channel == CHAT, channel == MAIL],
        [two, np.full(len(who), TEAM["chat"]), np.full(len(who), TEAM["mail"])],
        team,
    )
    english = (people.language[who] == LANGUAGE_EN) & (channel == PHONE)
    team = np.where(english, TEAM["phone-english"], team)
    gold = (people.tier[who] >= 2) & (channel == PHONE) & (chance < 0.6)
    team = np.where(gold, TEAM["gold-desk"], team)
    for takes, queue in (
        (REFUND, "refunds"), (BAGGAGE, "baggage"), (INVOICE, "invoices"), (COMPLAINT, "complaints"),
    ):  # fmt: skip
        team = np.where((reason == takes) & (chance < 0.9), TEAM[queue], team)
    return np.asarray(team, dtype=np.int64)


def _kind(rng: np.random.Generator, trips: Trips, trip: Ints, reason: Ints) -> Ints:
    """A complaint's category: what went wrong, else anything."""
    wrong = np.select(
        [trips.cancelled[trip] | (trips.delay[trip] > 60), trips.bag_late[trip]], [0, 3], -1
    )
    other = pick_each(rng, np.tile([0.05, 0.3, 0.25, 0.05, 0.12, 0.12, 0.03, 0.08], (len(trip), 1)))
    return np.where(reason == COMPLAINT, np.where(wrong >= 0, wrong, other), -1)


def _experience(
    world: World,
    rng: np.random.Generator,
    people: People,
    who: Ints,
    at: Ints,
    channel: Ints,
    reason: Ints,
    team: Ints,
    wait: Ints,
    attempt: Ints,
    transfers: Ints,
) -> Floats:
    usual = WAIT[channel]
    day = (at - world.plan.start) // DAY
    chatbot = world.plan.stories.chatbot
    slump = (channel == CHAT) & (day >= chatbot - 42) & (day < chatbot)
    quality = np.array([t.quality for t in TEAMS])[team]
    return np.asarray(
        people.latent[who, AT["contact"]]
        + EASE[reason]
        + quality
        - 0.25 * np.log1p(wait / usual)
        - 0.35 * attempt
        - 0.2 * transfers
        + CHATBOT_SLUMP * slump
        + MOMENT * rng.standard_normal(len(who)),
        dtype=np.float64,
    )
