"""The pages of competitor walkthroughs."""

from __future__ import annotations

import csv
import io
import re
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image
from pytest_django import Settings
from scipy.stats import gmean

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person, Role
from zhiyin.maps import actions, audit_pictures, auditing, audits
from zhiyin.maps.audit_asked import StepAsked
from zhiyin.maps.models import Audit, AuditRun, AuditStep
from zhiyin.maps.tests.test_operations import SMALL
from zhiyin.maps.tests.walked import asked, made, ran
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

HOSTILE = "<script>alert(1)</script>"
OURS = [60.0, 75.0, 58.0, 90.0, 66.0, 71.0, 80.0, 64.0]
THEIRS = [130.0, 150.0, 118.0, 190.0, 142.0, 160.0, 125.0, 175.0]


@pytest.fixture(autouse=True)
def _folder(ana: Person, tmp_path: Path, settings: Settings) -> None:
    settings.ZHIYIN_DATA = str(tmp_path)


def at(held: Audit, rest: str = "") -> str:
    return f"/main/journeys/audits/{held.pk}/{rest}"


def png() -> bytes:
    file = BytesIO()
    Image.new("RGB", (40, 30), "red").save(file, "PNG")
    return file.getvalue()


RUN: dict[str, Any] = {
    "site": "Blue", "who": "P1", "done_on": "2026-03-02", "device": "phone", "is_done": "yes",
    "ease": "6", "says": ["Search", "", "Pay"], "node": ["", "", ""],
    "seconds": ["12.5", "", "30"], "failed": ["", "", "Card refused"],
    "link": ["", "", "https://a.example/1"], "was": ["", "", ""],
}  # fmt: skip


def test_a_walkthrough_is_made_found_changed_and_removed(as_ana: Client) -> None:
    listed = "/main/journeys/audits/"
    assert "Nobody has walked through a task yet." in text(as_ana.get(listed))
    given = {
        "title": "Buy a ticket", "task": "Pay it.", "map": "", "ours": "1",
        "site": ["Blue", "Ours", "", ""], "number": ["", "", "", ""],
    }  # fmt: skip
    wrong = as_ana.post(f"{listed}new/", {**given, "ours": "2"})
    assert wrong.status_code == 422
    assert "missing" in text(wrong)
    made_at = as_ana.post(f"{listed}new/", given)["Location"]
    held = Audit.objects.get()
    assert made_at == at(held)
    assert [(one.name, one.is_ours) for one in audits.sites(held)] == [
        ("Blue", False), ("Ours", True),
    ]  # fmt: skip
    page = text(as_ana.get(made_at))
    assert "No run is written down yet." in page
    assert "Buy a ticket" in text(as_ana.get(listed))
    assert "No walkthrough is called so." in text(as_ana.get(listed, {"q": "nothing\0"}))
    form = as_ana.get(at(held, "edit/")).content.decode()
    numbers = re.findall(r'name="number" value="(\d*)"', form)
    changed = {**given, "title": "Buy", "site": ["Red", "Ours", "", ""], "number": numbers,
               "revision": "1"}  # fmt: skip
    assert as_ana.post(at(held, "edit/"), changed).status_code == 302
    assert [one.name for one in audits.sites(held)] == ["Red", "Ours"]
    stale = as_ana.post(at(held, "edit/"), changed)
    assert (stale.status_code, "Somebody else has changed" in text(stale)) == (422, True)
    assert as_ana.post("/main/journeys/audits/new/", {**given, "title": "Buy"}).status_code == 422
    assert "0 runs go too" in text(as_ana.get(at(held, "remove/")))
    assert as_ana.post(at(held, "remove/"))["Location"] == listed
    assert not Audit.objects.exists()
    assert as_ana.get(at(held)).status_code == 404


