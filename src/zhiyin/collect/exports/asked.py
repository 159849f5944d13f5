"""What a file of answers knows of how its questions were asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Several = Literal["choices", "places"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One question as its newest version asks it.

    Args:
        title: what customers read; of a row of a matrix with the row.
        choices: what may be chosen, in order, with what customers read.
        is_written: whether something may be written beside a choice.
        several: where an answer may be several choices, whether they have places; None: one.
    """

    title: str
    choices: Mapping[str, str]
    is_written: bool
    several: Several | None


NOTHING: Mapping[str, Asked] = {}
"""Nothing is known of any survey."""
