"""What personal data the log holds: which columns of its tables say something of a customer.

Every column of a fact is about the customer whom the row names; `fields` lists those that
say who she is or hold her own words, which masking hides and erasure must find first.
"""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding
from zhiyin.warehouse.tables import READ, TABLES, facts_of

_WHO = ("id", "customer", "about_id")

_SAYS_MORE: dict[str, tuple[str, ...]] = {
    "events": ("session", "properties"),
    "answers": ("response", "choice"),
    "responses": ("invitation",),
    "exposures": ("invitation",),
    "verbatims": ("response", "text"),
    "order_lines": ("order_id", "product"),
    "refunds": ("order_id",),
    "service_contacts": ("agent", "issue"),
    "traits": ("value",),
    "identities": ("other", "evidence"),
    "consents": ("evidence",),
}

HOLDINGS: tuple[Holding, ...] = (
    *(
        Holding("table", name, "customer", (*_WHO, *_SAYS_MORE.get(name, ())), table.says)
        for name, table in TABLES.items()
    ),
    Holding("table", "findings", "customer", ("verbatim",), "what verbatims were found to mean"),
    Holding("table", "readings", "nobody", (), "which verbatims were read"),
    Holding("table", "earlier_findings", "customer", ("verbatim",), "what one found before"),
    Holding("table", "whole_readings", "nobody", (), "which versions have read everything"),
    Holding("table", "ids", "customer", ("id",), "which integer key stands for which id"),
    Holding("table", "customer_of", "customer", ("key", "customer"), "which ids are one customer"),
    Holding("table", "held", "customer", ("key", "other"), "links that a guard holds back"),
    Holding("table", "identity_limits", "nobody", (), "how many may become one by themselves"),
    Holding("table", "words", "customer", ("word",), "words of coded columns"),
    Holding("table", "timeline", "customer", ("customer_key",), "where each customer's facts are"),
    Holding("table", "finder", "customer", ("hash", "customer_key"), "hashes of what finds her"),
    Holding("table", "customers", "customer", ("key",), "counts and last times of each customer"),
    Holding("table", "current_traits", "customer", ("customer_key", "value"), "her present traits"),
    Holding("table", "superseded", "nobody", (), "which rows were replaced"),
    Holding("table", "undone", "nobody", (), "which imports were taken back"),
    Holding("table", "batches", "person", ("label",), "which imports there were, and of what file"),
    Holding("table", "builds", "nobody", (), "the state of derived tables"),
    Holding("table", "counters", "nobody", (), "the next numbers"),
    Holding("table", "dimensions", "nobody", (), "which dimensions were declared"),
    Holding("table", "rules", "nobody", (), "which touchpoint or unit a fact is of"),
    Holding("table", "rules_come_first", "nobody", (), "whether it goes before the fact's own"),
    Holding("table", "erased_keys", "nobody", (), "keys whose rows are read by nobody"),
    Holding("table", "erased_ids", "nobody", (), "keyed hashes of ids that were erased"),
    Holding("table", "kept_since", "nobody", (), "from when on each kind of data is kept"),
    Holding("table", "rights", "nobody", (), "what becomes of rows of erased ids"),
    Holding("table", "rewritten", "nobody", (), "when the file was written anew"),
    Holding("folder", "keys", "nobody", (), "keys of pseudonyms and receipts"),
    Holding("table", "form", "nobody", (), "the version of the log's form"),
    Holding("table", "refusals", "customer", ("body", "about"), "what intake refused, and why"),
    Holding("table", "catalogue", "customer", ("examples",), "event names and properties seen"),
    Holding("table", "blocked", "nobody", (), "how many events of blocked names were left out"),
    Holding("folder", "log", "customer", (), "the log's files, one a workspace"),
    Holding("folder", "journal", "customer", (), "what was acknowledged and is not in the log yet"),
    Holding("folder", "seen", "customer", (), "hashes of the ids of facts of the last days"),
    Holding("folder", "journeys", "customer", (), "each customer's events in order, as numbers"),
    Holding("folder", "tmp", "customer", (), "what did not fit in memory; emptied at start"),
    Holding("folder", "run", "nobody", (), "locks and sockets"),
)

_FIELDS = {one.place: frozenset(one.fields) for one in HOLDINGS}

PERSONAL: dict[str, frozenset[str]] = {name: _FIELDS[facts_of(name)] for name in READ}
"""Per table that a query may name, the columns that masking hides."""