def test_a_run_is_written_down_row_after_row_without_script(as_ana: Client) -> None:
    held = made()
    address = at(held, "runs/new/")
    first = as_ana.get(address).content.decode()
    assert first.count('name="says"') == 3
    more = as_ana.post(address, {**RUN, "more": "1"}).content.decode()
    assert more.count('name="says"') == 4
    assert 'value="Search"' in more
    assert not AuditRun.objects.exists()
    part = as_ana.post(address, {**RUN, "more": "1"}, headers={"HX-Request": "true"})
    assert part.content.decode().startswith('<div id="steps"')
    done = as_ana.post(address, RUN, follow=True)
    run = AuditRun.objects.get()
    assert done.redirect_chain[0][0] == at(held, f"runs/{run.pk}/")
    assert "The run is written down." in text(done)
    found = [(one.place, one.says, one.seconds, one.failed) for one in run.steps.all()]
    assert found == [(1, "Search", 12.5, ""), (2, "Pay", 30.0, "Card refused")]
    assert (run.site.name, run.who, run.is_done, run.ease) == ("Blue", "P1", True, 6)


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"who": " "}, "is missing"),
        ({"is_done": ""}, "whether the task was completed"),
        ({"done_on": "tomorrow"}, "is not a date"),
        ({"done_on": "2999-01-01"}, "still to come"),
        ({"seconds": ["soon", "", ""]}, "is no number"),
        ({"says": ["", "", ""]}, "Step 1"),
        ({"link": ["javascript:alert(1)", "", ""]}, "opens safely"),
        ({"node": ["pay", "", ""]}, "no touchpoint"),
        ({"says": ["a\0b", "", ""]}, "cannot be kept"),
        ({"site": "Nowhere"}, "no site"),
    ],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(
    as_ana: Client, changed: dict[str, Any], says: str
) -> None:
    held = made()
    answer = as_ana.post(at(held, "runs/new/"), {**RUN, "device": "my phone", **changed})
    assert answer.status_code == 422
    assert says in text(answer)
    assert 'value="my phone"' in answer.content.decode()
    assert not AuditRun.objects.exists()


def test_a_run_is_changed_and_taken_out(as_ana: Client) -> None:
    held = made()
    run = auditing.add_run(by=COMMAND_LINE, workspace="main", number=held.pk, asked=asked())
    form = as_ana.get(at(held, f"runs/{run.pk}/edit/")).content.decode()
    assert 'name="was" value="2"' in form
    given = {**RUN, "was": ["2", "", "1"], "revision": "1"}
    assert as_ana.post(at(held, f"runs/{run.pk}/edit/"), given).status_code == 302
    assert AuditRun.objects.get().site.name == "Blue"
    stale = as_ana.post(at(held, f"runs/{run.pk}/edit/"), given)
    assert (stale.status_code, "Somebody else has changed" in text(stale)) == (422, True)
    assert as_ana.post(at(held, f"runs/{run.pk}/remove/"), {"revision": "1"}).status_code == 422
    gone = as_ana.post(at(held, f"runs/{run.pk}/remove/"), {"revision": "2"})
    assert gone["Location"] == at(held)
    assert not AuditRun.objects.exists()


def test_figures_are_told_beside_ours_and_few_are_not(as_ana: Client) -> None:
    held = made()
    ran(held, "Our site", OURS)
    ran(held, "Blue", THEIRS, first=20)
    ran(held, "Green", THEIRS[:4], first=40)
    answer = as_ana.get(at(held))
    page = text(answer)
    assert "▲ × 2.11" in page
    assert "worse than ours" in page
    assert "no significant difference" in page
    assert "not enough runs" in page
    assert "Fewer than 5 people so far: Green." in page
    markup = answer.content.decode()
    # Completion, steps, time, failures and ease, each for a wide and for a narrow window.
    assert markup.count('class="dots"') == 10
    assert "Search" in page
    as_ana.post("/language/", {"language": "zh-hans"})
    chinese = text(as_ana.get(at(held)))
    assert "竞品走查" in chinese
    assert "不及我方" in chinese
    assert "走查次数不足" in chinese


