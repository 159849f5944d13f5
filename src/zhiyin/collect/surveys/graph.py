"""Display logic as a graph: which page, question or ending depends on which earlier question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from zhiyin.collect.surveys.conditions import FIELD, Place, places
from zhiyin.collect.surveys.definition import Choice, Survey
from zhiyin.collect.surveys.reaching import read
from zhiyin.kernel.filters import FilterProblem


@dataclass(frozen=True, slots=True)
class Node:
    """A page, a question, an ending, a quota, or a field of the link.

    Args:
        place: into the document (RFC 6901); of a field ``field.name``.
        page: where a question stands; blank for all else.
    """

    place: str
    kind: Literal["page", "question", "ending", "quota", "field"]
    name: str
    page: str = ""


@dataclass(frozen=True, slots=True)
class Edge:
    """What a node is shown by.

    Args:
        says: the condition.
        of_choice: it shows a choice or row of the node, not the node.
    """

    source: str
    target: str
    says: str
    of_choice: bool = False


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes in the order of the survey, and what depends on what."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "nodes": [
                {"place": n.place, "kind": n.kind, "name": n.name, "page": n.page}
                for n in self.nodes
            ],
            "edges": [
                {"from": e.source, "to": e.target, "says": e.says, "of_choice": e.of_choice}
                for e in self.edges
            ],
        }


def of(survey: Survey) -> Graph:
    """The graph of a survey; a condition that cannot be read has no edges."""
    nodes: list[Node] = []
    named: dict[str, str] = {}
    for number, page in enumerate(survey.pages):
        at = f"/pages/{number}"
        nodes.append(Node(at, "page", page.name))
        for count, question in enumerate(page.questions):
            place = f"{at}/questions/{count}"
            named.setdefault(question.name, place)
            nodes.append(Node(place, "question", question.name, page.name))
    for number, _ending in enumerate(survey.endings):
        nodes.append(Node(f"/endings/{number}", "ending", str(number + 1)))
    for number, quota in enumerate(survey.quotas):
        nodes.append(Node(f"/quotas/{number}", "quota", quota.name))
    edges: list[Edge] = []
    for where in places(survey):
        for source in _sources(where, named):
            if source.startswith(FIELD) and all(node.place != source for node in nodes):
                nodes.append(Node(source, "field", source.partition(".")[2]))
            target, is_choice = where.pointer.removesuffix("/shown_if"), False
            if isinstance(where.owner, Choice):
                target, is_choice = target.rsplit("/", 2)[0], True
            edges.append(Edge(source, target, where.says, is_choice))
    return Graph(tuple(nodes), tuple(edges))


def _sources(where: Place, named: dict[str, str]) -> list[str]:
    try:
        columns = read(where.says).columns()
    except FilterProblem:
        return []
    found = []
    for name in sorted(columns):
        first = name.partition(".")[0]
        place = name if first == FIELD else named.get(first)
        if place is not None and place not in found:
            found.append(place)
    return found
