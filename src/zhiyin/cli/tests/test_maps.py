"""`zhiyin journey map`, `conformance` and `whole`: the promised documents, and words."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.maps import document
from zhiyin.maps.tests import trip

MAP = ("journey", "map")
MAY = ("--from", "2026-05-01", "--to", "2026-06-01")


@pytest.fixture(scope="module")
def trip_log(empty_log: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return trip.plant(empty_log, tmp_path_factory.mktemp("trip") / "data")


@pytest.fixture
def data(db: None, trip_log: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("ZHIYIN_DATA", str(tmp_path))
    accounts.set_up(by=COMMAND_LINE, login="ana")
    shutil.copytree(trip_log, tmp_path, dirs_exist_ok=True)
    trip.keep()
    return tmp_path


def said(data: Path, capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 0) -> str:
    capsys.readouterr()
    ended = frame.run([*arguments, "--data", str(data)])
    told = capsys.readouterr()
    assert ended == status, told.err or told.out
    return told.out + told.err


def test_a_key_in_the_place_of_a_command_shows_every_figure(zhiyin: Zhiyin) -> None:
    found = zhiyin(*MAP, "trip", *MAY)
    assert (found["key"], found["version"], found["name"]["zh-Hans"]) == ("trip", 1, "出行")
    assert (found["from"], found["to"], found["metric"]) == ("2026-05-01", "2026-06-01", "csat")
    search = found["touchpoints"][0]
    assert (search["id"], search["traffic"]["customers"]) == ("search", 200)
    flow = search["traffic"]
    assert flow["left_low"] < flow["left_share"] < flow["left_high"]
    score = search["score"]
    assert score["low"] < score["value"] < score["high"]
    assert found["unexplained"][0]["name"] == "Pet Page Viewed"
    assert found["difficulties"][0]["touchpoint"] == "refund"
    assert zhiyin(*MAP, "figures", "trip", *MAY)["touchpoints"] == found["touchpoints"]


def test_what_is_asked_of_a_map(zhiyin: Zhiyin) -> None:
    def customers(*more: str) -> int:
        return int(zhiyin(*MAP, "trip", *MAY, *more)["touchpoints"][1]["traffic"]["customers"])

    assert customers() == 100
    assert customers("--where", "channel = 'app'") == 50
    assert customers("--customers", "orders >= 1") == 60
    zhiyin(*MAP, "persona", "buyer", "--en", "Buyers", "--zh", "购买者",
           "--customers", "orders >= 1")  # fmt: skip
    of_buyers = trip.trip()
    shown = json.loads(document.write(of_buyers))
    shown["persona"] = "buyer"
    assert customers("--customers", "") == 100
    wide = zhiyin(*MAP, "trip", *MAY, "--confidence", "0.99")["touchpoints"][0]["traffic"]
    usual = zhiyin(*MAP, "trip", *MAY)["touchpoints"][0]["traffic"]
    assert wide["left_low"] < usual["left_low"]
    other = zhiyin(*MAP, "trip", *MAY, "--metric", "net_box")
    assert other["metric"] == "net_box"
    backwards = zhiyin(*MAP, "trip", "--from", "2026-06-01", "--to", "2026-05-01", status=1)
    assert backwards["error"]["code"] == "period.backwards"
    assert zhiyin(*MAP, "nothing", status=1)["error"]["code"] == "map.none"
    assert zhiyin(*MAP, "trip", "--version", "7", status=1)["error"]["code"] == "map.no-version"


def test_a_map_of_a_persona_is_of_its_customers(zhiyin: Zhiyin, tmp_path: Path) -> None:
    zhiyin(*MAP, "persona", "buyer", "--en", "Buyers", "--zh", "购买者",
           "--customers", "orders >= 1")  # fmt: skip
    written = tmp_path / "buyers.json"
    written.write_bytes(
        document.write(trip.trip()).replace(b'"goal"', b'"persona": "buyer",\n  "goal"', 1)
    )
    assert zhiyin(*MAP, "import", str(written), "--keep")["persona"] == "buyer"

    def customers(*more: str) -> int:
        return int(zhiyin(*MAP, "buyers", *MAY, *more)["touchpoints"][1]["traffic"]["customers"])

    assert (customers(), customers("--customers", "")) == (60, 100)
    used = zhiyin(*MAP, "persona", "buyer", "--remove", status=1)
    assert used["error"]["code"] == "map.persona-used"


def test_days_that_are_not_said(zhiyin: Zhiyin) -> None:
    found = zhiyin(*MAP, "trip")
    assert (found["from"], found["to"]) == ("2026-05-01", "2026-06-01")
    until = zhiyin(*MAP, "trip", "--to", "2026-05-01")
    assert (until["from"] < "2026-04-30", until["to"]) == (True, "2026-05-01")
    since = zhiyin(*MAP, "trip", "--from", "2026-05-01")
    assert (since["from"], since["to"] > "2026-05-02") == ("2026-05-01", True)


def test_figures_and_difficulties_in_words(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(data, capsys, *MAP, "trip", *MAY)
    for needed in (
        "Trip · version 1 · 2026-05-01",
        "Flight search",
        "200",
        "▼▼",
        "Pet Page Viewed",
    ):
        assert needed in told, needed
    chinese = said(data, capsys, *MAP, "difficulties", "trip", *MAY, "--lang", "zh")
    assert "退款" in chinese
    assert "可以确定最差的评分" in chinese
    assert "KEY | COMMAND" in said(data, capsys, *MAP, "--help")
    assert "No such option" in said(data, capsys, *MAP, "trip", "--nothing", status=2)


def test_difficulties_come_with_the_figures_of_their_touchpoints(zhiyin: Zhiyin) -> None:
    found = zhiyin(*MAP, "difficulties", "trip", *MAY)
    first = found["difficulties"][0]
    assert (first["place"], first["by"], first["touchpoint"]) == (1, "worst", "refund")
    assert first["figures"]["tone"] == -2
    lost = next(one for one in found["difficulties"] if one["by"] == "loss")
    assert lost["loss"]["low"] < lost["loss"]["value"] < lost["loss"]["high"]


def test_a_map_goes_out_and_comes_in_with_the_same_figures(zhiyin: Zhiyin, tmp_path: Path) -> None:
    file = tmp_path / "again.json"
    out = zhiyin(*MAP, "export", "trip", "-o", str(file))
    assert (out["file"], out["version"]) == (str(file), 1)
    assert document.read(file.read_bytes()) == trip.trip()
    made = zhiyin(*MAP, "import", str(file), "--keep")
    assert (made["key"], made["version"], made["has_changes"]) == ("again", 1, False)
    first, second = (zhiyin(*MAP, key, *MAY) for key in ("trip", "again"))
    changing = {"key", "as_of"}
    assert {name: value for name, value in first.items() if name not in changing} == {
        name: value for name, value in second.items() if name not in changing
    }
    file.write_bytes(file.read_bytes().replace(b'"Payment"', b'"Pay"'))
    draft = zhiyin(*MAP, "import", str(file), "--key", "trip")
    assert (draft["version"], draft["has_changes"], draft["operation"]) == (1, True, 1)
    assert zhiyin(*MAP, "show", "trip")["document"]["nodes"][2]["name"]["en"] == "Pay"
    kept = zhiyin(*MAP, "keep", "trip", "--notes", "shorter")
    assert (kept["number"], kept["notes"], kept["kept_by"]) == (2, "shorter", "zhiyin")
    old = zhiyin(*MAP, "show", "trip", "--version", "1")
    assert old["document"]["nodes"][2]["name"]["en"] == "Payment"
    assert [one["number"] for one in zhiyin(*MAP, "show", "trip")["versions"]] == [2, 1]
    file.write_text("{}x")
    wrong = zhiyin(*MAP, "import", str(file), status=1)
    assert wrong["error"]["code"] == "map.document"


def test_a_map_is_written_to_the_terminal(data: Path, capsys: pytest.CaptureFixture[str]) -> None:
    told = said(data, capsys, *MAP, "export", "trip")
    assert document.read(told) == trip.trip()


@pytest.mark.parametrize(
    ("suffix", "begins"), [("png", b"\x89PNG"), ("pdf", b"%PDF"), ("svg", b"<svg"), ("xlsx", b"PK")]
)
def test_a_picture_is_written(zhiyin: Zhiyin, tmp_path: Path, suffix: str, begins: bytes) -> None:
    file = tmp_path / f"map.{suffix}"
    told = zhiyin(*MAP, "picture", "trip", "-o", str(file), *MAY)
    assert (told["kind"], told["file"], told["version"]) == (suffix, str(file), 1)
    assert file.read_bytes().startswith(begins)
    assert told["bytes"] == file.stat().st_size


def test_a_picture_goes_somewhere(zhiyin: Zhiyin, tmp_path: Path) -> None:
    assert zhiyin(*MAP, "picture", "trip", status=2)["error"]["code"] == "usage"
    unknown = zhiyin(*MAP, "picture", "trip", "-o", str(tmp_path / "map.gif"), status=1)
    assert unknown["error"]["code"] == "map.no-such-file"
    nowhere = tmp_path / "none" / "map.svg"
    refused = zhiyin(*MAP, "picture", "trip", "-o", str(nowhere), *MAY, status=1)
    assert refused["error"]["code"] == "map.cannot-write"


def test_maps_are_made_listed_and_removed(zhiyin: Zhiyin) -> None:
    made = zhiyin(*MAP, "create", "mine", "--template", "service", "--name", "Ours")
    assert (made["touchpoints"], made["version"]) == (0, None)
    assert made["stages"] > 3
    brought = zhiyin(*MAP, "create", "fly", "--template", "airline")
    assert (brought["version"], brought["touchpoints"] > 15) == (1, True)
    assert brought["made"]["personas"]
    assert [one["key"] for one in zhiyin(*MAP, "list")["maps"]] == ["fly", "mine", "trip"]
    none = zhiyin(*MAP, "create", "other", "--template", "nothing", status=1)
    assert none["error"]["code"] == "map.no-template"
    again = zhiyin(*MAP, "create", "mine", "--template", "sale", status=1)
    assert again["error"]["code"] == "map.key-taken"
    assert zhiyin(*MAP, "remove", "mine") == {"key": "mine", "removed": True}
    assert zhiyin(*MAP, "show", "mine", status=1)["error"]["code"] == "map.none"
    by = AuditEntry.of("main").filter(action__startswith="map.").values_list("by", flat=True)
    assert set(by) == {"zhiyin"}


def test_personas_are_made_changed_and_removed(zhiyin: Zhiyin) -> None:
    made = zhiyin(*MAP, "persona", "fam", "--en", "Families", "--zh", "家庭", "--says-en", "Kids.")
    assert made == {
        "key": "fam", "name": {"en": "Families", "zh-Hans": "家庭"},
        "says": {"en": "Kids.", "zh-Hans": ""}, "customers": "", "place": 0,
    }  # fmt: skip
    changed = zhiyin(*MAP, "persona", "fam", "--customers", "orders >= 2")
    assert changed == {**made, "customers": "orders >= 2"}
    assert zhiyin(*MAP, "personas") == {"personas": [changed]}
    nameless = zhiyin(*MAP, "persona", "new", status=1)
    assert nameless["error"]["code"] == "map.persona"
    assert zhiyin(*MAP, "persona", "fam", "--remove")["removed"] is True
    assert zhiyin(*MAP, "personas") == {"personas": []}


def test_conformance_and_whole_journeys_have_their_documents(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    followed = zhiyin("journey", "conformance", "trip", *MAY)
    assert (followed["key"], followed["from"], followed["customers"]) == ("trip", "2026-05-01", 200)
    assert followed["share"]["low"] < followed["share"]["value"] <= followed["share"]["high"]
    told = said(data, capsys, "journey", "conformance", "trip", *MAY)
    assert "Of 200 customers" in told
    whole = zhiyin("journey", "whole", "trip", *MAY)
    assert (whole["key"], whole["question"], whole["state"]) == ("trip", None, "ok")
    nobody = said(data, capsys, "journey", "whole", "trip", *MAY)
    assert "Nobody judged a whole journey" in nobody
