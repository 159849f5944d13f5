"""Excel workbooks: the sheet is measured before it is read, and formulas are told apart."""

from __future__ import annotations

import contextlib
import zipfile
from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from xml.parsers import expat

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from zhiyin.collect.files.limits import Limits
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.staging import Bad, Form, Staged, Workshop, clean_names, fill
from zhiyin.collect.files.texts import text_of
from zhiyin.collect.files.unpacking import bomb, damaged, total_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

BEFORE_THE_FIRST = 50
"""So many blank rows may stand over a header."""


@dataclass(slots=True)
class Measured:
    """What a sheet's XML says: its ends, and the formulas (with and without a saved value).

    `letters` are those of the shared texts, once for every cell that shows one: a workbook of
    some kilobytes can show one long text in a million cells.
    """

    rows: int = 0
    columns: int = 0
    formulas: int = 0
    letters: int = 0
    unsaved: set[tuple[int, int]] = field(default_factory=set)


def stage(path: Path, reading: Reading, shop: Workshop, table: str, name: str) -> Staged:
    """Read one sheet into `table`.

    Raises:
        Problem: ``import.bomb``, ``import.sheet…``, ``import.damaged``.
    """
    measured = measure(path, shop.limits)
    try:
        book = CalamineWorkbook.from_path(path)
    except PasswordError as error:
        raise Problem(
            "import.zip-locked",
            _("{name} is locked with a password.", name=name),
            _("Save it without one first."),
        ) from error
    except CalamineError as error:
        raise damaged(path) from error
    with book:
        wanted = _sheet_name(book.sheet_names, reading.sheet, name)
        sheet = book.get_sheet_by_name(wanted)
        most = None if shop.first is None else shop.first + reading.skip + BEFORE_THE_FIRST
        rows = sheet.to_python(skip_empty_area=False, nrows=most)
        sheets = tuple(book.sheet_names)
    staged = _stage_rows(rows, measured.get(wanted, Measured()), reading, shop, table, name)
    staged.form = Form("xlsx", sheet=wanted, sheets=sheets)
    return staged


def _stage_rows(
    rows: Sequence[Sequence[object]],
    measured: Measured,
    reading: Reading,
    shop: Workshop,
    table: str,
    name: str,
) -> Staged:
    head = reading.skip
    while head < len(rows) and all(text_of(cell) is None for cell in rows[head]):
        head += 1
    if head >= len(rows):
        raise Problem("import.empty", _("{name} is empty.", name=name))
    if isinstance(reading.header, list):
        header, first = reading.header, head
    elif reading.header is False:
        header, first = [f"column {place + 1}" for place in range(len(rows[head]))], head
    else:
        header, first = [text_of(cell) or "" for cell in rows[head]], head + 1
        while header and not header[-1]:
            header.pop()
    names = clean_names(header, name, shop.limits)
    staged = Staged(shop.connection, table, names, shop.bad_rows())
    width = len(names)

    def good() -> Iterator[tuple[int, list[str | None]]]:
        for number, row in enumerate(rows[first:], first + 1):
            cells = [text_of(cell) for cell in row]
            cells += [None] * (width - len(cells))
            unsaved = [c for r, c in measured.unsaved if r == number] if measured.unsaved else []
            if not unsaved and all(cell is None for cell in cells):
                continue
            written = tuple(cell or "" for cell in cells)
            if unsaved:
                column = names[unsaved[0] - 1] if unsaved[0] <= width else ""
                reason = _("this is a formula whose value is not saved in the file")
                staged.bad.add(Bad(number, column, "", reason, written))
            elif any(cell is not None for cell in cells[width:]):
                reason = _(
                    "{found} cells where the header has {width}", found=len(cells), width=width
                )
                staged.bad.add(Bad(number, "", "", reason, written))
            else:
                yield number, cells[:width]

    fill(shop, table, names, good())
    if measured.unsaved:
        staged.notes.append(
            _("Some cells hold formulas without values: open the file in a spreadsheet, save it"
              " there and import it again."),
        )  # fmt: skip
    elif measured.formulas:
        staged.notes.append(
            _("{count} cells are formulas: the values saved with them were taken.",
              count=f"{measured.formulas:,}"),
        )  # fmt: skip
    return staged


def _sheet_name(names: list[str], wanted: str | int | None, file: str) -> str:
    if isinstance(wanted, int) and 1 <= wanted <= len(names):
        return names[wanted - 1]
    if wanted is None and len(names) == 1:
        return names[0]
    if isinstance(wanted, str) and wanted in names:
        return wanted
    raise Problem(
        "import.sheet",
        _("Which sheet of {file}? It has: {names}.", file=file, names=", ".join(names)),
        _("Write `read: {sheet: NAME}` in the mapping."),
    )


