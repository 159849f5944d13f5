"""No workspace takes an address where events come in."""

from __future__ import annotations

from zhiyin.accounts.actions import TAKEN
from zhiyin.edge.intake import WIRES


def test_the_first_part_of_every_address_of_intake_is_taken() -> None:
    assert {wire.split("/")[1] for wire in WIRES} <= TAKEN
