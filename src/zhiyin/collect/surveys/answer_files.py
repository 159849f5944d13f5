"""Files that customers send with their answers: taken by what they are, kept, found and forgotten.

What a file is, its content says, never its name. Pictures are drawn anew, so that nothing hidden
comes with them: no place, no camera, no second file behind the picture. A PDF is kept as it came.
No file is ever shown: whoever may see it downloads it.

A file lies in ``answer_files/<workspace>/<whose>/<hash>``; `whose` stands for the customer's id, so
that an erasure finds all of hers without the log. The answer holds ``<whose>-<hash>``.
"""

from __future__ import annotations

import hashlib
import re
import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from zhiyin.kernel import durable
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

FOLDER = "answer_files"

MOST_BYTES = 10 * 1024 * 1024
"""Of one file, as it comes."""

MOST_PIXELS = 50_000_000
"""Of a picture: one of a few bytes may unpack to gigabytes."""

LONGEST_SIDE = 3_000
"""Pixels of a picture as it is kept."""

ACCEPT = "image/jpeg,image/png,image/webp,application/pdf"
"""As a browser is told; what comes is looked at all the same."""

NAME = re.compile(r"([0-9a-f]{24})-([0-9a-f]{64}\.(?:jpg|png|pdf))")
_PICTURES = ("JPEG", "PNG", "WEBP")


def keep(data: Path, workspace: str, customer: tuple[str, str], content: bytes) -> str:
    """Make a file durable; returns what the answer holds.

    Args:
        customer: the id that the response's facts have, and its name space.

    Raises:
        Problem: ``file.kind``, ``file.large``, ``file.picture``.
    """
    ready, kind = _cleaned(content)
    whose = _whose(customer)
    file = data / FOLDER / workspace / whose / f"{hashlib.sha256(ready).hexdigest()}.{kind}"
    if not file.exists():
        durable.replace(file, ready)
    for folder in (file.parent, *list(file.parent.parents)[:3]):
        durable.sync_folder(folder)
    return f"{whose}-{file.name}"


def path_of(data: Path, workspace: str, name: str) -> Path | None:
    """Where the file of an answer lies; None where it is none, or is gone."""
    found = NAME.fullmatch(name)
    file = data / FOLDER / workspace / found[1] / found[2] if found else None
    return file if file is not None and file.is_file() else None


def of(data: Path, workspace: str, customer: tuple[str, str]) -> Iterator[str]:
    """What a customer's answers hold of files."""
    whose = _whose(customer)
    for file in sorted((data / FOLDER / workspace / whose).glob("[0-9a-f]*")):
        yield f"{whose}-{file.name}"


def forget(data: Path, workspace: str, customer: tuple[str, str]) -> int:
    """Remove all that a customer sent; returns how many files."""
    count = len(list(of(data, workspace, customer)))
    shutil.rmtree(data / FOLDER / workspace / _whose(customer), ignore_errors=True)
    return count


def _whose(customer: tuple[str, str]) -> str:
    return hashlib.sha256("\0".join(customer).encode()).hexdigest()[:24]


def _cleaned(content: bytes) -> tuple[bytes, str]:
    """What is kept of a file, and of which kind it is."""
    if len(content) > MOST_BYTES:
        raise too_large()
    if content.startswith(b"%PDF-"):
        return content, "pdf"
    return drawn_anew(content)


def drawn_anew(content: bytes) -> tuple[bytes, str]:
    """The picture alone as a new file, and its ending (``jpg`` or ``png``).

    Raises:
        Problem: ``file.kind``, ``file.picture``.
    """
    try:
        # The formats are named: others of the library's decoders are never tried.
        with Image.open(BytesIO(content), formats=_PICTURES) as picture:
            if picture.width * picture.height > MOST_PIXELS:
                raise _not_readable()
            return _drawn(picture)
    except UnidentifiedImageError as error:
        raise Problem(
            "file.kind",
            _("Please choose a picture (JPEG, PNG, WebP) or a PDF."),
        ) from error
    except Problem:
        raise
    except (OSError, ValueError, SyntaxError, MemoryError, Image.DecompressionBombError) as error:
        raise _not_readable() from error


def _drawn(picture: Image.Image) -> tuple[bytes, str]:
    """The picture alone, the right way up."""
    has_alpha = picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info
    # Made small first: a JPEG is never unpacked whole.
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    upright = ImageOps.exif_transpose(picture)
    pixels = upright.convert("RGBA" if has_alpha else "RGB")
    # Pixels on a new sheet: nothing else of the file comes along.
    sheet = Image.new(pixels.mode, pixels.size)
    sheet.paste(pixels)
    made = BytesIO()
    if has_alpha:
        sheet.save(made, "PNG")
        return made.getvalue(), "png"
    sheet.save(made, "JPEG", quality=85)
    return made.getvalue(), "jpg"


def too_large() -> Problem:
    """That a file has too many bytes."""
    return Problem(
        "file.large",
        _("Please choose a file of at most {most} MB.", most=MOST_BYTES // 1024 // 1024),
    )


def _not_readable() -> Problem:
    return Problem("file.picture", _("This picture cannot be read: please choose another."))
