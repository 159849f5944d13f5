"""One import, from a path and a mapping to facts in the log and a count of every row."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from collections.abc import Mapping as Dict
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from zhiyin.collect.files import eventlogs, facts, judging, looking, rejects, showing, sources
from zhiyin.collect.files.judging import Judged, Plan
from zhiyin.collect.files.limits import LIMITS, Limits
from zhiyin.collect.files.mapping import Mapping, Reading, load
from zhiyin.collect.files.rejects import Reason
from zhiyin.collect.files.seen import Shown
from zhiyin.collect.files.staging import Workshop, open_engine
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.progress import Progress, unseen
from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.log import Log, Receipt
from zhiyin.warehouse.pseudonyms import Pseudonyms

if TYPE_CHECKING:  # it is read after Django is set up, not before
    from zhiyin.accounts.workspaces import Settings

LARGE = 256 * 1024 * 1024

STEPS = 20
"""How finely the progress of a mapping is told; so many of them are behind it when the file is
read, when its rows are judged, and all but one when they are handed to the log."""
STEPS_READ = 5
STEPS_JUDGED = 9


LONGEST_NAME = 120


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of every row: read = added + duplicate + rejected.

    `facts_added` counts rows of the log. `rejects_file` is None where nothing was rejected.
    `import_id` names the import for `undo`; several mappings give ids joined by ``+``.
    `facts_by_table`, `reasons` and `shown` say more of a single mapping; of several they are
    those of the last.
    """

    rows_read: int
    rows_added: int
    rows_duplicate: int
    rows_rejected: int
    facts_added: int
    rejects_file: Path | None
    import_id: str
    seconds: float
    notes: tuple[Text, ...] = ()
    facts_by_table: Dict[str, int] = field(default_factory=dict)
    reasons: tuple[Reason, ...] = ()
    shown: Shown | None = None


@dataclass(frozen=True, slots=True)
class _How:
    """What an import is told beside its file and its mapping; see `import_path`."""

    data: Path
    dry_run: bool
    replace: bool
    import_id: str
    progress: Progress


@dataclass(frozen=True, slots=True)
class _Done:
    judged: Judged
    receipt: Receipt
    rejects: Path | None
    reasons: tuple[Reason, ...]
    notes: tuple[Text, ...]
    shown: Shown | None


def import_path(
    log: Log,
    workspace: Settings,
    path: Path,
    mapping: Path | None,
    *,
    data: Path,
    dry_run: bool = False,
    replace: bool = False,
    limits: Limits = LIMITS,
    import_id: str = "",
    progress: Progress = unseen,
) -> ImportResult:
    """Bring a file, or the files of a folder, into the log.

    Args:
        path: a file, or a folder with files.
        mapping: a mapping file, or a folder of them; None: those in `path` itself. An event log
            needs none.
        data: the data folder; work is done in ``tmp``, rejects go to ``rejects``.
        dry_run: count and check everything, write only the rejects file.
        replace: rows whose id the log has with other content supersede it.
        import_id: what the import will be called, of one mapping; see `Log.begin`.
        progress: told how far it is. Where it raises, nothing is kept.

    Raises:
        Problem: ``import.…``; nothing was written then, or what was is taken back.
    """
    began = time.monotonic()
    if not path.exists():
        raise Problem(
            "import.no-path",
            _("There is no file or folder {path}.", path=path),
            _("Check the spelling; a relative path starts at the current folder."),
        )
    done: list[_Done] = []
    with _folder(data) as folder:
        try:
            mappings = mappings_for(path, mapping, data, limits)
            for one in mappings:
                how = _How(
                    data,
                    dry_run,
                    replace,
                    import_id,
                    _part_of(progress, len(done) * STEPS, len(mappings) * STEPS),
                )
                with _workshop(folder, path, limits) as shop, _room():
                    part = folder / f"rejects-{len(done)}.csv"
                    found = _bring(log, workspace, path, one, shop, part, how)
                done.append(found)
                progress(len(done) * STEPS, len(mappings) * STEPS)
        except BaseException:
            # The mappings of an import come in together or not at all.
            for found in reversed([] if dry_run else done):
                if found.receipt.facts_added:
                    log.undo(workspace.slug, found.receipt.import_id)
            raise
        ids = "+".join(part.receipt.import_id for part in done)
        bad = [part.rejects for part in done if part.rejects is not None]
        # Twenty mappings have twenty ids; a file's name holds so many letters and no more.
        name = ids if len(ids) <= LONGEST_NAME else f"{ids[:LONGEST_NAME]}-and-more"
        rejects_file = data / "rejects" / f"{name}.csv" if bad else None
        if rejects_file is not None:
            rejects.put_together(bad, rejects_file)
    return ImportResult(
        rows_read=sum(part.judged.read for part in done),
        rows_added=sum(part.receipt.rows_added for part in done),
        rows_duplicate=sum(p.judged.repeated + p.receipt.rows_duplicate for p in done),
        rows_rejected=sum(part.judged.faulty for part in done),
        facts_added=sum(part.receipt.facts_added for part in done),
        rejects_file=rejects_file,
        import_id=ids,
        seconds=time.monotonic() - began,
        notes=tuple(dict.fromkeys(note for part in done for note in part.notes)),
        facts_by_table=done[-1].receipt.by_table if done else {},
        reasons=done[-1].reasons if done else (),
        shown=done[-1].shown if done else None,
    )


def undo(log: Log, workspace: str, import_id: str) -> int:
    """Take an import back, all its parts; returns the facts taken back.

    Raises:
        Problem: no such import, or already undone.
    """
    return sum(log.undo(workspace, part) for part in reversed(import_id.split("+")))


