"""Writes published surveys for the log process, which `published` reads."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Max

from zhiyin.accounts.keys import write_snapshot
from zhiyin.accounts.models import Workspace
from zhiyin.collect.models import Survey, SurveyVersion
from zhiyin.collect.surveys.published import index_file, version_file
from zhiyin.kernel import durable


def publish() -> None:
    """Write what is published: first the versions that are not there yet, then the list."""
    data = Path(settings.ZHIYIN_DATA)
    folder = index_file(data).parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # One at a time, each reading after it has the lock: the last to write has seen everything.
    with (folder / ".surveys.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        found = (
            Survey.objects.annotate(number=Max("versions__number"))
            .filter(number__isnull=False)
            .select_related("workspace")
            .defer("draft")
        )
        listed = {}
        for survey in found:
            number: int = survey.number
            listed[survey.public_id] = {
                "workspace": survey.workspace.slug,
                "key": survey.key,
                "number": number,
                "is_open": survey.is_open,
                "zone": survey.workspace.timezone,
            }
            newest = survey.versions.only("beside", "share").get(number=number)
            if newest.beside is not None:
                listed[survey.public_id] |= {"beside": newest.beside, "share": newest.share}
            if not version_file(data, survey.public_id, number).exists():
                _write_versions(data, survey)
        write_snapshot(index_file(data), {"surveys": listed})


def follow(instance: Workspace, **_more: Any) -> None:
    """A workspace changed, its time zone perhaps: its surveys close by it."""
    if SurveyVersion.objects.filter(survey__workspace=instance).exists():
        transaction.on_commit(publish)


def _write_versions(data: Path, survey: Survey) -> None:
    for version in survey.versions.all():
        file = version_file(data, survey.public_id, version.number)
        if not file.exists():
            durable.replace(file, version.document.encode())
