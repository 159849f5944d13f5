"""``Idempotency-Key``: a request that is sent twice is done once, and answered twice.

The answer is kept for a day. Where an operation writes to the relational store alone, the answer
is kept in the same transaction: it is done once whatever is killed. Where it writes to the log
too, a kill between the two leaves a request that was begun: whoever asks again within
`ABANDONED` is told to wait, and after that it is done again.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import HttpResponse
from django.utils import timezone

from zhiyin.accounts.models import KeptAnswer
from zhiyin.api.answers import send
from zhiyin.api.callers import Asked
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

HEADER = "Idempotency-Key"
LONGEST = 200
ABANDONED = timedelta(minutes=5)
KEPT = timedelta(hours=24)

Document = Mapping[str, Any]


def once(
    request: Asked, do: Callable[[], Document], *, status: int = 200, in_log: bool = False
) -> HttpResponse:
    """Do it and answer; with the header, only if it was not done before.

    Args:
        status: of the answer.
        in_log: whether it writes to the log, so that no transaction holds all of it.

    Raises:
        Problem: ``api.key``, ``api.key-used``, ``api.in-progress``, and what `do` raises: then
            nothing is kept, and the same key may be sent again.
    """
    chosen = request.headers.get(HEADER)
    if chosen is None:
        return send(do(), status)
    row = _begin(request, chosen)
    if row.status is not None:
        kept = HttpResponse(row.body, status=row.status, content_type="application/json")
        kept.headers["Idempotent-Replay"] = "true"
        return kept
    try:
        with nullcontext() if in_log else transaction.atomic():
            body = as_json(do())
            KeptAnswer.objects.filter(pk=row.pk).update(status=status, body=body)
    except BaseException:
        KeptAnswer.objects.filter(pk=row.pk, status=None).delete()
        raise
    return HttpResponse(body, status=status, content_type="application/json")


def forget_old() -> int:
    """Remove answers that are older than a day; returns how many."""
    count, _by_model = KeptAnswer.objects.filter(begun_at__lt=timezone.now() - KEPT).delete()
    return count


def _begin(request: Asked, chosen: str) -> KeptAnswer:
    """The row of this key: with a status it was done, without it is ours to do."""
    if not 1 <= len(chosen) <= LONGEST or not chosen.isprintable():
        raise Problem(
            "api.key",
            _("{header} has 1 to {n} characters.", header=HEADER, n=LONGEST),
            _("A random UUID is good."),
        )
    asked = _hash(f"{request.method} {request.get_full_path()}\n".encode() + _said(request))
    row, is_new = KeptAnswer.objects.get_or_create(
        api_key=request.auth.key,
        key=_hash(chosen.encode()),
        defaults={"request": asked, "begun_at": timezone.now()},
    )
    if is_new:
        return row
    is_over = row.begun_at < timezone.now() - (ABANDONED if row.status is None else KEPT)
    if is_over and _taken(row, asked):
        return row
    if row.request != asked:
        raise Problem(
            "api.key-used",
            _("This {header} was sent with another request.", header=HEADER),
            _("Choose a new one for each thing to be done."),
        )
    if is_over or row.status is None:
        raise Problem(
            "api.in-progress",
            _("The same request is being done."),
            _("Ask again in a moment, with the same {header}.", header=HEADER),
        )
    return row


def _said(request: Asked) -> bytes:
    """What a request says beside its address; a form has been read, and is said by its parts."""
    if request.content_type != "multipart/form-data":
        return request.body
    files = [
        (name, file.name, _hash_of(file)) for name, some in request.FILES.lists() for file in some
    ]
    return repr((sorted(request.POST.lists()), sorted(files))).encode()


def _hash_of(file: UploadedFile[Any]) -> str:
    found = hashlib.sha256()
    for part in file.chunks():
        found.update(part)
    return found.hexdigest()


def _taken(row: KeptAnswer, asked: str) -> bool:
    """Whether an old row became ours: of several that try, one succeeds."""
    now = timezone.now()
    same = KeptAnswer.objects.filter(pk=row.pk, begun_at=row.begun_at)
    if not same.update(begun_at=now, request=asked, status=None, body=""):
        return False
    row.begun_at, row.request, row.status, row.body = now, asked, None, ""
    return True


def _hash(what: bytes) -> str:
    return hashlib.sha256(what).hexdigest()
