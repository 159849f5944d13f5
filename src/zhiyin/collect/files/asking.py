"""Answers: what a cell under a question says, as score, state and choice."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from zhiyin.collect.files.mapping import Codes, Mapping, Question
from zhiyin.collect.files.mapping_sense import ends
from zhiyin.collect.files.staging import Staged
from zhiyin.collect.files.values import Check, is_formula, is_no_number, literal, number_sql
from zhiyin.kernel.text import _

STATES = ("not_applicable", "dont_know", "refused")
LABELS = {
    word: state
    for state, words in {
        "not_applicable": ("not applicable", "does not apply", "n/a", "na", "不适用"),
        "dont_know": ("don't know", "dont know", "do not know", "不清楚", "不知道"),
        "refused": ("refused", "no answer", "拒答"),
        "hidden": ("hidden", "未显示", "未显示（逻辑隐藏）"),
        "dismissed": ("dismissed", "关闭"),
        "not_reached": ("not reached", "未到达"),
        "shown": ("shown", "已展示"),
    }.items()
    for word in words
}
"""What files call their missing codes, in small letters, and the state that it is."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One question of a file: SQL of the columns of its answers, and its checks."""

    question: Question
    cell: str
    number: str | None
    score: str
    state: str
    choice: str
    scale: tuple[float, float, str] | None
    checks: tuple[Check, ...]


def asked(mapping: Mapping, number: int, cell: str, staged: Staged) -> Asked:
    """What the cells of question `number` say. Its number is the value named ``n`` and `number`.

    A code that the mapping does not name but that the file calls missing (SPSS) is the state
    that its label says, else skipped.
    """
    question = mapping.shared.questions[number]
    value = f"n{number}"
    coded = []
    state_of = [f"WHEN {cell} IS NULL THEN 'skipped'"]
    for state in STATES:
        codes = listed(getattr(question, state))
        if codes:
            holds = is_code(cell, value if question.has_score else None, codes)
            coded.append(holds)
            state_of.append(f"WHEN {holds} THEN '{state}'")
    for holds, state in _called_missing(question, cell, staged):
        coded.append(holds)
        state_of.append(f"WHEN {holds} THEN '{state}'")
    state = f"CASE {' '.join(state_of)} ELSE 'answered' END"
    is_coded = f"({' OR '.join(coded)})" if coded else "false"
    if not question.has_score:
        choice = f"CASE WHEN NOT {is_coded} THEN {cell} END"
        choice = choice if question.metric == "choice" else "NULL::VARCHAR"
        return Asked(question, cell, None, "NULL::DOUBLE", state, choice, None, ())
    low, high, direction = ends(mapping, number, question)
    no_number = is_no_number(cell, value)
    outside = f"coalesce({value} NOT BETWEEN {low!r} AND {high!r}, false)"
    said = _("this is outside the scale {low}–{high}", low=f"{low:g}", high=f"{high:g}")
    found = [(no_number, _("this is not a number")), (outside, said)]
    if question.metric in ("nps", "csat"):
        found.append(
            (f"coalesce({value} <> floor({value}), false)", _("this is not a whole number"))
        )
    but = f" AND NOT {is_coded}" if coded else ""
    checks = (
        is_formula(cell, question.column),
        *(Check(f"({bad}{but})", question.column, cell, why) for bad, why in found),
    )
    sql = number_sql(cell, mapping.shared.read.decimal)
    score = f"CASE WHEN NOT {is_coded} THEN {value} END" if coded else value
    return Asked(question, cell, sql, score, state, "NULL::VARCHAR", (low, high, direction), checks)


def _called_missing(question: Question, cell: str, staged: Staged) -> Iterator[tuple[str, str]]:
    """SQL of a code that the file calls missing, and the state that it is."""
    number = f"try_cast({cell} AS DOUBLE)"
    for low, high in staged.missing.get(question.column, ()):
        if low is None or high is None:
            continue
        within = f"coalesce({number} BETWEEN {low!r} AND {high!r}, false)"
        for code, label in staged.labels.get(question.column, {}).items():
            state = LABELS.get(" ".join(label.casefold().replace("’", "'").split()))
            if state is not None:
                yield f"({within} AND {cell} = {literal(code)})", state
        yield within, "skipped"


def listed(codes: Codes) -> list[str]:
    """A code or a list of codes, as text."""
    if codes is None:
        return []
    return [str(code) for code in (codes if isinstance(codes, list) else [codes])]


def is_code(cell: str, value: str | None, codes: list[str]) -> str:
    """SQL: the cell is one of the codes, as text or, where the code is a number, as a number."""
    holds = [f"coalesce({cell} IN ({', '.join(literal(code) for code in codes)}), false)"]
    numbers = [code for code in codes if _is_number(code)]
    if numbers and value is not None:
        holds.append(f"coalesce({value} IN ({', '.join(numbers)}), false)")
    return f"({' OR '.join(holds)})"


def _is_number(code: str) -> bool:
    try:
        float(code)
    except ValueError:
        return False
    return code.strip().lower() not in ("nan", "inf", "-inf", "infinity", "-infinity")
