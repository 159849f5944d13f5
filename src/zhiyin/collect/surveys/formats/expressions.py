"""Conditions of SurveyJS, XLSForm and LimeSurvey, read as one kind of tree.

The three write them much alike: names (``{q}``, ``${q}``, ``q.NAOK``), values, comparisons by
signs and by words, calls, ``and``, ``or``, ``not``. What a tree means is said in `translating`.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from zhiyin.kernel.text import Text, _

LONGEST = 5_000
DEEPEST = 40


class NoEqual(Exception):  # noqa: N818 - it is a finding, and not a fault
    """A condition says something that the filter language cannot."""

    def __init__(self, note: Text) -> None:
        super().__init__(str(note))
        self.note = note


@dataclass(frozen=True, slots=True)
class Name:
    """A question, by the name that the file gives it."""

    text: str


@dataclass(frozen=True, slots=True)
class Literal:
    """A value, or a list of values."""

    value: str | float | bool | tuple[str | float | bool, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function: ``selected(${q}, 'a')``."""

    name: str
    given: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Joined:
    """Conditions of which all (``and``) or one (``or``) must hold."""

    op: str
    parts: tuple[Tree, ...]


@dataclass(frozen=True, slots=True)
class Binary:
    """A comparison."""

    op: str
    left: Tree
    right: Tree


Tree = Name | Literal | Call | Binary | Joined

_TOKEN = re.compile(
    r"""\s*(?:
    (?P<braced>\$?\{[^{}]{1,200}\})
  | (?P<string>'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|‘[^’]*’|“[^”]*”)
  | (?P<field>\d+X\d+X\w+(?:\.\w+)*)
  | (?P<number>\d+(?:\.\d+)?(?![\w.]))
  | (?P<name>[^\W\d]\w*(?:-[a-z]+)*(?=\s*\()|[^\W\d]\w*(?:\.\w+)*)
  | (?P<sign>==|!=|<>|<=|>=|&&|\|\||[<>=!()\[\],.+*/%^#-])
    )""",
    re.VERBOSE,
)
_SAME = {
    "==": "=", "<>": "!=", "&&": "and", "||": "or", "eq": "=", "ne": "!=", "lt": "<",
    "le": "<=", "gt": ">", "ge": ">=", "equal": "=", "equals": "=", "notequal": "!=",
    "notequals": "!=", "less": "<", "lessorequal": "<=", "greater": ">",
    "greaterorequal": ">=", "contain": "contains", "notcontain": "notcontains",
    "anyof": "anyof", "noneof": "noneof", "allof": "allof", "contains": "contains",
    "notcontains": "notcontains", "and": "and", "or": "or", "empty": "empty",
    "notempty": "notempty",
}  # fmt: skip
_COMPARING = frozenset(
    {"=", "!=", "<", "<=", ">", ">=", "contains", "notcontains", "anyof", "noneof", "allof"}
)


def read(text: str) -> Tree:
    """The tree of a condition.

    Raises:
        NoEqual: it cannot be read, or it calculates.
    """
    if len(text) > LONGEST:
        raise NoEqual(_("It is longer than {most} characters.", most=LONGEST))
    reader = _Reader(_tokens(text))
    found = reader.either(0)
    if reader.here is not None:
        raise _unread(reader.here[1])
    return found


def _unread(at: str) -> NoEqual:
    return NoEqual(_("It cannot be read at {at}.", at=at[:40]))


def _tokens(text: str) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    at, end = 0, len(text.rstrip())
    while at < end:
        token = _TOKEN.match(text, at)
        if token is None or token.lastgroup is None:
            raise _unread(text[at:].strip())
        found.append((token.lastgroup, token[token.lastgroup]))
        at = token.end()
    if not found:
        raise NoEqual(_("It is blank."))
    return found


class _Reader:
    """Goes through the tokens of one condition."""

    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self._tokens = tokens
        self._at = 0

    @property
    def here(self) -> tuple[str, str] | None:
        return self._tokens[self._at] if self._at < len(self._tokens) else None

    def _op(self) -> str:
        """The operator that stands here, as one word for all systems; blank: there is none."""
        if self.here is None or self.here[0] not in ("sign", "name"):
            return ""
        said = self.here[1]
        return _SAME.get(said.lower(), said if self.here[0] == "sign" else "")

    def _take(self) -> tuple[str, str]:
        if self.here is None:
            raise NoEqual(_("It ends too soon."))
        found = self.here
        self._at += 1
        return found

    def _wants(self, sign: str) -> None:
        found = self._take()
        if found[1] != sign:
            raise _unread(found[1])

    def either(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise NoEqual(_("It is nested too deeply."))
        return self._joined("or", self._all, depth)

    def _all(self, depth: int) -> Tree:
        return self._joined("and", self._compared, depth)

    def _joined(self, op: str, part: Callable[[int], Tree], depth: int) -> Tree:
        parts = [part(depth)]
        while self._op() == op:
            self._take()
            parts.append(part(depth))
        return parts[0] if len(parts) == 1 else Joined(op, tuple(parts))

    def _compared(self, depth: int) -> Tree:
        if depth > DEEPEST:
            raise NoEqual(_("It is nested too deeply."))
        here = self.here
        if here is not None and (
            here[1] == "!" or (here[1].lower() == "not" and not self._calls())
        ):
            self._take()
            return Call("not", (self._compared(depth + 1),))
        left = self._one(depth)
        op = self._op()
        if op in ("empty", "notempty"):
            self._take()
            found: Tree = Call("empty", (left,))
            return found if op == "empty" else Call("not", (found,))
        if op in _COMPARING:
            self._take()
            return Binary(op, left, self._one(depth))
        return left

    def _calls(self) -> bool:
        after = self._tokens[self._at + 1 : self._at + 2]
        return bool(after) and after[0][1] == "("

    def _one(self, depth: int) -> Tree:
        kind, said = self._take()
        if kind == "braced":
            return Name(said.lstrip("$")[1:-1].strip().lstrip("#"))
        if kind == "field":
            return Name(said)
        if kind == "string":
            return Literal(re.sub(r"\\(.)", r"\1", said[1:-1]))
        if kind == "number":
            return Literal(float(said))
        if kind == "name":
            return self._named(said, depth)
        if said == "(":
            found = self.either(depth + 1)
            self._wants(")")
            return found
        if said == "[":
            return Literal(self._listed())
        if said == ".":
            return Name(".")
        if said == "-" and self.here is not None and self.here[0] == "number":
            return Literal(-float(self._take()[1]))
        raise _unread(said)

    def _named(self, said: str, depth: int) -> Tree:
        if self.here is None or self.here[1] != "(":
            if said.lower() in ("true", "false"):
                return Literal(said.lower() == "true")
            return Name(said)
        self._take()
        given: list[Tree] = []
        while self.here is not None and self.here[1] != ")":
            given.append(self.either(depth + 1))
            if self.here is not None and self.here[1] == ",":
                self._take()
        self._wants(")")
        name = said.lower()
        if name in ("true", "false") and not given:
            return Literal(name == "true")
        return Call(name, tuple(given))

    def _listed(self) -> tuple[str | float | bool, ...]:
        found: list[str | float | bool] = []
        while self.here is not None and self.here[1] != "]":
            one = self._one(0)
            if not isinstance(one, Literal) or isinstance(one.value, tuple):
                raise NoEqual(_("It has a list of other things than values."))
            found.append(one.value)
            if self.here is not None and self.here[1] == ",":
                self._take()
        self._wants("]")
        return tuple(found)
