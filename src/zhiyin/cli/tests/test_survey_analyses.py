"""What came of a survey beyond the answers, from the command line, as JSON and in words."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.measure.surveys.tests import asked
from zhiyin.measure.surveys.tests.asked import Case, whole
from zhiyin.measure.surveys.tests.test_weights import DECLARED
from zhiyin.warehouse.owner import Owner


def test_every_analysis_is_told(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked.published()
    drawn = random.Random(4)  # noqa: S311 - a test's series
    with Owner(data) as owner:
        asked.planted(owner, [
            Case(f"c{n}", channel=("email", "sms", "wechat")[n % 3], arm=("", "gift")[n % 2],
                 pages=whole(drawn) if n % 4 else None, ended=90.0)
            for n in range(160)
        ])  # fmt: skip
    margins = data / "margins.json"
    margins.write_text(json.dumps(DECLARED))
    rates = zhiyin("survey", "rates", "stay", "--by", "channel", "--by", "arm")
    assert rates["total"]["codes"]["1.1"] == 120
    assert rates["total"]["rates"]["RR1"]["value"] == 75.0
    assert len(rates["groups"]) == 6
    half = zhiyin("survey", "rates", "stay", "--eligible", "0.5", "--where", "channel = 'sms'")
    assert half["total"]["rates"]["RR3"]["of"] < half["total"]["askings"]
    assert [one["name"] for one in zhiyin("survey", "pages", "stay")["pages"]] == ["p1", "p2", "p3"]
    signs = zhiyin("survey", "quality", "stay", "--without", "straight")["signs"]
    listed = zhiyin("survey", "quality", "stay", "--list")["responses"]
    assert sum("straight" in one["signs"] for one in listed) == signs["straight"]["n"]
    tab = zhiyin("survey", "crosstab", "stay", "--rows", "trip", "--by", "channel")
    assert tab["test"]["method"] == "rao-scott"
    weighted = zhiyin("survey", "weights", "stay", "--set", str(margins))
    assert weighted["has_converged"]
    again = zhiyin("survey", "crosstab", "stay", "--rows", "trip", "--by", "channel", "--weighted")
    assert again["weighted"]
    arms = zhiyin("survey", "arms", "stay", "--reference", "gift")
    assert (arms["reference"], arms["arms"]) == ("gift", ["", "gift"])
    periods = ("--before", "2026-03", "--after", "2026-04")
    assert zhiyin("survey", "change", "stay", *periods)["before"] == ["2026-03-01", "2026-04-01"]
    who = zhiyin("survey", "representativeness", "stay", "--by", "channel")
    assert who["indicator"]["cases"] == 160
    for command in ("rates", "pages", "quality", "weights", "arms", "representativeness"):
        capsys.readouterr()
        assert frame.run(["survey", command, "stay", "--data", str(data)]) == 0
        assert "%" in capsys.readouterr().out, command
    few = zhiyin("survey", "rates", "stay", "--where", "channel = 'fax'")
    assert (few["total"]["state"], few["groups"]) == ("too_few", [])
    assert zhiyin("survey", "weights", "stay", "--forget") == {"key": "stay", "removed": True}
    gone = zhiyin("survey", "weights", "stay", status=1)
    assert gone["error"]["code"] == "survey.no-targets"
