"""A file brought in the browser: uploaded, mapped, tried, imported, undone."""

from __future__ import annotations

import csv
import io
import re
import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from zhiyin.accounts import jobs, running
from zhiyin.accounts.audit import Actor
from zhiyin.accounts.models import AuditEntry, Membership, Person, Work
from zhiyin.accounts.running import Result, Running
from zhiyin.collect import bringing, uploads
from zhiyin.collect.models import SavedMapping, Upload
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_pages import text

NEW = "/main/data/imports/new/"
LIST = "/main/data/imports/"

SURVEY = """\
编号,时间,会员号,推荐意愿,意见,城市
1,2026-06-01 10:00,M1,9,很好 很快,上海
2,2026-06-01 11:00,M2,10,=1+1,杭州
3,2026-06-02 09:30,M3,3,等了太久 没有人管,上海
4,2026-13-02 09:30,M4,8,,苏州
"""


def send(client: Client, says: str | bytes = SURVEY, name: str = "survey.csv") -> Upload:
    content = says.encode() if isinstance(says, str) else says
    answer = client.post(NEW, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 302, text(answer)
    upload = Upload.objects.order_by("-pk").first()
    assert upload is not None
    assert answer.headers["location"] == f"{LIST}{upload.pk}/"
    return upload


def address(upload: Upload) -> str:
    return f"{LIST}{upload.pk}/"


def fields(page: object) -> dict[str, str]:
    """The form of the columns as a browser would send it back unchanged."""
    body = page.content.decode()  # type: ignore[attr-defined]
    form = re.search(r'<form method="post" id="choices".*?</form>', body, re.S)
    assert form is not None
    found = {}
    for name, options in re.findall(r'<select[^>]*name="(\w+)".*?>(.*?)</select>', form[0], re.S):
        chosen = re.search(r'<option value="([^"]*)" selected', options)
        first = re.search(r'<option value="([^"]*)"', options)
        assert first is not None
        found[name] = (chosen or first)[1]
    for tag in re.findall(r"<input [^>]*>", form[0]):
        name = re.search(r'name="(\w+)"', tag)
        value = re.search(r'value="([^"]*)"', tag)
        if name and 'type="checkbox"' not in tag:
            found[name[1]] = value[1] if value else ""
    return found


def work_on(log: Owner, data: Path) -> Work | None:
    """The next piece of background work, done as the jobs process does it."""

    def tries(work: Running) -> Result:
        return bringing.try_out(work, log, data)

    def imports(work: Running) -> Result:
        return bringing.bring_in(work, log, data)

    return running.run_next({uploads.TRY: tries, uploads.IMPORT: imports}, threading.Event())


def answers(log: Owner) -> list[tuple[str, object]]:
    found = lang.table(log.schema("main"), "answers")
    rows = log.execute("main", found.order_by("seq").select("question", "score"), words=True)
    return [(row["question"], row["score"]) for row in rows.to_pylist()]


def tried(client: Client, log: Owner, data: Path, says: str | bytes = SURVEY) -> Upload:
    """A file that is uploaded, mapped by the guess, and tried."""
    upload = send(client, says)
    answer = client.post(address(upload), fields(client.get(address(upload))) | {"do": "try"})
    assert answer.headers["location"] == f"{address(upload)}?step=try", text(answer)
    done = work_on(log, data)
    assert done is not None
    assert (done.kind, done.state) == ("try-import", "done"), done.error
    return upload


def imported(client: Client, log: Owner, data: Path) -> Upload:
    upload = tried(client, log, data)
    client.post(address(upload), {"do": "import"})
    done = work_on(log, data)
    assert done is not None
    assert (done.kind, done.state) == ("import-file", "done"), done.error
    upload.refresh_from_db()
    return upload


def test_a_file_goes_from_the_browser_into_the_log(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    upload = send(as_ana)
    page = as_ana.get(address(upload))
    said = text(page)
    assert "text with delimiters UTF-8 comma 4 rows, 6 columns" in said
    assert "6 of 6 columns are mapped" in said
    sent = fields(page)
    chosen = [sent[f"r{number}"] for number in range(6)]
    assert chosen == ["id", "at", "customer", "nps", "text", "dimension"]
    assert sent["n5"] == "city"

    as_ana.post(address(upload), sent | {"do": "try"})
    waiting = as_ana.get(f"{address(upload)}?step=try")
    assert "Try an import: waiting" in text(waiting)
    work_on(log, tmp_path)
    said = text(as_ana.get(f"{address(upload)}?step=try"))
    assert "rows read 4 new rows 3 here already, not added again 0 rejected 1" in said
    assert "questions 推荐意愿, 意见" in said
    assert "dimensions city" in said
    assert "this is not a date that can be read without doubt" in said
    assert "line 5: 2026-13-02 09:30" in said
    assert "2026-06-01 10:00:00" in said, "the first rows, in the workspace's time"
    assert answers(log) == [], "a dry run writes nothing"
    assert log.imports("main") == []

    as_ana.post(address(upload), {"do": "import"})
    assert "Import a file: waiting" in text(as_ana.get(address(upload)))
    work_on(log, tmp_path)
    assert sorted(answers(log)) == sorted(
        [("推荐意愿", 9.0), ("推荐意愿", 10.0), ("推荐意愿", 3.0)] + [("意见", None)] * 3
    )
    # The row that says so is there a moment before the work is over.
    for is_over in (True, False):
        if not is_over:
            Work.objects.filter(kind=uploads.IMPORT).update(state="waiting", ended_at=None)
        over = as_ana.get(address(upload), headers={"HX-Request": "true"})
        assert (over.content, over.headers["HX-Refresh"]) == (b"", "true")
    said = text(as_ana.get(address(upload)))
    assert "survey.csv is imported" in said
    assert "rows added 3" in said
    assert not uploads.folder_of(upload, tmp_path).exists(), "the file is gone with its import"
    done = [one.action for one in AuditEntry.objects.all()]
    for action in ("upload.held", "upload.mapped", "import.asked"):
        assert action in done


def test_rejected_rows_are_taken_home_and_are_no_formulas(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    says = SURVEY.replace(",10,=1+1", ",ten,=1+1")
    upload = tried(as_ana, log, tmp_path, says)
    as_ana.post(address(upload), {"do": "import"})
    for _turn in ("of the dry run", "of the import"):
        answer = as_ana.get(f"{address(upload)}rejects/")
        content = b"".join(answer.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
        rows = list(csv.DictReader(io.StringIO(content)))
        assert [(row["line"], row["column"], row["value"]) for row in rows] == [
            ("3", "推荐意愿", "ten"),
            ("5", "时间", "2026-13-02 09:30"),
        ]
        assert rows[0]["意见"] == "'=1+1"
        work_on(log, tmp_path)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"source": ""}, "Write what the system is called"),
        ({"r1": ""}, "No column says this"),
        ({"r3": "", "r4": ""}, "Choose at least one column that answers a question"),
        ({"r0": "customer"}, "The column 编号 is that already"),
        ({"z1": "Mars/North"}, "There is no time zone Mars/North"),
        ({"n5": "Die Stadt"}, "Give the dimension a name of small letters"),
        ({"n5": "channel"}, "the log has a column called channel"),
        ({"f1": "%Q"}, "is no strptime format"),
        ({"key0": "at", "value0": "2026-06-01"}, "The column 时间 says this already"),
    ],
)
def test_a_mistake_is_said_beside_its_field(
    as_ana: Client, log: Owner, changed: dict[str, str], said: str
) -> None:
    upload = send(as_ana)
    sent = fields(as_ana.get(address(upload)))
    answer = as_ana.post(address(upload), sent | {"do": "try"} | changed)
    assert answer.status_code == 422
    assert said in text(answer)
    assert 'aria-invalid="true"' in answer.content.decode()
    assert jobs.last_of("main", uploads.TRY) is None


