"""Reading a filter: one function for each rule of the grammar.

::

    filter     = any
    any        = all { "or" all }
    all        = one { "and" one }
    one        = "not" one | "(" any ")" | condition
    condition  = column sign value
               | column ["not"] "in" "(" value { "," value } ")"
               | column ["not"] "contains" text
               | column ["not"] "between" value "and" value
               | column "is" ["not"] ("missing" | "null")
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import cast

from zhiyin.kernel.filters.problems import FilterProblem, syntax, too_large
from zhiyin.kernel.filters.tokens import Token, tokens
from zhiyin.kernel.filters.tree import (
    And,
    Compare,
    Contains,
    Filter,
    In,
    Missing,
    Node,
    Not,
    Operator,
    Or,
    Value,
)
from zhiyin.kernel.text import Text, _

_SIGNS = ("=", "!=", "<", "<=", ">", ">=")


@dataclass(frozen=True, slots=True)
class Limits:
    """How large a filter may be."""

    characters: int = 20_000
    depth: int = 40
    values: int = 1_000
    conditions: int = 500


LIMITS = Limits()

SCOPE_LIMITS = Limits(characters=1_000_000, depth=80, values=10_000, conditions=2_000)
"""Of a reader's scope, which Zhiyin itself writes: a branch names each of its units."""


def parse(text: str, *, limits: Limits = LIMITS) -> Filter:
    """Read a filter.

    Raises:
        FilterProblem: ``filter.syntax`` with the character where reading stopped, or
            ``filter.too-large``.
    """
    if len(text) > limits.characters:
        raise too_large(
            limits.characters,
            _(
                "The filter has {n} characters; at most {limit} are allowed.",
                n=len(text),
                limit=limits.characters,
            ),
            _("Save the values as a segment, or shorten the list."),
        )
    return Filter(_Reader(text, limits).whole(), text)


