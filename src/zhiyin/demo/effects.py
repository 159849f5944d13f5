"""What each planted change does: with it less without it, the same chance in both.

Sums of what would have been (potential outcomes): no experiment is needed to know them here,
and every experiment's estimate can be held against them.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np

from zhiyin.demo.answering import ANSWERING, csat_score, nps_score, vote
from zhiyin.demo.arrays import Bools, Floats, Ints
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.contacts import CHAT
from zhiyin.demo.ledger import month_name, months_of
from zhiyin.demo.organisation import STATIONS
from zhiyin.demo.plan import DAY
from zhiyin.demo.refunds import VOUCHER_EFFECT
from zhiyin.demo.touchpoints import AT
from zhiyin.demo.world import ROLLOUT_EFFECT

_WINDOW = 42


class Effects:
    """Sums of outcomes with and without, by story."""

    def __init__(self) -> None:
        self.sums: dict[tuple[str, str], float] = defaultdict(float)

    def add(self, chunk: Chunk) -> None:
        """Look at a chunk."""
        self._self_service(chunk)
        self._voucher(chunk)
        self._incentive(chunk)
        self._chatbot(chunk)
        self._late(chunk)
        self._refunds(chunk)
        self._journeys(chunk)

    def _mean(self, story: str, what: str, values: Floats | Ints | Bools) -> None:
        self.sums[story, what] += float(np.sum(values))
        self.sums[story, what + "/n"] += len(values)

    def _self_service(self, chunk: Chunk) -> None:
        trips, network = chunk.trips, chunk.world.network
        origin = network.origin[trips.route]
        live = (trips.day >= chunk.world.rollout[origin]) & trips.applies[:, AT["bag_drop"]]
        feels = trips.experience[live, AT["bag_drop"]]
        with_it, without = csat_score(feels), csat_score(feels - ROLLOUT_EFFECT)
        self._mean("self_service", "mean rating", with_it - without)
        self._mean("self_service", "share satisfied", (with_it >= 4).astype(int) - (without >= 4))

    def _voucher(self, chunk: Chunk) -> None:
        better = chunk.trips.better[chunk.gestures.trip]
        country = chunk.people.country[chunk.trips.customer[chunk.gestures.trip]]
        says = better + np.array(ANSWERING.country_kinder)[country]
        given, plain = nps_score(says + VOUCHER_EFFECT), nps_score(says)
        self._mean("voucher", "NPS", vote(given) - vote(plain))
        self._mean("voucher", "mean score", given - plain)

    def _incentive(self, chunk: Chunk) -> None:
        asked = chunk.asked[0]
        country = chunk.people.country[asked.customer]
        says = asked.better + np.array(ANSWERING.country_kinder)[country]
        kinder = nps_score(says + ANSWERING.incentive_kinder)
        self._mean("incentive", "NPS", vote(kinder) - vote(nps_score(says)))

    def _chatbot(self, chunk: Chunk) -> None:
        contacts, plan = chunk.contacts, chunk.world.plan
        day = (contacts.at - plan.start) // DAY - plan.stories.chatbot
        chat = (contacts.channel == CHAT) & contacts.is_answered
        feels = csat_score(contacts.experience)
        for name, first, last in (
            ("six weeks before", -_WINDOW, 0), ("six weeks after", 0, _WINDOW),
            ("the half year before those", -_WINDOW - 182, -_WINDOW),
        ):  # fmt: skip
            of = chat & (day >= first) & (day < last)
            self._mean("chatbot", name, feels[of])

    def _late(self, chunk: Chunk) -> None:
        plan, asked = chunk.world.plan, chunk.asked[0]
        first, last = plan.stories.late_month
        day = chunk.trips.day[asked.trip]
        month = asked.is_answered & (day >= first) & (day < last) & (asked.scores[:, 0] >= 0)
        early = month & (asked.answered_at < plan.moment(last + 3))
        self._mean("late_month", "NPS three days after its end", vote(asked.scores[early, 0]))
        self._mean("late_month", "NPS when all had answered", vote(asked.scores[month, 0]))

    def _refunds(self, chunk: Chunk) -> None:
        refunds, plan = chunk.refunds, chunk.world.plan
        days = (refunds.paid_at - refunds.asked_at) / DAY
        slow = (refunds.asked_at - plan.start) // DAY >= plan.stories.slow_refunds
        self._mean("refunds", "days before", days[~slow])
        self._mean("refunds", "days after", days[slow])

    def _journeys(self, chunk: Chunk) -> None:
        """Journey NPS of all trips, asked or not: by month and by station."""
        trips = chunk.trips
        country = chunk.people.country[trips.customer]
        votes = vote(nps_score(trips.better + np.array(ANSWERING.country_kinder)[country]))
        month = months_of(trips.departs)
        first = int(month.min())
        for place in range(int(month.max()) - first + 1):
            self._mean("journey NPS by month", month_name(first + place),
                       votes[month == first + place])  # fmt: skip
        origin = chunk.world.network.origin[trips.route]
        for place, station in enumerate(STATIONS):
            self._mean("journey NPS by station", station.slug, votes[origin == place])
        self._mean("journey NPS", "all", votes)

    def means(self, story: str, factor: float = 1.0) -> dict[str, dict[str, float | int]]:
        """Mean and n of each outcome of a story."""
        found: dict[str, dict[str, float | int]] = {}
        for (of, what), total in self.sums.items():
            count = self.sums.get((of, what + "/n"))
            if of == story and count is not None:
                value = round(factor * total / count, 6) if count else None
                found[what] = {"value": value, "n": int(count)}  # type: ignore[dict-item]
        return dict(sorted(found.items()))
