"""Data health, mappings, touchpoint rules and retention as a person types them."""

from __future__ import annotations

from pathlib import Path

import pytest

from zhiyin.api.documents.figures import MeasuresDocument
from zhiyin.api.documents.health import HealthDocument
from zhiyin.api.documents.identity import IdentityRulesDocument
from zhiyin.api.documents.imports import MappingDocument, MappingsDocument
from zhiyin.api.documents.rights import GoingDocument, RetentionDocument
from zhiyin.api.documents.rules import TouchpointRulePreviewDocument, TouchpointRulesDocument
from zhiyin.cli import frame
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.collect.files.tests.conftest import ASKED
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put


def test_documents_are_those_that_the_api_describes(
    zhiyin: Zhiyin, data: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Would catch a command line and an API that say the same thing in two ways."""
    with Owner(data) as log:
        put(log, [{"channel": "web"}, {"channel": "desk"}])
    found = HealthDocument.model_validate(zhiyin("data-health"))
    assert [one.rows for one in found.sources] == [2]
    assert (found.unlinked.answers, found.unlinked.of_nobody) == (2, 0)
    file = data / "desk.yaml"
    file.write_text(ASKED, "utf-8")
    saved = MappingDocument.model_validate(zhiyin("mapping", "save", "Desk", str(file)))
    assert (saved.name, saved.saved_by, saved.mapping) == ("Desk", "zhiyin", ASKED)
    listed = MappingsDocument.model_validate(zhiyin("mapping", "list"))
    assert listed.mappings == [saved]
    assert zhiyin("mapping", "show", "Desk") == zhiyin("mapping", "show", str(saved.number))
    assert zhiyin("mapping", "remove", "Desk")["name"] == "Desk"
    assert zhiyin("mapping", "show", "Desk", status=1)["error"]["code"] == "mappings.none"
    RetentionDocument.model_validate(zhiyin("retention", "show"))
    tried = zhiyin("retention", "set", "events:Page*=12", "orders=36", "--dry-run")
    assert GoingDocument.model_validate(tried).going == {}
    assert zhiyin("retention", "show") == {"kept": []}
    assert zhiyin("retention", "set", "orders=36")["kept"][0]["months"] == 36
    for wrong in ("orders", "orders=x", "=3"):
        error = zhiyin("retention", "set", wrong, status=1)["error"]
        assert error["code"] == "rights.retention", wrong
    MeasuresDocument.model_validate(zhiyin("measure"))
    rules = IdentityRulesDocument.model_validate(zhiyin("match", "--rules"))
    assert (rules.shared_by_at_most, rules.last_run) == (2, None)
    changed = zhiyin("match", "--rules", "--set", "shared_by_at_most=3")
    assert changed == {**rules.model_dump(), "shared_by_at_most": 3}
    capsys.readouterr()
    for words, said in (
        (["measure"], "nps"),
        (["match", "--rules"], "shared_by_at_most"),
        (["data-health"], "2"),
        (["mapping", "list"], "zhiyin mapping save"),
        (["retention", "show"], "36"),
    ):
        assert frame.run([*words, "--data", str(data)]) == 0
        assert said in capsys.readouterr().out, words


def test_touchpoint_rules_are_tried_added_moved_and_removed(zhiyin: Zhiyin, data: Path) -> None:
    with Owner(data) as log:
        rows(log, "events", {"customer": "c1", "name": "Page Viewed", "channel": "web"})
    tried = zhiyin("touchpoint-rule", "preview", "channel = 'web'")
    (kind,) = TouchpointRulePreviewDocument.model_validate(tried).kinds
    assert (kind.table, kind.facts) == ("events", 1)
    zhiyin("touchpoint-rule", "add", "channel = 'web'", "site")
    made = zhiyin("touchpoint-rule", "add", "channel = 'app'", "app", "--place", "1")
    listed = TouchpointRulesDocument.model_validate(made)
    assert [one.touchpoint for one in listed.rules] == ["app", "site"]
    moved = zhiyin("touchpoint-rule", "move", "1", "2")
    assert [one["touchpoint"] for one in moved["rules"]] == ["site", "app"]
    assert len(zhiyin("touchpoint-rule", "remove", "1")["rules"]) == 1
    assert zhiyin("touchpoint-rule", "list")["rules"][0]["touchpoint"] == "app"
