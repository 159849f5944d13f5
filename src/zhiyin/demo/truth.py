"""``truth.json`` and its two tables: what is really so in the company."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pyarrow as pa

from zhiyin.demo import (
    answering,
    contacts,
    mentions,
    organisation,
    people,
    refunds,
    surveys,
    visits,
    waves,
)
from zhiyin.demo.arrays import NONE, Bools, Column, Ints, coded, instants, numbered
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import REASONS
from zhiyin.demo.counts import Counts
from zhiyin.demo.effects import Effects
from zhiyin.demo.facts import is_lost
from zhiyin.demo.ledger import Ledger
from zhiyin.demo.orders import PROMOTION
from zhiyin.demo.people import PERSONAS, REGION_NAMES, TIERS
from zhiyin.demo.seasons import CLASSES
from zhiyin.demo.second_records import is_written_twice
from zhiyin.demo.surveys import shares_of_touchpoints
from zhiyin.demo.touchpoints import SLUGS, TOUCHPOINTS
from zhiyin.demo.trips import CHANNELS, EFFECTS, OVERALL_MEAN, OVERALL_SD
from zhiyin.demo.world import ROLLOUT_EFFECT, World

FORM = 1
"""Of this file; raised when a reader of an older one would misread it."""


class Truth:
    """What is added up while the chunks go by."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.counts = Counts()
        self.effects = Effects()
        self.rows: dict[str, int] = {}
        self.lost_events = 0
        self.paused = 0
        self.families = visits.NOTHING_LOST
        self.to_shanghai = visits.NOTHING_LOST
        self._waves: dict[int, dict[str, Any]] = {}
        self._ids = {
            "customers who share a telephone": 0,
            "mistyped telephones": 0,
            "browsers": 0,
            "second records": 0,
        }

    def add(self, chunk: Chunk) -> None:
        """Look at a chunk."""
        self.ledger.add(chunk)
        self.counts.add(chunk)
        self.effects.add(chunk)
        self.lost_events += int(is_lost(chunk).sum())
        self.families += visits.lost(self.world, chunk.visits, chunk.orders)
        self.to_shanghai += visits.lost(self.world, chunk.visits, chunk.orders, to_shanghai=True)
        self._ids["customers who share a telephone"] += int(chunk.people.shares_phone.sum())
        self._ids["mistyped telephones"] += int(chunk.people.typo.sum())
        self._ids["browsers"] += int(chunk.people.cookies.sum())
        self._ids["second records"] += int(is_written_twice(chunk).sum())
        for wave in chunk.waves:
            kept = self._waves.setdefault(
                wave.number,
                {"day": wave.day, "frame": 0, "sampled": 0, "votes": np.zeros(3, np.int64)},
            )
            kept["frame"] = kept["frame"] + wave.frame
            kept["sampled"] = kept["sampled"] + wave.sampled
            kept["votes"] = kept["votes"] + np.array(wave.votes)

    def wrote(self, name: str, rows: int) -> None:
        """Rows that went into a file or table."""
        self.rows[name] = self.rows.get(name, 0) + rows

    def document(self) -> dict[str, Any]:
        """All of it, ready for JSON."""
        plan = self.world.plan
        return {
            "form": FORM,
            "company": {
                "name": {"en": organisation.NAME_EN, "zh": organisation.NAME_ZH},
                "seed": plan.seed, "customers": plan.customers, "months": plan.months,
                "first_day": plan.first.isoformat(), "last_day": plan.until.isoformat(),
                "timezone": "Asia/Shanghai", "currency": "CNY",
            },
            "rows": dict(sorted(self.rows.items())),
            "counts": self.counts.document(),
            "ledger": self.ledger.document(),
            "satisfaction": _satisfaction(),
            "effects_of_satisfaction": {"unit": "per standard deviation of a trip's overall"
                                        " satisfaction", **EFFECTS.as_dict()},
            "answering": answering.ANSWERING.as_dict(),
            "journey_nps": {
                "asked_or_not": self.effects.means("journey NPS", 100),
                "by_month": self.effects.means("journey NPS by month", 100),
                "by_station": self.effects.means("journey NPS by station", 100),
            },
            "relationship": self._relationship(),
            "ids": self._ids,
            "seasons": self._seasons(),
            "stories": self._stories(),
            "traps": self._traps(),
        }  # fmt: skip

    def json(self) -> bytes:
        """The document as it is written."""
        text = json.dumps(self.document(), ensure_ascii=False, indent=1, allow_nan=False)
        return text.encode() + b"\n"

    def _relationship(self) -> dict[str, Any]:
        strata = [f"{tier}/{region}" for tier in TIERS for region in REGION_NAMES]
        found = []
        for number, kept in sorted(self._waves.items()):
            first, second, frame = (int(v) for v in kept["votes"])
            found.append(
                {
                    "wave": number + 1,
                    "sent_on": self.world.plan.date_of(kept["day"]).isoformat(),
                    "frame": dict(zip(strata, kept["frame"].tolist(), strict=True)),
                    "sampled": dict(zip(strata, kept["sampled"].tolist(), strict=True)),
                    "nps_of_frame": round(100 * first / frame, 4) if frame else None,
                    "nps_of_frame_by_new_wording": round(100 * second / frame, 4)
                    if frame
                    else None,
                }
            )
        fractions = dict(zip(TIERS, waves.FRACTION.tolist(), strict=True))
        return {"sampling_fraction_by_tier": fractions, "waves": found}

    def _seasons(self) -> dict[str, Any]:
        seasons = self.world.seasons
        return {
            "festivals": [
                {"slug": f.slug, "zh": f.chinese, "on": f.on.isoformat()} for f in seasons.festivals
            ],
            "demand_by_day": {
                name: [round(float(d), 4) for d in seasons.demand[place]]
                for place, name in enumerate(CLASSES)
            },
        }

    def _stories(self) -> dict[str, Any]:
        plan, story, effects = self.world.plan, self.world.plan.stories, self.effects

        def day(number: int) -> str:
            return plan.date_of(number).isoformat()

        return {
            "families_leave_before_anyone_knows_them": {
                "why": ["the own site cannot sell a child's ticket",
                        "Shanghai is not among its popular cities",
                        "it shows no calendar of lowest prices"],
                "chance_of_a_cart": {"site": visits.FAMILY_CART[0], "elsewhere":
                                     visits.FAMILY_CART[1]},
                **self.families.as_dict(),
                "to_shanghai": self.to_shanghai.as_dict(),
            },
            "fees_and_carts": {
                "log_odds_of_leaving": visits.ABANDON_BASE,
                "per_yuan": visits.ABANDON_PER_YUAN,
                "fee_yuan": dict(zip(REGION_NAMES, (people.FEE / 100).tolist(), strict=True)),
                "chance_of_leaving": {
                    r: round(float(c), 6)
                    for r, c in zip(REGION_NAMES, visits.abandonment(np.arange(5)), strict=True)
                },
            },
            "slow_refunds": {"from": day(story.slow_refunds), "slower_days": refunds.SLOWER_DAYS,
                             "rule_working_days": 7, **effects.means("refunds")},
            "promotion": {"from": day(story.promotion[0]), "until": day(story.promotion[1]),
                          "price": PROMOTION,
                "mentions_times": mentions.PROMOTION_TIMES,
                "makes_mentions_kinder": 0.0},
            "mail_before_wechat": {
                "median_load_free_wait_seconds": {
                    name: float(wait) for name, wait in zip(
                        contacts.CHANNELS, contacts.WAIT, strict=True)
                },
            },
            "self_service_bag_drop": {
                "live_from": {s.slug: day(story.self_service[s.rollout])
                              for s in organisation.STATIONS if s.rollout >= 0},
                "never": [s.slug for s in organisation.STATIONS if s.rollout < 0],
                "latent_effect": ROLLOUT_EFFECT, "effect": effects.means("self_service"),
            },
            "chatbot": {"changed_on": day(story.chatbot), "effect": 0.0,
                        "slump_before": contacts.CHATBOT_SLUMP,
                        "mean_rating_of_all_contacts": effects.means("chatbot")},
            "goodwill_voucher": {
                "from": day(story.voucher[0]), "until": day(story.voucher[1]),
                "latent_effect": refunds.VOUCHER_EFFECT, "effect": effects.means("voucher"),
                "effect_on_repurchase": 0.0, "yuan": refunds.VOUCHER / 100,
            },
            "incentive": {"effect_on_journey_nps": effects.means("incentive", 100)},
            "typhoon": {
                "shanghai_closed_from": _moment(story.typhoon_hours[0]),
                "shanghai_open_from": _moment(story.typhoon_hours[1]), "hours": 31,
                "flights_cancelled": self._cancelled_by_typhoon(),
                "mentions_times": mentions.TYPHOON_TIMES, "neutral_share_of_mentions": 1 / 3,
                "invitations_paused_from_hour": 6,
            },
            "new_wording": {
                "from_wave": None if story.wording_wave is None else story.wording_wave + 1,
                "designed_step_points": waves.WORDING_STEP,
                "latent_shift_sd": waves.WORDING_SHIFT, "parallel_share": 0.5,
            },
        }  # fmt: skip

    def _cancelled_by_typhoon(self) -> int:
        network, story = self.world.network, self.world.plan.stories
        days = slice(story.typhoon, story.typhoon + 2)
        here = np.isin(network.origin[network.route], organisation.SHANGHAI) | np.isin(
            network.destination[network.route], organisation.SHANGHAI
        )
        return int(network.cancelled[here, days].sum())

    def _traps(self) -> dict[str, Any]:
        plan, story = self.world.plan, self.world.plan.stories
        repeats = {
            reason: self.counts.n.get(("repeat contacts by reason", reason), 0)
            for reason in REASONS
        }
        every = sum(repeats.values())
        first, last = story.late_month
        minors = self.counts.n.get(("answered", "unaccompanied_minor"), 0)
        return {
            "too_few": {"touchpoint": "unaccompanied_minor", "n": minors},
            "same_truth": {"stations": ["HGH", "NKG"], "quality": organisation.STATIONS[
                organisation.STATION["HGH"]].quality},
            "another_habit": {"country": "JP", "latent": answering.ANSWERING.country_kinder[1],
                              "of_service": 0.0},
            "late_answers": {"experienced_from": plan.date_of(first).isoformat(),
                             "experienced_until": plan.date_of(last).isoformat(),
                             **self.effects.means("late_month", 100)},
            "silent_source": {"source": "kiosk", "from": plan.date_of(story.silent[0]).isoformat(),
                              "until": plan.date_of(story.silent[1]).isoformat(),
                              "events_lost": self.lost_events},
            "easy_queue": {"team": "invoices", "quality": organisation.TEAMS[
                organisation.EASY].quality, "ease_of_invoices": float(contacts.EASE[8])},
            "begging": {"team": "wechat-b", "added_to_recommendation_sd": surveys.BEGGED,
                        "quality": organisation.TEAMS[organisation.BEGGING].quality},
            "repeat_contacts": {"reason": "refund status",
                                "share": round(repeats["refund status"] / every, 6)
                                if every else None},
        }  # fmt: skip