@pytest.mark.parametrize(
    ("role", "changed", "said"),
    [
        ("rating", {"lo3": "", "hi3": "10"}, "Write both ends of the scale"),
        ("rating", {"lo3": "5", "hi3": "1"}, "The lowest point must be smaller"),
        ("rating", {"lo3": "one", "hi3": "7"}, "The ends of a scale are numbers"),
        ("ces", {"lo3": "1", "hi3": "7", "d3": ""}, "Say which end is better"),
    ],
)
def test_a_scale_that_makes_no_sense_is_said_beside_it(
    as_ana: Client, log: Owner, role: str, changed: dict[str, str], said: str
) -> None:
    upload = send(as_ana)
    sent = fields(as_ana.get(address(upload)))
    page = as_ana.post(address(upload), sent | {"r3": role}, headers={"HX-Request": "true"})
    assert page.status_code == 200, "a change of the role shows its fields and scolds nobody"
    assert b"<html" not in page.content
    answer = as_ana.post(address(upload), fields(page) | {"do": "try"} | changed)
    assert answer.status_code == 422
    assert said in text(answer)


def test_other_rows_are_guessed_at_anew(as_ana: Client, log: Owner) -> None:
    upload = send(as_ana)
    sent = fields(as_ana.get(address(upload)))
    page = as_ana.post(address(upload), sent | {"as": "traits"})
    chosen = fields(page)
    assert [chosen[f"r{number}"] for number in range(4)] == ["id", "at", "customer", "trait"]


