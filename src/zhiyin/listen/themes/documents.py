"""Themes as the command line and the API write them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from zhiyin.listen.themes import kept
from zhiyin.listen.themes.examples import Example
from zhiyin.listen.themes.figures import Found, Growth, Told, Week
from zhiyin.listen.themes.models import Theme, ThemeTurn
from zhiyin.stats.estimate import Estimate


def found(
    asked: Found,
    examples: Mapping[int, Sequence[Example]] | None = None,
    *,
    sees_it: bool = False,
    only: Sequence[Told] | None = None,
) -> dict[str, Any]:
    """All themes.

    Args:
        examples: by a theme's number; None where the reader may not read what customers said.
        only: the themes that are told; None tells all.
    """
    held = asked.finding
    return {
        "found_at": f"{held.found_at:%Y-%m-%dT%H:%M:%SZ}" if held else None,
        "version": held.version if held else "",
        "from": _day(held.first if held else None),
        "to": _day(held.until if held else None),
        "now_weeks": asked.now,
        "customers": asked.spoke,
        "clauses": asked.clauses,
        "clauses_in_themes": asked.in_themes,
        "tests": asked.tests,
        "themes": [
            theme(one, (examples or {}).get(one.theme.number, ()), sees_it=sees_it)
            for one in (asked.told if only is None else only)
        ],
    }


def theme(one: Told, examples: Sequence[Example] = (), *, sees_it: bool = False) -> dict[str, Any]:
    """One theme with its figures; None where its customers are too few."""
    return {
        **kept_(one.theme),
        "trend": one.trend,
        "customers": one.customers,
        "clauses": one.clauses,
        "share": _estimate(one.share),
        "sentiment": _estimate(one.sentiment, 100),
        "growth": _growth(one.growth) if one.trend != "few" else None,
        "weeks": [_week(week) for week in one.weeks],
        "examples": [example.as_dict(sees_it=sees_it) for example in examples],
    }


def kept_(one: Theme) -> dict[str, Any]:
    """What is kept of a theme."""
    return {
        "number": one.number,
        "name": kept.name_of(one),
        "given_name": one.given_name or None,
        "words": {"zh": one.words_zh, "en": one.words_en},
        "state": one.state,
        "under": one.under or None,
        "aspect": one.aspect or None,
        "is_silent": one.is_silent,
        "first_said": _day(one.first_said_on),
        "found_at": f"{one.found_at:%Y-%m-%dT%H:%M:%SZ}",
        "turns": [turn(found_) for found_ in one.turns.all()],
    }


def turn(one: ThemeTurn) -> dict[str, Any]:
    """What became of a theme."""
    return {"kind": one.kind, "other": one.other, "at": f"{one.at:%Y-%m-%dT%H:%M:%SZ}"}


def _growth(one: Growth | None) -> dict[str, Any] | None:
    if one is None:
        return None
    return {
        "ratio": _short(one.ratio),
        "low": _short(one.low),
        "high": _short(one.high),
        "p": one.p,
        "q": one.q,
        "is_more_than_noise": one.is_marked,
    }


def _week(one: Week) -> dict[str, Any]:
    return {
        "first": _day(one.first),
        "customers": one.customers,
        "spoke": one.spoke,
        "share": _estimate(one.share),
    }


def _estimate(one: Estimate | None, factor: float = 1.0) -> dict[str, Any] | None:
    if one is None:
        return None
    told = one.times(factor)
    return {"value": _short(told.value), "low": _short(told.low), "high": _short(told.high)}


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None
