"""Who the customers are: persona, home, tier, ids, and what they are inclined to think."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import NONE, Bools, Floats, Ints, pick, pick_each, stream
from zhiyin.demo.organisation import STATIONS
from zhiyin.demo.plan import CHUNK, Plan
from zhiyin.demo.touchpoints import MEANS, TOUCHPOINTS

PERSONAS = ("commuter", "family", "student", "senior", "organiser")
PERSONAS_EN = (
    "Business commuter", "Family with children", "Student", "Senior", "Group organiser",
)  # fmt: skip
PERSONAS_ZH = ("商务常旅客", "亲子家庭", "学生", "银发旅客", "团队组织者")
SHARE = (0.26, 0.28, 0.20, 0.18, 0.08)
SEASON = np.array([0, 1, 2, 1, 1])
"""The seasons' class of each persona."""
TRIPS = np.array([8.6, 2.0, 2.2, 1.4, 2.4])
"""Trips in two years of one who stays, on average."""
LEAD_DAYS = np.array([4.0, 28.0, 13.0, 20.0, 38.0])

GOALS = {
    "commuter": {
        "book": ("change at no cost, book in three steps", "改签灵活、三步下单"),
        "airport": ("quick security, boarding on time", "快速安检、准时登机"),
        "after-service": ("the invoice at once", "发票即时到账"),
    },
    "family": {
        "book": ("buy a child's ticket, sit together", "买到儿童票、座位相邻"),
        "airport": ("help with pushchair and bags", "有人帮忙推车托运"),
        "flight": ("food and play for the children", "孩子有餐有玩"),
    },
    "student": {
        "search": ("find the cheapest day", "找到最便宜的日子"),
        "book": ("a student fare that works", "学生优惠好用"),
        "baggage": ("one more bag", "多带一件行李"),
    },
    "senior": {
        "book": ("somebody who helps to buy", "有人帮着买"),
        "check-in": ("a person at the counter", "柜台有人"),
        "airport": ("clear signs, short ways", "指引清楚、不用跑"),
    },
    "organiser": {
        "book": ("many seats in one go", "一次订齐多人"),
        "manage": ("easy changes of names", "换人改名方便"),
        "after-service": ("one invoice for all", "统一开票"),
    },
}
"""What each persona wants at a stage, in English and Chinese."""

TIERS = ("none", "silver", "gold", "platinum")
LANGUAGES = ("zh", "en")
LANGUAGE_ZH, LANGUAGE_EN = 0, 1
REGION_NAMES = ("east", "north", "south", "west", "overseas")
OVERSEAS = 4
FEE = np.array([0, 1000, 2000, 4500, 3000])
"""Service fee of an own-channel order in fen, by region: what drives people from their carts."""

ALIKE, OWN, MOMENT = 0.5, 0.55, 0.65
"""Loadings of an experience: on the customer's disposition, on how that customer is at that
touchpoint, and on the moment."""

