"""The questions of a workspace, as columns of a file with one row a response."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from zhiyin.collect.exports.asked import NOTHING, Asked
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader

Form = Literal["score", "choice", "text", "choices", "places"]
"""``choices`` and ``places``: of several choices each has a column, with 1 or 0, or its place."""

Asking = tuple[int | None, float | None, float | None, int | None]
"""How a question was put, as the log stores it: metric, scale from, scale to, direction."""

RESERVED = frozenset(
    ("all", "and", "by", "eq", "ge", "gt", "le", "lt", "ne", "not", "or", "to", "with")
)
"""Names that SPSS keeps for itself."""

MOST_BYTES = 64
SCORED = frozenset(("nps", "csat", "ces", "rating"))
SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Option:
    """One of several choices, as a column.

    Args:
        column: by the names of question and choice.
        variable: a name that SPSS takes.
    """

    value: str
    column: str
    variable: str


@dataclass(frozen=True, slots=True)
class Question:
    """One question, put in one way, as a column, or a column each of its choices.

    Args:
        column: its column, by its own name; the one of its state ends in ``_state``.
        variable: a name that SPSS takes. Both are unique whatever the capitals.
        name: the question's own name.
        code: of `name` in the log's dictionary.
        form: what its answers are.
        lowest: the smallest score that was ever given.
        choices: every option that is known or was ever chosen, in order, where `form` is
            ``choice``, ``choices`` or ``places``.
        askings: the ways of putting it that are this column.
        title: what customers read; blank where no survey asks it.
        labels: of choices, what customers read.
        options: of several choices, a column each; `column` is none then.
        words_column: what was written beside a choice; blank where nothing can be.
    """

    column: str
    variable: str
    name: str
    code: int
    metric: str
    form: Form
    scale_min: float | None
    scale_max: float | None
    direction: str | None
    lowest: float | None
    choices: tuple[str, ...]
    askings: frozenset[Asking]
    title: str = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    options: tuple[Option, ...] = ()
    words_column: str = ""

    @property
    def is_several(self) -> bool:
        """Whether an answer may be several choices."""
        return self.form in ("choices", "places")

    @property
    def state_column(self) -> str:
        """The column that says what became of it."""
        return f"{self.column}_state"

    @property
    def state_variable(self) -> str:
        """The SPSS variable that says so, where the question's own cannot."""
        return f"{self.variable}_state"


def questions_of(
    log: Log,
    workspace: str,
    reader: Reader,
    *,
    taken: Iterable[str] = (),
    asked: Mapping[str, Asked] = NOTHING,
    only_asked: bool = False,
) -> tuple[Question, ...]:
    """Every question that was ever put, by name.

    They come from the whole log and not from the rows of one export, so that two exports of
    one workspace have the same columns whatever their filters. A question that was put on two
    scales, for two measures or in two directions is a column each: their scores are not one thing.

    Args:
        taken: names that columns of other things have.
        asked: how surveys ask them.
        only_asked: only these, in this order.
    """
    answers = lang.table(log.schema(workspace), "answers")
    grouped = answers.group_by(
        "question", "metric", "scale_min", "scale_max", "direction"
    ).aggregate(
        scored=answers.score.count(), chosen=answers.choice.count(), lowest=answers.score.min()
    )
    rows = log.execute(workspace, grouped, reader=reader, seconds=SECONDS).to_pylist()
    words = {name: log.words(workspace, name) for name in ("question", "metric", "direction")}
    options = _options(log, workspace, reader)
    by_question: dict[int, list[list[dict[str, Any]]]] = {}
    for row in rows:
        if row["question"] is not None:
            by_question.setdefault(row["question"], []).append([row])
    columns = {name.casefold() for name in taken}
    variables = set(columns)
    found = []
    names = words["question"]
    order = list(asked)
    codes = [code for code in by_question if not only_asked or names[code] in asked]
    for code in sorted(
        codes, key=lambda code: order.index(names[code]) if only_asked else names[code]
    ):
        ways = sorted(_ways(by_question[code]), key=_order)
        for way in ways:
            known = asked.get(names[code])
            question = _question(code, way, words, options.get(code, frozenset()), known)
            label = question["name"] if len(ways) == 1 else _full_name(question)
            made = Question(
                **question,
                column=_free(label, columns),
                variable=legal_name(label, code, variables),
            )
            if known is not None and known.is_written and made.form != "text":
                made = replace(made, words_column=_free(f"{label}_text", columns))
            if made.is_several:
                made = replace(made, options=tuple(_options_of(made, label, columns, variables)))
            found.append(made)
    return tuple(found)


