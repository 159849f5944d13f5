"""The form that maps a file: what it shows, what it was sent, what is wrong beside which field."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from zoneinfo import available_timezones

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files import mapping as engine
from zhiyin.collect.files.choices import (
    MANY,
    METRICS,
    TIMES,
    Choice,
    Draft,
    keys_of,
    roles_of,
)
from zhiyin.collect.files.guessing import as_role, guess
from zhiyin.collect.files.mapping import Reading, allowed_tables, nearest
from zhiyin.collect.files.seen import Column, Look
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _
from zhiyin.web import import_words

PER_PAGE = 40
"""Columns of a wide file on one page of the form: a request has so many fields and no more."""

FORMATS = (
    "%d/%m/%Y", "%d/%m/%Y %H:%M", "%d/%m/%Y %H:%M:%S", "%m/%d/%Y", "%m/%d/%Y %H:%M",
    "%m/%d/%Y %H:%M:%S", "%d.%m.%Y", "%d.%m.%Y %H:%M", "%d-%m-%Y", "%d-%m-%Y %H:%M:%S",
)  # fmt: skip
"""Forms of dates that people write, offered beside the field."""

SCALED = ("rating", "ces")
"""Metrics whose scale nobody knows but who asked."""

LONGEST = 200
"""Of what is written into a field."""

_DIMENSION = re.compile(r"[a-z][a-z0-9_]{0,62}")
_AT = re.compile(r"questions\[(\d+)\]")

Mistakes = Mapping[str, Text]
"""What is wrong, by field: ``source``, ``as``, ``column NAME``, ``constant KEY``; blank is none."""

Posted = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Option:
    """One thing that may be chosen."""

    value: str
    label: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Row:
    """One column of the file, and what it is.

    Args:
        number: its place.
        column: what stands in it; None where a mapping names a column that the file has not.
    """

    number: int
    name: str
    column: Column | None
    choice: Choice
    table: str
    rows: int
    mistake: Text | None

    @property
    def roles(self) -> list[Option]:
        """What the column may be."""
        chosen = self.choice.role
        listed = ["", *roles_of(self.table)]
        return [
            Option(value, import_words.role(value, self.table), value == chosen)
            for value in (listed if chosen in listed else [*listed, chosen])
        ]

    @property
    def looks(self) -> str:
        """What its cells look like."""
        return str(import_words.LOOKS[self.column.kind]) if self.column else ""

    @property
    def empty_percent(self) -> int:
        """The share of the rows in which nothing stands."""
        if self.column is None or not self.rows:
            return 0
        return round(100 * (self.rows - self.column.filled) / self.rows)

    @property
    def is_question(self) -> bool:
        """Whether it is a question, which has a name of its own and codes."""
        return self.choice.role in METRICS

    @property
    def is_scored(self) -> bool:
        """Whether its answers are numbers on a scale."""
        return self.is_question and self.choice.role not in ("text", "choice")

    @property
    def is_time(self) -> bool:
        """Whether it is a time, which has a zone and a form."""
        return self.choice.role in TIMES

    @property
    def is_unsure_of_days(self) -> bool:
        """Whether two forms of dates read every cell: nobody can tell the day from the month."""
        return self.is_time and self.column is not None and len(self.column.formats) > 1


@dataclass(frozen=True, slots=True)
class Constant:
    """A value that is the same in every row."""

    number: int
    key: str
    value: str
    keys: list[Option]
    mistake: Text | None


@dataclass(frozen=True)
class Form:
    """The form as a page shows it.

    Args:
        page: which columns, from 1.
    """

    draft: Draft
    look: Look
    mistakes: Mistakes
    page: int = 1

    @cached_property
    def rows(self) -> list[Row]:
        """The columns of this page of the form."""
        names = list(self.draft.choices)
        first = (self.page - 1) * PER_PAGE
        known = {column.name: column for column in self.look.columns}
        return [
            Row(
                number,
                names[number],
                known.get(names[number]),
                self.draft.choices[names[number]],
                self.draft.table,
                self.look.rows,
                self.mistakes.get(f"column {names[number]}"),
            )
            for number in range(first, min(first + PER_PAGE, len(names)))
        ]

    @property
    def pages(self) -> int:
        """How many pages the columns have."""
        return max(-(-len(self.draft.choices) // PER_PAGE), 1)

    @property
    def mapped(self) -> int:
        """How many columns are something."""
        return sum(bool(one.role) for one in self.draft.choices.values())

    @property
    def tables(self) -> list[Option]:
        """What the rows may be."""
        return [
            Option(name, import_words.table(name), name == self.draft.table)
            for name in allowed_tables()
        ]

    @property
    def constants(self) -> list[Constant]:
        """What is the same in every row, what is still missing, and a row for one more."""
        listed = dict(self.draft.constants)
        for field in self.mistakes:
            if field.startswith("constant "):
                listed.setdefault(field.removeprefix("constant "), "")
        listed.setdefault("", "")
        return [
            Constant(number, key, value, self._keys(key), self.mistakes.get(f"constant {key}"))
            for number, (key, value) in enumerate(listed.items())
        ]

    def _keys(self, chosen: str) -> list[Option]:
        table = self.draft.table
        nothing = Option("", str(_("choose…")), not chosen)
        return [
            nothing,
            *(Option(key, import_words.role(key, table), key == chosen) for key in keys_of(table)),
        ]

    @property
    def elsewhere(self) -> list[str]:
        """Columns with a mistake that this page of the form does not show."""
        here = {row.name for row in self.rows}
        wrong = (field.removeprefix("column ") for field in self.mistakes if field[:7] == "column ")
        return [name for name in wrong if name not in here]


def first_draft(look: Look, name: str, workspace: Settings) -> Draft:
    """A guess at the mapping of a file called `name`."""
    stem = name.split(".")[0].lower()
    source = re.sub(r"[^\w-]+", "-", stem).strip("-_")[:60] or "file"
    return guess(look, source=source, timezone=workspace.timezone)


def read_draft(post: Posted, draft: Draft, look: Look, workspace: Settings) -> Draft:
    """The mapping as it was sent, over the one that was shown."""
    table = post.get("as", draft.table)
    source = _said(post, "source")
    if table != draft.table and table in allowed_tables():
        # Other rows, other keys: the columns are guessed at anew.
        fresh = guess(look, source=source, timezone=workspace.timezone, table=table)
        return replace(fresh, reading=draft.reading, has_header=draft.has_header)
    known = {column.name: column for column in look.columns}
    changed = {}
    for number, (name, before) in enumerate(draft.choices.items()):
        if (role := post.get(f"r{number}")) is not None:
            changed[name] = _choice(post, number, role, before, known.get(name), workspace)
    return replace(
        draft.with_choices(changed), source=source, constants=_constants(post, draft.table)
    )


def _choice(
    post: Posted,
    number: int,
    role: str,
    before: Choice,
    column: Column | None,
    workspace: Settings,
) -> Choice:
    if role != before.role:
        # The fields of another role were not shown yet.
        return as_role(role, column, timezone=workspace.timezone)
    return Choice(
        role=role,
        name=_said(post, f"n{number}"),
        kind=_said(post, f"k{number}"),
        timezone=_said(post, f"z{number}"),
        format=_said(post, f"f{number}"),
        low=_said(post, f"lo{number}"),
        high=_said(post, f"hi{number}"),
        direction=_said(post, f"d{number}"),
        is_1_10=f"one{number}" in post,
        not_applicable=_said(post, f"na{number}"),
        dont_know=_said(post, f"dk{number}"),
        refused=_said(post, f"re{number}"),
        touchpoint=_said(post, f"tp{number}"),
    )


def _constants(post: Posted, table: str) -> dict[str, str]:
    found = {}
    for number in range(len(keys_of(table)) + 1):
        key = post.get(f"key{number}", "")
        if key in keys_of(table) and (value := _said(post, f"value{number}")):
            found[key] = value
    return found


def _said(post: Posted, name: str) -> str:
    return " ".join(post.get(name, "").replace("\0", "").split())[:LONGEST]


def read_reading(post: Posted) -> tuple[dict[str, str], bool]:
    """How the file is to be read: keys of `read` that are not blank, and whether it has names."""
    found = {
        "encoding": _said(post, "encoding"),
        "delimiter": {"tab": "\t"}.get(post.get("delimiter", ""), post.get("delimiter", "")),
        "sheet": post.get("sheet", "")[:LONGEST],
        "decimal": "," if post.get("decimal") == "," else "",
        "skip": _said(post, "skip").lstrip("0"),
    }
    return {key: said for key, said in found.items() if said}, "no_header" not in post


def reading_of(draft: Draft) -> Reading:
    """How a draft says that the file is read.

    Raises:
        Problem: ``import.mapping-value``.
    """
    return engine.reading_of(draft.document().get("read", {}))


# What is wrong


def mistakes_of(draft: Draft, look: Look) -> dict[str, Text]:
    """What is wrong with a mapping, by field; nothing where it can be tried."""
    found = dict(_mistakes(draft, look))
    if not found:
        try:
            engine.read(draft.document(), "mapping")
        except Problem as problem:
            found[_field(draft, problem)] = _words(problem)
    return found


def _mistakes(draft: Draft, look: Look) -> Iterator[tuple[str, Text]]:
    if not draft.source:
        yield "source", _("Write what the system is called that the file comes from.")
    yield from _missing(draft)
    seen: dict[str, str] = {}
    names: dict[str, str] = {}
    for name, one in draft.choices.items():
        if not one.role:
            continue
        if name not in look.names:
            near = nearest(name, look.names)
            yield (
                f"column {name}",
                (
                    _("The file has no such column. Perhaps it is {near}?", near=near)
                    if near
                    else _("The file has no such column.")
                ),
            )
        elif one.role not in MANY and one.role in seen:
            yield f"column {name}", _("The column {column} is that already.",
                                      column=seen[one.role])  # fmt: skip
        elif wrong := _wrong(name, one, names):
            yield f"column {name}", wrong
        seen.setdefault(one.role, name)
    for key in draft.constants:
        if key in seen:
            yield f"constant {key}", _("The column {column} says this already.", column=seen[key])


def _missing(draft: Draft) -> Iterator[tuple[str, Text]]:
    from zhiyin.collect.files.mapping_sense import NEEDED, NEEDS_CUSTOMER

    roles = {one.role for one in draft.choices.values()}
    for key in ("at", *NEEDED.get(draft.table, ())):
        if key not in roles and key not in draft.constants:
            yield (
                f"constant {key}",
                _("No column says this. Choose one in the list, or write one value for every row."),
            )
    if draft.table in NEEDS_CUSTOMER and "customer" not in roles | draft.constants.keys():
        yield "as", _("Choose the column that says who the customer is.")
    if draft.table == "answers" and roles.isdisjoint(METRICS):
        yield "as", _("Choose at least one column that answers a question.")
    if draft.table == "traits" and "trait" not in roles and "name" not in roles:
        yield "as", _("Choose at least one column that is a trait of the customer.")


def _wrong(name: str, one: Choice, names: dict[str, str]) -> Text | None:
    """What is wrong with one column; `names` are those that dimensions have so far."""
    if one.timezone and one.timezone not in available_timezones():
        return _("There is no time zone {zone}. Use a name such as Asia/Shanghai.",
                 zone=one.timezone)  # fmt: skip
    if one.role == "about" and not one.kind:
        return _("Write what it is: order, flight, visit…")
    if one.role == "dimension":
        called = one.name or name
        if not _DIMENSION.fullmatch(called):
            return _("Give the dimension a name of small letters, digits and _, such as city.")
        if called in names:
            return _("The column {column} is the dimension {name} already.",
                     column=names[called], name=called)  # fmt: skip
        names[called] = name
    return _wrong_scale(one)


def _wrong_scale(one: Choice) -> Text | None:
    if one.role not in METRICS or one.role in ("text", "choice"):
        return None
    ends = [_as_number(one.low), _as_number(one.high)]
    if (one.low and ends[0] is None) or (one.high and ends[1] is None):
        return _("The ends of a scale are numbers.")
    if one.role in SCALED and None in ends:
        return _("Write both ends of the scale.")
    if ends[0] is not None and ends[1] is not None and ends[0] >= ends[1]:
        return _("The lowest point must be smaller than the highest.")
    if one.role == "ces" and not one.direction:
        return _("Say which end is better.")
    return None


def _as_number(said: str) -> float | None:
    try:
        return float(said)
    except ValueError:
        return None


def _field(draft: Draft, problem: Problem) -> str:
    """The field of the form that a mapping's problem is about."""
    key = str(problem.message.blanks.get("key", ""))
    if place := _AT.match(key):
        asked = [name for name, one in draft.choices.items() if one.role in METRICS]
        return f"column {asked[int(place[1])]}"
    if key.startswith("dimensions."):
        called = key.removeprefix("dimensions.").split(".")[0]
        column = next(
            (n for n, one in draft.choices.items()
             if one.role == "dimension" and (one.name or n) == called), None,
        )  # fmt: skip
        return f"column {column}" if column else ""
    key = key.split(".")[0]
    if column := draft.column_of(key):
        return f"column {column}"
    return f"constant {key}" if key in draft.constants else key if key == "source" else ""


def _words(problem: Problem) -> Text:
    said = problem.message.blanks.get("error")
    return said if isinstance(said, Text) else problem.message