def test_a_wide_file_is_mapped_page_by_page(as_ana: Client, log: Owner) -> None:
    """Would catch a form that forgets the columns that it does not show."""
    names = [f"q{number}" for number in range(90)]
    rows = "\n".join(
        f"{row},2026-06-0{row} 10:00,M{row}," + ",".join([str(row % 5 + 1)] * 90)
        for row in range(1, 8)
    )
    upload = send(as_ana, f"id,at,member,{','.join(names)}\n{rows}\n")
    page = as_ana.get(address(upload))
    assert "columns, page 1 of 3" in text(page)
    second = as_ana.post(address(upload), fields(page) | {"do": "next", "n4": "first page"})
    sent = fields(second)
    assert "r40" in sent
    assert "r3" not in sent
    as_ana.post(address(upload), sent | {"do": "apply", "n44": "second page"})
    upload.refresh_from_db()
    assert "question: first page" in upload.mapping
    assert "question: second page" in upload.mapping
    assert upload.mapping.count("metric: csat") == 90


def test_a_file_is_read_otherwise(as_ana: Client, log: Owner) -> None:
    upload = send(as_ana, "a|b;c\n1|2;3\n".encode("utf-16"), "odd.txt")
    assert "UTF-16 semicolon" in text(as_ana.get(address(upload)))
    as_ana.post(address(upload), {"do": "read", "delimiter": "|", "encoding": "utf-16"})
    said = text(as_ana.get(address(upload)))
    assert "UTF-16 bar" in said
    assert "b;c" in said
    as_ana.post(address(upload), {"do": "read", "delimiter": ";", "no_header": "on"})
    assert "column 1" in text(as_ana.get(address(upload)))
    wrong = as_ana.post(address(upload), {"do": "read", "encoding": "klingon"})
    assert wrong.status_code == 422
    assert "Nobody knows the encoding klingon" in text(wrong)


