"""One file on its way into the log: what its pages show, and what becomes of what they are sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from zhiyin.accounts.jobs import Job
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect import saved_mappings, tries, uploads
from zhiyin.collect.files import mapping as engine
from zhiyin.collect.files.choices import Draft, covers, draft_of
from zhiyin.collect.files.mapping import Reading
from zhiyin.collect.files.seen import Look, told
from zhiyin.collect.models import Upload
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log
from zhiyin.web import import_form, import_words
from zhiyin.web.import_form import Form, Mistakes, Option
from zhiyin.web.views.reading import Here


@dataclass(frozen=True, slots=True)
class Waiting:
    """A file in the list of those that wait.

    Args:
        job: what is done with it now, or what failed.
        is_tried: whether the present mapping has been tried.
    """

    upload: Upload
    job: Job | None
    is_tried: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """The page on which a file is mapped.

    Args:
        form: None where the mapping says more than a form shows, or is no mapping.
        text: the mapping in YAML.
        problem: what is wrong with the page as a whole.
    """

    look: Look
    form: Form | None
    text: str
    problem: Problem | None = None
    is_sent: bool = False

    @property
    def has_mistakes(self) -> bool:
        """Whether something stands in the way of a dry run."""
        return self.problem is not None or bool(self.form and self.form.mistakes)

    @property
    def status(self) -> int:
        """422 where what was sent is to be mended."""
        return 422 if self.is_sent and self.has_mistakes else 200

    def with_problem(self, problem: Problem) -> Shown:
        """The same page with what went wrong."""
        return replace(self, problem=problem, is_sent=True)

    @property
    def kind(self) -> str:
        """The format of the file, in words."""
        return str(import_words.KINDS_OF_FILE.get(self.look.kind, self.look.kind))

    @property
    def delimiter(self) -> str:
        """What stands between its cells, in words."""
        found = import_words.DELIMITERS.get(self.look.delimiter)
        return str(found) if found else self.look.delimiter

    @property
    def delimiters(self) -> list[Option]:
        """What may stand between its cells; a tab is written as a word."""
        return [
            Option("tab" if sign == "\t" else sign, str(said), sign == self.look.delimiter)
            for sign, said in import_words.DELIMITERS.items()
        ]

    @property
    def encodings(self) -> list[Option]:
        """How its letters may be written."""
        held = self.look.encoding
        known = {**import_words.ENCODINGS}
        if held and held not in known:
            known = {held: held.upper(), **known}
        return [Option(name, said, name == held) for name, said in known.items()]

    @property
    def sheets(self) -> list[Option]:
        """Of a workbook."""
        return [Option(name, name, name == self.look.sheet) for name in self.look.sheets]

    @property
    def parts(self) -> list[tuple[str, str]]:
        """What a question may be about."""
        return [(value, str(said)) for value, said in import_words.PARTS.items()]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        """What the values of a dimension may be."""
        return [(value, str(said)) for value, said in import_words.KINDS.items()]

    @property
    def formats(self) -> tuple[str, ...]:
        """Forms of dates to choose from."""
        return import_form.FORMATS

    @property
    def notes(self) -> list[str]:
        """What is to be known of the file."""
        return [str(told(note)) for note in self.look.notes]


def importing(upload: Upload) -> Job | None:
    """The import of this file that waits or runs."""
    job = uploads.job_of(upload, uploads.IMPORT)
    return job if job is not None and job.is_open else None


def waiting(upload: Upload, data: Path) -> Waiting:
    """A file in the list of those that wait."""
    jobs = [uploads.job_of(upload, kind) for kind in (uploads.IMPORT, uploads.TRY)]
    told = [job for job in jobs if job is not None and (job.is_open or job.error)]
    return Waiting(upload, told[0] if told else None, tries.tried(upload, data) is not None)


def done(upload: Upload, log: Log, data: Path) -> dict[str, Any]:
    """What an import came to, and whether it counts."""
    slug = upload.workspace.slug
    batch = next((one for one in log.imports(slug) if one.import_id == upload.import_id), None)
    return {
        "is_undone": batch is not None and batch.undone_at is not None,
        "can_undo": batch is not None and batch.undone_at is None,
        "upload": upload,
        "counts": tries.counts_of(upload),
        "has_rejects": tries.rejects_of(upload, data) is not None,
    }


def mapping(upload: Upload, workspace: Settings, data: Path, given: Mapping[str, str]) -> Shown:
    """The page as somebody opens it; a file that nobody has mapped is guessed at.

    Raises:
        Problem: ``uploads.gone``.
    """
    look = uploads.read_look(upload, data)
    problem = _problem_of(upload)
    if not upload.mapping:
        draft = import_form.first_draft(look, upload.name, workspace)
        text = saved_mappings.text_of(draft.document())
        return Shown(look, Form(draft, look, {}, _page(given)), text, problem)
    try:
        document = saved_mappings.parse(upload.mapping, upload.name)
    except Problem as refused:
        return Shown(look, None, upload.mapping, refused)
    draft = draft_of(document, look.names)
    if not covers(draft, document):
        return Shown(look, None, upload.mapping, problem)
    return Shown(look, Form(draft, look, {}, _page(given)), upload.mapping, problem)


def _problem_of(upload: Upload) -> Problem | None:
    """Why the last work on the file, mapped as it is now, failed."""
    for kind in (uploads.IMPORT, uploads.TRY):
        job = uploads.job_of(upload, kind)
        is_of_now = job is not None and job.arguments.get("mapping") == uploads.digest_of(upload)
        if job is not None and is_of_now and not job.is_open and job.error is not None:
            return Problem(job.error.code, job.error.message, job.error.hint)
    return None


def _page(given: Mapping[str, str]) -> int:
    said = given.get("columns", "")
    return max(int(said), 1) if said.isascii() and said.isdigit() and len(said) < 5 else 1


def chosen(post: Mapping[str, str], upload: Upload, here: Here, data: Path) -> Shown:
    """Keep what the form says; mistakes are shown and hinder nobody from leaving.

    Raises:
        Problem: ``uploads.busy``.
    """
    before = mapping(upload, here.workspace, data, post)
    if before.form is None:
        return before.with_problem(before.problem) if before.problem else before
    draft = import_form.read_draft(post, before.form.draft, before.look, here.workspace)
    text = saved_mappings.text_of(draft.document())
    uploads.map_columns(by=here.by, upload=upload, mapping=text, replaces="replaces" in post)
    wrong: Mistakes = import_form.mistakes_of(draft, before.look)
    page = _page(post) + {"next": 1, "before": -1}.get(post.get("do", ""), 0)
    return Shown(
        before.look,
        Form(draft, before.look, wrong, max(page, 1)),
        text,
        is_sent=post.get("do") == "try",
    )


def written(says: str, upload: Upload, here: Here, data: Path) -> Shown:
    """Keep a mapping that was written as text, and say what is wrong with it.

    Raises:
        Problem: ``uploads.busy``.
    """
    look = uploads.read_look(upload, data)
    text = says.replace("\r\n", "\n")
    try:
        document = saved_mappings.parse(text, "mapping")
        engine.read(document, "mapping")
    except Problem as refused:
        return Shown(look, None, text, refused, is_sent=True)
    uploads.map_columns(by=here.by, upload=upload, mapping=text, replaces=upload.replaces)
    return mapping(upload, here.workspace, data, {})


def read_otherwise(post: Mapping[str, str], upload: Upload, here: Here, data: Path) -> None:
    """Read the file in another way; a mapping whose columns are all still there is kept.

    Raises:
        Problem: ``import.…`` where it cannot be read so.
    """
    before = mapping(upload, here.workspace, data, {})
    reading, has_header = import_form.read_reading(post)
    held = before.form.draft if before.form else Draft("answers")
    wanted = replace(held, reading=reading, has_header=has_header)
    seen = uploads.look_again(upload, import_form.reading_of(wanted), data)
    if seen.names != before.look.names:
        guess = import_form.first_draft(seen, upload.name, here.workspace)
        wanted = replace(guess, reading=reading, has_header=has_header)
    _keep(wanted, upload, here)


def begin_with(says: str, name: str, upload: Upload, here: Here, data: Path) -> None:
    """Begin with a mapping that somebody has, or with the guess where `says` is blank.

    Raises:
        Problem: ``import.…`` where it is none, or the file cannot be read as it says.
    """
    if not says:
        look = uploads.look_again(upload, Reading(), data)
        _keep(import_form.first_draft(look, upload.name, here.workspace), upload, here)
        return
    document = saved_mappings.parse(says, name)
    read = engine.read(document, name)
    uploads.look_again(upload, read.shared.read, data)
    uploads.map_columns(by=here.by, upload=upload, mapping=says, replaces=upload.replaces)


def _keep(draft: Draft, upload: Upload, here: Here) -> None:
    text = saved_mappings.text_of(draft.document())
    uploads.map_columns(by=here.by, upload=upload, mapping=text, replaces=upload.replaces)
