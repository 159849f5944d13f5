"""A journey map as a file: picture, printed pages, workbook, or the document that imports again."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Literal, get_args

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.exports import workbook
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _, language
from zhiyin.maps import document, pins
from zhiyin.maps.figures import Figures
from zhiyin.maps.looking import Looked
from zhiyin.maps.seen import Seen
from zhiyin.reports import map_printing
from zhiyin.reports.map_printing import Printed
from zhiyin.web import map_methods, map_page, map_picture, map_sheets, map_tables
from zhiyin.web.map_page import Page

Kind = Literal["png", "pdf", "xlsx", "svg", "json"]
KINDS: tuple[Kind, ...] = get_args(Kind)

EXPORTS: tuple[tuple[Kind, Text], ...] = (
    ("png", _("Picture (PNG)")),
    ("pdf", _("PDF with the table")),
    ("xlsx", _("Excel workbook")),
    ("svg", _("Picture to draw on (SVG)")),
    ("json", _("The map itself (JSON)")),
)
"""What the page's menu offers."""

TYPES: Mapping[Kind, str] = {
    "png": "image/png",
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "svg": "image/svg+xml",
    "json": "application/json",
}


def kind_of(text: str) -> Kind:
    """One of `KINDS`.

    Raises:
        Problem: ``map.no-such-file``.
    """
    found = next((kind for kind in KINDS if kind == text), None)
    if found is None:
        raise Problem(
            "map.no-such-file",
            _("A map is no {kind} file.", kind=text[:20] or "“”"),
            _("Ask for one of: {kinds}.", kinds=", ".join(KINDS)),
        )
    return found


def page_of(looked: Looked) -> Page:
    """The page of a map whose figures are there already."""
    one, found = looked.of, looked.found
    page = Page(
        one.held, one.version, one.map, {}, {}, {}, seen=one.seen, found=found,
        unbound=sum(not node.is_bound for node in one.map.nodes),
    )  # fmt: skip
    return map_page.drawn(page, found, pins.open_by_node(one.held))


def made(kind: Kind, page: Page, settings: Settings) -> bytes:
    """The file, in the language of the moment.

    Args:
        page: with its figures, but for ``json``, which has none.

    Raises:
        Problem: why the page has no figures.
    """
    if kind == "json":
        return document.write(page.map)
    if page.problem is not None:
        raise page.problem
    if page.found is None or page.seen is None:
        raise ValueError("a page whose figures were not asked for")
    found, seen = page.found, page.seen
    if kind == "xlsx":
        return _workbook(page, found, seen, settings)
    picture = map_picture.svg(page, found, seen)
    if kind == "svg":
        return picture.encode()
    if kind == "png":
        return map_printing.png(picture)
    return map_printing.pdf(_printed(page, found, seen, settings, picture))


def _workbook(page: Page, found: Figures, seen: Seen, settings: Settings) -> bytes:
    methods = map_methods.of_map(settings, page, seen, found)
    with tempfile.TemporaryDirectory(prefix="zhiyin-export-") as folder:
        path = Path(folder) / "map.xlsx"
        workbook.write_sheets(map_sheets.of_map(found, methods), path, settings.timezone)
        return path.read_bytes()


def _printed(page: Page, found: Figures, seen: Seen, settings: Settings, picture: str) -> Printed:
    return Printed(
        language="zh-hans" if language() == "zh-hans" else "en",
        title=page.name,
        about=map_picture.asked(page, seen, found.metric),
        picture=picture,
        says=map_picture.says(page, found, seen),
        tables=map_tables.of_map(page, found),
        methods_title=str(_("Methods")),
        methods=map_methods.of_map(settings, page, seen, found),
    )
