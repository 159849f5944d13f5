"""What personal data cases hold."""

from __future__ import annotations

from zhiyin.kernel.holdings import Holding

HOLDINGS: tuple[Holding, ...] = (
    Holding(
        "model",
        "cases.Case",
        "customer",
        ("customer", "title"),
        "what somebody looks after, and whom it is about; who has it",
    ),
    Holding(
        "model",
        "cases.CaseStep",
        "customer",
        ("says", "before", "after"),
        "what was done about it, written down and said to the customer",
    ),
    Holding("model", "cases.CaseRules", "nobody", (), "business hours and reasons of cases"),
)
