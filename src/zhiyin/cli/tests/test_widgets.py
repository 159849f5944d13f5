"""The widget's rules from the command line."""

from __future__ import annotations

from zhiyin.cli.tests.conftest import Zhiyin

SITE = "origins=https://shop.example.com"


def test_a_rule_from_its_making_to_its_removal(zhiyin: Zhiyin) -> None:
    zhiyin("survey", "create", "visit", "--from", "csat")
    assert zhiyin("widget", "set", "shop", SITE, status=2)["error"]["code"] == "usage"
    made = zhiyin("widget", "set", "shop", SITE, "percent=20", "--survey", "visit")
    assert (made["survey"], made["is_on"], made["rule"]["percent"]) == ("visit", False, 20)
    refused = zhiyin("widget", "on", "shop", status=1)
    assert refused["error"]["code"] == "survey.not-published"
    zhiyin("survey", "publish", "visit")
    assert zhiyin("widget", "on", "shop")["is_on"]
    changed = zhiyin("widget", "set", "shop", "pages=/a/*,!/a/b", "percent=")
    assert changed["rule"]["pages"] == ["/a/*", "!/a/b"]
    assert (changed["rule"]["percent"], changed["is_on"]) == (100, True)
    assert changed["seed"] == made["seed"]
    (listed,) = zhiyin("widget", "list", "--survey", "visit")["widget_rules"]
    assert listed == zhiyin("widget", "show", "shop") == changed
    assert zhiyin("widget", "list", "--survey", "other")["widget_rules"] == []
    assert not zhiyin("widget", "off", "shop")["is_on"]
    assert zhiyin("widget", "remove", "shop") == {"name": "shop", "removed": True}
    assert zhiyin("widget", "show", "shop", status=1)["error"]["code"] == "widget.none"


def test_what_a_site_needs(zhiyin: Zhiyin) -> None:
    assert zhiyin("widget", "snippet")["key"] is None
    key = zhiyin("key", "create", "--write", "--source", "web")["key"]
    zhiyin("key", "create", "--webhook", "--source", "crm")
    snippet = zhiyin("widget", "snippet")
    assert snippet["key"] == key
    assert f'/w.js" data-key="{key}"' in snippet["line"]
    proof = zhiyin("widget", "proof-key")["proof_key"]
    assert (len(proof), zhiyin("widget", "proof-key")["proof_key"]) == (64, proof)
