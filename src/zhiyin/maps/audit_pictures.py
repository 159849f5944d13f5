"""Pictures that prove what a walkthrough found: drawn anew, kept, found and removed.

A picture lies in ``walkthroughs/<workspace>/<audit>/<name>``; the name is drawn by lot, so that no
two steps share a file. What is kept are pixels alone: no place, no camera, no second file behind.
"""

from __future__ import annotations

import re
import secrets
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from zhiyin.collect.surveys import answer_files
from zhiyin.kernel import durable
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

FOLDER = "walkthroughs"

MOST_BYTES = 5 * 1024 * 1024
"""Of one picture, as it comes."""

ACCEPT = "image/jpeg,image/png,image/webp"
"""As a browser is told; what comes is looked at all the same."""

TYPES = {".jpg": "image/jpeg", ".png": "image/png"}
NAME = re.compile(r"[0-9a-f]{32}\.(?:jpg|png)")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture that may be kept.

    Args:
        ending: of its name, ``jpg`` or ``png``.
    """

    content: bytes
    ending: str


def drawn(content: bytes) -> Drawn:
    """The picture alone, whatever came around it. It takes its time: not within a transaction.

    Raises:
        Problem: ``walkthrough.picture-large``, ``walkthrough.picture``.
    """
    if len(content) > MOST_BYTES:
        raise too_large()
    try:
        return Drawn(*answer_files.drawn_anew(content))
    except Problem as problem:
        raise Problem(
            "walkthrough.picture",
            _("This is no picture that can be read."),
            _("Choose a PNG, a JPEG or a WebP."),
        ) from problem


def too_large() -> Problem:
    """That a picture has too many bytes."""
    return Problem(
        "walkthrough.picture-large",
        _("The picture is larger than {most} MB.", most=MOST_BYTES // 1024 // 1024),
        _("Make it smaller, or show the part that matters."),
    )


def keep(data: Path, workspace: str, audit: int, picture: Drawn) -> str:
    """Make a picture durable; returns the name that its step holds."""
    name = f"{secrets.token_hex(16)}.{picture.ending}"
    durable.replace(data / FOLDER / workspace / str(audit) / name, picture.content)
    return name


def path_of(data: Path, workspace: str, audit: int, name: str) -> Path | None:
    """Where the picture of a step lies; None where it is none, or is gone."""
    if not NAME.fullmatch(name):
        return None
    file = data / FOLDER / workspace / str(audit) / name
    return file if file.is_file() else None


def forget(data: Path, workspace: str, audit: int, names: Iterable[str]) -> None:
    """Remove pictures whose steps are gone."""
    for name in names:
        if NAME.fullmatch(name):
            (data / FOLDER / workspace / str(audit) / name).unlink(missing_ok=True)


def forget_all(data: Path, workspace: str, audit: int) -> None:
    """Remove every picture of a walkthrough."""
    shutil.rmtree(data / FOLDER / workspace / str(audit), ignore_errors=True)
