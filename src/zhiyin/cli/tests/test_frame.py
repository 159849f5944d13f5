"""The frame: options anywhere, one document, errors, languages, no heavy import."""

from __future__ import annotations

import json
import subprocess
import sys

import click
import pytest

from zhiyin import __version__
from zhiyin.cli import frame
from zhiyin.cli.columns import table, width
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _


@click.command(
    help="Look at stores, versions, disk and clock, and say what to do about each fault."
)
@click.option("--fail", is_flag=True)
@click.option("--crash", is_flag=True)
@click.pass_obj
def probe(session: Session, fail: bool, crash: bool) -> None:
    if fail:
        raise Problem("probe.failed", _("The workspace (default: the only one)."), _("Do this."))
    if crash:
        raise ZeroDivisionError
    session.say(
        {"data": str(session.data), "workspace": session.workspace_slug, "名": 1.5},
        lambda: "human",
    )


@pytest.fixture(autouse=True)
def _with_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(frame.COMMANDS, "probe", (f"{__name__}:probe", _("Probe.")))


@pytest.mark.parametrize(
    "arguments",
    [
        ["--data", "/d", "--workspace", "shop", "--json", "probe"],
        ["probe", "--json", "--workspace", "shop", "--data=/d"],
        ["--json", "probe", "--data", "/d", "--workspace=shop"],
    ],
)
def test_global_options_stand_before_or_after_the_subcommand(
    arguments: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert frame.run(arguments) == 0
    assert json.loads(capsys.readouterr().out) == {"data": "/d", "workspace": "shop", "名": 1.5}


def test_it_says_its_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["--version"]) == 0
    assert capsys.readouterr().out == f"zhiyin {__version__}\n"
    assert frame.run(["--version", "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == {"version": __version__}


def test_the_later_of_two_answers_wins(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["--workspace", "a", "--json", "probe", "--workspace", "b"]) == 0
    assert json.loads(capsys.readouterr().out)["workspace"] == "b"


def test_without_json_the_answer_is_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["probe"]) == 0
    assert capsys.readouterr().out == "human\n"


def test_a_problem_is_a_document_with_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["probe", "--fail", "--json"]) == 1
    assert json.loads(capsys.readouterr().out) == {
        "error": {
            "code": "probe.failed",
            "message": "The workspace (default: the only one).",
            "hint": "Do this.",
        }
    }


def test_a_problem_is_a_sentence_for_a_person(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["probe", "--fail", "--lang", "zh"]) == 1
    caught = capsys.readouterr()
    assert caught.out == ""
    assert "工作区" in caught.err


@pytest.mark.parametrize(
    "arguments", [["nothing"], ["probe", "--nothing"], ["probe", "--lang", "fr"]]
)
def test_wrong_use_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(arguments) == 2
    assert capsys.readouterr().out == ""
    assert frame.run([*arguments, "--json"]) == 2
    assert json.loads(capsys.readouterr().out)["error"]["code"] == "usage"


def test_a_fault_of_ours_is_a_document_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["probe", "--crash", "--json"]) == 1
    caught = capsys.readouterr()
    assert json.loads(caught.out)["error"]["code"] == "fault"
    assert "ZeroDivisionError" in caught.err


def test_help_speaks_chinese(capsys: pytest.CaptureFixture[str]) -> None:
    assert frame.run(["--lang", "zh", "--help"]) == 0
    shown = capsys.readouterr().out
    assert "用法" in shown
    assert "工作区" in shown
    assert "Show" not in shown


@pytest.mark.parametrize(
    ("arguments", "environment", "expected"),
    [
        (["--lang", "zh"], "en_US.UTF-8", "zh-hans"),
        (["score", "--lang=en"], "zh_CN.UTF-8", "en"),
        ([], "zh_CN.UTF-8", "zh-hans"),
        ([], "C", "en"),
    ],
)
def test_the_language_is_asked_for_or_the_environments(
    arguments: list[str], environment: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", environment)
    assert frame.asked_language(arguments) == expected


def test_help_imports_nothing_heavy() -> None:
    program = (
        "import sys; from zhiyin.cli import main; main(['--help']); "
        "heavy = {'django', 'duckdb', 'ibis', 'pyarrow', 'numpy', 'scipy', 'aiohttp', 'dbos'};"
        "found = heavy & set(sys.modules); assert not found, found"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr


def test_a_table_lines_up_with_chinese_in_it() -> None:
    shown = table(["触点", "n"], [["delivery", 9], ["物流", 1482]], right="1")
    assert shown.splitlines() == [
        "触点         n",
        "────────  ────",
        "delivery     9",
        "物流      1482",
    ]
    assert len({width(line) for line in shown.splitlines()}) == 1
