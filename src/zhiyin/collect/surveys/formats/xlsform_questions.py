"""The questions of an XLSForm, row by row."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import msgspec

from zhiyin.collect.surveys.definition import Question, Type
from zhiyin.collect.surveys.formats import choosing, expressions, forms, loose, scales
from zhiyin.collect.surveys.formats.choosing import Choosing
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.formats.expressions import (
    Binary,
    Call,
    Joined,
    Literal,
    Name,
    NoEqual,
    Tree,
)
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import condition as translated
from zhiyin.collect.surveys.formats.xlsform_rows import Row
from zhiyin.kernel.text import _

_SELECT = re.compile(
    r"(?:add )?(?P<kind>select[ _]one|select1|select[ _]multiple|select all that apply|rank)"
    r"(?: prompt)?(?: (?:from|using))? (?P<list>[^\s]+)"
    r"(?P<other>[ _]or[ _]?(?:specify[ _])?other)?$"
)
_PLAIN: dict[str, Type] = {
    "text": "text", "string": "text", "integer": "number", "int": "number", "decimal": "number",
    "date": "date", "note": "statement", "acknowledge": "consent", "trigger": "consent",
    "phone number": "phone", "email": "email", "image": "file", "photo": "file", "file": "file",
}  # fmt: skip
_KEPT_ANYWAY = frozenset(
    {"start", "end", "today", "deviceid", "device id", "phonenumber", "phone_number", "username",
     "email_metadata", "subscriberid", "subscriber id", "simserial", "sim id", "start time",
     "end time", "start-geopoint", "audit", "imei", "get today", "get start time",
     "get end time", "get device id", "get subscriber id", "get sim id", "get phone number"}
)  # fmt: skip
_USED = frozenset(
    {"type", "name", "label", "hint", "required", "relevant", "constraint", "choice_filter",
     "appearance", "parameters", "constraint_message", "required_message"}
)  # fmt: skip


@dataclass(slots=True)
class Form:
    """One row, with what it stands in.

    Args:
        lists: the rows of the sheet choices, by list.
        shown: conditions of the groups that it stands in.
        number: of the row in the sheet.
    """

    draft: Draft
    lists: Mapping[str, list[Row]]
    row: Row
    shown: list[Condition]
    number: int

    @property
    def name(self) -> str:
        """As conditions of the form name it; a row without one by its number."""
        return self.row.get("name") or f"row_{self.number}"

    def question(self, kind: Type) -> Question:
        """What all questions have."""
        draft, row = self.draft, self.row
        required = row.get("required")
        is_required = loose.is_yes(required)
        if required and not is_required and required.lower() not in ("no", "false", "false()", "0"):
            draft.lost(f"{self.name}: required", _("No equal here: {what}.", what=required[:100]))
        return Question(
            draft.name(self.name, self.name),
            kind,
            draft.texts(row.texts("label", draft.language), self.name, instead=self.name),
            draft.texts(row.texts("hint", draft.language), self.name),
            is_required=is_required and kind != "statement",
        )

    def conditions(self) -> list[Condition]:
        """Those of its groups, and its own."""
        return [*self.shown, *relevant(self.name, self.row)]

    def parameter(self, key: str) -> str:
        """What ``parameters`` says: ``start=0 end=10``."""
        found = re.search(rf"\b{key}\s*=\s*([\w.+-]+)", self.row.get("parameters"))
        return found[1] if found else ""


def relevant(name: str, row: Row) -> list[Condition]:
    """What shows a row; none where it is blank."""
    says = row.get("relevant")
    if not says:
        return []
    return [
        Condition(f"{name}: relevant", says, lambda find: translated(expressions.read(says), find))
    ]


def ask(form: Form) -> None:
    """Put one row on the page, or say why it is lost."""
    draft, row = form.draft, form.row
    kind = " ".join(row.get("type").split())
    select = _SELECT.match(kind.replace("select all that apply from", "select_multiple"))
    if select:
        _select(form, select)
    elif kind.lower() == "range":
        _range(form)
    elif kind.lower() in _PLAIN:
        _plain(form, _PLAIN[kind.lower()])
    elif kind.lower() in _KEPT_ANYWAY:
        draft.lost(form.name, _("{what}: the log keeps times and devices by itself.", what=kind))
        return
    else:
        draft.lost(
            form.name,
            _("Row {row}: questions of type {type} have no equal here.",
              row=form.number, type=kind[:60]),
        )  # fmt: skip
        return
    draft.idle(form.name, [key for key in row.plain if key not in _USED])


def _plain(form: Form, kind: Type) -> None:
    row = form.row
    if kind == "text" and "multiline" in row.get("appearance"):
        kind = "comment"
    elif kind == "text" and "numbers" in row.get("appearance"):
        kind = "number"
    made = form.question(kind)
    if kind == "file":
        forms.ask_file(form.draft, made, form.name, known_as=[form.name], shown=form.conditions())
        return
    low, high, pattern = _bounds(form, made)
    made = msgspec.structs.replace(made, at_least=low, at_most=high, pattern=pattern)
    if low == 0 and high == 10 and scales.is_nps(made.title, 0, 10):
        made = msgspec.structs.replace(made, at_least=None, at_most=None)
        made = choosing.as_score(form.draft, made, form.name, scales.Score("nps"))
    known = [form.name] if kind != "statement" else []
    form.draft.ask(made, form.name, known_as=known, shown=form.conditions())


def _range(form: Form) -> None:
    ends = [loose.number(form.parameter(key)) for key in ("start", "end", "step")]
    low, high, step = (
        default if end is None else end for end, default in zip(ends, (1, 10, 1), strict=True)
    )
    last = min(int(high), int(low) + 100)
    points = scales.of([Listed(str(n), {}) for n in range(int(low), last + 1)])
    if points is not None and step == 1 and low == int(low) and high == int(high):
        made = msgspec.structs.replace(
            form.question("rating"), scale_min=points.least, scale_max=points.most
        )
        score = scales.score_of(made.title, points)
        if score is not None:
            made = choosing.as_score(form.draft, made, form.name, score)
    else:
        form.draft.changed(form.name, _("A slider is a number here."))
        made = msgspec.structs.replace(form.question("number"), at_least=low, at_most=high)
    form.draft.ask(made, form.name, known_as=[form.name], shown=form.conditions())


def _select(form: Form, select: re.Match[str]) -> None:
    draft, row = form.draft, form.row
    kind: Type = "single"
    if select["kind"] == "rank":
        kind = "ranking"
    elif select["kind"] in ("select multiple", "select_multiple", "select all that apply"):
        kind = "multiple"
    elif "minimal" in row.get("appearance") or "autocomplete" in row.get("appearance"):
        kind = "dropdown"
    rows = form.lists.get(select["list"], [])
    if not rows:
        draft.lost(
            f"{form.name}: {select['list']}", _("The sheet choices has no list of this name.")
        )
    listed = [
        Listed(one.get("name"), one.texts("label", draft.language)) for one in rows
        if one.get("name")
    ]  # fmt: skip
    if any(set(one.plain) & {"image", "audio", "media"} for one in rows):
        draft.lost(f"{form.name}: {select['list']}", _("Not words: {what}.", what="image, audio"))
    made = msgspec.structs.replace(
        form.question(kind), is_shuffled=loose.is_yes(form.parameter("randomize"))
    )
    if kind == "multiple":
        low, high, _pattern = _bounds(form, made)
        made = msgspec.structs.replace(made, at_least=low, at_most=high)
    elif row.get("constraint"):
        _unchecked(form)
    other = "other" if select["other"] else ""
    if other:
        listed = [one for one in listed if one.value != "other"]
    given = Choosing(listed, other, shown=_filtered(form, rows))
    choosing.ask(draft, made, form.name, given, known_as=[form.name], shown=form.conditions())


def _filtered(form: Form, rows: Iterable[Row]) -> dict[str, Condition]:
    """What shows single choices: the filter, with the cells of each in the place of columns."""
    says = form.row.get("choice_filter")
    if not says:
        return {}
    return {row.get("name"): _cell_condition(form, row, says) for row in rows if row.get("name")}


def _cell_condition(form: Form, row: Row, says: str) -> Condition:
    marked = re.sub(r"\$\{\s*([^}]*?)\s*\}", r"{$\1}", says)
    return Condition(
        f"{form.name}: choice_filter",
        says,
        lambda find: translated(_with_cells(expressions.read(marked), row), find),
    )


def _with_cells(tree: Tree, row: Row) -> Tree:
    match tree:
        case Name(name) if name.startswith("$"):
            return Name(name[1:])
        case Name(name):
            return Literal(row.get(name))
        case Joined(op, parts):
            return Joined(op, tuple(_with_cells(part, row) for part in parts))
        case Binary(op, left, right):
            return Binary(op, _with_cells(left, row), _with_cells(right, row))
        case Call(name, given):
            return Call(name, tuple(_with_cells(part, row) for part in given))
    return tree


def _bounds(form: Form, made: Question) -> tuple[float | None, float | None, str]:
    """The least and the most that a constraint lets an answer be, and the form that it asks for;
    what else it says is noted."""
    says = form.row.get("constraint")
    if not says:
        return None, None, ""
    ends: dict[str, float] = {}
    pattern = ""
    try:
        tree = expressions.read(says)
    except NoEqual:
        tree = Literal(says)
    parts = tree.parts if isinstance(tree, Joined) and tree.op == "and" else (tree,)
    for part in parts:
        end = _bound(part, made.type, is_whole=form.row.get("type").startswith("int"))
        match part:
            case Call("regex", (Name("."), Literal(str() as regex))) if (
                made.type in ("text", "comment") and not pattern
            ):
                pattern = forms.pattern(regex, is_whole=True)
                if pattern:
                    continue
        if end is None:
            _unchecked(form)
        else:
            ends[end[0]] = end[1]
    return ends.get("least"), ends.get("most"), pattern


def _bound(part: Tree, kind: Type, *, is_whole: bool) -> tuple[str, float] | None:
    is_whole = is_whole or kind != "number"
    match part:
        case Binary(op, Name("."), Literal(float() as value)) if kind == "number":
            pass
        case Binary(op, Call("count-selected", (Name("."),)), Literal(float() as value)) if (
            kind == "multiple"
        ):
            pass
        case Binary(op, Call("string-length", (Name("."),)), Literal(float() as value)) if kind in (
            "text",
            "comment",
        ):
            pass
        case _:
            return None
    match op:
        case ">=":
            return "least", value
        case "<=":
            return "most", value
        case ">" if is_whole:
            return "least", value + 1
        case "<" if is_whole:
            return "most", value - 1
    return None


def _unchecked(form: Form) -> None:
    form.draft.lost(
        f"{form.name}: constraint",
        _("What it checks is not checked here: {says}", says=form.row.get("constraint")[:200]),
    )
