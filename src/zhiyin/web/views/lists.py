"""Lists that people keep in a spreadsheet: brought in by a form, and given as a file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _
from zhiyin.measure.lists import Column, Fault, text_of


class Preview(Protocol):
    """What a list would do, or what is wrong with it."""

    @property
    def faults(self) -> tuple[Fault, ...]:
        """What is wrong, line by line."""


P = TypeVar("P", bound=Preview)


@dataclass(frozen=True, slots=True)
class BroughtIn(Generic[P]):
    """A kind of list.

    Args:
        columns: that it may have.
        preview: looks at it, and writes nothing.
        write: does what it asks, and says what that was.
        template: of the page.
        back: the address of what it is a list of.
    """

    columns: Sequence[Column]
    preview: Callable[[bytes], P]
    write: Callable[[P], str]
    template: str
    back: str


def bring_in(request: HttpRequest, kind: BroughtIn[P]) -> HttpResponse:
    """A list is looked at first; then all of it is done, or nothing."""
    problem, preview, text = None, None, ""
    if request.method == "POST":
        try:
            data = _sent(request)
            preview = kind.preview(data)
            text = text_of(data)
            if "set" in request.POST and not preview.faults:
                messages.success(request, kind.write(preview))
                return redirect(kind.back)
        except Problem as refused:
            problem = refused
    is_wrong = problem or (preview and preview.faults)
    context = {
        "problem": problem,
        "preview": preview,
        "text": text,
        "columns": kind.columns,
        "back": kind.back,
    }
    return render(request, kind.template, context, status=422 if is_wrong else 200)


def _sent(request: HttpRequest) -> bytes:
    """The file that was chosen, else the text that was written or looked at before.

    Raises:
        Problem: ``list.none``.
    """
    chosen = request.FILES.get("file")
    if chosen is not None:
        return bytes(chosen.read())
    text = request.POST.get("text", "")
    if not text.strip():
        raise Problem(
            "list.none", _("No file was chosen."), _("Choose a CSV file, or paste its lines.")
        )
    return text.encode()
