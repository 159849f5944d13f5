"""Which ids become one customer: the guards, as pure rules over the reasons.

A link is a reason why two ids are one person. A person's link always counts. Every other is held
back where it would do harm:

- an *unknown caller*: intake is public, so what it says never joins two known customers;
- a *shared device*: a device's id goes to the first known customer who signed in on it, and to
  no second one;
- *too many*: no more known customers than the workspace's limit become one by themselves;
- *two people*: a person said of two ids that they are not one, and no chain of other links may
  make them one.

Links are judged in the order of their arrival, known customers first, devices after them; so what
comes later never moves what was joined before it, but by a person's word.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

PERSON, IMPORT, RULE, INTAKE = range(4)
"""Who says that two ids are one: somebody who works here, a file, a rule, the open network."""

SPEAKERS = {"person": PERSON, "import": IMPORT, "rule": RULE, "intake": INTAKE}
"""The words of the column `linked_by`."""

SPOKEN_BY_REASON = {
    "person": PERSON,
    "suggestion accepted": PERSON,
    "signed_in": INTAKE,
    "alias": INTAKE,
}
"""Who speaks where `linked_by` is null; any other reason came from a file."""

JOINS, AGREES, UNKNOWN_CALLER, SHARED_DEVICE, TOO_MANY, TWO_PEOPLE = range(6)
"""What becomes of a link: it joins, it says what is so already, or a guard holds it back."""

GUARDS = {
    UNKNOWN_CALLER: "unknown_caller",
    SHARED_DEVICE: "shared_device",
    TOO_MANY: "too_many",
    TWO_PEOPLE: "two_people",
}

LIMIT = 10
"""Known customers that may become one by themselves, where the workspace does not say."""

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Links:
    """The links that stand, in the order of their arrival, between places 0 … n - 1.

    Args:
        a: one end, a place.
        b: the other end.
        by: who says so: `PERSON`, `IMPORT`, `RULE` or `INTAKE`.
        apart: pairs of places of which a person said that they are two.
    """

    a: Ints
    b: Ints
    by: npt.NDArray[np.int8]
    apart: tuple[Ints, Ints]


def joined(links: Links, known: Bools, *, limit: int = LIMIT) -> tuple[Ints, npt.NDArray[np.int8]]:
    """The least place of each place's group, and what becomes of each link.

    Args:
        links: between places.
        known: of each place, whether it names a known customer.
        limit: known customers that may become one without a person's word.
    """
    # Here and not above: who only reads the words of a link needs no compiler.
    from zhiyin.warehouse.joining_pass import join

    root, verdict = join(
        links.a.astype(np.int64),
        links.b.astype(np.int64),
        links.by.astype(np.int8),
        links.apart[0].astype(np.int64),
        links.apart[1].astype(np.int64),
        known.astype(np.bool_),
        limit,
    )
    return root, verdict


def warm() -> None:
    """Compile the kernel, or load it from disk. Called at set-up."""
    none = np.zeros(0, np.int64)
    one: Any = np.zeros(1, np.int64)
    joined(Links(one, one + 1, np.zeros(1, np.int8), (none, none)), np.ones(2, np.bool_))
