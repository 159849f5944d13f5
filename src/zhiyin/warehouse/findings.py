"""What was found in what customers said."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Finding:
    """One clause of a verbatim; see the columns of ``clauses``.

    Attributes:
        verbatim: the `seq` of the row that it is a part of.
        place: which clause of it, from 0.
        starts: where it begins in the text, in characters; `ends` is behind its last.
        language: of the verbatim.
        probability: of the polarity.
        point: where what it means lies: `SPACE` bytes that name the space, and a signed byte for
            each of its directions. Points of two spaces are not comparable. None where it has none.
    """

    verbatim: int
    place: int
    starts: int
    ends: int
    language: str
    polarity: str
    probability: float
    aspect: str | None = None
    emotion: str | None = None
    intent: str | None = None
    effort: str | None = None
    urgency: str | None = None
    point: bytes | None = None


SPACE = 4
"""Bytes of a point that name its space."""


@dataclass(frozen=True, slots=True)
class Near:
    """Clauses that lie near a point.

    Attributes:
        point: as a finding's.
        least: the cosine from which on they do.
    """

    point: bytes
    least: float


@dataclass(frozen=True, slots=True)
class Readings:
    """How far a workspace's verbatims are read: all that have a text, how many of them were read by
    anything, and by the version asked for."""

    verbatims: int
    read: int
    read_by_this: int
