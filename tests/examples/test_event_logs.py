"""Real event logs, imported as they are, beside what is published of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from tests.examples.conftest import MAIN
from zhiyin.collect.files.run import import_path
from zhiyin.journey.asking import ALL
from zhiyin.journey.paths import PathsAsked, paths
from zhiyin.journey.variants import variants
from zhiyin.warehouse.owner import Owner


def test_bpi_2012(log: Owner, real: Path, tmp_path: Path) -> None:
    """13,087 applications, 262,200 events, 4,366 variants (van Dongen 2012, doi 10.4121/uuid:
    3926db30-f712-4394-aebc-75976070e91f; the same by PM4Py's ``discover_dfg`` and
    ``get_variants``). Events at one instant are in the order of the file, or edges differ."""
    file = real / "event_logs" / "bpic2012.xes.gz"
    brought = import_path(log, MAIN, file, None, data=tmp_path)
    assert (brought.rows_read, brought.rows_added) == (262_200, 262_200)
    found = paths(log, MAIN, PathsAsked())
    assert (found.edges_in_all, found.pairs) == (125, 262_200 - 13_087)
    whole = variants(log, MAIN, ALL, top=1)
    assert (whole.variants_in_all, whole.customers) == (4_366, 13_087)
    assert whole.variants[0].steps == ("A_SUBMITTED", "A_PARTLYSUBMITTED", "A_DECLINED")


def test_a_help_desk_and_permits(log: Owner, real: Path, tmp_path: Path) -> None:
    for name, cases in (("helpdesk.xes.gz", 4_580), ("receipt.csv", 1_434)):
        workspace = replace(MAIN, slug=name.split(".")[0])
        log.create(workspace.slug)
        brought = import_path(log, workspace, real / "event_logs" / name, None, data=tmp_path)
        found = paths(log, workspace, PathsAsked())
        assert brought.rows_rejected == 0
        assert found.pairs == brought.rows_read - cases
