"""What is published stays as it was, says what has changed since, and forgets whom it must."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pptx import Presentation

from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.models import Aspect
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.listen import keeping
from zhiyin.measure.tests.planting import answer, plant
from zhiyin.reports import actions, changes, content, editions, files, making
from zhiyin.reports.models import Edition, Report
from zhiyin.reports.tests.conftest import MARCH, QUERY
from zhiyin.reports.tests.test_files import text_of
from zhiyin.unify import erasure
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner


def publish(report: Report, log: Owner, data: Path, ana: Actor) -> Edition:
    return editions.publish(by=ana, report=report, log=log, data=data)


def more(log: Owner, *rows: Mapping[str, Any], source: str = "test", replace: bool = False) -> str:
    """Answers that come after; returns the name of their import."""
    import pyarrow as pa

    full = [
        {"row": at, "occurred_at": MARCH, "touchpoint": "app", **answer(3.0), **row}
        for at, row in enumerate(rows)
    ]
    names = list(dict.fromkeys(name for row in full for name in row))
    with log.begin("main", source=source, label="more") as batch:
        batch.write("answers", pa.table({n: pa.array([r.get(n) for r in full]) for n in names}))
        return batch.commit(replace=replace).import_id


def test_an_edition_is_frozen_and_its_files_are_made_once(
    log: Owner, monthly: Report, ana: Actor, tmp_path: Path
) -> None:
    edition = publish(monthly, log, tmp_path, ana)
    frozen = content.read(edition.content)
    path = files.of(edition, "pdf", tmp_path, sees_personal_data=True)
    held, at = path.read_bytes(), path.stat().st_mtime_ns
    more(log, *({"id": f"late-{n}", "customer": f"late-{n}"} for n in range(30)))
    actions.rename(by=ana, workspace="main", number=monthly.pk, title="Other", language="en")
    again = editions.get("main", monthly.pk, 1, None)
    assert content.read(again.content) == frozen
    same = files.of(again, "pdf", tmp_path, sees_personal_data=True)
    assert (same.read_bytes(), same.stat().st_mtime_ns) == (held, at)
    monthly.refresh_from_db()
    assert publish(monthly, log, tmp_path, ana).number == 2
    masked = files.of(edition, "pdf", tmp_path, sees_personal_data=False)
    assert "13766601235" in text_of(held)
    assert "137****1235" in text_of(masked.read_bytes())
    assert "13766601235" not in text_of(masked.read_bytes())
    entry = AuditEntry.of("main").filter(action="report.published").earliest("pk")
    assert (entry.by, entry.after) == ("ana", {"number": 1, "scope": ""})


def test_what_has_changed_since_is_counted_by_reason(
    log: Owner, ana: Actor, tmp_path: Path
) -> None:
    """Seven came late, two were corrected, three went with their import, one was erased."""
    taken = more(log, *({"id": f"x{n}", "customer": f"x{n}"} for n in range(3)))
    report = actions.create(by=ana, workspace="main", title="NPS", language="en")
    here: dict[str, Any] = {"by": ana, "workspace": "main", "number": report.pk}
    actions.add_figure(**here, log=log, query=QUERY)
    actions.add_figure(**here, log=log, query=QUERY.replace("03", "02").replace("31", "28"))
    report.refresh_from_db()
    edition = publish(report, log, tmp_path, ana)
    assert not changes.since(edition, log).differing
    more(log, *({"id": f"late-{n}", "customer": f"late-{n}"} for n in range(7)))
    corrected = ({"id": f"app-2-{n}", "customer": f"c{180 + n}", "score": 0.0} for n in (1, 2))
    more(log, *corrected, replace=True)
    log.undo("main", taken)
    erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name="c185")
    plant(log, "main", "identities", [
        {"customer": "c186", "other": "c187", "action": "link", "reason": "crm"},
    ])  # fmt: skip
    since = changes.since(edition, log)
    march, february = since.figures
    assert march.reasons == {"late": 7, "corrected": 2, "taken_back": 3, "erased": 1}
    assert march.figure.total.n == 123
    assert march.now is not None
    assert march.now.n == 123 + 7 - 3 - 1
    assert march.rows == 1  # the app's; nothing of the gates themselves
    assert february.is_same
    assert (since.merges, since.erasures) == (1, 1)
    assert [one.figure.id for one in since.differing] == [march.figure.id]


def test_an_erased_customer_leaves_editions_and_their_files(
    log: Owner, monthly: Report, ana: Actor, tmp_path: Path
) -> None:
    actions.add_words(by=ana, workspace="main", number=monthly.pk, text="c0 said so, c01 did not")
    monthly.refresh_from_db()
    edition = publish(monthly, log, tmp_path, ana)
    assert "行李等了三周" in text_of(
        files.of(edition, "pdf", tmp_path, sees_personal_data=True).read_bytes()
    )
    left = tmp_path / "reports" / "main" / "999" / "report.pdf"  # of a removal that was cut off
    left.parent.mkdir()
    left.write_bytes(b"hers")
    done = erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name="c0")
    assert not left.exists()
    counts = {place["place"]: place["rows"] for place in done.places}
    assert (counts["reports.Edition"], counts["reports.Report"]) == (2, 1)
    edition.refresh_from_db()
    held = content.read(edition.content)
    assert [quote.gone for quote in held.quotes()] == ["erased", ""]
    assert held.erased == 1
    assert not list(files.folder(edition, tmp_path).glob("*"))
    text = text_of(files.of(edition, "pdf", tmp_path, sees_personal_data=True).read_bytes())
    assert "行李等了三周" not in text
    assert "**** said so, c01 did not" in text
    assert "有 1 条客户原话因说话的客户已被删除而移除" in text.replace("\n", "")
    slides = Presentation(files.of(edition, "pptx", tmp_path, sees_personal_data=True))
    said = [s.text_frame.text for one in slides.slides for s in one.shapes if s.has_text_frame]
    assert not any("行李等了三周" in words for words in said)
    again = erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name="c1")
    edition.refresh_from_db()
    assert content.read(edition.content).erased == 2
    assert {p["place"]: p["rows"] for p in again.places}["reports.Report"] == 0


def test_one_who_is_erased_while_it_is_made_is_not_in_it(
    log: Owner, monthly: Report, ana: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk of places is over before the edition is stored: nobody would find her again."""
    make = making.make

    def slow(*given: Any, **named: Any) -> content.Content:
        made = make(*given, **named)
        erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name="c0")
        return made

    monkeypatch.setattr(making, "make", slow)
    edition = publish(monthly, log, tmp_path, ana)
    edition.refresh_from_db()
    assert [quote.text for quote in content.read(edition.content).quotes()] == [
        "", "打 13766601235 给我。",
    ]  # fmt: skip
    path = files.of(edition, "pdf", tmp_path, sees_personal_data=True)
    assert "行李等了三周" not in text_of(path.read_bytes())


