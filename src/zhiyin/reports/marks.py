"""The few marks of own words: ``# heading``, ``## smaller heading``, ``- item``, ``**strong**``.

Everything else is plain text; a blank line ends a paragraph. What the marks do not say is never
read as markup by a page, the printer or a slide.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

Form = Literal["heading", "subheading", "item", "paragraph"]

_STRONG = re.compile(r"\*\*(.+?)\*\*")


class Run(msgspec.Struct, frozen=True):
    """A piece of a line, strong or plain."""

    text: str
    is_strong: bool = False


class Part(msgspec.Struct, frozen=True):
    """A heading, an item of a list or a paragraph."""

    form: Form
    runs: tuple[Run, ...]

    @property
    def text(self) -> str:
        """Its words without marks."""
        return "".join(run.text for run in self.runs)


def parts(text: str) -> tuple[Part, ...]:
    """What was written, part by part.

    >>> [(part.form, part.text) for part in parts("# May\\nMore **bags** late.\\n\\n- one")]
    [('heading', 'May'), ('paragraph', 'More bags late.'), ('item', 'one')]
    """
    found: list[Part] = []
    lines: list[str] = []

    def end_paragraph() -> None:
        if lines:
            found.append(Part("paragraph", _runs("\n".join(lines))))
            lines.clear()

    for line in text.splitlines():
        form, words = _form(line.strip())
        if form == "paragraph" and words:
            lines.append(words)
            continue
        end_paragraph()
        if words:
            found.append(Part(form, _runs(words)))
    end_paragraph()
    return tuple(found)


def _form(line: str) -> tuple[Form, str]:
    marks: tuple[tuple[str, Form], ...] = (
        ("## ", "subheading"), ("# ", "heading"), ("- ", "item"),
    )  # fmt: skip
    for mark, form in marks:
        if line.startswith(mark):
            return form, line.removeprefix(mark).strip()
    return "paragraph", line


def _runs(text: str) -> tuple[Run, ...]:
    found, at = [], 0
    for strong in _STRONG.finditer(text):
        if strong.start() > at:
            found.append(Run(text[at : strong.start()]))
        found.append(Run(strong[1], is_strong=True))
        at = strong.end()
    if at < len(text):
        found.append(Run(text[at:]))
    return tuple(found)
