"""Everything that all customers share: the plan, the seasons, the network."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from zhiyin.demo.arrays import Floats
from zhiyin.demo.network import Network
from zhiyin.demo.organisation import STATIONS
from zhiyin.demo.plan import Plan
from zhiyin.demo.seasons import Seasons

ROLLOUT_EFFECT = 0.45
"""Added to the satisfaction with bag drop where self-service is live (latent scale)."""


@dataclass(frozen=True, slots=True, eq=False)
class World:
    """One company before its first customer.

    `elapsed` is the seasons' demand summed up, [class, day], from 0 to 1: in this time everybody
    flies at an even pace. `rollout` is per station the day of self-service bag drop (after the
    end where never).
    """

    plan: Plan
    seasons: Seasons
    network: Network
    elapsed: Floats
    rollout: Floats

    @classmethod
    def of(cls, plan: Plan) -> World:
        """The world of a plan."""
        seasons = Seasons.of(plan)
        demand = seasons.demand
        elapsed = np.zeros((len(demand), plan.days + 1))
        elapsed[:, 1:] = np.cumsum(demand, axis=1) / demand.sum(axis=1, keepdims=True)
        days = plan.stories.self_service
        rollout = np.array([float(days[s.rollout]) if s.rollout >= 0 else np.inf for s in STATIONS])
        return cls(plan, seasons, Network.of(plan, seasons), elapsed, rollout)
