"""Lists that a form sends: as a file, or as the text that was looked at before."""

from __future__ import annotations

from django.http import HttpRequest

from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


def sent(request: HttpRequest) -> bytes:
    """The file that was chosen, else the text.

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
