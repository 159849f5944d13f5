"""Every sentence that the interface can show, and what the catalogue says for it.

Three places hold sentences: Python sources (marked ``_("…")`` or ``gettext("…")``), click's help
texts (which `zhiyin.cli.frame` translates paragraph by paragraph), and templates.
"""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import click
from babel.messages.pofile import read_po

ROOT = Path(__file__).resolve().parent.parent
SOURCES = ROOT / "src" / "zhiyin"
LOCALE = SOURCES / "locale" / "zh_Hans"

_MARKS = {"_", "gettext", "gettext_lazy", "ngettext"}
_QUOTED = r"""(?:"([^"]*)"|'([^']*)')"""
_TRANSLATE = re.compile(r"\{%\s*(?:translate|trans)\s+" + _QUOTED)
_IN_FILTER = re.compile(r"\b_\(" + _QUOTED + r"\)")
_BLOCK = re.compile(
    r"\{%\s*blocktrans(?:late)?\b([^%]*)%\}(.*?)\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL
)
_TAGS = re.compile(r"\{([%{#]).*?[%}#]\}", re.DOTALL)
_CODE = re.compile(r"<(code|script|style|pre)\b.*?</\1>", re.DOTALL)
_PLURAL = re.compile(r"\{%\s*plural\s*%\}")
_VARIABLE = re.compile(r"\{\{\s*([\w.]+)\s*\}\}")
_PERCENT_BLANK = re.compile(r"%\((\w+)\)[sd]")


@dataclass(frozen=True, slots=True)
class Sentence:
    """One English sentence and where it stands.

    `blanks` are the names that the code fills in, None where the code does not show them.
    """

    english: str
    place: str
    blanks: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One message of a catalogue file; a plural has two English forms."""

    english: tuple[str, ...]
    chinese: tuple[str, ...]
    file: str


def used() -> list[Sentence]:
    """Every sentence of the product's sources and templates."""
    return [*of_sources(SOURCES), *of_templates(SOURCES)]


def of_sources(folder: Path) -> Iterator[Sentence]:
    """The sentences of Python files below `folder`, tests left out."""
    for path in sorted(folder.rglob("*.py")):
        inside = path.relative_to(folder)
        if "tests" not in inside.parts and "migrations" not in inside.parts:
            yield from of_python(path.read_text("utf-8"), str(inside))


def of_python(source: str, place: str) -> Iterator[Sentence]:
    """The sentences that a Python source marks, and its help texts for click."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _marked(node, place)
            yield from _help(node, place)
        elif isinstance(node, ast.FunctionDef) and any(map(_asks_docstring, node.decorator_list)):
            yield from _paragraphs(ast.get_docstring(node), f"{place}:{node.lineno}")


def _marked(call: ast.Call, place: str) -> Iterator[Sentence]:
    if _name(call.func) not in _MARKS or not call.args:
        return
    names = {keyword.arg for keyword in call.keywords}
    is_brace = _name(call.func) == "_"
    blanks = frozenset(name for name in names if name) if is_brace and None not in names else None
    texts = call.args[:2] if _name(call.func) == "ngettext" else call.args[:1]
    for text in texts:
        for english in _constants(text):
            yield Sentence(english, f"{place}:{call.lineno}", blanks)


def _help(call: ast.Call, place: str) -> Iterator[Sentence]:
    if _name(call.func) in {"option", "command", "argument", "Option", "Command", "group"}:
        for keyword in call.keywords:
            if keyword.arg in ("help", "epilog"):
                for english in _constants(keyword.value):
                    yield from _paragraphs(english, f"{place}:{call.lineno}")


def _asks_docstring(decorator: ast.expr) -> bool:
    if isinstance(decorator, ast.Call):
        has_help = any(keyword.arg == "help" for keyword in decorator.keywords)
        return not has_help and _asks_docstring(decorator.func)
    return _name(decorator) in ("command", "group")


def _paragraphs(text: str | None, place: str) -> Iterator[Sentence]:
    # As `zhiyin.cli.frame` cuts them before it looks them up.
    for paragraph in (text or "").split("\n\n"):
        if paragraph.strip():
            yield Sentence(" ".join(paragraph.split()), place, frozenset())


def _constants(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value
    elif isinstance(node, ast.IfExp):
        yield from _constants(node.body)
        yield from _constants(node.orelse)


def _name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def of_templates(folder: Path) -> Iterator[Sentence]:
    """The sentences of every template below `folder`."""
    for path in sorted(folder.rglob("templates/**/*")):
        if path.is_file():
            yield from of_template(path.read_text("utf-8"), str(path.relative_to(folder)))


def of_template(source: str, place: str) -> Iterator[Sentence]:
    """The sentences that a template marks, as Django looks them up."""
    for hit in (*_TRANSLATE.finditer(source), *_IN_FILTER.finditer(source)):
        english = hit[1] if hit[1] is not None else hit[2]
        yield Sentence(english.replace("%", "%%"), place)
    for hit in _BLOCK.finditer(source):
        for part in _PLURAL.split(hit[2]):
            text = part.replace("%", "%%")
            if re.search(r"\btrimmed\b", hit[1]):
                text = " ".join(line.strip() for line in text.strip().splitlines())
            yield Sentence(_VARIABLE.sub(r"%(\1)s", text), place)


def unmarked(source: str) -> list[str]:
    """What a template shows in words of its own, which nobody can translate."""
    for hidden in (_BLOCK, _TAGS, _CODE):
        source = hidden.sub("", source)
    shown = (text.strip() for text in re.split(r"<[^>]*>", source))
    return [text for text in shown if re.search(r"[^\W\d_]{2}", text)]


def of_click() -> frozenset[str]:
    """Click's own sentences, which the catalogue may translate too."""
    folder = Path(click.__file__).parent
    by_variable = frozenset({"required"})
    return by_variable | frozenset(
        sentence.english
        for path in folder.glob("*.py")
        for sentence in of_python(path.read_text("utf-8"), path.name)
    )


def catalogue(folder: Path = LOCALE) -> list[Entry]:
    """Every message of the rooms' catalogue files."""
    entries: list[Entry] = []
    for path in sorted(folder.glob("*.po")):
        with path.open("rb") as file:
            entries.extend(
                Entry(_forms(message.id), _forms(message.string or ""), path.name)
                for message in read_po(file, locale=folder.name)
                if message.id and not message.fuzzy
            )
    return entries


def _forms(text: str | Iterable[str]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def blanks(text: str) -> frozenset[str]:
    """The blanks of a sentence, ``{name}`` and ``%(name)s``; of braces that are none, nothing."""
    found = {f"%{name}" for name in _PERCENT_BLANK.findall(text)}
    try:
        fields = [field for _text, field, _spec, _how in string.Formatter().parse(text) if field]
    except ValueError:  # a lone brace: the sentence is never formatted
        fields = []
    return frozenset(found | {field for field in fields if re.fullmatch(r"\w+", field)})
