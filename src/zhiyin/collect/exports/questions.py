"""The questions of a workspace, as columns of a file with one row a response."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

Form = Literal["score", "choice", "text"]

RESERVED = frozenset(
    ("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with")
)
"""Names that SPSS keeps for itself."""

MOST_BYTES = 64


@dataclass(frozen=True, slots=True)
class Question:
    """One question as a column.

    Args:
        column: a name that every format and SPSS takes, unique whatever the capitals.
        name: the question's own name.
        code: of `name` in the log's dictionary.
        form: what its answers are.
        choices: every option that was ever chosen, in order, where `form` is ``choice``.
    """

    column: str
    name: str
    code: int
    metric: str
    form: Form
    scale_min: float | None
    scale_max: float | None
    direction: str | None
    choices: tuple[str, ...] = ()


def questions_of(
    log: Log, workspace: str, *, as_of: datetime | None = None, taken: frozenset[str] = frozenset()
) -> tuple[Question, ...]:
    """Every question that was ever answered, by name.

    They come from the whole log and not from the rows of one export, so that two exports of
    one workspace have the same columns whatever their filters.

    Args:
        taken: names that columns of other things have.
    """
    reader = Reader(as_of=as_of)
    answers = lang.table(log.schema(workspace), "answers")
    grouped = answers.group_by("question", "metric").aggregate(
        scale_min=answers.scale_min.min(),
        scale_max=answers.scale_max.max(),
        direction=answers.direction.max(),
        scored=answers.score.count(),
        chosen=answers.choice.count(),
    )
    rows = log.execute(workspace, grouped, reader=reader, seconds=300).to_pylist()
    words = log.words(workspace, "question")
    metrics, directions = log.words(workspace, "metric"), log.words(workspace, "direction")
    options = _options(log, workspace, reader)
    used = {name.lower() for name in taken}
    found = []
    merged = _one_a_question(rows)
    for place, code in enumerate(sorted(merged, key=lambda code: words[code]), start=1):
        row = merged[code]
        form: Form = "score" if row["scored"] else "choice" if row["chosen"] else "text"
        found.append(
            Question(
                column=legal_name(words[code], place, used),
                name=words[code],
                code=code,
                metric=metrics.get(row["metric"], ""),
                form=form,
                scale_min=row["scale_min"],
                scale_max=row["scale_max"],
                direction=directions.get(row["direction"]),
                choices=tuple(sorted(options.get(code, ()))) if form == "choice" else (),
            )
        )
    return tuple(found)


def _one_a_question(rows: list[dict[str, int]]) -> dict[int, dict[str, int]]:
    """The row with the most scores, where a question was asked for several measures."""
    found: dict[int, dict[str, int]] = {}
    for row in sorted(rows, key=lambda row: (row["scored"], row["chosen"], -(row["metric"] or 0))):
        if row["question"] is not None:
            found[row["question"]] = row
    return found


def _options(log: Log, workspace: str, reader: Reader) -> dict[int, set[str]]:
    answers = lang.table(log.schema(workspace), "answers")
    chosen = answers.filter(answers.choice.notnull()).select("question", "choice").distinct()
    found: dict[int, set[str]] = {}
    for row in log.execute(workspace, chosen, reader=reader, seconds=300).to_pylist():
        found.setdefault(row["question"], set()).add(row["choice"])
    return found


def legal_name(name: str, place: int, used: set[str]) -> str:
    """A name of letters, digits and underscores, as near to `name` as can be; added to `used`."""
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    if not plain or not re.search("[A-Za-z0-9]", plain):
        plain = f"q{place}"
    if not plain[0].isalpha():
        plain = f"q_{plain}"
    plain = plain[: MOST_BYTES - 4].rstrip("_")
    legal, turn = plain, 2
    while legal.lower() in used or legal.lower() in RESERVED:
        legal, turn = f"{plain}_{turn}", turn + 1
    used.add(legal.lower())
    return legal
