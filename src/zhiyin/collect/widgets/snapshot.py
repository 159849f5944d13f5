"""Writes the rules that are on for the log process, which `published` reads."""

from __future__ import annotations

import fcntl
import shutil
import threading
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.db import transaction

from zhiyin.accounts.keys import write_snapshot
from zhiyin.collect.widgets import kept
from zhiyin.collect.widgets.models import WidgetRule
from zhiyin.collect.widgets.published import FOLDER, list_file, rules_file
from zhiyin.kernel import durable
from zhiyin.unify.models import Segment


def publish() -> None:
    """Write what is on: first the kept lists that rules name, then the rules."""
    data = Path(settings.ZHIYIN_DATA)
    folder = rules_file(data).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One at a time, each reading after it has the lock: the last to write has seen everything.
    with (folder / ".widgets.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found, lists = [], set()
        for held in WidgetRule.objects.filter(is_on=True).select_related("survey", "workspace"):
            place, rule = held.workspace, kept.rule(held)
            one: dict[str, Any] = {
                "workspace": place.slug, "name": held.name, "revision": held.revision,
                "survey": held.survey.public_id, "seed": held.seed, "rule": rule.as_dict(),
                "segment": None, "currency": place.currency, "zone": place.timezone,
            }  # fmt: skip
            if rule.segment:
                one["segment"] = {"slug": rule.segment, "rule": _segment(place.slug, rule.segment)}
                lists.add(list_file(data, place.slug, rule.segment))
            found.append(one)
        _sweep(data / FOLDER, lists)
        write_snapshot(rules_file(data), {"rules": found})


class _Waiting(threading.local):
    is_asked = False


_waiting = _Waiting()


def follow(**_more: Any) -> None:
    """A segment, a kept list or a workspace changed, of which rules speak perhaps."""
    _waiting.is_asked = True
    transaction.on_commit(_publish_once)


def _publish_once() -> None:
    # A list that goes takes each of its customers along: one writing tells of all.
    if _waiting.is_asked:
        _waiting.is_asked = False
        if WidgetRule.objects.filter(is_on=True).exists():
            publish()


def _segment(workspace: str, slug: str) -> str:
    """The segment's rule; of a kept list who is in it is written beside. One that was removed has
    nobody."""
    held = Segment.objects.filter(workspace__slug=workspace, slug=slug).first()
    if held is not None and not held.is_kept:
        return held.rule
    keys = [] if held is None else list(held.kept.order_by("key").values_list("key", flat=True))
    file = list_file(Path(settings.ZHIYIN_DATA), workspace, slug)
    durable.replace(file, msgspec.json.encode(keys))
    return ""


def _sweep(folder: Path, lists: set[Path]) -> None:
    """Lists that no rule names any more."""
    for file in folder.glob("*/*.json"):
        if file not in lists:
            file.unlink()
    for place in folder.glob("*"):
        if place.is_dir() and not any(place.iterdir()):
            shutil.rmtree(place)
