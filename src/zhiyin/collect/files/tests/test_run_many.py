"""A folder of many mappings is one import with one rejects file."""

from __future__ import annotations

from pathlib import Path

from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.files.run import import_path
from zhiyin.warehouse.owner import Owner

MAIN = Settings("main", "Main", "UTC", 0, "CNY", "en")


def test_many_mappings_with_rejects_leave_one_file(tmp_path: Path) -> None:
    """Would catch a file name made of every import's id: 22 are more than it may have."""
    folder = tmp_path / "files"
    folder.mkdir()
    for k in range(22):
        (folder / f"f{k}.csv").write_text("id,at,s\na,2026-01-01,5\nb,2026-01-01,99\n")
        (folder / f"f{k}.yaml").write_text(
            f"as: answers\nsource: s{k}\nfile: f{k}.csv\nid: id\n"
            "at: {column: at, timezone: UTC}\n"
            "questions: [{column: s, question: q, metric: csat}]\n"
        )
    with Owner(tmp_path / "data") as log:
        log.create("main")
        done = import_path(log, MAIN, folder, None, data=tmp_path / "data")
    assert (done.rows_added, done.rows_rejected) == (22, 22)
    assert done.rejects_file is not None
    assert len(done.rejects_file.read_text("utf-8-sig").splitlines()) == 23
