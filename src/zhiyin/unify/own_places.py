"""How the places of this room, of accounts and of the warehouse show and forget a customer."""

from __future__ import annotations

import json
from typing import Any

from django.db.models import Q, QuerySet

from zhiyin.accounts import audit
from zhiyin.accounts.models import KeptAnswer
from zhiyin.kernel.text import _
from zhiyin.unify.models import Erasure, KeptCustomer
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def _nothing(_her: Her) -> list[dict[str, Any]]:
    return []


def _none(_her: Her) -> int:
    return 0


def _receipts(her: Her) -> list[dict[str, Any]]:
    """Earlier erasures of an id of hers, where it has started anew."""
    from zhiyin.warehouse.pseudonyms import Pseudonyms

    pseudonyms = Pseudonyms(her.data)
    hashes = [pseudonyms.of(one.kind, one.id) for one in her.ids]
    found = Erasure.objects.filter(workspace__slug=her.workspace, customer__in=hashes)
    return [
        {"number": one.number, "asked_at": one.asked_at.isoformat(), "state": one.state}
        for one in found
    ]


def _audit(her: Her) -> list[dict[str, Any]]:
    return [
        {"at": entry.at.isoformat(), "action": entry.action}
        for entry in audit.naming(her.workspace, her.names)
    ]


def _forget_in_audit(her: Her) -> int:
    return audit.forget(her.workspace, her.names, f"erased {her.pseudonym[:16]}")


def kept_answers(her: Her) -> int:
    """Forget what the API answered about her; a request that is sent again is done again."""
    held = KeptAnswer.objects.filter(api_key__workspace__slug=her.workspace)
    naming = Q(pk__in=[])
    for name in her.names:
        naming |= Q(body__contains=name) | Q(body__contains=json.dumps(name)[1:-1])
    count, _by_model = held.filter(naming).delete()
    return count


def _lists(her: Her) -> list[dict[str, Any]]:
    """The kept lists that she is in."""
    found = _kept(her).order_by("segment__name").values_list("segment__name", flat=True)
    return [{"segment": name} for name in found.distinct()]


def _leave_lists(her: Her) -> int:
    return _kept(her).delete()[0]


def _kept(her: Her) -> QuerySet[KeptCustomer]:
    return KeptCustomer.objects.filter(segment__workspace__slug=her.workspace, key__in=her.keys)


def register_all() -> None:
    """Called when the room starts."""
    register("model", "unify.KeptCustomer", Eraser(_lists, _leave_lists))
    register(
        "model",
        "unify.Erasure",
        Eraser(
            _receipts, _none, _("keeps a keyed hash of the id that was named; her ids leave it")
        ),
    )
    register(
        "model",
        "accounts.AuditEntry",
        Eraser(_audit, _forget_in_audit, _("who did what stays; her ids become a keyed hash")),
    )
    register("model", "accounts.KeptAnswer", Eraser(_nothing, kept_answers))
    register(
        "folder",
        "log",
        Eraser(_nothing, _none, _("written anew without her; the rows are counted by table")),
    )
    register(
        "folder",
        "journal",
        Eraser(_nothing, _none, _("what was on its way went into the log and was erased there")),
    )
    register(
        "folder",
        "seen",
        Eraser(_nothing, _none, _("64-bit hashes of row ids, no ids; each goes after 31 days")),
    )
    register(
        "folder",
        "journeys",
        Eraser(_nothing, _none, _("her events there, numbers without words, are overwritten")),
    )
    register(
        "folder",
        "tmp",
        Eraser(_nothing, _none, _("what did not fit in memory goes when its question ends")),
    )
