"""How often something happens: a count over a span of time, with its exact interval."""

from __future__ import annotations

from scipy import special

from zhiyin.stats.estimate import Estimate, check_confidence


def estimate(count: int, exposure: float, *, confidence: float = 0.95) -> Estimate | None:
    """Events per unit of time, with Garwood's exact interval for a Poisson count.

    The interval holds every rate under which neither so few nor so many events would be
    surprising: low = χ²(α/2, 2k) ÷ 2T, high = χ²(1 − α/2, 2k + 2) ÷ 2T for k events in a time T.
    It covers at least as often as it says, for few events more often.

    When it misleads: events that come in bunches (several orders of one trip) or by the season
    are less certain than a Poisson count, and the interval is then too narrow.

    Args:
        count: events, 0 or more.
        exposure: the time in which they were counted, in the unit of the rate.
        confidence: 0…1.

    Returns:
        None where no time has passed. `n` is the count.

    Source: Garwood, Biometrika 28 (1936) 437–442. In R: ``poisson.test(10, 2)$conf.int``.

    >>> found = estimate(10, 2.0)
    >>> found.value, round(found.low, 4), round(found.high, 4)
    (5.0, 2.3977, 9.1952)
    """
    check_confidence(confidence)
    if count < 0:
        raise ValueError("a count is not negative")
    if exposure <= 0:
        return None
    alpha = 1.0 - confidence
    # Half of a χ² quantile of 2k degrees of freedom is the gamma quantile of shape k.
    low = float(special.gammaincinv(count, alpha / 2)) / exposure if count else 0.0
    high = float(special.gammaincinv(count + 1, 1 - alpha / 2)) / exposure
    return Estimate.of_one_customer(
        count / exposure, low, high, n=count, method="garwood", confidence=confidence
    )