def test_steps_stand_at_touchpoints_with_what_failed_and_its_proof(as_ana: Client) -> None:
    actions.create(by=COMMAND_LINE, workspace="main", key="trip", map_=SMALL, keeps=True)
    held = made(map="trip")
    steps = (StepAsked("Pay", node="pay", seconds=8, failed="Refused", link="https://a.example/1"),)
    run = auditing.add_run(
        by=COMMAND_LINE, workspace="main", number=held.pk, asked=asked(steps=steps)
    )
    auditing.set_picture(
        by=COMMAND_LINE, workspace="main", number=held.pk, run=run.pk, place=1, content=png()
    )
    markup = as_ana.get(at(held)).content.decode()
    assert at(held, f"runs/{run.pk}/#step-1") in markup
    assert at(held, f"runs/{run.pk}/1/picture/") in markup
    assert 'href="https://a.example/1" rel="noopener noreferrer nofollow"' in markup
    assert '<option value="pay"' in as_ana.get(at(held, "runs/new/")).content.decode()


def test_hostile_words_are_words(as_ana: Client) -> None:
    held = made(title=f"T{HOSTILE}", task=HOSTILE)
    steps = (StepAsked(HOSTILE, failed=HOSTILE, link="https://a.example/?q='><script>"),)
    run = auditing.add_run(
        by=COMMAND_LINE, workspace="main", number=held.pk,
        asked=asked(who=HOSTILE, device=HOSTILE, steps=steps),
    )  # fmt: skip
    for rest in ("", "edit/", "remove/", "import/", "runs/new/", f"runs/{run.pk}/",
                 f"runs/{run.pk}/edit/", f"runs/{run.pk}/remove/",
                 f"runs/{run.pk}/1/picture/change/"):  # fmt: skip
        markup = as_ana.get(at(held, rest)).content.decode()
        assert "<script>" not in markup, rest
    assert "<script>" not in as_ana.get("/main/journeys/audits/").content.decode()
    hostile = {"q": HOSTILE, "site": HOSTILE, "device": HOSTILE}
    for address in ("/main/journeys/audits/", at(held, "runs/new/")):
        assert "<script>" not in as_ana.get(address, hostile).content.decode()


# Pictures


def test_a_picture_is_brought_served_and_taken_away(as_ana: Client, tmp_path: Path) -> None:
    held = made()
    run = auditing.add_run(by=COMMAND_LINE, workspace="main", number=held.pk, asked=asked())
    address = at(held, f"runs/{run.pk}/1/picture/")
    assert as_ana.get(address).status_code == 404
    assert as_ana.head(f"{address}change/").status_code == 200
    sent = SimpleUploadedFile("a.html", png() + HOSTILE.encode(), "text/html")
    assert as_ana.post(f"{address}change/", {"picture": sent}).status_code == 302
    answer = as_ana.get(address)
    content = b"".join(answer)
    assert (answer["Content-Type"], HOSTILE.encode() in content) == ("image/jpeg", False)
    assert Image.open(BytesIO(content)).size == (40, 30)
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert answer["Cache-Control"] == "no-store"
    assert "html" not in answer["Content-Disposition"]
    assert f'<img src="{address}"' in as_ana.get(at(held, f"runs/{run.pk}/")).content.decode()
    for wrong in (b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"",
                  b"x" * (audit_pictures.MOST_BYTES + 1)):  # fmt: skip
        refused = as_ana.post(
            f"{address}change/", {"picture": SimpleUploadedFile("a.png", wrong, "image/png")}
        )
        assert refused.status_code == 422
    assert as_ana.post(f"{address}change/").status_code == 422
    assert as_ana.post(f"{address}change/", {"remove": "1"}).status_code == 302
    assert AuditStep.objects.get(run=run, place=1).picture == ""
    assert as_ana.post(f"{address}change/", {"remove": "1"}).status_code == 422
    assert as_ana.get(at(held, f"runs/{run.pk}/9/picture/")).status_code == 404


# Files


def rows(answer: Any) -> list[dict[str, str]]:
    content = b"".join(answer).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(content)))


