"""Files: brought in, and taken back."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, HttpResponse
from ninja import File, Form, Query, Router, UploadedFile
from pydantic import Field

from zhiyin.accounts import audit
from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page_of, read
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.imports import ImportedDocument, ImportsPage, UndoneDocument
from zhiyin.api.once import once
from zhiyin.api.operations.files import files
from zhiyin.api.operations.parameters import ONCE, Filled, Paging, gives
from zhiyin.collect import rejected, saved_mappings, undoing
from zhiyin.collect.files import sent
from zhiyin.collect.files.documents import imported, undone
from zhiyin.collect.files.limits import UPLOAD_BYTES
from zhiyin.collect.files.run import ImportResult
from zhiyin.collect.uploads import too_large
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Import
from zhiyin.web import downloads

router = Router(tags=["data"], by_alias=True)

MOST_REJECTS = 100
"""So many rejected rows are said at once."""


class ImportFilled(Filled):
    """How a file is to be imported."""

    mapping: str | None = Field(
        default=None, min_length=1, max_length=1_000_000,
        description=str(_("The text of a mapping file, as `zhiyin import --map` takes it.")),
    )  # fmt: skip
    saved: str | None = Field(
        default=None, min_length=1, max_length=80,
        description=str(_("In its place: the name of a saved mapping.")),
    )  # fmt: skip
    dry_run: bool = Field(
        default=False, description=str(_("Check and count everything, and change nothing."))
    )
    replace: bool = Field(
        default=False,
        description=str(_("Rows with a known id and other content supersede the old.")),
    )


@router.get(
    "/imports", auth=may(Right.SEE_DATA), response=gives(ImportsPage),
    operation_id="imports", summary=str(_("Imports, newest first")),
)  # fmt: skip
def imports(request: Asked, asked: Query[Paging]) -> HttpResponse:
    """Those that were taken back, too."""
    caller = request.auth
    place = read(asked.cursor, str)
    found = caller.log.imports(caller.slug)
    if place is not None:
        names = [one.import_id for one in found]
        found = found[names.index(place) + 1 :] if place in names else []
    return page_of(found, asked.limit, Import.as_dict, lambda one: one.import_id)


@router.api_operation(["HEAD"], "/imports", auth=may(Right.CHANGE_DATA), include_in_schema=False)
def may_import(request: Asked) -> HttpResponse:  # noqa: ARG001 - the API reads its name
    """Whether this key may send a file: the edge asks so before it takes a large one."""
    return HttpResponse()


@router.post(
    "/imports", auth=may(Right.CHANGE_DATA), response=gives(ImportedDocument, 201),
    operation_id="import_file", summary=str(_("Import a file")), openapi_extra=ONCE,
)  # fmt: skip
def import_file(
    request: Asked, given: Form[ImportFilled], file: File[UploadedFile]
) -> HttpResponse:
    """The document of `zhiyin import --json`, once the file is in; a larger file takes longer."""
    caller = request.auth
    if (file.size or 0) > UPLOAD_BYTES:
        raise too_large(sent.safe(file.name or ""))
    mapping = _mapping(caller.slug, given)

    def done() -> dict[str, object]:
        found = sent.bring(
            caller.log, caller.workspace, name=file.name or "", content=file.chunks(),
            mapping=mapping, data=settings.ZHIYIN_DATA, dry_run=given.dry_run,
            replace=given.replace,
        )  # fmt: skip
        if not given.dry_run:
            audit.record(
                by=caller.by, action="import.asked", workspace=caller.slug,
                subject=sent.safe(file.name or ""), after={"facts": found.facts_added},
            )  # fmt: skip
        return as_answered(found)

    return once(request, done, status=201, in_log=True)


@router.delete(
    "/imports/{import_id}", auth=may(Right.CHANGE_DATA),
    response=gives(UndoneDocument), operation_id="undo_import",
    summary=str(_("Take an import back")), openapi_extra=ONCE,
)  # fmt: skip
def undo_import(request: Asked, import_id: str) -> HttpResponse:
    """The document of `zhiyin import --undo --json`; all its parts, where it has several."""
    caller = request.auth

    def done() -> dict[str, object]:
        labels = {one.import_id: one.label for one in caller.log.imports(caller.slug)}
        facts = sum(
            undoing.undo(
                by=caller.by, workspace=caller.slug, log=caller.log, import_id=part,
                label=labels.get(part, ""),
            )
            for part in reversed(import_id.split("+"))
        )  # fmt: skip
        return undone(import_id, facts)

    return once(request, done, in_log=True)


@router.get(
    "/imports/{import_id}/rejects", auth=may(Right.SEE_DATA, personal=True),
    response={200: None}, operation_id="import_rejects", openapi_extra=files("csv"),
    summary=str(_("The rows that an import did not take, as a file")),
)  # fmt: skip
def rejects(request: Asked, import_id: str) -> FileResponse:
    """Each with its line, its column and why; what is in them is never a formula."""
    caller = request.auth
    file = rejected.file_of(settings.ZHIYIN_DATA, caller.log.imports(caller.slug), import_id)
    return downloads.kept(file, name=f"{caller.slug}-{import_id[:40]}-rejects", kind="csv")


def as_answered(found: ImportResult) -> dict[str, object]:
    """What became of every row, with the first rejected ones."""
    name = None if found.rejects_file is None else found.rejects_file.name
    rejects = sent.rejected(found, MOST_REJECTS)
    return {**imported(found), "rejects_file": name, "rejects": rejects}


def _mapping(workspace: str, given: ImportFilled) -> str:
    """The text of the mapping that was sent, or of the saved one that was named.

    Raises:
        Problem: ``api.one-mapping``, ``mappings.none``.
    """
    if (given.mapping is None) == (given.saved is None):
        raise Problem(
            "api.one-mapping",
            _("A file needs one mapping: its text, or the name of a saved one."),
            _("Send either `mapping` or `saved`."),
        )
    if given.mapping is not None:
        return given.mapping
    return saved_mappings.named(workspace, given.saved or "").says
