"""Samples and arms are drawn again from their seed, hold their shares, and know nothing of each
other."""

from __future__ import annotations

import hashlib
from itertools import pairwise

from scipy.stats import binom

from zhiyin.collect.reaching.drawing import arm, is_in_sample, new_seed, number

EVENTS = [f"app\x1fe{k}" for k in range(8_000)]
ARMS = [
    {"arm": "none", "share": 0.5},
    {"arm": "draw", "share": 0.3},
    {"arm": "points", "share": 0.2},
]


def within(found: int, n: int, share: float) -> bool:
    """Whether a count is one that a fair draw gives but for one time in a million."""
    return bool(binom.ppf(5e-7, n, share) <= found <= binom.ppf(1 - 5e-7, n, share))


def test_a_number_follows_from_what_the_documentation_says() -> None:
    digest = hashlib.sha256(b"42\x1fsample\x1fapp\x1fe7").digest()
    assert number(42, "sample", "app\x1fe7") == int(digest.hex()[:16], 16) // 2048 / 2**53


def test_the_share_is_near_what_was_asked_for() -> None:
    for seed in (1, 2, new_seed()):
        for share in (0.01, 0.2, 0.5):
            drawn = sum(is_in_sample(seed, one, share) for one in EVENTS)
            assert within(drawn, len(EVENTS), share), (seed, share, drawn)
    assert all(is_in_sample(3, one, 1.0) for one in EVENTS)


def test_a_larger_share_keeps_who_was_in_the_smaller() -> None:
    samples = [{e for e in EVENTS if is_in_sample(5, e, share)} for share in (0.1, 0.2, 0.4)]
    assert all(smaller < larger for smaller, larger in pairwise(samples))


def test_other_seeds_draw_others() -> None:
    both = sum(is_in_sample(1, e, 0.5) and is_in_sample(2, e, 0.5) for e in EVENTS)
    assert within(both, len(EVENTS), 0.25)


def test_arms_hold_their_shares_in_the_sample_too() -> None:
    sample = [e for e in EVENTS if is_in_sample(9, e, 0.3)]
    for one in ARMS:
        for among in (EVENTS, sample):
            found = sum(arm(9, e, ARMS) == one["arm"] for e in among)
            assert within(found, len(among), float(str(one["share"]))), (one, found)
    assert arm(9, "x", []) == ""
    # Shares are of one another: these two say the same.
    doubled = [{**one, "share": float(str(one["share"])) * 2} for one in ARMS]
    assert [arm(9, e, ARMS) for e in EVENTS[:500]] == [arm(9, e, doubled) for e in EVENTS[:500]]
