"""Requests drawn at random, as a simulation asks for them."""

from __future__ import annotations

import numpy as np

from zhiyin.demo.language import ASPECTS, Request
from zhiyin.demo.language.texts import KINDS, PERSONAS, Kind, Language, Polarity

POLARITIES: tuple[Polarity, ...] = (-1, 1, 0, "mixed")
_SLUGS = tuple(ASPECTS)


def asked(count: int, lang: Language, *, kind: Kind | None = None, seed: int = 1) -> list[Request]:
    """That many requests in a language, of one kind or of all."""
    rng = np.random.default_rng(seed)
    return [_request(rng, lang, kind) for _ in range(count)]


def _request(rng: np.random.Generator, lang: Language, kind: Kind | None) -> Request:
    number = 1 + int(rng.random() < 0.45) + int(rng.random() < 0.15)
    about = [_SLUGS[place] for place in rng.choice(len(_SLUGS), number, replace=False)]
    return Request(
        kind=kind or KINDS[rng.integers(len(KINDS))],
        lang=lang,
        aspects=tuple(
            (slug, POLARITIES[rng.choice(4, p=[0.5, 0.34, 0.11, 0.05])], float(rng.random()))
            for slug in about
        ),
        persona=PERSONAS[rng.integers(len(PERSONAS))],
    )
