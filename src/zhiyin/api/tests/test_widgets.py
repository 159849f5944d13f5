"""The widget's rules by program."""

from __future__ import annotations

from zhiyin.accounts.models import Person
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.collect.surveys.tests.written import DOCUMENT
from zhiyin.collect.widgets import kept
from zhiyin.warehouse.owner import Owner

SITE = {"origins": ["https://shop.example.com"]}


def test_a_rule_is_put_switched_and_removed(planted: Owner, cleo: Person) -> None:
    ask = asking(a_key())
    ask("post", "/surveys", {"key": "visit", "document": DOCUMENT})
    made = ask("put", "/widget-rules/shop", {"survey": "visit", "rule": SITE})
    assert (made.status_code, made.json()["is_on"]) == (200, False)
    # Both or neither: the rule stays as it was where it cannot be switched on.
    given = {"survey": "visit", "rule": {**SITE, "percent": 10}, "is_on": True}
    refused = ask("put", "/widget-rules/shop", given)
    assert (refused.status_code, refused.json()["code"]) == (422, "survey.not-published")
    assert ask("get", "/widget-rules/shop").json() == made.json()
    ask("post", "/surveys/visit/publish", {})
    done = ask("put", "/widget-rules/shop", given, Idempotency_Key="one").json()
    assert (done["is_on"], done["rule"]["percent"], done["revision"]) == (True, 10, 2)
    assert ask("put", "/widget-rules/shop", given, Idempotency_Key="one").json() == done
    assert ask("get", "/widget-rules", {"survey": "visit"}).json() == {"widget_rules": [done]}
    wrong = ask("put", "/widget-rules/shop", {"survey": "visit", "rule": {"colour": "red"}})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "widget.unreadable")
    theirs = asking(a_key(workspace="other"))
    assert theirs("get", "/widget-rules").json() == {"widget_rules": []}
    assert theirs("delete", "/widget-rules/shop").status_code == 404
    assert kept.get("main", "shop").is_on
    assert ask("delete", "/widget-rules/shop").json() == {"name": "shop", "removed": True}
    assert ask("get", "/widget-rules/shop").status_code == 404
