"""Competitor walkthroughs from the command line."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from zhiyin.accounts.models import AuditEntry
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.maps.models import AuditRun

AUDIT = ("journey", "audit")
LIST = """run,site,done_on,who,done,ease,step,touchpoint,seconds,failed,proof
a,Ours,2026-03-02,P1,yes,6,Search,,12.5,,
a,,,,,,Pay,,30,Card refused,https://a.example/1
b,Blue,2026-03-02,P2,no,,Search,,,,
"""


def code(document: dict[str, Any]) -> str:
    return str(document["error"]["code"])


@pytest.fixture
def number(zhiyin: Zhiyin) -> str:
    made = zhiyin(*AUDIT, "create", "Buy a ticket", "--ours", "Ours", "--site", "Blue")
    assert (made["title"], made["revision"], made["runs"]) == ("Buy a ticket", 1, 0)
    return str(made["number"])


def test_a_walkthrough_is_made_changed_and_removed(zhiyin: Zhiyin, number: str) -> None:
    changed = zhiyin(*AUDIT, "change", number, "--task", "Pay it.", "--site", "Green")
    assert [(one["name"], one["is_ours"]) for one in changed["sites"]] == [
        ("Ours", True), ("Green", False),
    ]  # fmt: skip
    assert (changed["title"], changed["task"]) == ("Buy a ticket", "Pay it.")
    turned = zhiyin(*AUDIT, "change", number, "--ours", "Green", "--title", "Other")
    assert {one["name"]: one["is_ours"] for one in turned["sites"]} == {
        "Green": True, "Ours": False,
    }  # fmt: skip
    listed = zhiyin(*AUDIT, "list")["walkthroughs"]
    assert [(one["number"], one["title"]) for one in listed] == [(int(number), "Other")]
    assert code(zhiyin(*AUDIT, "create", "Other", "--ours", "X", status=1)) == (
        "walkthrough.title-taken"
    )
    assert zhiyin(*AUDIT, "remove", number) == {"number": int(number), "removed": True}
    assert code(zhiyin(*AUDIT, "show", number, status=1)) == "walkthrough.none"
    by = AuditEntry.of("main").filter(action__startswith="walkthrough").values_list("by", flat=True)
    assert set(by) == {"zhiyin"}


def test_a_run_is_written_down_with_its_proof(
    zhiyin: Zhiyin, number: str, data: Path, tmp_path: Path
) -> None:
    file = tmp_path / "proof.png"
    content = BytesIO()
    Image.new("RGB", (30, 20), "red").save(content, "PNG")
    file.write_bytes(content.getvalue())
    given = ("add-run", number, "--site", "Blue", "--who", "P1", "--done", "--ease", "3")
    steps = ("--step", "Search | 12.5", "--step", "Pay|30||Card refused|https://a.example/1")
    run = zhiyin(*AUDIT, *given, *steps, "--on", "2026-03-02", "--picture", "2", str(file))
    assert (run["site"], run["done_on"], run["is_done"], run["ease"], run["seconds"]) == (
        "Blue", "2026-03-02", True, 3, 42.5,
    )  # fmt: skip
    assert [(one["says"], one["failed"], one["link"]) for one in run["steps"]] == [
        ("Search", "", None), ("Pay", "Card refused", "https://a.example/1"),
    ]  # fmt: skip
    assert [one["has_picture"] for one in run["steps"]] == [False, True]
    shown = zhiyin(*AUDIT, "show", number)
    assert shown["all_runs"] == [run]
    blue = shown["compared"]["sites"][1]
    assert blue["figures"]["seconds"] == {
        "value": pytest.approx(42.5), "low": None, "high": None, "n": 1, "people": 1,
    }  # fmt: skip
    assert blue["beside_ours"]["seconds"]["state"] == "too_few"
    assert shown["steps"][0]["name"] == "Search"
    # What is no picture, or no step, writes nothing.
    file.write_text("<svg/>")
    refused = zhiyin(*AUDIT, *given, *steps, "--picture", "1", str(file), status=1)
    assert code(refused) == "walkthrough.picture"
    refused = zhiyin(*AUDIT, *given, *steps, "--picture", "3", str(file), status=1)
    assert code(refused) == "walkthrough.no-step"
    for step, why in (("a|b", "list.not-a-number"), ("a|1|||x|y", "walkthrough.step"),
                      ("a||||javascript:x", "walkthrough.step")):  # fmt: skip
        assert code(zhiyin(*AUDIT, *given, "--step", step, status=1)) == why
    assert AuditRun.objects.count() == 1
    assert zhiyin(*AUDIT, "remove-run", number, str(run["number"]))["removed"]
    assert not AuditRun.objects.exists()


def test_a_list_is_imported_once_and_exported(zhiyin: Zhiyin, number: str, tmp_path: Path) -> None:
    file = tmp_path / "runs.csv"
    file.write_text(LIST)
    looked = zhiyin(*AUDIT, "import", number, str(file), "--dry-run")
    assert looked == {"new": 2, "same": 0, "is_dry_run": True}
    assert not AuditRun.objects.exists()
    assert zhiyin(*AUDIT, "import", number, str(file))["new"] == 2
    assert zhiyin(*AUDIT, "import", number, str(file)) == {
        "new": 0, "same": 2, "is_dry_run": False,
    }  # fmt: skip
    out = tmp_path / "out.csv"
    assert zhiyin(*AUDIT, "export", number, "-o", str(out))["rows"] == 3
    assert out.read_text("utf-8-sig").splitlines()[0].startswith("run,site,done_on")
    file.write_text(LIST.replace("Blue", "Red"))
    refused = zhiyin(*AUDIT, "import", number, str(file), status=1)
    assert (code(refused), AuditRun.objects.count()) == ("list.wrong", 2)


def test_the_table_says_what_is_more_than_chance(
    zhiyin: Zhiyin, number: str, tmp_path: Path, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = ["run,site,done_on,who,done,step,seconds"]
    for at in range(8):
        lines.append(f"a{at},Ours,2026-03-02,A{at},yes,Pay,{60 + 3 * at}")
        lines.append(f"b{at},Blue,2026-03-02,B{at},yes,Pay,{150 + 5 * at}")
    file = tmp_path / "runs.csv"
    file.write_text("\n".join(lines))
    zhiyin(*AUDIT, "import", number, str(file))
    capsys.readouterr()
    assert frame.run([*AUDIT, "show", number, "--data", str(data)]) == 0
    said = capsys.readouterr().out
    assert "▲ × 2.38" in said
    assert "worse than ours" in said
    assert "no significant difference" in said
    assert frame.run([*AUDIT, "list", "--data", str(data)]) == 0
    assert "Buy a ticket" in capsys.readouterr().out
