"""`zhiyin score` and `zhiyin compare` on a real log: the promised document, and words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import click
import pyarrow as pa
import pytest
from click.testing import CliRunner

from zhiyin.accounts.workspaces import Settings
from zhiyin.cli import scoring
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import in_language

SETTINGS = Settings(
    slug="main",
    name="Main",
    timezone="Asia/Shanghai",
    week_start=0,
    currency="CNY",
    language="en",
)


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    """120 answers in January and February: the app pleases, the shop does not."""
    session = Session()
    session.set_data(tmp_path)
    session.__dict__["workspace"] = SETTINGS
    session.log.create("main")
    count = 120
    channels = ["app" if i % 2 else "shop" for i in range(count)]
    rows = {
        "row": list(range(count)),
        "id": [f"a{i}" for i in range(count)],
        "customer": [f"c{i}" for i in range(count)],
        "occurred_at": [datetime(2026, 1, 2) + timedelta(days=i % 50) for i in range(count)],
        "question": ["recommend"] * count,
        "metric": ["nps"] * count,
        "kind": ["touchpoint"] * count,
        "scale_min": [0.0] * count,
        "scale_max": [10.0] * count,
        "answer_state": ["answered"] * count,
        "score": [
            10.0 if channel == "app" and i % 5 else 4.0 for i, channel in enumerate(channels)
        ],
        "channel": channels,
    }
    with session.log.begin("main", source="test", label="test") as batch:
        batch.write("answers", pa.table(rows))
        batch.commit()
    yield session
    session.close()


def run(session: Session, command: click.Command, *arguments: str) -> str:
    found = CliRunner().invoke(command, arguments, obj=session, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return found.stdout


def document(session: Session, command: click.Command, *arguments: str) -> Any:
    session.is_json = True
    return json.loads(run(session, command, *arguments))


def test_the_score_document(session: Session) -> None:
    found = document(
        session, scoring.score, "nps", "--by", "channel", "--every", "month",
        "--from", "2026-01-01", "--to", "2026-03-01", "--where", "channel in ('app', 'shop')",
        "--question", "recommend", "--kind", "touchpoint", "--per", "answer", "--confidence", "0.9",
    )  # fmt: skip
    assert [(row["group"]["channel"], row["period"]) for row in found["rows"]] == [
        ("app", "2026-01"), ("app", "2026-02"), ("shop", "2026-01"), ("shop", "2026-02"),
    ]  # fmt: skip
    assert found["total"]["n"] == sum(row["n"] for row in found["rows"]) == 120
    assert (found["from"], found["to"]) == ("2026-01-01", "2026-03-01")
    assert (found["unit"], found["better"], found["per"]) == ("points", "up", "answer")
    assert found["questions"] == ["recommend"]


def test_the_comparison_document(session: Session) -> None:
    found = document(
        session, scoring.compare, "nps", "--by", "channel", "--against", "rest", "--fdr", "by"
    )
    app, shop = found["rows"]
    assert {"difference", "low", "high", "p", "q", "marked"} <= set(app)
    assert app["marked"]
    assert app["low"] > 0 > shop["high"]
    assert (app["place"], shop["place"]) == (1, 2)
    valued = document(session, scoring.compare, "nps", "--by", "channel", "--against", "-20.5")
    assert valued["rows"][0]["reference_value"] == pytest.approx(-20.5)


def test_the_time_of_an_answer_can_be_asked_again(session: Session) -> None:
    """What ``as_of`` says is understood by ``--as-of``."""
    first = document(session, scoring.score, "nps")
    again = document(session, scoring.score, "nps", "--as-of", first["as_of"])
    assert again["total"] == first["total"]
    assert document(session, scoring.score, "nps", "--as-of", "2026-01-01")["total"]["n"] == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Net Promoter Score (NPS)", "points", "95% CI", "Total", "small base", "(none)"]),
        ("zh", ["净推荐值（NPS）", "分", "95% 置信区间", "合计", "样本量偏小", "（无）"]),
    ],
)
def test_a_table_in_words(session: Session, language: str, words: list[str]) -> None:
    with in_language(language):
        shown = run(session, scoring.score, "nps", "--by", "touchpoint,channel")
    for word in words:
        assert word in shown
    assert "+60.0" in shown


@pytest.mark.parametrize(
    ("language", "few", "withheld"),
    [
        ("en", "not enough answers", "withheld, so that no other group can be calculated"),
        ("zh", "样本量不足，不予显示", "不予显示，以免推算出其他组"),
    ],
)
def test_a_row_says_why_it_is_not_shown(
    session: Session, language: str, few: str, withheld: str
) -> None:
    """Of the app's answers fifteen are taken, and no figure is shown of fewer than thirty."""
    session.__dict__["workspace"] = replace(SETTINGS, minimum_base=30)
    where = "channel = 'shop' or occurred_at < 2026-01-12"
    for command, more in ((scoring.score, ()), (scoring.compare, ("--against", "50"))):
        with in_language(language):
            shown = run(session, command, "nps", "--by", "channel", "--where", where, *more)
        lines = {line.split()[0]: line for line in shown.splitlines() if line}
        assert few in lines["app"]
        assert withheld in lines["shop"]
        hidden = lines["app"] + lines["shop"]
        assert not re.search(r"\d[.]\d", hidden.replace("+50.0", ""))
        assert ("< 30" in lines["app"]) == (command is scoring.score)


@pytest.mark.parametrize(("language", "words"), [("en", "tests as one family"), ("zh", "检验")])
def test_comparisons_in_words(session: Session, language: str, words: str) -> None:
    with in_language(language):
        shown = run(session, scoring.compare, "nps", "--by", "channel", "--against", "rest")
    assert words in shown
    assert "▲" in shown
    assert "▼" in shown


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["npss"], "measure.no-such-metric"),
        (["nps", "--by", "colour"], "score.no-such-column"),
        (["nps", "--where", "channel = "], "filter.syntax"),
        (["nps", "--kind", "contact"], "score.no-such-kind"),
        (["bounce", "--question", "recommend"], "score.not-asked"),
        (["response_rate"], "score.not-available"),
        (["nps", "--confidence", "95"], "score.confidence"),
    ],
)
def test_problems(session: Session, arguments: list[str], code: str) -> None:
    with pytest.raises(Problem) as refused:
        run(session, scoring.score, *arguments)
    assert refused.value.code == code
    assert str(refused.value.hint)