def measure(path: Path, limits: Limits) -> dict[str, Measured]:
    """The ends and formulas of every sheet, by its name, in constant memory.

    Raises:
        Problem: ``import.bomb`` where it unpacks to too much, or has too many cells, or its XML
            declares entities; ``import.damaged``.
    """
    try:
        with zipfile.ZipFile(path) as pack:
            size = 0
            for info in pack.infolist():
                with pack.open(info) as file:
                    size += total_of(file, limits.sheet_bytes - size)
                if size > limits.sheet_bytes:
                    raise bomb(path, path.stat().st_size, size)
            sheets = _sheets(path, pack)
            known = {info.filename: info for info in pack.infolist()}
            lengths = _shared(path, pack)
            return {
                name: _measured(path, pack, known[file], limits, lengths)
                for name, file in sheets.items()
                if file in known
            }
    except (zipfile.BadZipFile, expat.ExpatError, NotImplementedError, EOFError) as error:
        raise damaged(path) from error


def _sheets(path: Path, pack: zipfile.ZipFile) -> dict[str, str]:
    """Name of each sheet → its file in the pack."""
    files: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(_name: str, said: dict[str, str]) -> None:
        target = said.get("Target", "")
        files[said.get("Id", "")] = target.lstrip("/") if target[:1] == "/" else f"xl/{target}"

    def sheet(name: str, said: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "sheet":
            place = next((v for k, v in said.items() if k.rpartition(":")[2] == "id"), "")
            sheets[said.get("name", "")] = files.get(place, "")

    for file, handler in (("xl/_rels/workbook.xml.rels", relation), ("xl/workbook.xml", sheet)):
        parser = expat.ParserCreate()
        parser.StartElementHandler = handler
        parser.StartDoctypeDeclHandler = lambda *_said: _refuse(path)
        with contextlib.suppress(KeyError):  # a workbook of the binary form has other names
            parser.Parse(pack.read(file), True)
    return sheets


def _refuse(path: Path) -> None:
    raise bomb(path, path.stat().st_size, path.stat().st_size)


def _shared(path: Path, pack: zipfile.ZipFile) -> array[int]:
    """How long each shared text is."""
    lengths: array[int] = array("L")

    def start(name: str, _attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] == "si":
            lengths.append(0)

    def words(said: str) -> None:
        if lengths:
            lengths[-1] += len(said)

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.CharacterDataHandler = start, words
    parser.StartDoctypeDeclHandler = lambda *_said: _refuse(path)
    name = next((n for n in pack.namelist() if n.lower() == "xl/sharedstrings.xml"), None)
    if name is not None:
        with pack.open(name) as file:
            while chunk := file.read(1 << 20):
                parser.Parse(chunk, False)
        parser.Parse(b"", True)
    return lengths


def _measured(
    path: Path,
    pack: zipfile.ZipFile,
    info: zipfile.ZipInfo,
    limits: Limits,
    lengths: array[int],
) -> Measured:
    found = Measured()
    present = [0, 0]
    state = {"formula": False, "over": False, "value": False, "shared": False}
    shared: list[str] = []

    def start(name: str, attributes: dict[str, str]) -> None:
        name = name.rpartition(":")[2]
        if name == "row":
            present[:] = [int(attributes.get("r") or present[0] + 1), 0]
        elif name == "c":
            _at(attributes.get("r"), present)
            state["formula"] = state["over"] = state["value"] = False
            state["shared"] = attributes.get("t") == "s"
            shared.clear()
            found.rows = max(found.rows, present[0])
            found.columns = max(found.columns, present[1])
        elif name == "f":
            state["formula"] = True

    def words(said: str) -> None:  # a formula's own words end before its value begins
        state["value"] = state["value"] or (state["over"] and not said.isspace())
        if state["shared"]:
            shared.append(said)

    def end(name: str) -> None:
        if name.rpartition(":")[2] == "f":
            state["over"] = True
        if name.rpartition(":")[2] == "v" and state["shared"]:
            place = "".join(shared).strip()
            if place.isdigit() and int(place) < len(lengths):
                found.letters += lengths[int(place)]
                if found.letters > limits.sheet_bytes:
                    raise bomb(path, path.stat().st_size, found.letters)
        if name.rpartition(":")[2] == "c" and state["formula"]:
            found.formulas += 1
            if not state["value"] and len(found.unsaved) < 2_000_000:
                found.unsaved.add((present[0], present[1]))

    parser = expat.ParserCreate()
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.CharacterDataHandler = words
    parser.StartDoctypeDeclHandler = lambda *_said: _refuse(path)
    with pack.open(info) as file:
        while chunk := file.read(1 << 20):
            parser.Parse(chunk, False)
    parser.Parse(b"", True)
    if found.rows * found.columns > limits.sheet_cells:
        raise Problem(
            "import.sheet-cells",
            _("A sheet of {name} reaches to row {rows} and column {columns}: too many cells.",
              name=path.name, rows=f"{found.rows:,}", columns=f"{found.columns:,}"),
            _("Delete the stray cell far below or to the right, or save the sheet as CSV."),
        )  # fmt: skip
    return found


def _at(reference: str | None, present: list[int]) -> None:
    """Note the place of a cell such as BC12; without a reference it is the next one."""
    if not reference:
        present[1] += 1
        return
    letters = reference.rstrip("0123456789")
    column = 0
    for letter in letters:
        column = column * 26 + ord(letter.upper()) - 64
    present[:] = [int(reference[len(letters) :] or present[0]), column]
