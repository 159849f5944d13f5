"""Display, branch and skip logic of Qualtrics: numbered objects of numbered expressions."""

from __future__ import annotations

import re
from typing import Any

from zhiyin.collect.surveys.definition import WRITTEN
from zhiyin.collect.surveys.formats import loose, markup
from zhiyin.collect.surveys.formats.draft import Condition
from zhiyin.collect.surveys.formats.expressions import NoEqual
from zhiyin.collect.surveys.formats.translating import (
    Find,
    Target,
    all_of,
    any_of,
    equal,
    negated,
    ordered,
)
from zhiyin.kernel.filters import Compare, Contains, Missing, Node
from zhiyin.kernel.filters.tree import Operator
from zhiyin.kernel.text import _

_LOCATOR = re.compile(
    r"q://(?P<question>[\w.]+)/(?P<part>\w+)(?:/(?P<one>\w+))?(?:/(?P<two>\w+))?$"
)
_BANDS: dict[str, tuple[Operator, int]] = {"IsPromoter": (">=", 9), "IsDetractor": ("<=", 6)}
_ORDERS = {
    "GreaterThan": ">", "GreaterThanOrEqual": ">=", "LessThan": "<", "LessThanOrEqual": "<=",
}  # fmt: skip
_FIELD = re.compile(r"\w+(?:\.\w+)*")
DEEPEST = 10


def condition(element: str, logic: object) -> list[Condition]:
    """The condition of an element; none where it has no logic."""
    said = loose.table(logic)
    if not _numbered(said):
        return []
    return [Condition(element, _words(said, 0)[:300], lambda find: _any(said, find, 0))]


def skips(element: str, logic: object) -> Condition:
    """The condition of what is skipped over: shown where the skip does not happen."""
    said = loose.table(logic)
    return Condition(element, _words(said, 0)[:300], lambda find: negated(_one(said, find)))


def _numbered(said: dict[str, Any]) -> list[dict[str, Any]]:
    numbers = sorted((key for key in said if key.isdecimal()), key=int)
    return [loose.table(said[key]) for key in numbers if len(key) < 9]


def _words(said: dict[str, Any], depth: int) -> str:
    own = markup.plain(loose.word(said.get("Description"))).text.replace("\n", " ")
    if own or depth > DEEPEST:
        return own
    return " ".join(part for one in _numbered(said) if (part := _words(one, depth + 1)))


def _joined(one: dict[str, Any]) -> str:
    """How an expression is tied to the one before it; the key is misspelt in the files."""
    said = loose.word(one.get("Conjuction") or one.get("Conjunction") or one.get("Type"))
    return "or" if said.lower() in ("or", "orif", "elseif") else "and"


def _any(said: dict[str, Any], find: Find, depth: int) -> Node:
    """Sets or expressions, *and* binding closer than *or*."""
    if depth > DEEPEST:
        raise NoEqual(_("It is nested too deeply."))
    groups: list[list[Node]] = []
    for number, one in enumerate(_numbered(said)):
        node = _any(one, find, depth + 1) if _numbered(one) else _one(one, find)
        if number and _joined(one) == "and":
            groups[-1].append(node)
        else:
            groups.append([node])
    if not groups:
        raise NoEqual(_("It is blank."))
    return any_of([all_of(group) for group in groups])


def _one(said: dict[str, Any], find: Find) -> Node:
    kind = loose.word(said.get("LogicType")) or "Question"
    value = loose.word(said.get("RightOperand"))
    sign = loose.word(said.get("Operator")) or loose.word(said.get("Condition"))
    left = loose.word(said.get("LeftOperand")) or loose.word(said.get("ChoiceLocator"))
    left = left or loose.word(said.get("Locator"))
    if kind == "EmbeddedField":
        return _field(left, sign, value)
    found = _LOCATOR.match(left)
    if kind != "Question" or found is None:
        raise NoEqual(_("It asks for {what}.", what=(left or kind)[:80]))
    part, one = found["part"], found["one"] or ""
    name = found["question"]
    if part in ("SelectableChoice", "SelectedChoice", "IsSelected") and one in _BANDS:
        op, bound = _BANDS[one]
        node: Node = Compare(find(name).column, op, bound)
        return node if sign == "Selected" else negated(node)
    if part in ("SelectableChoice", "SelectedChoice"):
        return _chosen(name, one, found["two"], sign, find)
    if part in ("ChoiceTextEntryValue", "ChoiceNumericEntryValue", "Score", "Value"):
        target = find(f"{name}/{one}" if one else name)
        if target.question.type in ("nps", "rating", "number", "date", "matrix", *WRITTEN):
            return _typed(target, sign, value)
    raise NoEqual(_("It asks for {what}.", what=left[:80]))


def _chosen(name: str, one: str, two: str | None, sign: str, find: Find) -> Node:
    target = find(f"{name}/{one}") if two else find(name)
    node = equal(target, two or one)
    if sign == "Selected":
        return node
    if sign == "NotSelected":
        return negated(node)
    raise NoEqual(_("It asks whether something is {what}.", what=sign[:40]))


def _typed(target: Target, sign: str, value: str) -> Node:
    match sign:
        case "Empty":
            return Missing(target.column)
        case "NotEmpty":
            return Missing(target.column, negated=True)
        case "EqualTo":
            return equal(target, value)
        case "NotEqualTo":
            return negated(equal(target, value))
        case "Contains" | "DoesNotContain" if target.question.type in WRITTEN:
            return Contains(target.column, value, negated=sign == "DoesNotContain")
    if sign in _ORDERS:
        return ordered(target, _ORDERS[sign], value)
    raise NoEqual(_("It compares by {method}.", method=sign[:40]))


def _field(name: str, sign: str, value: str) -> Node:
    """Embedded data: a field of the link."""
    if not _FIELD.fullmatch(name):
        raise NoEqual(_("It asks for {what}.", what=name[:80]))
    column = f"field.{name}"
    match sign:
        case "EqualTo" | "NotEqualTo":
            return Compare(column, "=" if sign == "EqualTo" else "!=", value)
        case "Contains" | "DoesNotContain":
            return Contains(column, value, negated=sign == "DoesNotContain")
        case "Empty" | "NotEmpty":
            return Missing(column, negated=sign == "NotEmpty")
    raise NoEqual(_("It compares by {method}.", method=sign[:40]))