class _Reader:
    def __init__(self, text: str, limits: Limits) -> None:
        self._text = text
        self._limits = limits
        self._tokens = tokens(text)
        self._next = 0
        self._depth = 0
        self._conditions = 0

    # Rules

    def whole(self) -> Node:
        if self._here().kind == "end":
            raise syntax(
                self._text,
                0,
                _("The filter is empty."),
                _("Write a condition, for example: channel = 'app'."),
            )
        node = self._any()
        if self._here().kind != "end":
            raise self._after_condition()
        return node

    def _any(self) -> Node:
        nodes = [self._all()]
        while self._took("or"):
            nodes.append(self._all())
        return nodes[0] if len(nodes) == 1 else Or(tuple(nodes))

    def _all(self) -> Node:
        nodes = [self._one()]
        while self._took("and"):
            nodes.append(self._one())
        return nodes[0] if len(nodes) == 1 else And(tuple(nodes))

    def _one(self) -> Node:
        self._depth += 1
        if self._depth > self._limits.depth:
            raise self._over(
                _(
                    "The filter is nested more than {limit} deep at character {at}.",
                    limit=self._limits.depth,
                    at=self._here().start + 1,
                ),
                _("Write it with fewer parentheses."),
            )
        node = self._inner()
        self._depth -= 1
        return node

    def _inner(self) -> Node:
        if self._took("not"):
            return Not(self._one())
        opening = self._here()
        if self._took("("):
            node = self._any()
            if self._here().kind == "end":
                raise syntax(
                    self._text,
                    opening.start,
                    _(
                        "The parenthesis opened at character {at} is never closed.",
                        at=opening.start + 1,
                    ),
                    _("Close it with )."),
                )
            if not self._took(")"):
                raise self._after_condition()
            return node
        return self._condition()

    def _condition(self) -> Node:
        column = self._column()
        self._conditions += 1
        if self._conditions > self._limits.conditions:
            raise self._over(
                _("The filter has more than {limit} conditions.", limit=self._limits.conditions),
                _("Use a list: column in ('a', 'b')."),
            )
        if self._took("is"):
            return self._missing(column)
        negated = self._took("not")
        if self._took("in"):
            return In(column, self._list(), negated)
        if self._took("contains"):
            return Contains(column, self._words(), negated)
        if self._took("between"):
            return self._between(column, negated)
        sign = self._here()
        if negated or sign.kind != "sign" or sign.word not in _SIGNS:
            raise self._no_operator(column, negated)
        self._next += 1
        return Compare(column, cast("Operator", sign.word), self._operand(sign))

    def _missing(self, column: str) -> Missing:
        negated = self._took("not")
        if self._took("missing") or self._took("null"):
            return Missing(column, negated)
        raise self._expected(
            _("“missing”"), _("Write: {column} is missing, or = for a value.", column=column)
        )

    def _between(self, column: str, negated: bool) -> Node:
        low = self._ordered()
        if not self._took("and"):
            raise self._expected(_("“and”"), _("Write: {column} between 1 and 5.", column=column))
        inside = And((Compare(column, ">=", low), Compare(column, "<=", self._ordered())))
        return Not(inside) if negated else inside

    def _list(self) -> tuple[Value, ...]:
        if not self._took("("):
            raise self._expected(_("“(”"), _("Write the list in parentheses: in ('a', 'b')."))
        values: list[Value] = []
        while True:
            token = self._here()
            values.append(self._value())
            if _family(values[-1]) != _family(values[0]):
                raise syntax(
                    self._text,
                    token.start,
                    _(
                        "The value at character {at} is of another kind than the first.",
                        at=token.start + 1,
                    ),
                    _("Write a list of texts in quotes, or a list of numbers."),
                    token.end - token.start,
                )
            if len(values) > self._limits.values:
                raise self._over(
                    _("The list has more than {limit} values.", limit=self._limits.values),
                    _("Save the values as a segment, or shorten the list."),
                )
            if self._took(")"):
                return tuple(values)
            if not self._took(","):
                raise self._expected(_("“,” or “)”"), _("Separate the values with commas."))

    # Pieces

    def _column(self) -> str:
        token = self._here()
        if token.kind == "name":
            self._next += 1
            return token.word
        if token.kind == "value":
            hint = _(
                "Begin with the column: score >= 9. A column name with spaces goes in backquotes."
            )
        elif token.kind == "word":
            hint = _("Put a column that is called {word} in backquotes.", word=token.word)
        else:
            hint = _("Write a condition, for example: channel = 'app'.")
        raise self._expected(_("a column name"), hint)

    def _operand(self, sign: Token) -> Value:
        return self._value() if sign.word in ("=", "!=") else self._ordered()

    def _ordered(self) -> Value:
        token = self._here()
        value = self._value()
        if isinstance(value, bool):
            raise syntax(
                self._text,
                token.start,
                _("True and false have no order, at character {at}.", at=token.start + 1),
                _("Compare them with = or !=."),
                token.end - token.start,
            )
        return value

    def _words(self) -> str:
        token = self._here()
        if token.kind == "value" and isinstance(token.value, str):
            self._next += 1
            return token.value
        raise self._expected(_("text in quotes"), _("Write: contains 'text'."))

    def _value(self) -> Value:
        token = self._here()
        if token.kind == "value" and token.value is not None:
            self._next += 1
            return token.value
        if token.kind == "name":
            hint = _("Put text in quotes: '{word}'.", word=token.word)
        elif token.kind == "word" and token.word.lower() in ("null", "missing"):
            hint = _("Write “is missing” or “is not missing”.")
        else:
            hint = _("Write a number, a date or text in quotes.")
        raise self._expected(_("a value"), hint)

    def _here(self) -> Token:
        return self._tokens[self._next]

    def _took(self, word: str) -> bool:
        token = self._here()
        if token.kind not in ("word", "sign") or token.word.lower() != word:
            return False
        self._next += 1
        return True

    # Errors

    def _expected(self, what: Text, hint: Text) -> FilterProblem:
        token = self._here()
        if token.kind == "end":
            message = _("The filter ends where {what} should stand.", what=what)
        else:
            message = _(
                "“{found}” at character {at} stands where {what} should stand.",
                found=self._text[token.start : token.end],
                at=token.start + 1,
                what=what,
            )
        return syntax(self._text, token.start, message, hint, token.end - token.start)

    def _no_operator(self, column: str, negated: bool) -> FilterProblem:
        token = self._here()
        if negated:
            return self._expected(
                _("“in”, “contains” or “between”"), _("To negate a comparison write: not (a = 1).")
            )
        if token.word.lower() in ("like", "ilike", "match", "matches"):
            hint = _("Write: {column} contains 'text'.", column=column)
        elif token.kind == "name":
            hint = _("Put a column name with a space or a hyphen in backquotes.")
        else:
            hint = _("Write one of = != < <= > >=, in, contains, between or is missing.")
        return self._expected(_("a comparison"), hint)

    def _after_condition(self) -> FilterProblem:
        token = self._here()
        if token.word == ")":
            hint = _("Remove this parenthesis, or open one before.")
        elif token.word == ",":
            hint = _("Write numbers without thousands separators, and lists as: in (1, 2).")
        else:
            hint = _("Join conditions with and / or; a quote inside text is written twice.")
        return self._expected(_("“and”, “or” or the end"), hint)

    def _over(self, message: Text, advice: Text) -> FilterProblem:
        return too_large(self._here().start, message, advice)


def _family(value: Value) -> str:
    if isinstance(value, bool):
        return "truth"
    if isinstance(value, str):
        return "text"
    return "time" if isinstance(value, date) else "number"
