"""Real event logs, imported as they are, beside what is published of them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.examples.conftest import MAIN
from tests.processes.conftest import zhiyin
from tests.processes.installation import Made
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


@pytest.mark.parametrize(
    ("name", "edges", "pairs", "variants_in_all"),
    [
        ("bpic2012.xes.gz", 125, 249_113, 4_366),
        ("helpdesk.xes.gz", 55, 16_768, 226),
        ("receipt.csv", 99, 7_143, 116),
    ],
)
def test_the_command_line_says_what_is_published(
    name: str, edges: int, pairs: int, variants_in_all: int, real: Path, made: Made, tmp_path: Path
) -> None:
    """The counts of PM4Py 2.7.23: ``discover_dfg`` and ``get_variants``, run by
    ``bench/process_mining.py``."""
    data = made.copy(tmp_path / "data")
    brought = zhiyin(data, "import", str(real / "event_logs" / name))
    assert brought.returncode == 0, brought.stderr
    found = json.loads(zhiyin(data, "journey", "paths").stdout)
    assert (found["edges_in_all"], found["pairs"]) == (edges, pairs)
    whole = json.loads(zhiyin(data, "journey", "variants").stdout)
    assert whole["variants_in_all"] == variants_in_all


def test_a_help_desk_and_permits(log: Owner, real: Path, tmp_path: Path) -> None:
    for name, cases in (("helpdesk.xes.gz", 4_580), ("receipt.csv", 1_434)):
        workspace = replace(MAIN, slug=name.split(".")[0])
        log.create(workspace.slug)
        brought = import_path(log, workspace, real / "event_logs" / name, None, data=tmp_path)
        found = paths(log, workspace, PathsAsked())
        assert brought.rows_rejected == 0
        assert found.pairs == brought.rows_read - cases
