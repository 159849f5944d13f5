"""Answers: what a cell under a question says, as score, state and choice."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.collect.files.mapping import Codes, Mapping, Question
from zhiyin.collect.files.mapping_sense import ends
from zhiyin.collect.files.values import Check, blank, literal, number_sql
from zhiyin.kernel.text import _

STATES = ("not_applicable", "dont_know", "refused")


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a file: SQL of the columns of its answers, and its checks."""

    question: Question
    cell: str
    score: str
    state: str
    choice: str
    scale: tuple[float, float, str] | None
    checks: tuple[Check, ...]


def asked(mapping: Mapping, number: int, cell: str) -> Asked:
    """What the cells of question `number` say."""
    question = mapping.shared.questions[number]
    said = blank(cell)
    decimal = mapping.shared.read.decimal
    state_of = [f"WHEN {said} IS NULL THEN 'skipped'"]
    coded = []
    for state in STATES:
        codes = listed(getattr(question, state))
        if codes:
            holds = is_code(cell, codes, decimal)
            coded.append(holds)
            state_of.append(f"WHEN {holds} THEN '{state}'")
    state = f"CASE {' '.join(state_of)} ELSE 'answered' END"
    is_coded = f"({' OR '.join(coded)})" if coded else "false"
    if not question.has_score:
        choice = f"CASE WHEN NOT {is_coded} THEN {said} END"
        choice = choice if question.metric == "choice" else "NULL::VARCHAR"
        return Asked(question, cell, "NULL::DOUBLE", state, choice, None, ())
    low, high, direction = ends(mapping, number, question)
    value = number_sql(cell, decimal)
    open_ = f"{said} IS NOT NULL AND NOT {is_coded}"
    checks = [
        Check(f"({open_} AND {value} IS NULL)", question.column, cell, _("this is not a number")),
        Check(
            f"({open_} AND coalesce({value} NOT BETWEEN {low!r} AND {high!r}, false))",
            question.column,
            cell,
            _("this is outside the scale {low}–{high}", low=f"{low:g}", high=f"{high:g}"),
        ),
    ]
    if question.metric in ("nps", "csat"):
        broken = f"({open_} AND coalesce({value} <> floor({value}), false))"
        checks.append(Check(broken, question.column, cell, _("this is not a whole number")))
    score = f"CASE WHEN NOT {is_coded} THEN {value} END" if coded else value
    scale = (low, high, direction)
    return Asked(question, cell, score, state, "NULL::VARCHAR", scale, tuple(checks))


def listed(codes: Codes) -> list[str]:
    """A code or a list of codes, as text."""
    if codes is None:
        return []
    return [str(code) for code in (codes if isinstance(codes, list) else [codes])]


def is_code(cell: str, codes: list[str], decimal: str) -> str:
    """SQL: the cell is one of the codes, as text or, where the code is a number, as a number."""
    said = blank(cell)
    holds = [f"coalesce({said} IN ({', '.join(literal(code) for code in codes)}), false)"]
    numbers = [code for code in codes if _is_number(code)]
    if numbers:
        value = number_sql(cell, decimal)
        holds.append(f"coalesce({value} IN ({', '.join(numbers)}), false)")
    return f"({' OR '.join(holds)})"


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return code.strip().lower() not in ("nan", "inf", "-inf", "infinity", "-infinity")
