"""*Import* 数据导入: a file uploaded, mapped, tried, imported; the imports so far, and undone."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from django.conf import settings
from django.contrib import messages
from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_safe

from zhiyin.accounts import work
from zhiyin.accounts.rights import Right
from zhiyin.collect import saved_mappings, tries, undoing, uploads
from zhiyin.collect.files.limits import UPLOAD_BYTES
from zhiyin.collect.models import Upload
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.web import import_list, import_page, sample
from zhiyin.web.htmx import is_part, refreshed
from zhiyin.web.views.reading import Here, needs

CSV = "text/csv; charset=utf-8"
YAML = "application/yaml; charset=utf-8"


def data_folder() -> Path:
    """Where the embedded stores and the uploads are."""
    return Path(settings.ZHIYIN_DATA)


@require_safe
@needs(Right.SEE_DATA)
def imports(request: HttpRequest, here: Here) -> HttpResponse:
    """The imports so far, and the files that wait for somebody to go on with them."""
    waiting = uploads.held(here.slug).select_related("workspace")
    context = {
        "page": import_list.listed(here.log, here.slug, import_list.asked(request.GET)),
        "waiting": [import_page.waiting(one, data_folder()) for one in waiting],
        "mappings": saved_mappings.of(here.slug),
        "data_folder": settings.ZHIYIN_DATA,
        "mapping": sample.mapping(),
    }
    return render(request, "web/imports.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """Take a file, and show what is in it."""
    problem = None
    if request.method == "POST":
        try:
            upload = _taken(request, here)
        except Problem as refused:
            problem = refused
        else:
            return redirect("import", slug=here.slug, number=upload.pk)
    context = {
        "problem": problem,
        "most_bytes": UPLOAD_BYTES,
        "most_megabytes": UPLOAD_BYTES // 1024**2,
    }
    return render(request, "web/new_import.html", context, status=422 if problem else 200)


def _taken(request: HttpRequest, here: Here) -> Upload:
    given = request.FILES.get("file")
    if not isinstance(given, UploadedFile) or not given.name:
        raise Problem(
            "uploads.no-file",
            _("No file was chosen."),
            _("Choose a file, or drag one into the field."),
        )
    content = (
        Path(given.temporary_file_path())
        if isinstance(given, TemporaryUploadedFile)
        else given.chunks()
    )
    return uploads.hold(
        by=here.by, workspace=here.slug, name=given.name, content=content, data=data_folder()
    )


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def one(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """One file: its columns and what they are, its dry run, its import, and what that came to."""
    upload = _found(here, number)
    if request.method == "POST":
        return _changed(request, here, upload)
    importing = import_page.importing(upload)
    is_try = request.GET.get("step") == "try"
    if is_part(request) and not is_try and (importing is None or upload.is_imported):
        # The import whose progress was shown is over, or will be at any moment.
        return refreshed(HttpResponse(), None)
    if upload.is_imported:
        return render(
            request, "web/import_done.html", import_page.done(upload, here.log, data_folder())
        )
    if importing is not None:
        context = {"upload": upload, "job": importing}
        if is_part(request):
            return refreshed(render(request, "web/import_running.html#work", context), importing)
        return render(request, "web/import_running.html", context)
    return _tried(request, upload) if is_try else _map(request, here, upload)


def _found(here: Here, number: int) -> Upload:
    upload = uploads.get(here.slug, number)
    if upload is None:
        raise Http404
    return upload


def _map(
    request: HttpRequest, here: Here, upload: Upload, shown: import_page.Shown | None = None
) -> HttpResponse:
    page = shown or import_page.mapping(upload, here.workspace, data_folder(), request.GET)
    context = {"upload": upload, "page": page, "mappings": saved_mappings.of(here.slug)}
    template = "web/import_map.html#map" if is_part(request) else "web/import_map.html"
    return render(request, template, context, status=page.status)


def _tried(request: HttpRequest, upload: Upload) -> HttpResponse:
    job = uploads.job_of(upload, uploads.TRY)
    tried = tries.tried(upload, data_folder())
    context: dict[str, object] = {"upload": upload, "job": job, "tried": tried}
    if is_part(request):
        return refreshed(render(request, "web/import_try.html#work", context), job)
    if tried is None and not (job and (job.is_open or job.error)):
        return redirect("import", slug=upload.workspace.slug, number=upload.pk)
    context["has_rejects"] = tries.rejects_of(upload, data_folder()) is not None
    return render(request, "web/import_try.html", context)


def _changed(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    steps: dict[str, Callable[[HttpRequest, Here, Upload], HttpResponse]] = {
        "read": _read,
        "start": _start,
        "text": _text,
        "keep": _keep,
        "import": _import,
        "cancel": _cancel,
    }
    try:
        return steps.get(request.POST.get("do", ""), _choose)(request, here, upload)
    except Problem as problem:
        if upload.is_imported or import_page.importing(upload):
            messages.warning(request, str(problem))
            return redirect("import", slug=here.slug, number=upload.pk)
        page = import_page.mapping(upload, here.workspace, data_folder(), request.GET)
        return _map(request, here, upload, page.with_problem(problem))


def _choose(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """The choices of the form: kept, whatever is wrong with them, and tried where nothing is."""
    page = import_page.chosen(request.POST, upload, here, data_folder())
    if request.POST.get("do") == "try" and not page.has_mistakes:
        uploads.ask_try(by=here.by, upload=upload)
        return _to_try(here, upload)
    return _map(request, here, upload, page)


def _to_try(here: Here, upload: Upload) -> HttpResponse:
    answer = redirect("import", slug=here.slug, number=upload.pk)
    answer.headers["Location"] += "?step=try"
    return answer


def _read(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """The file read otherwise: another encoding, delimiter, sheet, or no names."""
    import_page.read_otherwise(request.POST, upload, here, data_folder())
    return redirect("import", slug=here.slug, number=upload.pk)


def _start(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """Another mapping to begin with: a saved one, a file, or the guess anew."""
    given = request.FILES.get("mapping")
    if isinstance(given, UploadedFile):
        if (given.size or 0) > saved_mappings.MOST_BYTES:
            raise _not_a_mapping(given.name or "")
        says, name = given.read().decode("utf-8-sig", "replace"), given.name or "mapping"
    else:
        number = request.POST.get("saved", "")
        saved = saved_mappings.get(here.slug, int(number)) if number.isdigit() else None
        says, name = (saved.says, saved.name) if saved else ("", "")
    import_page.begin_with(says, name, upload, here, data_folder())
    return redirect("import", slug=here.slug, number=upload.pk)


def _not_a_mapping(name: str) -> Problem:
    return Problem(
        "import.mapping-empty",
        _("{name} is too large for a mapping.", name=name),
        _("A mapping is a small text file in YAML; docs/import.md has some that work."),
    )


def _text(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """The mapping as text."""
    page = import_page.written(request.POST.get("says", ""), upload, here, data_folder())
    if request.POST.get("then") == "try" and not page.has_mistakes:
        uploads.ask_try(by=here.by, upload=upload)
        return _to_try(here, upload)
    return _map(request, here, upload, page)


def _keep(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """The mapping kept under a name."""
    saved = saved_mappings.save(
        by=here.by, workspace=here.slug, name=request.POST.get("name", ""), says=upload.mapping
    )
    messages.success(request, gettext("The mapping %(name)s is saved.") % {"name": saved.name})
    return _to_try(here, upload)


def _import(_request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """Only what was tried is imported, as it was tried."""
    if tries.tried(upload, data_folder()) is None:
        raise Problem(
            "uploads.not-tried",
            _("The mapping has changed since the dry run."),
            _("Try it again, and look at what it gives."),
        )
    uploads.ask_import(by=here.by, upload=upload)
    return redirect("import", slug=here.slug, number=upload.pk)


def _cancel(request: HttpRequest, here: Here, upload: Upload) -> HttpResponse:
    """The work on the file stopped, whichever is open."""
    for kind in (uploads.IMPORT, uploads.TRY):
        job = uploads.job_of(upload, kind)
        if job is not None and job.is_open:
            work.cancel(by=here.by, number=job.number, workspace=here.slug)
            messages.success(request, gettext("It is cancelled; nothing was written."))
    return redirect("import", slug=here.slug, number=upload.pk)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def drop(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then remove the file."""
    upload = _found(here, number)
    if request.method != "POST":
        return render(request, "web/drop_import.html", {"upload": upload})
    try:
        uploads.drop(by=here.by, upload=upload, data=data_folder())
    except Problem as problem:
        messages.warning(request, str(problem))
        return redirect("import", slug=here.slug, number=number)
    messages.success(request, gettext("%(name)s is dropped.") % {"name": upload.name})
    return redirect("imports", slug=here.slug)