def mappings_for(path: Path, mapping: Path | None, data: Path, limits: Limits) -> list[Mapping]:
    """The mappings of an import, from a file, a folder, or the path itself."""
    place = mapping or path
    if not place.exists():
        raise Problem("import.no-mapping", _("There is no mapping file {path}.", path=place))
    if place.is_file():
        if mapping is None:
            seen = looking.look(path, Reading(), data, limits)
            if (own := eventlogs.mapping_of(path.name, seen.names)) is not None:
                return [own]
            raise Problem(
                "import.which-mapping",
                _("Say what the columns of {name} are.", name=path.name),
                _("Give a mapping file with --map; docs/import.md has some that work."),
            )
        return load(place)
    files = sorted(file for file in place.iterdir() if file.suffix in (".yaml", ".yml"))
    if not files:
        raise Problem(
            "import.no-mapping",
            _("There is no mapping file in {path}.", path=place),
            _("A mapping ends in .yaml or .yml."),
        )
    return [found for file in files for found in load(file)]


def _bring(
    log: Log,
    workspace: Settings,
    path: Path,
    mapping: Mapping,
    shop: Workshop,
    part: Path,
    how: _How,
) -> _Done:
    how.progress(0, STEPS)
    staged, file = sources.stage(path, mapping, shop, how.data)
    how.progress(STEPS_READ, STEPS)
    known = log.schema(workspace.slug).dimensions
    declared = dict(known.get(mapping.table, {}))
    plan = judging.plan(mapping, staged, workspace, declared)
    if hashes := log.erased_hashes(workspace.slug):
        judging.refuse_erased(plan, Pseudonyms(how.data), hashes)
    judged = judging.judge(plan)
    how.progress(STEPS_JUDGED, STEPS)
    shown = showing.show(plan, log, workspace) if how.dry_run else None
    _declare(log, workspace.slug, plan, dry_run=how.dry_run)
    reasons = rejects.write(part, plan, file) if judged.faulty else ()
    receipt = _write(log, workspace.slug, plan, file, how)
    notes = [*staged.notes, *_notes(judged, receipt)]
    return _Done(judged, receipt, part if judged.faulty else None, reasons, tuple(notes), shown)


def _declare(log: Log, slug: str, plan: Plan, *, dry_run: bool) -> None:
    """Declare the mapping's dimensions. A dry run leaves out those that the log does not know."""
    known = log.schema(slug).dimensions
    for table in facts.tables_of(plan):
        held = known.get(table, {})
        dimensions = facts.dimensions_of(plan, dict(held))
        if dry_run:
            for name in set(dimensions) - set(held):
                plan.values.pop(f"d_{name}", None)
            dimensions = {name: kind for name, kind in dimensions.items() if name in held}
        if dimensions:
            log.declare(slug, {table: dimensions})


def _write(log: Log, slug: str, plan: Plan, file: str, how: _How) -> Receipt:
    source, all_facts = plan.mapping.shared.source, facts.facts_of(plan)
    parts = len(all_facts) * facts.parts_of(plan)
    span = STEPS - STEPS_JUDGED - 1
    written = 0
    with log.begin(slug, source=source, label=file, import_id=how.import_id) as batch:
        for found in all_facts:
            for _part in facts.write(plan, found, batch):
                written += 1
                how.progress(STEPS_JUDGED + span * written // parts, STEPS)
        plan.staged.connection.close()  # its memory is the log's now
        return batch.commit(replace=how.replace, dry_run=how.dry_run)


def _part_of(progress: Progress, first: int, of: int) -> Progress:
    """The progress of one of several mappings, as a part of the whole."""
    return lambda done, _of: progress(first + done, of)


def _notes(judged: Judged, receipt: Receipt) -> Iterator[Text]:
    if receipt.anonymous:
        yield _(
            "{rows} rows name no customer: each counts as a customer of its own.",
            rows=f"{receipt.anonymous:,}",
        )
    if not judged.read:
        yield _("There was no row to read under the header.")
    if judged.read and not judged.good:
        yield _("No row could be taken; the rejects file says why for each.")
    if receipt.rows_replaced:
        yield _("{rows} rows supersede earlier ones.", rows=f"{receipt.rows_replaced:,}")


@contextmanager
def _room() -> Iterator[None]:
    """Say in words that memory or the disk is full."""
    try:
        yield
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise Problem(
            "import.out-of-memory",
            _("There is not enough memory to import this."),
            _("Split the file, or keep only the columns that the mapping names."),
        ) from error
    except (duckdb.IOException, OSError) as error:
        raise Problem(
            "import.disk",
            _("Reading or writing failed: {error}", error=" ".join(str(error).split())[:300]),
            _("Check that the disk has room and that the file may be read."),
        ) from error


@contextmanager
def _folder(data: Path) -> Iterator[Path]:
    """A folder to work in, gone afterwards; what a killed import left is cleared on the way."""
    home = data / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    _sweep(home)
    folder = Path(tempfile.mkdtemp(prefix=f"import-{os.getpid()}-", dir=home))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def _workshop(home: Path, path: Path, limits: Limits) -> Iterator[Workshop]:
    """A folder and an engine for one mapping."""
    folder = Path(tempfile.mkdtemp(dir=home))
    large = path.is_file() and path.stat().st_size > LARGE
    connection = open_engine(folder, large=large)
    try:
        yield Workshop(folder, connection, limits)
    finally:
        connection.close()
        shutil.rmtree(folder, ignore_errors=True)


def _sweep(home: Path) -> None:
    """Remove what killed imports left here: copies of files with customers in them."""
    for folder in home.glob("import-*"):
        pid = folder.name.split("-")[1]
        if not pid.isdigit() or not _is_alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
