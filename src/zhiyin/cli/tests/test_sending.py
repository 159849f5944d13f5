"""`zhiyin reach create`, `send` and what follows: from a list to what came back."""

from __future__ import annotations

import json
from pathlib import Path

from pytest_django import Settings

from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.collect.models import Stopped
from zhiyin.collect.reaching.tests.boxes import served
from zhiyin.collect.reaching.tests.test_bounces import dsn


def test_from_a_list_to_what_came_back(zhiyin: Zhiyin, tmp_path: Path, settings: Settings) -> None:
    settings.ZHIYIN_MAIL_BOUNCES = "back@example.org"
    zhiyin("survey", "create", "visit", "--from", "nps-touchpoint")
    zhiyin("survey", "publish", "visit")
    zhiyin("reach", "rules", "--set", "quiet=none")
    texts = tmp_path / "texts.json"
    texts.write_text(json.dumps({"en": {"subject": "Hello {name}", "body": "{link}"}}), "utf-8")
    made = zhiyin(
        "reach", "create", "spring", "--survey", "visit", "--texts", str(texts), "--remind", "3",
        "--arm", "voucher:voucher:10:1", "--arm", "none",
    )  # fmt: skip
    assert [one["arm"] for one in made["arms"]] == ["voucher", "none"]
    assert set(made["texts"]) == {"en", "zh-Hans"}
    changed = zhiyin("reach", "change", "spring", "--name", "In spring", "--first-question")
    assert (changed["name"], changed["reminders"], changed["has_first_question"]) == (
        "In spring", [3], True,
    )  # fmt: skip
    people = tmp_path / "people.csv"
    people.write_text("customer,email,name\nmei,mei@example.com,Mei\nbo,,Bo\n", "utf-8")
    with served(settings) as box:
        sent = zhiyin("reach", "send", "spring", str(people), "--now")
        assert (sent["planned"], sent["withheld"], sent["done"]["sent"]) == (
            1, {"no_address": 1}, 1,
        )  # fmt: skip
        (letter,) = box.taken
        assert letter.letter["Subject"] == "Hello Mei"
        zhiyin("reach", "test", "spring", "--to", "me@example.com", "--field", "name=Ana")
        assert box.to("me@example.com")[0].letter["Subject"] == "Hello Ana"
    report = tmp_path / "report.eml"
    report.write_bytes(dsn(letter, "failed", "5.1.1"))
    assert zhiyin("reach", "bounces", str(report)) == {"messages": {"hard": 1}}
    (listed,) = zhiyin("reach", "list")["distributions"]
    assert (listed["states"]["bounced"], listed["began"]) == (1, 0)
    assert zhiyin("reach", "stop", "bo@example.com") == {"stopped": True, "is_new": True}
    assert Stopped.objects.count() == 2
    assert zhiyin("reach", "pause", "spring")["is_paused"]
    assert not zhiyin("reach", "pause", "spring", "--go-on")["is_paused"]
    assert zhiyin("reach", "again", "spring")["askings"] == 0
    links = tmp_path / "links.csv"
    assert zhiyin("reach", "links", "spring", "-o", str(links))["links"] == 0
    assert "/hooks/sms/main/" in zhiyin("reach", "hooks")["sms"]
    told = zhiyin("reach", "show", "none", status=1)
    assert told["error"]["code"] == "distribution.none"
