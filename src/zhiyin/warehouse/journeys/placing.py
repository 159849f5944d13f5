"""Events that a query has chosen, ordered and placed on a map, where the index cannot say."""

from __future__ import annotations

import numpy as np

from zhiyin.warehouse.journeys.choosing import Chosen
from zhiyin.warehouse.journeys.histories import Ints
from zhiyin.warehouse.journeys.passes.asked import Nodes
from zhiyin.warehouse.journeys.walking import in_order


def placed(
    customer: Ints, us: Ints, name: Ints, node: Ints, channel: Ints, *, count: int
) -> Chosen:
    """What the index would have chosen, so that the same passes answer every question about a map.

    The rows stand in the order of customers' keys and of their events.

    Args:
        customer: her key.
        us: microseconds since 1970.
        name: codes.
        node: the number of the node that the event is at; `count` for none.
        channel: codes, -1 for a missing one.
        count: how many nodes there are.
    """
    size = int(customer[-1]) + 1 if len(customer) else 0
    pairs, tuples = np.unique(np.stack([node, channel], axis=1), axis=0, return_inverse=True)
    histories = in_order(
        np.searchsorted(customer, np.arange(size + 1)),
        us,
        name,
        tuples.reshape(-1),
        name_bits=max(int(name.max(initial=0)).bit_length(), 1),
        count=len(pairs),
    )
    table = np.arange(count + 1, dtype=np.int32).reshape(1, -1)
    return Chosen(
        histories=histories,
        tuples=None,
        names=None,
        parts=(),
        columns=("channel",),
        codes=pairs[:, 1:].astype(np.int32),
        nodes=Nodes(table, count, pairs[:, 0].astype(np.uint16)),
    )
