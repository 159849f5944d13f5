"""What responses can be told apart by: an answer, a column of responses, a trait of customers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from zhiyin.collect.surveys.definition import CHOSEN, MANY, SCORED, Item
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.measure.surveys import said
from zhiyin.measure.surveys.reading import Fillings, Ints, Objects, Reading
from zhiyin.warehouse import lang

TRAIT = "trait."
NONE = ""
"""The category of those of whom nothing is known."""

BANDS: dict[str, Text] = {
    "promoter": _("promoters"), "passive": _("passives"), "detractor": _("detractors")
}  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Variable:
    """Responses told apart.

    Args:
        name: as it was asked for.
        values: of the categories, in order; `labels` what people call them.
        place: of each entry its response, and `category` the place of its value. A response may
            have several where `is_several`, and else one.
        base: the responses of which something is known.
    """

    name: str
    values: tuple[str, ...]
    labels: tuple[str, ...]
    place: Ints
    category: Ints
    base: Ints
    is_several: bool = False


def variable(reading: Reading, fillings: Fillings, name: str) -> Variable:
    """The responses told apart by a question, a column of responses or ``trait.NAME``.

    Of NPS these are the bands, of other scales the points. Whoever did not answer the question is
    left out; whose column or trait is not known is told apart as such.

    Raises:
        Problem: ``survey.no-variable``: nothing is called so, or it cannot be told apart by it.
    """
    for series, item in reading.items().items():
        if name in (item.name, series):
            return _answered(reading, fillings, item, name)
    if name.startswith(TRAIT):
        known = traits(reading, fillings.customer, [name.removeprefix(TRAIT)])
        return _told(name, known[name.removeprefix(TRAIT)])
    try:
        column = reading.column("responses", name)
    except Problem:
        items = [item.name for item in reading.items().values() if _can(item)]
        raise Problem(
            "survey.no-variable",
            _("Responses cannot be told apart by {name}.", name=name[:80]),
            _("Name a question ({known}), a column of responses such as channel, or trait.NAME.",
              known=", ".join(items)),
        ) from None  # fmt: skip
    values = reading.fillings([column]).more[column.name]
    return _told(name, values)


def _can(item: Item) -> bool:
    return item.question.type in SCORED | CHOSEN


def _answered(reading: Reading, fillings: Fillings, item: Item, name: str) -> Variable:
    question = item.question
    if question.type in CHOSEN:
        return _chosen(reading, fillings, item, name)
    if question.type not in SCORED:
        raise Problem(
            "survey.no-variable",
            _("Responses cannot be told apart by {name}.", name=name),
            _("Its answers are neither choices nor points of a scale."),
        )
    place, score = said.scores(reading, fillings, item)
    if question.type == "nps":
        category = np.where(score >= 9, 0, np.where(score >= 7, 1, 2)).astype(np.int64)
        labels = tuple(str(text) for text in BANDS.values())
        return Variable(name, tuple(BANDS), labels, place, category, np.unique(place))
    points, category = np.unique(score, return_inverse=True)
    low, high = question.scale
    every = sorted({float(point) for point in range(low, high + 1)} | set(points.tolist()))
    of_point = np.searchsorted(every, points)
    values = tuple(f"{one:g}" for one in every)
    return Variable(
        name, values, values, place, of_point[category].astype(np.int64), np.unique(place)
    )


def _chosen(reading: Reading, fillings: Fillings, item: Item, name: str) -> Variable:
    found = said.choices(reading, fillings, [item]).get(item.series)
    known = [one.value for one in item.question.choices]
    if found is None:
        place: Ints = np.zeros(0, dtype=np.int64)
        choice: Objects = np.zeros(0, dtype=np.object_)
    else:
        place, choice = found.place, found.choice
    values = (*known, *sorted(set(choice) - set(known)))
    of = {value: at for at, value in enumerate(values)}
    category = np.array([of[one] for one in choice], dtype=np.int64)
    labels = tuple(said.choice_of(item, value) for value in values)
    is_several = item.question.type in MANY
    return Variable(name, values, labels, place, category, np.unique(place), is_several)


def _told(name: str, values: Objects) -> Variable:
    known = sorted({value for value in values if value is not None})
    has_none = any(value is None for value in values)
    every = (*known, *((NONE,) if has_none else ()))
    of = {value: at for at, value in enumerate(known)}
    category = np.array(
        [len(known) if value is None else of[value] for value in values], dtype=np.int64
    )
    labels = tuple(value if value != NONE else str(_("(none)")) for value in every)
    everyone = np.arange(len(values))
    return Variable(name, every, labels, everyone, category, everyone)


def traits(reading: Reading, customer: Ints, names: Iterable[str]) -> Mapping[str, Objects]:
    """The newest value of each trait, of each of these customers; None where none is known."""
    wanted = list(names)
    rows = lang.table(reading.schema, "traits")
    rows = rows.filter(rows.name.isin(reading.codes("name", wanted)))
    found: dict[str, Objects] = {}
    known = reading.log.words(reading.settings.slug, "name")
    table = newest(reading, rows)
    words = np.array(
        [known.get(code or 0, "") for code in table["name"].to_pylist()], dtype=np.str_
    )
    who = table["customer"].to_numpy().astype(np.int64)
    values = table["value"].to_numpy(zero_copy_only=False)
    for name in wanted:
        here = words == name
        of = dict(zip(who[here].tolist(), values[here].tolist(), strict=True))
        column = np.empty(len(customer), dtype=np.object_)
        column[:] = [of.get(one) for one in customer.tolist()]
        found[name] = column
    return found


def newest(reading: Reading, rows: lang.Expression) -> pa.Table:
    """Of rows of traits each customer's newest of each name, known by the instant of asking."""
    rows = rows.filter(rows.occurred_at <= lang.timestamp(reading.as_of))
    keyed = rows.select("customer", "name", "value", "occurred_at", "seq").order_by(
        "occurred_at", "seq"
    )
    table = reading.run(keyed, words=False)
    pair = np.stack([table["customer"].to_numpy(), table["name"].to_numpy().astype(np.int64)])
    if not table.num_rows:
        return table
    # The last of each pair in the order of time stands.
    _pairs, first = np.unique(pair[:, ::-1], axis=1, return_index=True)
    return table.take(np.sort(table.num_rows - 1 - first).astype(np.int64))
