"""From what customers feel to what they answer, and whether they answer at all."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field

import numpy as np

from zhiyin.demo.arrays import Bools, Floats, Ints, logistic

NPS_CUTS = np.array([-3.3, -3.0, -2.7, -2.4, -2.0, -1.35, -0.95, -0.35, 0.15, 0.75])
"""Satisfaction (in sd) from which 1, 2 … 10 is answered."""
CSAT_CUTS = np.array([-1.8, -1.1, -0.4, 0.5])
CES_CUTS = np.array([-2.2, -1.6, -1.0, -0.4, 0.2, 0.9])

MODES = ("wechat", "sms", "mail")
ARMS = ("none", "prize_draw")
SKIPPED, NOT_APPLICABLE, DONT_KNOW, REFUSED, HIDDEN, NOT_REACHED = -1, -2, -3, -4, -5, -6
STATES = {
    SKIPPED: "skipped", NOT_APPLICABLE: "not_applicable", DONT_KNOW: "dont_know",
    REFUSED: "refused", HIDDEN: "hidden", NOT_REACHED: "not_reached",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Answering:
    """Who answers (log odds), and what their answers add to what they feel (sd).

    With `satisfaction` and `frailty` 0, who answers is chance; the tests of intervals use it.
    """

    base: float = -1.15
    satisfaction: float = 0.40
    """Per standard deviation of satisfaction: the content answer more."""
    frailty: float = 1.0
    """Share of the customer's own willingness that counts."""
    incentive: float = 0.45
    mode: tuple[float, float, float] = (0.0, -0.3, -0.8)
    incentive_kinder: float = 0.12
    mode_kinder: tuple[float, float, float] = (0.05, 0.0, -0.12)
    country_kinder: tuple[float, float, float] = (0.0, -0.8, 0.0)
    """By country: the same service, another habit of answering."""
    opens: tuple[float, float, float] = field(default=(0.72, 0.9, 0.55))

    def answers(
        self, rng: np.random.Generator, better: Floats, frailty: Floats, mode: Ints, arm: Ints
    ) -> Bools:
        """Whether each of the asked answers."""
        odds = (
            self.base
            + self.satisfaction * better
            + self.frailty * frailty
            + self.incentive * arm
            + np.array(self.mode)[mode]
        )
        return np.asarray(rng.random(len(better)) < logistic(odds))

    def kinder(self, mode: Ints, arm: Ints, country: Ints) -> Floats:
        """What incentive, mode and country add to the answer, and not to the feeling."""
        return np.asarray(
            self.incentive_kinder * arm
            + np.array(self.mode_kinder)[mode]
            + np.array(self.country_kinder)[country],
            dtype=np.float64,
        )

    def as_dict(self) -> dict[str, object]:
        """For ``truth.json``."""
        return asdict(self)


ANSWERING = Answering()


def nps_score(better: Floats) -> Ints:
    """0…10 from satisfaction in sd."""
    return np.searchsorted(NPS_CUTS, better, side="right").astype(np.int64)


def csat_score(satisfaction: Floats) -> Ints:
    """1…5 from latent satisfaction."""
    return 1 + np.searchsorted(CSAT_CUTS, satisfaction, side="right").astype(np.int64)


def ces_score(satisfaction: Floats) -> Ints:
    """1…7, higher is easier, from latent satisfaction."""
    return 1 + np.searchsorted(CES_CUTS, satisfaction, side="right").astype(np.int64)


def vote(score: Ints) -> Ints:
    """+1 a promoter, −1 a detractor, 0 a passive."""
    return np.asarray(score >= 9, dtype=np.int64) - np.asarray(score <= 6, dtype=np.int64)


def states(rng: np.random.Generator, scores: Ints, applies: Bools) -> Ints:
    """Scores with what else becomes of a question: left out, not known, refused, never reached.

    Args:
        rng: the stream.
        scores: [response, question].
        applies: [response, question]; where not, the question is hidden by the survey's logic
            half the time, else answered *does not apply*.
    """
    size, questions = scores.shape
    chance = rng.random(scores.shape)
    found = np.where(chance < 0.025, SKIPPED, scores)
    found = np.where((chance >= 0.025) & (chance < 0.033), DONT_KNOW, found)
    found = np.where((chance >= 0.033) & (chance < 0.037), REFUSED, found)
    # Chance beyond 0.5 decides hidden or not, apart from the small chances above.
    found = np.where(~applies, np.where(chance > 0.5, HIDDEN, NOT_APPLICABLE), found)
    found[:, 0] = np.where(found[:, 0] == SKIPPED, scores[:, 0], found[:, 0])
    stops = rng.random(size) < 0.07
    until = 1 + (rng.random(size) * questions).astype(np.int64)
    beyond = np.asarray(stops)[:, None] & (np.arange(questions)[None, :] >= until[:, None])
    return np.where(beyond, NOT_REACHED, found).astype(np.int64)
