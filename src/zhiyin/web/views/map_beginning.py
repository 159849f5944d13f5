"""A new journey map: from stages alone, a template of an industry, a file, or another map."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from zhiyin.accounts.rights import Right
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.maps import beginning, document, kept, starters, templates
from zhiyin.maps.document import said
from zhiyin.maps.models import JourneyMap
from zhiyin.web.views.reading import Here, needs

FIRST = f"stages:{starters.STARTERS[0].key}"


@require_http_methods(["GET", "HEAD", "POST"])
@needs(Right.DEFINE)
def new(request: HttpRequest, here: Here) -> HttpResponse:
    """How a map may begin; by POST, it does, and the workshop opens."""
    problem = None
    if request.method == "POST":
        try:
            made = _begun(request, here)
        except Problem as refused:
            problem = refused
        else:
            return redirect("map-workshop", slug=here.slug, key=made.key)
    context = {
        "starters": [
            {"starter": one, "stages": [said(stage.name) for stage in one.stages]}
            for one in starters.STARTERS
        ],
        "industries": [
            {"key": one.key, "name": said(one.name), "says": said(one.says)}
            for one in templates.industries()
        ],
        "maps": [(one.key, said(kept.draft(one).name) or one.key) for one in kept.of(here.slug)],
        "problem": problem,
        "given": request.POST if problem else {"begin": FIRST},
    }
    return render(request, "web/new_map.html", context, status=422 if problem else 200)


def _begun(request: HttpRequest, here: Here) -> JourneyMap:
    given, by, workspace = request.POST, here.by, here.slug
    texts = {"en": given.get("name_en", "").strip(), "zh-Hans": given.get("name_zh", "").strip()}
    name = {tongue: text for tongue, text in texts.items() if text}
    key = given.get("key", "").strip()
    way, _colon, which = given.get("begin", "").partition(":")
    if way == "stages":
        return beginning.with_stages(by=by, workspace=workspace, key=key, name=name, starter=which)
    if way == "industry":
        brought = templates.bring(
            by=by, workspace=workspace, key=which, as_key=key, name=name or None
        )
        messages.success(request, _brought(brought))
        return brought.map
    if way == "copy":
        return beginning.from_map(by=by, workspace=workspace, key=key, name=name, other=which)
    file = request.FILES.get("file")
    if way == "file" and file is not None:
        content = file.read(document.MOST_BYTES + 1)
        return beginning.from_file(by=by, workspace=workspace, key=key, name=name, content=content)
    raise Problem(
        "map.begins-with-nothing",
        _("Nothing was chosen to begin the map with."),
        _("Choose stages, a template, a file or a map."),
    )


def _brought(found: templates.Brought) -> str:
    """What came beside the map."""
    came = _(
        "It came with {personas} personas, {aspects} aspects and {surveys} surveys as drafts. What "
        "was there already stays as it was.",
        personas=len(found.personas), aspects=len(found.aspects), surveys=len(found.surveys),
    )  # fmt: skip
    return str(came)
