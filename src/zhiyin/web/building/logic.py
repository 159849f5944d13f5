"""The display logic of a draft, drawn: what is shown only where an earlier answer lets it be."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.charts import arcs
from zhiyin.charts.arcs import Arc, Row
from zhiyin.collect.surveys import definition, graph, wordings
from zhiyin.collect.surveys.definition import Survey
from zhiyin.collect.surveys.graph import Edge, Graph, Node
from zhiyin.collect.surveys.judging import of_conditions
from zhiyin.kernel.text import _, language

UNREACHABLE = "survey.unreachable"


@dataclass(frozen=True, slots=True)
class Line:
    """A condition in the table under the drawing.

    Args:
        places: of the source and the target in the document.
        is_odd: what it shows is never seen.
    """

    source: str
    target: str
    says: str
    places: tuple[str, str]
    is_odd: bool


@dataclass(frozen=True, slots=True)
class Logic:
    """The drawing and the table."""

    drawn: str
    lines: tuple[Line, ...]


def of(survey: Survey) -> Logic:
    """Draw the logic of a survey."""
    found = graph.of(survey)
    # Fields of the link are known before the first page.
    nodes = sorted(found.nodes, key=lambda node: node.kind != "field")
    at = {node.place: number for number, node in enumerate(nodes)}
    odd = _unreachable(survey)
    names = {node.place: _name(node, survey) for node in nodes}
    rows = [
        Row(
            names[node.place] + (f" · {_('never seen')}" if node.place in odd else ""),
            int(node.kind == "question"),
            _said(node, names, found),
            _address(node),
            node.place in odd,
        )
        for node in nodes
    ]
    drawn = arcs.arcs(
        rows,
        [Arc(at[one.source], at[one.target], _says(one, names)) for one in found.edges],
        words=str(_("Which page, question or ending depends on which earlier answer")),
    )
    lines = tuple(
        Line(names[one.source], names[one.target], one.says, (one.source, one.target),
             one.target in odd)
        for one in found.edges
    )  # fmt: skip
    return Logic(drawn, lines)


def _unreachable(survey: Survey) -> frozenset[str]:
    places = (one.place for one in of_conditions(survey) if one.code == UNREACHABLE)
    return frozenset(place.removesuffix("/shown_if") for place in places)


def _name(node: Node, survey: Survey) -> str:
    match node.kind:
        case "field":
            return str(_("Field {name} of the link", name=node.name))
        case "page":
            return str(_("Page {name}", name=node.name))
        case "ending":
            ending = survey.endings[int(node.name) - 1]
            said = definition.said(ending.title or ending.text, _code(), survey)
            return str(_("Ending {n}", n=node.name)) + (f" · {said}" if said else "")
        case "quota":
            return str(_("Quota {name}", name=node.name))
    question = next(one for one in survey.questions() if one.name == node.name)
    return f"{node.name} · {wordings.title(question, _code(), survey)}"


def _said(node: Node, names: dict[str, str], found: Graph) -> str:
    conditions = sorted({one.says for one in found.edges if one.target == node.place})
    if not conditions:
        return names[node.place]
    return f"{names[node.place]}: {_('shown if {condition}', condition=' · '.join(conditions))}"


def _says(one: Edge, names: dict[str, str]) -> str:
    return f"{names[one.source]} → {names[one.target]}: {one.says}"


def _address(node: Node) -> str:
    return "#" if node.kind == "field" else f"#{node.place}"


def _code() -> str:
    return definition.language_of(language())
