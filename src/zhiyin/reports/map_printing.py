"""A journey map as PDF and as PNG: the picture on a sheet of its own, the tables after it.

The layout is ``map.typ``. What a map says goes there as data and is never read as markup.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

import typst

from zhiyin.kernel.documents import as_json
from zhiyin.reports.printing import FAMILY, STANDARD, fonts

LAYOUT = Path(__file__).with_name("map.typ")
DOTS_AN_INCH = 192
"""Of a PNG: two dots a unit of the picture."""

_ALONE = (
    b"#set page(width: auto, height: auto, margin: 0pt)\n"
    b'#image(bytes(sys.inputs.picture), format: "svg")'
)

Cell = tuple[str, ...]
"""A figure, and small under it what belongs to it: its interval, how sure it is."""


@dataclass(frozen=True, slots=True)
class Table:
    """A table under a map.

    Args:
        names: how many of the first columns are words and not figures.
        note: under it, or in its place.
    """

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    names: int
    note: str = ""


@dataclass(frozen=True, slots=True)
class Printed:
    """A map as it is printed; words are in one language.

    Args:
        picture: SVG, its colours written in.
        says: the picture in words.
        about: what it is of.
    """

    language: Literal["en", "zh-hans"]
    title: str
    about: str
    picture: str
    says: str
    tables: tuple[Table, ...]
    methods_title: str
    methods: tuple[tuple[str, str], ...]


def pdf(printed: Printed) -> bytes:
    """The map on a landscape sheet, then its tables and how its figures were made."""
    is_chinese = printed.language == "zh-hans"
    said = {
        **asdict(printed),
        "lang": "zh" if is_chinese else "en",
        "region": "cn" if is_chinese else "us",
        "family": FAMILY,
    }
    return _compiled(LAYOUT, "pdf", {"map": as_json(said)}, pdf_standards=STANDARD)


def png(picture: str) -> bytes:
    """The picture alone, as dots."""
    return _compiled(_ALONE, "png", {"picture": picture}, ppi=DOTS_AN_INCH)


def _compiled(
    layout: Path | bytes, kind: Literal["pdf", "png"], inputs: dict[str, str], **more: Any
) -> bytes:
    made = typst.compile(
        layout, root=LAYOUT.parent, format=kind, font_paths=fonts(), sys_inputs=inputs, **more
    )
    if not isinstance(made, bytes):
        raise TypeError("a map is one file")
    return made
