"""Groups that rules make: which part of a request a row belongs to, and whether it is in any."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from zhiyin.kernel.filters import Compare, Filter, In, Node, Or, in_words
from zhiyin.measure.requests import breakable_of
from zhiyin.warehouse import lang
from zhiyin.warehouse.log import Log, Schema
from zhiyin.warehouse.where import where


@dataclass(frozen=True, slots=True)
class Parts:
    """The parts of a request over one table of a log.

    Args:
        rules: a row belongs to the first that holds.
        table: whose rows they are.
    """

    log: Log
    workspace: str
    schema: Schema
    table: str
    zone: str
    rules: tuple[tuple[str, Filter], ...]

    def holds(self, facts: lang.Expression) -> lang.Value:
        """Whether a row is in any part; never null."""
        coded = self._coded()
        if coded is not None:
            name, numbers = coded
            codes = [code for code, number in enumerate(numbers) if number is not None]
            return lang.coalesce(facts[name].isin(codes), False)
        found = lang.literal(False)
        for rule in self._written(facts):
            found = found | rule
        return lang.coalesce(found, False)

    def number(self, facts: lang.Expression) -> lang.Value:
        """The number of the part that a row is in; null where it is in none."""
        coded = self._coded()
        if coded is not None:
            return lang.numbered(facts[coded[0]], coded[1])
        branches = [(rule, number) for number, rule in enumerate(self._written(facts))]
        return lang.cases(*branches, else_=lang.null("int16"))

    def _written(self, facts: lang.Expression) -> list[lang.Value]:
        """Whether the rule of each part holds; null is no."""
        # Words are looked up here: in the query it would be a join for each rule.
        known = _Words(self.log, self.workspace)
        return [
            where(
                rule, facts, self.schema, table_name=self.table, zone=self.zone, dictionaries=known
            )
            for _name, rule in self.rules
        ]

    def _coded(self) -> tuple[str, list[int | None]] | None:
        """Where every rule names words of one coded column alone: the column, and by its codes
        the number of the part. A look into a list costs a row what one of the rules would."""
        found = [_words_of(rule.root) for _name, rule in self.rules]
        named = {one[0] for one in found if one is not None}
        if None in found or len(named) != 1:
            return None
        column = breakable_of(self.table, self.schema).get(named.pop())
        if column is None or column.domain is None:
            return None
        part: dict[str, int] = {}
        for number, one in enumerate(found):
            for word in one[1] if one else ():
                part.setdefault(word, number)
        words = _Words(self.log, self.workspace)[column.domain]
        return column.physical, [part.get(word) for word in words]


def _words_of(node: Node) -> tuple[str, tuple[str, ...]] | None:
    """The column of which a rule names words, and these; None where it says something else."""
    match node:
        case Compare(name, "=", value):
            return name, (in_words(value),)
        case In(name, values, False):
            return name, tuple(in_words(value) for value in values)
        case Or(nodes):
            found = [_words_of(one) for one in nodes]
            names = {one[0] for one in found if one is not None}
            if None in found or len(names) != 1:
                return None
            return names.pop(), tuple(word for one in found if one for word in one[1])
    return None


class _Words(Mapping[str, Sequence[str]]):
    """The words of a log's columns by their codes, each looked up when it is asked for."""

    def __init__(self, log: Log, workspace: str) -> None:
        self._log, self._workspace = log, workspace
        self._held: dict[str, list[str]] = {}

    def __getitem__(self, domain: str) -> list[str]:
        if domain not in self._held:
            words = self._log.words(self._workspace, domain)
            # A code whose word was erased has none.
            self._held[domain] = [words.get(code, "") for code in range(max(words, default=-1) + 1)]
        return self._held[domain]

    def __iter__(self) -> Iterator[str]:
        return iter(self._held)

    def __len__(self) -> int:
        return len(self._held)
