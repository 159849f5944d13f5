"""Finite population correction: when many of all customers have answered, less is unknown."""

from __future__ import annotations

import numpy as np

from zhiyin.stats.estimate import Floats, Number


def correction(customers: Number, population: Number | None) -> Floats:
    """The factor on a variance: 1 − customers ÷ population; 1 without a declared frame.

    `population` is the number of customers in the frame that the answers were drawn from,
    cell by cell. At 1 of 10 the interval shrinks by 5 %, when all answered it is a point.

    When it misleads: it says how well the answers tell *this* frame's mean today. Whoever
    asks whether next month's customers will answer alike must leave it out. It corrects
    chance, not the silence of those who did not answer.

    Source: Cochran, Sampling Techniques (1977), 2.6.

    Raises:
        ValueError: more customers answered than the frame holds.

    >>> float(correction(100, 400))
    0.75
    """
    counted = np.asarray(customers, dtype=np.float64)
    if population is None:
        return np.ones_like(counted)
    frame = np.asarray(population, dtype=np.float64)
    if not (frame >= counted).all() or (frame <= 0).any():
        raise ValueError("the frame holds fewer customers than have answered")
    return 1.0 - counted / frame