def _options_of(
    question: Question, label: str, columns: set[str], variables: set[str]
) -> Iterator[Option]:
    for value in question.choices:
        column = _free(f"{label}: {value}", columns)
        variable = legal_name(f"{label}_{value}", question.code, variables)
        yield Option(value, column, variable)


def _ways(rows: list[list[dict[str, Any]]]) -> list[list[dict[str, Any]]]:
    """Ways of putting one question; rows without a scale belong to the only one that has."""
    clear = [way for way in rows if way[0]["scale_min"] is not None]
    for way in rows:
        if way in clear:
            continue
        metric = way[0]["metric"]
        near = [other for other in clear if metric is None or other[0]["metric"] == metric]
        if len(near) == 1 and not way[0]["scored"] and not way[0]["chosen"]:
            near[0].extend(way)
        else:
            clear.append(way)
    return clear


def _order(way: list[dict[str, Any]]) -> tuple[float, ...]:
    asking = _asking(way[0])
    return tuple(float("-inf") if part is None else part for part in asking)


def _asking(row: Mapping[str, Any]) -> Asking:
    return row["metric"], row["scale_min"], row["scale_max"], row["direction"]


def _question(
    code: int,
    way: list[dict[str, Any]],
    words: Mapping[str, Mapping[int, str]],
    options: frozenset[str],
    asked: Asked | None,
) -> dict[str, Any]:
    metric = words["metric"].get(way[0]["metric"], "")
    form: Form = "text"
    if metric in SCORED or any(row["scored"] for row in way):
        form = "score"
    elif metric in ("choice", "intent") or (metric != "text" and any(row["chosen"] for row in way)):
        form = "choice"
    if asked is not None and asked.several is not None:
        form = asked.several
    offered = {} if asked is None else asked.choices
    chosen = (*offered, *sorted(options - offered.keys()))
    lowest = [row["lowest"] for row in way if row["lowest"] is not None]
    return {
        "name": words["question"][code],
        "code": code,
        "metric": metric,
        "form": form,
        "scale_min": way[0]["scale_min"],
        "scale_max": way[0]["scale_max"],
        "direction": words["direction"].get(way[0]["direction"]),
        "lowest": min(lowest, default=None),
        "choices": chosen if form in ("choice", "choices", "places") else (),
        "askings": frozenset(map(_asking, way)),
        "title": "" if asked is None else asked.title,
        "labels": offered,
    }


def _full_name(question: Mapping[str, Any]) -> str:
    scale = scale_of(question["scale_min"], question["scale_max"])
    parts = (question["metric"], scale, question["direction"])
    said = " ".join(part for part in parts if part)
    return f"{question['name']} ({said})" if said else str(question["name"])


def scale_of(low: float | None, high: float | None) -> str:
    """``0–10``, or nothing where there is no scale."""
    return "" if low is None or high is None else f"{low:g}–{high:g}"


def _options(log: Log, workspace: str, reader: Reader) -> dict[int, frozenset[str]]:
    answers = lang.table(log.schema(workspace), "answers")
    chosen = answers.filter(answers.choice.notnull()).select("question", "choice").distinct()
    found: dict[int, set[str]] = {}
    for row in log.execute(workspace, chosen, reader=reader, seconds=SECONDS).to_pylist():
        found.setdefault(row["question"], set()).add(row["choice"])
    return {code: frozenset(options) for code, options in found.items()}


def _free(name: str, used: set[str]) -> str:
    """`name`, or `name` with a number where it or its state's column is taken; added to `used`."""
    free, turn = name, 2
    while not used.isdisjoint({free.casefold(), f"{free}_state".casefold()}):
        free, turn = f"{name}_{turn}", turn + 1
    used |= {free.casefold(), f"{free}_state".casefold()}
    return free


def legal_name(name: str, code: int, used: set[str]) -> str:
    """A name of letters, digits and underscores, as near to `name` as can be; added to `used`.

    One without a Latin letter or digit becomes ``q`` with the question's code in the log, which
    never changes: a script written for one export runs on the next.
    """
    plain = re.sub(r"[^A-Za-z0-9_]+", "_", name).strip("_")
    if not re.search("[A-Za-z]", plain) or re.search(r"[^\W\d_]", re.sub("[A-Za-z]", "", name)):
        plain = f"q{code}_{plain}".rstrip("_")
    if not plain[0].isalpha():
        plain = f"q_{plain}"
    # Room for a number and for `_state`.
    plain = plain[: MOST_BYTES - 10].rstrip("_")
    if plain.lower() in RESERVED:
        plain = f"{plain}_2"
    return _free(plain, used)
