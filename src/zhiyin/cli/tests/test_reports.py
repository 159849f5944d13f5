"""`zhiyin report`: what there is, files of it, and what stays."""

from __future__ import annotations

from pathlib import Path

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.cli.tests.conftest import Zhiyin
from zhiyin.reports import actions
from zhiyin.reports.models import Edition


def test_a_report_is_listed_made_and_published(zhiyin: Zhiyin, data: Path) -> None:
    assert zhiyin("report", "list") == {"reports": []}
    report = actions.create(by=COMMAND_LINE, workspace="main", title="Board", language="en")
    nothing = zhiyin("report", "publish", "Board", status=1)
    assert nothing["error"]["code"] == "reports.empty"
    actions.add_words(by=COMMAND_LINE, workspace="main", number=report.pk, text="# All is well")
    pdf, slides = data / "board.pdf", data / "board.pptx"
    made = zhiyin("report", "make", "Board", "--pdf", str(pdf), "--pptx", str(slides))
    assert made["files"] == {"pdf": str(pdf), "pptx": str(slides)}
    assert made["report"]["blocks"][0]["parts"][0]["runs"][0]["text"] == "All is well"
    assert pdf.read_bytes().startswith(b"%PDF")
    assert slides.read_bytes().startswith(b"PK")
    assert not Edition.objects.exists()
    published = zhiyin("report", "publish", str(report.pk), "--pdf", str(pdf))
    assert (published["number"], published["published_by"]) == (1, "zhiyin")
    kept = data / "reports" / "main" / str(Edition.objects.get().pk) / "report.pdf"
    assert kept.read_bytes() == pdf.read_bytes()
    (listed,) = zhiyin("report", "list")["reports"]
    assert [one["number"] for one in listed["editions"]] == [1]


def test_what_is_not_there_is_said(zhiyin: Zhiyin, data: Path) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", title="Board", language="en")
    assert zhiyin("report", "make", "Bord", status=1)["error"]["code"] == "reports.none"
    nowhere = str(data / "nowhere" / "x.pdf")
    told = zhiyin("report", "make", "Board", "--pdf", nowhere, status=1)
    assert told["error"]["code"] == "reports.cannot-write"