def _moment(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _satisfaction() -> dict[str, Any]:
    return {
        "touchpoints": {t.slug: {"stage": t.stage, "mean": t.mean} for t in TOUCHPOINTS},
        "weights_in_a_journey": shares_of_touchpoints(),
        "loadings": {"disposition": people.ALIKE, "customer_at_touchpoint": people.OWN,
                     "moment": people.MOMENT, "overall_noise": EFFECTS.overall_noise},
        "overall_mean": OVERALL_MEAN, "overall_sd": OVERALL_SD,
        "cuts": {"nps": answering.NPS_CUTS.tolist(), "csat": answering.CSAT_CUTS.tolist(),
                 "ces": answering.CES_CUTS.tolist()},
        "stations": {s.slug: s.quality for s in organisation.STATIONS},
        "teams": {t.slug: t.quality for t in organisation.TEAMS},
        "contact_reasons": dict(zip(REASONS, contacts.EASE.tolist(), strict=True)),
    }  # fmt: skip


def customers(chunk: Chunk) -> pa.Table:
    """One row a customer: who they are, whose ids are theirs, all latent satisfactions."""
    of = chunk.people
    size = len(of)
    left = np.full(size, NONE)
    gone = np.flatnonzero(chunk.trips.is_last)
    left[chunk.trips.customer[gone]] = chunk.trips.arrives[gone]
    trips = np.bincount(chunk.trips.customer, minlength=size)
    table: dict[str, Column] = {
        "customer": numbered("QC", of.number),
        "persona": coded(of.persona, PERSONAS),
        "family": numbered("QC", of.number[of.family]),
        "shares_phone": pa.array(of.shares_phone),
        "true_phone": numbered("", of.phone),
        "phone_is_mistyped": pa.array(of.typo),
        "second_record": numbered("CC", of.number, ~is_written_twice(chunk)),
        "browsers": pa.array(of.cookies),
        "secretary": numbered("QC", of.number[np.maximum(of.secretary, 0)], of.secretary == NONE),
        "pace": pa.array(of.pace),
        "frailty": pa.array(of.frailty),
        "disposition": pa.array(of.disposition),
        "trips": pa.array(trips),
        "left_at": instants(left, left == NONE),
    }
    for place, slug in enumerate(SLUGS):
        table[f"latent_{slug}"] = pa.array(np.ascontiguousarray(of.latent[:, place]))
    return pa.table(table)


def trips(chunk: Chunk) -> pa.Table:
    """One row a trip: who flew, through whom it was bought, and what it was like."""
    of, orders = chunk.trips, chunk.orders
    number = chunk.people.number
    buyer = orders.buyer

    def whose(place: Ints, missing: Bools | None = None) -> Column:
        return numbered("QC", number[np.maximum(place, 0)], missing)

    follows = np.concatenate([of.customer[1:] == of.customer[:-1], [False]])
    following = np.concatenate([of.departs[1:], [0]])
    table: dict[str, Column] = {
        "order": numbered("QO", orders.number),
        "traveller": whose(of.customer),
        "buyer": whose(buyer, buyer == NONE),
        "channel": coded(of.channel, CHANNELS),
        "departs_at": instants(of.departs),
        "arrives_at": instants(of.arrives),
        "delay_minutes": pa.array(of.delay),
        "is_cancelled": pa.array(of.cancelled),
        "overall": pa.array(of.overall),
        "better": pa.array(of.better),
        "left_after": pa.array(of.is_last),
        "next_departs_at": instants(following, ~follows),
    }
    for place, slug in enumerate(SLUGS):
        if TOUCHPOINTS[place].weight > 0:
            lived = np.ascontiguousarray(of.experience[:, place])
            table[f"latent_{slug}"] = pa.array(lived, mask=~of.applies[:, place])
    return pa.table(table)
