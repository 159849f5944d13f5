"""Records into the log, by the one way in that files have."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files.run import ImportResult, import_path
from zhiyin.collect.sources import mapped
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, in_language
from zhiyin.warehouse.log import Log


def bring(
    log: Log,
    workspace: Settings,
    records: Sequence[Any],
    mapping: Mapping[str, Any],
    *,
    data: Path,
    dry_run: bool = False,
    replace: bool = False,
) -> ImportResult:
    """Bring records in: what is known is left out, what is bad is rejected with its reason.

    Raises:
        Problem: ``source.no-records``; ``import.…``; nothing was written then.
    """
    if not any(isinstance(one, Mapping) for one in records):
        raise Problem(
            "source.no-records",
            _("What came is a list of something else than records."),
            _("Look at where the list is: each of its entries must be an object with fields."),
        )
    home = data / "tmp"
    home.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="source-", dir=home))
    try:
        file, says = folder / f"{mapping['source']}.jsonl", folder / "mapping.yaml"
        mapped.write(file, records, mapped.fields_of(mapping))
        says.write_text(yaml.safe_dump(dict(mapping), allow_unicode=True), "utf-8")
        # The reasons in the file of rejected rows are words, and all who work here may read it.
        with in_language(workspace.language):
            return import_path(
                log, workspace, file, says, data=data, dry_run=dry_run, replace=replace
            )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
