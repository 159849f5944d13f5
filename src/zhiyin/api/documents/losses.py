"""Losses before anyone is known."""

from __future__ import annotations

from zhiyin.api.documents.form import Document


class LossDocument(Document):
    """Sessions of unknown customers that came to a step in a place; null where not shown.

    Money is in the workspace's currency; shares lie in 0…1; below 0, more went on here.
    """

    place: dict[str, str | None]
    step: str
    number: int
    of_everyone: bool
    state: str
    sessions: int | None
    customers: int | None
    lost: int | None
    lost_customers: int | None
    share: float | None
    like_sessions: int | None
    like_customers: int | None
    like_share: float | None
    like_worth: float | None
    went_on_worth: float | None
    more_lost: float | None
    loss: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool


class LossesDocument(Document):
    """The losses, the one that is worst for certain first; one family of tests."""

    steps: list[str]
    by: list[str]
    like: list[str]
    gap_seconds: float
    currency: str
    confidence: float
    tests: int
    interval_confidence: float
    minimum_base: int
    losses: list[LossDocument]