def test_one_who_is_erased_while_a_file_is_made_is_not_in_the_file(
    log: Owner, monthly: Report, ana: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The walk has removed the files before this one is written."""
    edition = publish(monthly, log, tmp_path, ana)
    files.clear(files.folder(edition, tmp_path))
    draw, names = files.MAKERS["pdf"], ["c0"]

    def slow(made: content.Content) -> bytes:
        drawn = draw(made)
        if names:
            erasure.erase(by=ana, log=log, data=tmp_path, workspace="main", name=names.pop())
        return drawn

    monkeypatch.setitem(files.MAKERS, "pdf", slow)
    path = files.of(edition, "pdf", tmp_path, sees_personal_data=True)
    assert "行李等了三周" not in text_of(path.read_bytes())


def test_an_edition_is_for_readers_of_its_scope(
    log: Owner, monthly: Report, ana: Actor, tmp_path: Path
) -> None:
    north = parse("unit = 'north'")
    part = editions.publish(by=ana, report=monthly, log=log, data=tmp_path, scope=north)
    assert content.read(part.content).figures[2].total.n == 120
    assert editions.of(monthly, None) == []
    assert editions.of(monthly, north) == [part]
    with pytest.raises(Problem) as refused:
        editions.get("main", monthly.pk, part.number, None)
    assert refused.value.code == "reports.no-edition"
    with pytest.raises(Problem):
        editions.get("main", monthly.pk, part.number, parse("unit = 'south'"))


def test_an_empty_report_is_not_published(log: Owner, ana: Actor, tmp_path: Path) -> None:
    made = actions.create(by=ana, workspace="main", title="Empty", language="en")
    with pytest.raises(Problem) as refused:
        publish(made, log, tmp_path, ana)
    assert refused.value.code == "reports.empty"


def test_blocks_are_moved_taken_out_and_put_back(monthly: Report, ana: Actor) -> None:
    def order() -> list[str]:
        monthly.refresh_from_db()
        return [one["id"] for one in monthly.blocks]

    here: dict[str, Any] = {"by": ana, "workspace": "main", "number": monthly.pk}
    a, b, c, d, e = order()
    actions.move(**here, block=c, steps=-1)
    assert order() == [a, c, b, d, e]
    actions.move(**here, block=e, steps=1)
    actions.take_out(**here, block=c)
    assert order() == [a, b, d, e]
    assert actions.put_back(**here) == c
    assert order() == [a, c, b, d, e]
    for wrong in (
        lambda: actions.put_back(**here),
        lambda: actions.move(**here, block="x", steps=1),
    ):
        with pytest.raises(Problem):
            wrong()
    like = actions.copy(by=ana, workspace="main", number=monthly.pk)
    assert (like.title, like.blocks) == ("三月体验 (2)", monthly.blocks)
    said = AuditEntry.of("main").filter(subject="三月体验", action="report.changed").first()
    assert said is not None
    assert said.after == {"put_back": "figure"}


def test_words_that_are_read_anew_are_said(log: Owner, ana: Actor, tmp_path: Path) -> None:
    seqs = [seq for seq, _text in log.unread("main", "one")]

    def read(polarity: str) -> None:
        found = [Finding(seq, 0, 0, 5, "zh", polarity, 0.9, aspect="baggage") for seq in seqs]
        log.keep_findings("main", "one", seqs, found)

    read("negative")
    report = actions.create(by=ana, workspace="main", title="Words", language="en")
    actions.add_figure(
        by=ana, workspace="main", number=report.pk, log=log,
        query="metric=sentiment&from=2026-03-01&until=2026-03-31",
    )  # fmt: skip
    report.refresh_from_db()
    edition = publish(report, log, tmp_path, ana)
    (figure,) = content.read(edition.content).figures
    assert figure.read_by == keeping.version("main")
    said = dict(figure.methods)["How words were read"]
    assert said == f"0 of {len(seqs)} verbatims by version {figure.read_by}"
    assert not changes.since(edition, log).figures[0].was_read_anew
    Aspect.objects.create(
        workspace=report.workspace, key="refund", label_en="Refund", label_zh="退款", place=0
    )
    (changed,) = changes.since(edition, log).figures
    assert changed.was_read_anew
    frozen = content.read(edition.content).figures[0]
    assert frozen == figure, "what was published stays"
