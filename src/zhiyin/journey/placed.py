"""The events of customers on a journey map, ready to be asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from zhiyin.journey.attempts import known_until
from zhiyin.journey.events import NOBODY, Events, Keys, Whose, microseconds, order_of
from zhiyin.journey.mapped import MapAsked
from zhiyin.kernel import clock
from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    import pyarrow as pa

    from zhiyin.accounts.workspaces import Settings


@dataclass(frozen=True, slots=True)
class Placed:
    """Events with the nodes that they are at.

    Args:
        bound: the places among the map's nodes of those that have a rule: an answer numbers these.
        rules: theirs.
        keys: customers whose events alone are asked for, int32 and rising; None: as `events` says.
    """

    events: Events
    asked: MapAsked
    bound: tuple[int, ...]
    rules: tuple[Filter, ...]
    keys: Keys | None = None

    @classmethod
    def of(
        cls,
        log: Log,
        settings: Settings,
        asked: MapAsked,
        *,
        whose: Keys | None = None,
        scope: Filter | None = None,
    ) -> Placed:
        """Look up what a question may name.

        Args:
            whose: customers whose events alone there are, int32 and rising.

        Raises:
            Problem: as `segments.read`.
        """
        events = Events.of(log, settings, asked.chosen, scope=scope)
        if whose is not None and not events.whose.is_everybody:
            hers = events.run(events.whose.rows(log, settings))["customer"].to_numpy()
            whose = np.intersect1d(whose, hers).astype(np.int32)
        rules = {place: one.where for place, one in enumerate(asked.nodes) if one.where}
        return cls(events, asked, tuple(rules), tuple(rules.values()), whose)

    def id_of(self, number: int) -> str:
        """The id of the node that an answer calls by this number."""
        return self.asked.nodes[self.bound[number]].id

    def until(self) -> int:
        """The moment up to which the log is known, in microseconds since 1970."""
        return known_until(self.events, clock.now())

    def question(self) -> dict[str, Any]:
        """The journey as the passes take it. A name that the log does not know is nobody's."""
        nodes = [self.asked.nodes[place] for place in self.bound]
        return {
            "goal": self._codes(self.asked.goal),
            "hidden": self._codes(self.asked.hidden),
            "begins": [one.begins for one in nodes],
            "stage": [one.stage for one in nodes],
            "required": [one.is_required for one in nodes],
            "pause": microseconds(self.asked.pause),
        }

    def _codes(self, words: frozenset[str]) -> list[int]:
        names = self.events.names
        return sorted(names[word] for word in words if word in names)

    def ask(self, question: str, asked: Mapping[str, Any]) -> pa.Table:
        """An answer about these events: out of the journey index, or of the same pass over events
        that SQL has chosen and ordered."""
        events = self.events
        if self.keys is not None:
            # They are of the segment that is asked for, and need not be looked up again.
            events = replace(events, whose=Whose())
            asked = {**asked, "whose": self.keys.tobytes()}
        found = events.ask(question, asked, nodes=self.rules)
        return self._by_sql(question, asked) if found is None else found

    def _by_sql(self, question: str, asked: Mapping[str, Any]) -> pa.Table:
        # Here alone: whoever asks the index does not load the compiler.
        from zhiyin.warehouse.journeys import asking, placing

        count = len(self.rules)
        marks = {f"at{place}": rule for place, rule in enumerate(self.rules)}
        rows = self.events.rows("channel", marks=marks)
        places = [(rows[f"at{place}"], place) for place in range(count)]
        node = lang.cases(*places, else_=count) if places else lang.literal(count)
        rows = rows.mutate(node=node, told=lang.coalesce(rows.channel, NOBODY))
        found = self.events.run(
            rows.order_by(["customer", *order_of(rows)]).select(
                "customer", "us", "name", "node", "told"
            )
        )
        columns = (found[name].to_numpy() for name in ("customer", "us", "name", "node", "told"))
        chosen = placing.placed(*(one.astype(np.int64) for one in columns), count=count)
        return asking.answer(question, chosen, asked)
