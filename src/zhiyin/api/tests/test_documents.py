"""What operations answer: documents as they are described, page by page, and errors."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ninja import Schema

from zhiyin.accounts import work
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.api.api import api
from zhiyin.api.documents.form import Document, ProblemDocument
from zhiyin.api.reference import FILE, operations
from zhiyin.api.tests.conftest import a_key, asking
from zhiyin.kernel.documents import as_json
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.planted import HER, PLANTED

TWICE = "Order Completed > Order Completed"


def got(path: str, given: Any = None) -> Any:
    answer = asking(a_key())("get", path, given)
    assert answer.status_code == 200, answer.content
    return answer.json()


def _below(form: type[Schema]) -> Iterator[type[Schema]]:
    """Every form of a document that is made of this one."""
    for one in form.__subclasses__():
        yield one
        yield from _below(one)


def test_what_is_described_is_what_is_answered(filled: Owner) -> None:
    """Would catch a field that the description lacks, or one that it invents."""
    asked = {
        "score": {"by": "channel", "kind": "touchpoint"},
        "compare": {"by": "channel", "kind": "touchpoint", "against": "rest"},
        "customer": {"id": HER}, "timeline": {"id": HER}, "why": {"id": HER},
        "export_customer": {"id": HER}, "consents": {"id": HER},
        "preview_touchpoint_rule": {"where": "channel = 'web'"},
        "preview_unit_rule": {"where": "channel = 'web'"},
        "funnel": {"steps": TWICE, "by": "channel"}, "conversion": {"steps": TWICE},
        "waits": {"steps": TWICE}, "losses": {"steps": TWICE},
        "task": {"start": "Order Completed", "goal": "Order Completed", "by": "channel",
                 "every": "month"},
        "time_between": {"first": "Order Completed"},
        "adoption": {"of": "Order Completed", "every": "month"},
        "journey_retention": {"every": "month"},
        "before": {"outcome": "event", "name": "Order Completed"},
        "parting": {"one": "channel = 'app'", "two": "channel = 'web'"},
        "journey_customers": {"figure": f"of=step&steps={TWICE}&within=7d&step=1"},
    }  # fmt: skip
    work.ask(by=COMMAND_LINE, kind="suggest-merges", workspace="main")
    known = {one.__name__: one for one in _below(Schema)}
    seen = set()
    for _tag, one in operations():
        path = one.path.replace("{metric}", "nps").replace("{slug}", "planted")
        if one.method != "GET" or "{" in path or one.answer == FILE:
            continue
        document = got(path, asked.get(one.name))
        if one.answer == "object":
            continue
        described = known[one.answer]
        read = described.model_validate(document)
        items = document.get("items")
        assert items is None or items or one.name == "erasures", one.name
        written = json.loads(as_json(read.model_dump(mode="json", by_alias=True)))
        assert set(written) == set(document), one.name
        seen.add(one.name)
    assert len(seen) >= 46, seen


def test_no_two_documents_have_one_name() -> None:
    """In the description they would be one form, which one of the two does not fit."""
    named = Counter(one.__name__ for one in set(_below(Document)))
    assert [name for name, times in named.items() if times > 1] == []


def test_the_description_is_openapi_3_1_and_names_every_error(filled: Owner) -> None:
    answer = asking("")("get", "/openapi.json")
    document = answer.json()
    assert (answer.status_code, document["openapi"][:3]) == (200, "3.1")
    assert len(document["paths"]) == len(api.get_openapi_schema()["paths"]) > 25
    fields = {f for one in document["components"]["schemas"].values() for f in one["properties"]}
    assert "from" in fields
    assert [name for name in fields if name.endswith("_")] == []  # as Python names them
    for methods in document["paths"].values():
        for one in methods.values():
            assert {"401", "403", "404", "422"} <= set(one["responses"]), one["operationId"]
            assert one["security"] == [{"ApiKeyAuth": []}]


def test_pages_of_a_list_are_the_list(filled: Owner) -> None:
    """Would catch a row that stands on two pages, or on none."""
    ask = asking(a_key())
    for path, given, size in (
        ("/customers", {"where": "orders >= 0"}, 7),
        ("/customer/timeline", {"id": HER}, 7),
        ("/answers", {"where": "metric = 'csat'"}, 60),
        ("/events", {}, 7),
        ("/audit", {}, 2),
    ):
        whole = ask("get", path, {**given, "limit": 500}).json()
        assert whole["next"] is None
        pages: list[Any] = []
        following: dict[str, Any] = {"next": ""}
        while following["next"] is not None:
            asked = {**given, "limit": size, "cursor": following["next"]}
            following = ask("get", path, asked).json()
            assert 0 < len(following["items"]) <= size, (path, len(pages))
            pages += following["items"]
        assert pages == whole["items"], path
        assert len(pages) > size, path


def test_a_cursor_of_another_list_is_refused(filled: Owner) -> None:
    ask = asking(a_key())
    for cursor in ("x", "e30", "IjEi", "LTE", "bnVsbA", "OTk5OTk5OTk5OTk5OTk5OTk5OTk5OTk5"):
        answer = ask("get", "/customers", {"cursor": cursor})
        assert (answer.status_code, answer.json()["code"]) == (422, "api.cursor"), cursor


def test_errors_are_problem_documents_in_the_readers_language(filled: Owner) -> None:
    ask = asking(a_key())
    for path, given, status, code in (
        ("/scores/npx", {}, 404, "measure.no-such-metric"),
        ("/scores/nps", {"by": "colour"}, 422, "score.no-such-column"),
        ("/scores/nps", {"where": "channel ="}, 422, None),
        ("/scores/csat", {"colour": "red"}, 422, "api.not-as-described"),
        ("/scores/nps", {"from": "yesterday"}, 422, "api.not-as-described"),
        ("/customer", {"id": "nobody-of-this-name"}, 404, "customer.none"),
        ("/erasures/17", {}, 404, "rights.no-such-receipt"),
        ("/nothing/here", {}, 404, "api.no-such-address"),
    ):
        answer = ask("get", path, given)
        assert answer.headers["content-type"] == "application/problem+json", path
        told = ProblemDocument.model_validate(answer.json())
        assert (answer.status_code, told.status) == (status, status), answer.content
        assert told.title
        assert told.type == f"urn:zhiyin:problem:{told.code}"
        assert code in (None, told.code)
    chinese = ask("get", "/scores/npx", Accept_Language="zh-CN").json()["title"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), chinese
    yes = ask("post", "/dead-letters/replay", {"numbers": [True]})
    assert (yes.status_code, yes.json()["code"]) == (422, "api.not-as-described")
    wrong = ask("post", "/scores/nps", {})
    assert (wrong.status_code, wrong.headers["allow"]) == (405, "GET")
    assert wrong.json()["code"] == "api.no-such-method"


def test_a_character_that_one_store_cannot_keep_is_refused_by_both(planted: Owner) -> None:
    """Would catch an answer with 500 on PostgreSQL alone."""
    ask = asking(a_key())
    for method, path, given in (
        ("post", "/segments", {"name": "a\0b", "rule": "tier = 'gold'"}),
        ("post", "/segments", {"name": "\ud800", "rule": "tier = 'gold'"}),
        ("patch", "/identity-rules", {"traits": ["email", "a\0b"]}),
        ("put", "/retention", {"kept": [{"table": "events", "pattern": "a\0b", "months": 3}]}),
        ("get", "/audit", {"text": "a\0b"}),
        ("get", "/jobs", {"kind": "a\0b"}),
    ):
        answer = ask(method, path, given)
        assert (answer.status_code, answer.json()["code"]) == (422, "api.not-as-described"), path
    for method, path in (("get", "/mappings/a%00b"), ("delete", "/segments/a%00b")):
        answer = ask(method, path)
        assert (answer.status_code, answer.json()["code"]) == (404, "api.no-such-address"), path


def test_what_breaks_says_nothing_of_why(filled: Owner, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_given: Any, **_more: Any) -> None:
        raise RuntimeError(PLANTED["name"])

    monkeypatch.setattr("zhiyin.api.operations.figures.scores.score", breaks)
    answer = asking(a_key())("get", "/scores/nps")
    assert (answer.status_code, answer.json()["code"]) == (500, "api.our-fault")
    assert PLANTED["name"].encode() not in answer.content


def test_writes_are_done_and_audited_under_the_name_of_the_key(
    filled: Owner, tmp_path: Path
) -> None:
    ask = asking(a_key())
    made = ask("post", "/segments", {"name": "Gold", "rule": "tier = 'gold'"})
    assert (made.status_code, made.json()["slug"]) == (201, "gold")
    changed = ask("put", "/segments/gold", {"name": "Golden", "rule": "tier = 'gold'"})
    golden = {"slug": "gold", "name": "Golden", "rule": "tier = 'gold'", "is_kept": False}
    assert changed.json() == golden
    assert ask("delete", "/segments/gold").json()["name"] == "Golden"
    assert ask("delete", "/segments/gold").status_code == 404
    key = ask("post", "/keys", {"source": "till"}).json()
    assert ask("delete", f"/keys/{key['key']}").json()["revoked_at"]
    other = PLANTED["other customer"]
    merged = ask("post", "/merges", {"a": HER, "b": other, "note": "she said so"}).json()
    assert {"kind": "customer", "id": other} in merged["ids"]
    undone = ask("delete", f"/merges/{merged['merge_id']}").json()
    assert undone["is_still_one"] is False
    (pair,) = ask("get", "/merge-suggestions").json()["items"]
    decided = ask("post", f"/merge-suggestions/{pair['number']}", {"decision": "reject"})
    assert decided.json()["state"] == "rejected"
    defined = ask("put", "/event-catalogue", {"name": "Order Completed", "description_en": "x"})
    assert defined.json()["description_en"] == "x"
    said_no = {"id": HER, "purpose": "news", "channel": "mail", "is_given": False,
               "evidence": "a letter"}  # fmt: skip
    consent = ask("post", "/customer/consents", said_no)
    assert (consent.status_code, consent.json()["is_given"]) == (201, False)
    replayed = ask("post", "/dead-letters/replay", {})
    assert replayed.json() == {"tried": 1, "taken": 0, "refused": 1}
    assert ask("post", "/dead-letters/dismiss", {}).json() == {"dismissed": 1}
    erased = ask("post", "/erasures", {"id": other})
    assert (erased.status_code, erased.json()["state"]) == (201, "unreadable")
    receipt = ask("get", f"/erasures/{erased.json()['number']}").json()
    assert receipt["number"] == erased.json()["number"]
    assert ask("get", "/customer", {"id": other}).status_code == 404
    done = AuditEntry.of("main").filter(by="api: a program").values_list("action", flat=True)
    assert set(done) >= {
        "segment.created", "segment.changed", "segment.removed", "write_key.created",
        "write_key.revoked", "customers.merged", "customers.unmerged",
        "match_suggestion.rejected", "event.defined", "consent.recorded",
        "dead_letters.replayed", "dead_letters.dismissed", "erasure.asked",
    }  # fmt: skip
