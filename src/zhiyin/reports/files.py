"""The files of a published report: made once, kept, and made again without what was erased.

They lie in ``ZHIYIN_DATA/reports/<workspace>/<edition>/``, whole for those who see personal data
and masked for those who do not.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Literal

from zhiyin.kernel import durable
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.reports import content, printing, slides
from zhiyin.reports.models import Edition

Kind = Literal["pdf", "pptx"]

MAKERS: dict[Kind, Callable[[content.Content], bytes]] = {
    "pdf": printing.pdf,
    "pptx": slides.pptx,
}
TYPES: dict[Kind, str] = {
    "pdf": "application/pdf",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}


def kind_of(text: str) -> Kind:
    """``pdf`` or ``pptx``.

    Raises:
        Problem: ``reports.no-such-file``.
    """
    found = next((kind for kind in MAKERS if kind == text), None)
    if found is None:
        raise Problem(
            "reports.no-such-file",
            _("A report is no {kind} file.", kind=text),
            _("Ask for pdf or pptx."),
        )
    return found


def of(edition: Edition, kind: Kind, data: Path, *, sees_personal_data: bool) -> Path:
    """A file of a published report; made where it is not there, or was removed by an erasure."""
    while True:
        held = content.read(edition.content)
        shown = held if sees_personal_data else content.masked(held)
        # Where nothing is masked, both are one file.
        name = f"report.{kind}" if shown == held else f"report-masked.{kind}"
        place = folder(edition, data) / name
        if place.is_file():
            return place
        durable.replace(place, MAKERS[kind](shown))
        # Who was erased while this was made has left the content, and must leave the file.
        known = edition.content
        edition.refresh_from_db(fields=["content"])
        if edition.content == known:
            return place
        clear(folder(edition, data))


def folder(edition: Edition, data: Path) -> Path:
    """Where the files of a published report lie."""
    return data / "reports" / edition.report.workspace.slug / str(edition.pk)


def folders(workspace: str, data: Path) -> list[Path]:
    """The folders of all published reports of a workspace, each called by its edition."""
    return sorted((data / "reports" / workspace).glob("*"))


def clear(place: Path) -> int:
    """Remove a folder with its files; returns how many."""
    count = len(list(place.glob("report*")))
    shutil.rmtree(place, ignore_errors=True)
    return count
