"""Every place that holds something of a customer, and how it shows and forgets her.

Rooms declare what they hold in ``holdings.py``. A table of the log is the warehouse's business;
a model is looked through by the fields that its holding names; a folder needs an eraser, which
its room registers when it starts. A holding about customers without one is a fault, and a test.
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

from django.apps import apps

import zhiyin
from zhiyin.kernel.holdings import Holding
from zhiyin.kernel.text import Text
from zhiyin.unify.rows import ModelRows
from zhiyin.unify.subjects import Her


@dataclass(frozen=True, slots=True)
class Eraser:
    """How one place shows what it holds of her, and forgets it.

    Args:
        show: rows as JSON values, for the export.
        erase: takes them out, for good where the place is a file; returns how many. May run twice.
        note: what a receipt says of the place.
    """

    show: Callable[[Her], list[dict[str, Any]]]
    erase: Callable[[Her], int]
    note: Text | None = None


_REGISTERED: dict[tuple[str, str], Eraser] = {}


def register(kind: str, place: str, eraser: Eraser) -> None:
    """Say how a place forgets; called when a room starts."""
    _REGISTERED[kind, place] = eraser


@cache
def holdings() -> tuple[Holding, ...]:
    """The declarations of every room, in the order of the rooms' names."""
    found: list[Holding] = []
    for room in sorted(module.name for module in pkgutil.iter_modules(zhiyin.__path__)):
        name = f"zhiyin.{room}.holdings"
        try:
            declared = importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name not in (name, f"zhiyin.{room}"):
                raise
            continue
        found += getattr(declared, "HOLDINGS", ())
    return tuple(found)


def of_customers() -> list[tuple[Holding, Eraser]]:
    """Every place outside the log that holds something of customers, with its eraser.

    Raises:
        LookupError: a place has none.
    """
    found = []
    for holding in holdings():
        if holding.kind == "table":
            continue
        registered = _REGISTERED.get((holding.kind, holding.place))
        if holding.about != "customer" and registered is None:
            continue
        found.append((holding, registered or _of_model(holding)))
    return found


def table_of(holding: Holding) -> str:
    """The table of a model in the relational store."""
    return str(apps.get_model(holding.place)._meta.db_table)


def in_the_log() -> list[Holding]:
    """The tables of the log that hold something of customers."""
    return [h for h in holdings() if h.kind == "table" and h.about == "customer"]


def _of_model(holding: Holding) -> Eraser:
    if holding.kind != "model":
        message = f"nothing says how the {holding.kind} {holding.place} forgets a customer"
        raise LookupError(message)
    rows = ModelRows(holding)
    return Eraser(rows.show, rows.erase)