def test_a_mapping_is_saved_begun_with_and_taken_home(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    upload = tried(as_ana, log, tmp_path)
    as_ana.post(address(upload), {"do": "keep", "name": "Monthly survey"})
    saved = SavedMapping.objects.get()
    mine = b"".join(as_ana.get(f"{address(upload)}mapping/").streaming_content)  # type: ignore[attr-defined]
    kept = as_ana.get(f"{LIST}mappings/{saved.pk}/")
    assert b"".join(kept.streaming_content) == mine  # type: ignore[attr-defined]
    assert mine.decode().startswith("as: answers\nsource: survey\n")

    other = send(as_ana, SURVEY.replace("推荐意愿", "推荐意愿?"), "july.csv")
    as_ana.post(address(other), {"do": "start", "saved": str(saved.pk)})
    page = as_ana.get(address(other))
    answer = as_ana.post(address(other), fields(page) | {"do": "try"})
    assert "The file has no such column. Perhaps it is 推荐意愿?" in text(answer)

    beyond = mine.decode().replace("id: 编号", "id: 编号\nrole: {value: buyer}\nproperties: '*'")
    refused = as_ana.post(
        address(other), {"do": "start", "mapping": SimpleUploadedFile("m.yaml", beyond.encode())}
    )
    assert "unknown key `properties`" in text(refused)
    assert as_ana.post(f"{LIST}mappings/{saved.pk}/remove/").status_code == 302
    assert not SavedMapping.objects.exists()


def test_a_mapping_that_says_more_than_the_form_is_changed_as_text(
    as_ana: Client, log: Owner
) -> None:
    upload = send(as_ana)
    as_ana.post(address(upload), fields(as_ana.get(address(upload))))
    upload.refresh_from_db()
    twice = upload.mapping.replace("dimensions: {", "dimensions: {member: 会员号, ")
    page = as_ana.post(address(upload), {"do": "text", "says": twice})
    assert "This mapping says more than the form can show" in text(page)
    upload.refresh_from_db()
    assert upload.mapping == twice
    wrong = as_ana.post(address(upload), {"do": "text", "says": twice.replace("as:", "az:")})
    assert wrong.status_code == 422
    assert "`as` in the mapping" in text(wrong)
    upload.refresh_from_db()
    assert upload.mapping == twice, "what makes no sense is not kept"


def test_only_what_was_tried_is_imported(as_ana: Client, log: Owner, tmp_path: Path) -> None:
    upload = tried(as_ana, log, tmp_path)
    sent = fields(as_ana.get(address(upload)))
    as_ana.post(address(upload), sent | {"r5": ""})
    answer = as_ana.post(address(upload), {"do": "import"})
    assert "The mapping has changed since the dry run" in text(answer)
    assert jobs.last_of("main", uploads.IMPORT) is None


def test_an_import_that_was_cut_off_ends_as_if_it_had_run_once(
    as_ana: Client, log: Owner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed between the log's commit and the row that says so."""
    upload = tried(as_ana, log, tmp_path)
    as_ana.post(address(upload), {"do": "import"})

    class Killed(BaseException):
        """Nothing catches it, as nothing catches a kill."""

    def killed(*_given: object) -> None:
        raise Killed

    with monkeypatch.context() as patched:
        patched.setattr(bringing, "_finish", killed)
        with pytest.raises(Killed):
            work_on(log, tmp_path)
    assert len(answers(log)) == 6
    Work.objects.filter(kind=uploads.IMPORT).update(
        held_until=timezone.now() - timedelta(seconds=1)
    )
    done = work_on(log, tmp_path)
    assert done is not None
    assert (done.state, done.result) == ("done", {"rows": 3, "rejected": 1})
    assert len(answers(log)) == 6
    live = [one for one in log.imports("main") if one.undone_at is None]
    upload.refresh_from_db()
    assert [one.import_id for one in live] == [upload.import_id]


def test_an_import_is_cancelled_and_the_file_stays(
    as_ana: Client,
    log: Owner,
    tmp_path: Path,
    django_capture_on_commit_callbacks: Callable[..., AbstractContextManager[object]],
) -> None:
    upload = tried(as_ana, log, tmp_path)
    as_ana.post(address(upload), {"do": "import"})
    assert as_ana.post(f"{address(upload)}drop/", follow=True).redirect_chain
    assert Upload.objects.filter(pk=upload.pk).exists(), "what is being imported is not dropped"
    as_ana.post(address(upload), {"do": "cancel"})
    assert work_on(log, tmp_path) is None
    assert answers(log) == []
    assert "6 of 6 columns are mapped" in text(as_ana.get(address(upload)))
    with django_capture_on_commit_callbacks(execute=True):
        as_ana.post(f"{address(upload)}drop/")
    assert not Upload.objects.exists()
    assert list((tmp_path / "uploads").iterdir()) == []


def test_an_import_is_listed_found_and_undone(as_ana: Client, log: Owner, tmp_path: Path) -> None:
    upload = imported(as_ana, log, tmp_path)
    said = text(as_ana.get(LIST))
    assert f"survey.csv survey {upload.import_id} ana 3 1" in said
    assert "No import is like that" in text(as_ana.get(f"{LIST}?q=nobody"))
    assert upload.import_id in text(as_ana.get(f"{LIST}?q=SURVEY&state=live"))
    undo = f"{LIST}{upload.import_id}/undo/"
    assert "leave every figure" in text(as_ana.get(undo))
    assert len(answers(log)) == 6
    as_ana.post(undo)
    assert answers(log) == []
    assert AuditEntry.objects.filter(action="import.undone").count() == 1
    assert "was imported and undone" in text(as_ana.get(address(upload)))
    assert upload.import_id in text(as_ana.get(f"{LIST}?state=undone"))


def test_an_import_of_the_command_line_is_listed_and_undone_too(
    with_sample: Client, sampled: Owner
) -> None:
    (sample,) = sampled.imports("main")
    assert f"tea-shop.csv tea-shop {sample.import_id} – – –" in text(with_sample.get(LIST))
    with_sample.post(f"{LIST}{sample.import_id}/undo/")
    assert answers(sampled) == []


def test_the_same_file_again_brings_nothing_new(as_ana: Client, log: Owner, tmp_path: Path) -> None:
    imported(as_ana, log, tmp_path)
    again = tried(as_ana, log, tmp_path)
    said = text(as_ana.get(f"{address(again)}?step=try"))
    assert "new rows 0 here already, not added again 3 rejected 1" in said
    assert "There is nothing to import" in said


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("empty.csv", b"", "No file was chosen|is empty"),
        ("picture.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(range(256)), "is not a text file"),
        ("old.xls", b"\xd0\xcf\x11\xe0" + bytes(2000), "workbook of the old form"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(
    as_ana: Client, log: Owner, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    answer = as_ana.post(NEW, {"file": SimpleUploadedFile(name, content)})
    assert answer.status_code == 422
    assert re.search(said, text(answer))
    assert not Upload.objects.exists()
    assert list(tmp_path.glob("uploads/*")) == []


def test_a_name_is_no_place_on_the_disk(as_ana: Client, log: Owner, tmp_path: Path) -> None:
    data = uploads.hold(
        by=running_actor(), workspace="main", name="../../../etc/.hidden\n.csv",
        content=[SURVEY.encode()], data=tmp_path,
    )  # fmt: skip
    assert data.name == "hidden.csv"
    assert uploads.file_of(data, tmp_path).read_bytes() == SURVEY.encode()


def running_actor() -> Actor:
    return Actor(Person.objects.get(login="ana"), "192.0.2.1")


def test_a_member_without_personal_data_sees_no_example(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    """Would catch a page that shows what stands in the file."""
    upload = tried(as_ana, log, tmp_path)
    Membership.objects.update(sees_personal_data=False)
    for page in (address(upload), f"{address(upload)}?step=try"):
        said = text(as_ana.get(page))
        assert not [word for word in ("M1", "M3", "很好", "2026-13-02") if word in said], page
    assert as_ana.get(f"{address(upload)}rejects/").status_code == 403
    as_ana.post(address(upload), {"do": "import"})
    work_on(log, tmp_path)
    assert "M4" not in text(as_ana.get(address(upload)))


def test_what_nobody_imports_goes_after_a_day(as_ana: Client, log: Owner, tmp_path: Path) -> None:
    upload = send(as_ana)
    assert uploads.remove_old(tmp_path) == 0
    assert uploads.remove_old(tmp_path, timezone.now() + timedelta(hours=25)) == 1
    assert not Upload.objects.exists()
    assert not uploads.folder_of(upload, tmp_path).exists()


def test_what_waits_goes_when_a_customer_is_erased(
    as_ana: Client, log: Owner, tmp_path: Path
) -> None:
    from zhiyin.collect.erasing import erase_uploads, show_uploads
    from zhiyin.unify.subjects import Her
    from zhiyin.warehouse.rights import Id

    send(as_ana)
    nobody = Her("main", tmp_path, (Id("customer", "M77"),))
    her = Her("main", tmp_path, (Id("customer", "M3"),))
    assert show_uploads(nobody) == []
    assert [row["file"] for row in show_uploads(her)] == ["survey.csv"]
    assert erase_uploads(her) == 1
    assert list((tmp_path / "uploads").iterdir()) == []
