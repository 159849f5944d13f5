"""What a workspace's log has been asked: which measures, kinds and questions have answers."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.kernel.filters import Filter
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Reader


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with answers.

    Args:
        metric: the value of ``answers.metric``.
        kind: relationship, journey or touchpoint; None where none was given.
        question: its name.
        n: how many answers are scored.
    """

    metric: str
    kind: str | None
    question: str
    n: int


def asked(log: Log, workspace: str, *, scope: Filter | None = None) -> tuple[Asked, ...]:
    """Every question that has scored answers, the most answered first."""
    answers = lang.table(log.schema(workspace), "answers")
    scored = answers.filter(answers.score.notnull())
    query = scored.group_by("metric", "kind", "question").aggregate(n=scored.count())
    rows = log.execute(workspace, query, words=True, reader=Reader(scope=scope)).to_pylist()
    found = [Asked(row["metric"], row["kind"], row["question"], row["n"]) for row in rows]
    return tuple(sorted(found, key=lambda a: (-a.n, a.metric, a.kind or "", a.question)))
