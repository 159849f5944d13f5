"""Two versions of a reading on a page: what moved, examples, and who sees what of it."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import Any

import pytest
from django.test import Client

from zhiyin.accounts.models import Role
from zhiyin.listen import keeping
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = pytest.mark.any_store

SAID = "<b>the belt</b> stood still, call 13812345678"
EACH = 14


@pytest.fixture
def read_anew(as_ana: Client, log: Owner) -> Owner:
    """Fourteen texts of two clauses; the first clause of eleven of them moved."""
    put(
        log,
        [
            {"row": n, "id": f"v{n}", "customer": f"c{n}", "occurred_at": datetime(2026, 3, 1),
             "text": f"{SAID} {n}", "touchpoint": "desk"}
            for n in range(EACH)
        ],
        table="verbatims",
    )  # fmt: skip
    seqs = [seq for seq, _text in log.unread("main", "one")]
    for version, aspect in (("one", "baggage"), (keeping.version("main"), "crew")):
        found = [
            one
            for n, seq in enumerate(seqs)
            for one in (
                Finding(seq, 0, 0, 29, "en", "negative", 0.6, aspect if n < 11 else "baggage"),
                Finding(seq, 1, 29, len(SAID), "en", "neutral", 0.9),
            )
        ]
        log.keep_findings("main", version, seqs, found)
        log.end_reading("main", version)
    return log


PAGE = "/main/voice/versions/"


def test_what_moved_is_shown_with_its_share_and_leads_to_examples(
    as_ana: Client, read_anew: Owner
) -> None:
    page = as_ana.get(PAGE)
    said = text(page)
    assert "14 of 14 verbatims are read by both versions: 28 clauses of 14 customers." in said
    assert "60.7" in said, "17 of 28 clauses are read as they were"
    assert "78.6% [" in said, "11 of the 14 that were about baggage"
    assert "<b>the belt" not in page.content.decode()
    assert page.content.decode().count('<article class="verbatim">') == 11
    chosen = as_ana.get(PAGE, {"before": "baggage", "now": "crew"}).content.decode()
    assert chosen.count('<article class="verbatim">') == 11
    none = text(as_ana.get(PAGE, {"before": "-", "now": "crew"}))
    assert "There is none." in none
    polarity = text(as_ana.get(PAGE, {"by": "polarity"}))
    assert "Nothing moved: every clause is read as it was." in polarity
    half = as_ana.get(PAGE, {"before": "baggage"})
    assert half.status_code == 422
    assert "Only one end of a move is given." in text(half)
    other = text(as_ana.get(PAGE, {"language": "zh"}))
    assert "there is nothing to compare yet" in other
    part = as_ana.get(PAGE, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="found"')


def test_before_anything_changed_the_page_says_so(as_ana: Client, log: Owner) -> None:
    assert "No text is read by two versions" in text(as_ana.get(PAGE))


def test_the_file_has_what_stayed_and_what_moved(as_ana: Client, read_anew: Owner) -> None:
    answer = as_ana.get(f"{PAGE}export/", {"as": "csv"})
    held = b"".join(answer).decode("utf-8-sig")
    rows = {(one["before"], one["now"]): one for one in csv.DictReader(io.StringIO(held))}
    assert set(rows) == {("baggage", "baggage"), ("baggage", "crew"), ("", ""), ("crew", "crew")}
    moved = rows["baggage", "crew"]
    assert (moved["clauses"], moved["n"], moved["customers"]) == ("11", "14", "11")
    assert float(moved["share"]) == pytest.approx(11 / 14)
    assert (rows["crew", "crew"]["n"], rows["crew", "crew"]["share"]) == ("0", "")


def seen_by(role: Role, **more: Any) -> str:
    client = Client()
    client.force_login(member(role, **more))
    return client.get(PAGE).content.decode()


def test_words_are_for_whom_they_are(read_anew: Owner) -> None:
    """Who sees figures alone reads nobody's words; who sees no personal data reads them masked."""
    figures = seen_by(Role.VIEWER)
    assert "78.6%" in figures
    assert "the belt" not in figures
    assert "#examples" not in figures
    masked = seen_by(Role.ANALYST, sees_personal_data=False)
    assert "the belt" in masked
    assert "13812345678" not in masked
    nobody_else = seen_by(Role.QUALITY_REVIEWER, scope="touchpoint = 'gate'")
    assert "there is nothing to compare yet" in nobody_else
