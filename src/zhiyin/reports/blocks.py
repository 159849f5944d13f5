"""What a report is made of, in order, as it is stored: references and words, no values."""

from __future__ import annotations

from typing import Any, Literal, get_args

import msgspec

from zhiyin.kernel.text import Text, _
from zhiyin.measure.asking import PRESETS

Show = Literal["number", "chart", "table"]

SHOWS: dict[Show, Text] = {
    "number": _("the figure"),
    "chart": _("a chart with its table"),
    "table": _("a table"),
}
DATES: dict[str, Text] = {"": _("its own dates"), **PRESETS}
"""Which days a figure takes; all but the first move on with the day on which it is made."""


SCORES, FUNNELS, PATHS, RETENTION = (
    "scores", "journeys/funnels", "journeys/paths", "journeys/retention",
)  # fmt: skip
"""Pages that figures are of, by what stands in the address after the workspace."""


class Figure(msgspec.Struct, frozen=True, tag="figure"):
    """What a page shows: a measure of *Scores*, or a question about journeys.

    Args:
        id: of the block, within its report.
        query: the page's query string.
        show: a key of `SHOWS`.
        dates: a key of `DATES`.
        title: in place of the figure's name; blank is that.
        page: which page's query string it is.
    """

    id: str
    query: str
    show: Show = "chart"
    dates: str = ""
    title: str = ""
    page: str = SCORES

    @property
    def path(self) -> str:
        """Where it is opened, after the workspace."""
        return f"{self.page}/?{self.query}"


class Said(msgspec.Struct, frozen=True, tag="said"):
    """Verbatims, by where they stand in the log's order of arrival."""

    id: str
    rows: tuple[int, ...]


class Words(msgspec.Struct, frozen=True, tag="words"):
    """What whoever makes the report writes; see `zhiyin.reports.marks`."""

    id: str
    text: str = ""


class Break(msgspec.Struct, frozen=True, tag="break"):
    """A new page."""

    id: str


Block = Figure | Said | Words | Break
Blocks = tuple[Block, ...]

KINDS: dict[str, Text] = {
    "figure": _("Figure"),
    "said": _("Customers' own words"),
    "words": _("Own words"),
    "break": _("Page break"),
}


def read(stored: Any) -> Blocks:
    """Blocks as the store keeps them: a list of JSON objects."""
    return msgspec.convert(stored, Blocks)


def write(blocks: Blocks) -> list[Any]:
    """Blocks as the store keeps them."""
    found: list[Any] = msgspec.to_builtins(blocks)
    return found


def kind_of(block: Block) -> str:
    """``figure``, ``said``, ``words`` or ``break``."""
    return str(type(block).__struct_config__.tag)


def show_of(text: str) -> Show:
    """A key of `SHOWS`; what is none is a chart."""
    return next((show for show in get_args(Show) if show == text), "chart")


def dates_of(text: str) -> str:
    """A key of `DATES`; what is none is the figure's own dates."""
    return text if text in DATES else ""