def test_figures_steps_and_runs_are_files(as_ana: Client) -> None:
    held = made()
    ran(held, "Our site", OURS)
    ran(held, "Blue", THEIRS, first=20)
    auditing.add_run(
        by=COMMAND_LINE, workspace="main", number=held.pk,
        asked=asked("Green", "P99", steps=(StepAsked("=1+1", failed="@SUM(A1)"),)),
    )  # fmt: skip
    figures = rows(as_ana.get(at(held, "export/")))
    assert len(figures) == 15
    (time,) = [one for one in figures if (one["site"], one["measure"]) == ("Blue", "seconds")]
    assert time["state"] == "ok"
    assert time["marked"] == "true"
    assert float(time["ratio"]) == pytest.approx(gmean(THEIRS) / gmean(OURS))
    assert float(time["low"]) > 100
    assert 1 < float(time["difference_low"]) < float(time["ratio"])
    steps = rows(as_ana.get(at(held, "export/"), {"table": "steps"}))
    assert ["'=1+1", "'@SUM(A1)"] in [[one["name"], one["failures"]] for one in steps]
    listed = as_ana.get(at(held, "export/"), {"table": "runs"})
    content = b"".join(listed)
    assert content.decode("utf-8-sig").startswith("run,site,done_on,who,device,done,ease,step")
    book = as_ana.get(at(held, "export/"), {"table": "runs", "as": "xlsx"})
    sheet: Any = openpyxl.load_workbook(BytesIO(b"".join(book))).active
    assert sheet.max_row == 34
    for wrong in ({"table": "secrets"}, {"as": "html"}):
        assert as_ana.get(at(held, "export/"), wrong).status_code == 404
    # What was taken out is brought in elsewhere: looked at first, then written.
    other = made(title="Other")
    file = SimpleUploadedFile("runs.csv", content, "text/csv")
    looked = as_ana.post(at(other, "import/"), {"file": file})
    assert "17 new, 0 there already." in text(looked)
    assert not AuditRun.objects.filter(site__audit=other).exists()
    written = {"text": content.decode("utf-8-sig"), "set": "1"}
    assert as_ana.post(at(other, "import/"), written)["Location"] == at(other)
    assert AuditRun.objects.filter(site__audit=other).count() == 17
    assert AuditStep.objects.filter(run__site__audit=other, says="=1+1").count() == 1
    refused = as_ana.post(at(other, "import/"), {"text": "a,b\n1,2"})
    assert refused.status_code == 422


# Who may


def test_whoever_sees_figures_reads_and_only_who_defines_writes(client: Client, log: Owner) -> None:
    held = made()
    run = auditing.add_run(by=COMMAND_LINE, workspace="main", number=held.pk, asked=asked())
    client.force_login(member(Role.VIEWER))
    for rest in ("", f"runs/{run.pk}/", "export/"):
        answer = client.get(at(held, rest))
        assert answer.status_code == 200
        if answer.streaming:
            b"".join(answer)
    page = client.get(at(held)).content.decode()
    assert "Write down a run" not in page
    assert "remove/" not in page
    for rest in ("edit/", "remove/", "runs/new/", "import/", f"runs/{run.pk}/edit/",
                 f"runs/{run.pk}/remove/", f"runs/{run.pk}/1/picture/change/"):  # fmt: skip
        assert client.get(at(held, rest)).status_code == 403, rest
        assert client.post(at(held, rest)).status_code == 403, rest
    assert AuditRun.objects.count() == 1


def test_another_workspace_finds_nothing(client: Client, cleo: Person, log: Owner) -> None:
    held = made()
    run = auditing.add_run(by=COMMAND_LINE, workspace="main", number=held.pk, asked=asked())
    auditing.set_picture(
        by=COMMAND_LINE, workspace="main", number=held.pk, run=run.pk, place=1, content=png()
    )
    client.force_login(cleo)
    theirs = f"/other/journeys/audits/{held.pk}/"
    for rest in ("", "edit/", "remove/", "export/", "import/", "runs/new/", f"runs/{run.pk}/",
                 f"runs/{run.pk}/edit/", f"runs/{run.pk}/remove/", f"runs/{run.pk}/1/picture/",
                 f"runs/{run.pk}/1/picture/change/"):  # fmt: skip
        assert client.get(f"{theirs}{rest}").status_code == 404, rest
        assert client.post(f"{theirs}{rest}").status_code in (404, 405), rest
    # Nor by way of a walkthrough of her own.
    hers = made("other", title="Hers")
    own = f"/other/journeys/audits/{hers.pk}/runs/{run.pk}/"
    for rest in ("", "edit/", "remove/", "1/picture/", "1/picture/change/"):
        assert client.get(f"{own}{rest}").status_code == 404, rest
    assert AuditRun.objects.count() == 1