_FIRST_NUMBER = 10_000_000
_PER_SECRETARY = 1_000


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """One chunk of customers: arrays of one element a customer.

    Args:
        number: in the company; the customer's id is ``QC`` + number.
        family: the place in the chunk of the family's head (oneself, alone).
        secretary: the place of the secretary who may book for a commuter, or NONE.
        joined: share of the history after which the customer first appears (0 is before it).
        pace: trips in two years of one who stays.
        latent: [customer, touchpoint], the latent satisfaction that lasts.
        disposition: what all of a customer's satisfactions share (mean 0, sd 1).
        frailty: how willing to answer, whatever happened (logit scale).
        has_card: holds the yearly card, which is renewed or not.
        typo: the phone number on file is mistyped.
    """

    chunk: int
    number: Ints
    persona: Ints
    home: Ints
    region: Ints
    country: Ints
    language: Ints
    tier: Ints
    mode: Ints
    family: Ints
    secretary: Ints
    joined: Floats
    pace: Floats
    latent: Floats
    disposition: Floats
    frailty: Floats
    has_card: Bools
    has_app: Bools
    has_loyalty: Bools
    cookies: Ints
    typo: Bools
    shares_phone: Bools

    def __len__(self) -> int:
        return len(self.number)

    @property
    def phone(self) -> Ints:
        """Telephone numbers (no network gives out 10…): of the family's head where shared."""
        owner = np.where(self.shares_phone, self.number[self.family], self.number)
        return 10_000_000_000 + owner * 7_919 % 1_000_000_000

    @property
    def phone_on_file(self) -> Ints:
        """As written down: where mistyped, two neighbouring digits have changed places."""
        good = self.phone
        tens, ones = good // 10 % 10, good % 10
        swapped = good - tens * 10 - ones + ones * 10 + tens
        wrong = np.where(swapped == good, good + 1, swapped)
        return np.where(self.typo, wrong, good)

    @classmethod
    def of(cls, plan: Plan, chunk: int) -> People:
        """The customers of one chunk."""
        rng = stream(plan.seed, "people", chunk)
        size = min(CHUNK, plan.customers - chunk * CHUNK)
        place = np.arange(size)
        persona = pick(rng, SHARE, size)
        home = pick(rng, [s.people for s in STATIONS], size)
        country = np.array([s.country for s in STATIONS])[home]
        region = np.where(country > 0, OVERSEAS, np.array([s.region for s in STATIONS])[home])
        speaks_english = rng.random(size) < np.where(country > 0, 0.75, 0.03)
        spread = rng.gamma(2.0, 0.5, size)
        pace = TRIPS[persona] * np.where(persona == 0, spread, 0.5 + 0.5 * spread)
        tier = np.searchsorted([5.0, 9.0, 16.0], pace * rng.lognormal(0, 0.15, size))
        disposition = rng.standard_normal(size)
        latent = (
            MEANS[None, :]
            + ALIKE * disposition[:, None]
            + OWN * rng.standard_normal((size, len(TOUCHPOINTS)))
        )
        family = _families(rng, persona, place)
        desk = place // _PER_SECRETARY * _PER_SECRETARY
        has_desk = (persona == 0) & (rng.random(size) < 0.35) & (desk != place)
        joined = np.where(rng.random(size) < 0.55, 0.0, rng.random(size))
        return cls(
            chunk=chunk,
            number=_FIRST_NUMBER + chunk * CHUNK + place,
            persona=persona,
            home=home,
            region=region,
            country=country,
            language=speaks_english.astype(np.int64),
            tier=tier.astype(np.int64),
            mode=pick_each(rng, _modes(region, persona)),
            family=family,
            secretary=np.where(has_desk, desk, NONE),
            joined=joined,
            pace=pace,
            latent=latent,
            disposition=disposition,
            frailty=rng.normal(0, 0.7, size),
            has_card=rng.random(size) < np.where(tier > 0, 0.25, 0.08),
            has_app=rng.random(size) < 0.6,
            has_loyalty=(tier > 0) | (rng.random(size) < 0.35),
            cookies=rng.integers(1, 4, size),
            typo=rng.random(size) < 0.015,
            shares_phone=(family != place) & (rng.random(size) < 0.5),
        )


def _modes(region: Ints, persona: Ints) -> Floats:
    """Shares of WeChat, SMS and mail as the way to be asked."""
    home = np.array([0.52, 0.33, 0.15])
    away = np.array([0.08, 0.22, 0.70])
    office = np.array([0.45, 0.25, 0.30])
    shares = np.where((persona == 0)[:, None], office, home)
    return np.where((region == OVERSEAS)[:, None], away, shares)


def _families(rng: np.random.Generator, persona: Ints, place: Ints) -> Ints:
    """Family members and students live with the family customer before them, half of the time."""
    heads = np.where(persona == 1, place, 0)
    head = np.maximum.accumulate(heads)
    near = (place - head <= 4) & (persona[head] == 1)
    belongs = near & np.isin(persona, (1, 2, 3)) & (rng.random(len(place)) < 0.5)
    previous = np.concatenate([[0], head[:-1]])
    of = np.where(persona == 1, previous, head)
    belongs &= persona[of] == 1
    family = np.where(belongs, of, place)
    # A head who belongs to an earlier head passes the family on to that one's own place.
    return np.where(family[family] == family, family, place).astype(np.int64)