@require_safe
@needs(Right.CHANGE_DATA)
def mapping_file(_request: HttpRequest, here: Here, number: int) -> FileResponse:
    """The mapping of a file as the command line reads it."""
    upload = _found(here, number)
    if not upload.mapping:
        raise Http404
    return _download(upload.mapping, f"{upload.name}.yaml")


@require_safe
@needs(Right.SEE_DATA, personal=True)
def rejects(_request: HttpRequest, here: Here, number: int) -> FileResponse:
    """The rejected rows of a dry run or an import; what is in them is never a formula."""
    upload = _found(here, number)
    file = tries.rejects_of(upload, data_folder())
    if file is None:
        raise Http404
    name = f"{Path(upload.name).stem}-rejects.csv"
    return FileResponse(file.open("rb"), as_attachment=True, filename=name, content_type=CSV)


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def undo(request: HttpRequest, here: Here, import_id: str) -> HttpResponse:
    """Ask once, then take an import back."""
    found = next((one for one in here.log.imports(here.slug) if one.import_id == import_id), None)
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "web/undo_import.html", {"one": found})
    try:
        facts = undoing.undo(
            by=here.by, workspace=here.slug, log=here.log, import_id=import_id, label=found.label
        )
    except Problem as problem:
        messages.warning(request, str(problem))
    else:
        messages.success(
            request,
            gettext("%(label)s is undone: %(facts)s facts are gone.")
            % {"label": found.label, "facts": f"{facts:,}"},
        )
    return redirect("imports", slug=here.slug)


@require_safe
@needs(Right.SEE_DATA)
def saved_mapping(_request: HttpRequest, here: Here, number: int) -> FileResponse:
    """A saved mapping as a file."""
    saved = saved_mappings.get(here.slug, number)
    if saved is None:
        raise Http404
    return _download(saved.says, f"{saved.name}.yaml")


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.CHANGE_DATA)
def remove_mapping(request: HttpRequest, here: Here, number: int) -> HttpResponse:
    """Ask once, then keep a mapping no longer."""
    saved = saved_mappings.get(here.slug, number)
    if saved is None:
        raise Http404
    if request.method != "POST":
        return render(request, "web/remove_mapping.html", {"saved": saved})
    saved_mappings.remove(by=here.by, held=saved)
    messages.success(request, gettext("The mapping %(name)s is removed.") % {"name": saved.name})
    return redirect("imports", slug=here.slug)


def _download(says: str, name: str) -> FileResponse:
    return FileResponse(iter([says.encode()]), as_attachment=True, filename=name, content_type=YAML)
