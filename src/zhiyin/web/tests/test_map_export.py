"""A journey map leaves as picture, printed pages, workbook and document: all say what it says."""

from __future__ import annotations

import io
import struct
import xml.etree.ElementTree as ET
from typing import Any

import openpyxl
import pypdfium2
import pytest
from django.test import Client
from django.urls import reverse

from zhiyin.accounts import workspaces
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person
from zhiyin.charts.journey import WIDTH
from zhiyin.kernel.figures import figure, interval
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import in_language
from zhiyin.maps import actions, bringing, document, kept, looking
from zhiyin.maps.looking import Asked
from zhiyin.maps.tests import trip
from zhiyin.maps.tests.test_figures import MAY, NOW
from zhiyin.warehouse.owner import Owner
from zhiyin.web import map_export

SVG = "{http://www.w3.org/2000/svg}"
LANGUAGES = {"en": 0, "zh-hans": 1}


def got(client: Client, kind: str, **query: str) -> Any:
    asked = {**trip.MAY, **query, "as": kind}
    return client.get(reverse("map-export", args=["main", "trip"]), asked)


def looked(owner: Owner) -> looking.Looked:
    asked = Asked(start=MAY.start, end=MAY.end)
    return looking.look(owner, workspaces.settings_of("main"), "trip", asked)


def speak(client: Client, language: str) -> None:
    client.post(reverse("language"), {"language": language, "next": "/"})


# What the store keeps of a map, its page asks every one; so it is below.
@pytest.mark.any_store
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_picture_has_every_touchpoint_with_its_figures(trip_log: Owner, language: str) -> None:
    found = looked(trip_log)
    with in_language(language):
        page = map_export.page_of(found)
        markup = map_export.made("svg", page, workspaces.settings_of("main")).decode()
    root = ET.fromstring(markup)  # noqa: S314 - written by ourselves
    boxes = [one for one in root.iter(f"{SVG}g") if one.get("class") == "touchpoint"]
    said = {"".join((one.findtext(f"{SVG}title") or "").split(":")[:1]): one for one in boxes}
    for one in found.found.nodes:
        name = trip.NAMES[one.node.id][LANGUAGES[language]]
        words = ["".join(text.itertext()) for text in said[name].iter(f"{SVG}text")]
        assert name.replace(" ", "") in "".join(words).replace(" ", "")
        if one.score is not None and one.score.value is not None:
            assert figure(one.score.value, "percent") in words
        if one.traffic.customers is not None:
            assert str(one.traffic.customers) in words
    words = ["".join(one.itertext()) for one in root.iter(f"{SVG}text")]
    whole = " ".join(words)
    for stage in trip.STAGES.values():
        assert stage[LANGUAGES[language]] in words
    (unexplained,) = found.found.traffic.unexplained
    assert f"Pet Page Viewed {unexplained.sessions}" in whole
    assert "2026-05-01 – 2026-05-31" in whole
    assert ("不足 10 人" if language == "zh-hans" else "fewer than 10 customers") in whole
    refund = trip.NAMES["refund"][LANGUAGES[language]]
    assert any(word.startswith(refund) and len(word) > len(refund) for word in words)
    assert float(root.get("width", "0")) == WIDTH
    assert root.get("aria-label", "").startswith(("Trip.", "出行."))


@pytest.mark.any_store
def test_the_picture_as_dots_is_twice_as_wide(trip_client: Client) -> None:
    answer = got(trip_client, "png")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.headers["content-disposition"] == 'attachment; filename="trip.png"'
    assert answer.content.startswith(b"\x89PNG")
    assert struct.unpack(">I", answer.content[16:20])[0] == 2 * WIDTH


@pytest.mark.any_store
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_pdf_is_the_map_then_its_table_and_methods(
    trip_client: Client, trip_log: Owner, language: str
) -> None:
    speak(trip_client, language)
    held = got(trip_client, "pdf").content
    with pypdfium2.PdfDocument(held) as printed:
        pages = [page.get_textpage().get_text_range().replace("\r\n", "\n") for page in printed]
        assert printed.is_tagged()
        sizes = {tuple(round(one) for one in page.get_size()) for page in printed}
        images = [one.type for one in printed[0].get_objects(max_depth=5)]
    assert sizes == {(1191, 842)}  # A3, landscape
    assert images.count(pypdfium2.raw.FPDF_PAGEOBJ_IMAGE) == 0
    assert f"1 / {len(pages)}" in pages[0]
    after = " ".join("\n".join(pages[1:]).split())
    for one in looked(trip_log).found.nodes:
        assert trip.NAMES[one.node.id][LANGUAGES[language]] in after
        if one.score is not None and one.score.value is not None:
            assert figure(one.score.value, "percent") in after
            assert interval(one.score.low, one.score.high, "percent") in after
        if one.traffic.left_share is not None:
            low, high = one.traffic.left_low, one.traffic.left_high
            assert low is not None
            assert high is not None
            assert interval(100 * low, 100 * high, "percent") in after
    for needed in {
        "en": (
            "Methods",
            "Beside the others",
            "Necessity",
            "Benjamini–Hochberg",
            "Pet Page Viewed",
        ),
        "zh-hans": ("方法说明", "必要性", "检验族", "承诺感知", "Pet Page Viewed"),
    }[language]:
        assert needed in after, needed


@pytest.mark.any_store
def test_the_workbook_is_the_promised_document(trip_client: Client, trip_log: Owner) -> None:
    answer = got(trip_client, "xlsx")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    assert book.sheetnames == [
        "Touchpoints", "Stages", "Unexplained traffic", "Difficulties", "Methods",
    ]  # fmt: skip
    told = looked(trip_log).as_dict()
    rows = records(book["Touchpoints"])
    assert [row["id"] for row in rows] == [one["id"] for one in told["touchpoints"]]
    checked = 0
    for row, one in zip(rows, told["touchpoints"], strict=True):
        for column, value in row.items():
            field, _line, rest = column.partition("_")
            held = one[field] if isinstance(one.get(field), dict) else None
            if column == "name":
                assert value == one["name"]["en"]
            elif held is not None:
                assert same(value, held[rest]), column
                checked += 1
            elif column in one:
                assert same(value, one[column]), column
            else:
                assert value is None, column
    assert checked > 200
    assert not all(row["score_value"] is None for row in rows)
    stages = records(book["Stages"])
    assert [row["traffic_customers"] for row in stages] == [
        one["traffic"]["customers"] for one in told["stages"]
    ]
    assert [row["emotion_value"] for row in stages] == pytest.approx(
        [one["emotion"]["value"] for one in told["stages"]]
    )
    assert records(book["Unexplained traffic"]) == told["unexplained"]
    hard = records(book["Difficulties"])
    assert [(one["by"], one["touchpoint"]) for one in hard] == [
        (one["by"], one["touchpoint"]) for one in told["difficulties"]
    ]
    assert {row["term"] for row in records(book["Methods"])} >= {"Days", "Money", "As of"}


@pytest.mark.any_store
def test_text_in_a_workbook_is_never_a_formula(trip_client: Client) -> None:
    book = openpyxl.load_workbook(io.BytesIO(got(trip_client, "xlsx").content))
    cells = {cell.value: cell for row in book["Touchpoints"].iter_rows() for cell in row}
    assert cells["=1+1 cart"].data_type == "s"


def records(sheet: Any) -> list[dict[str, Any]]:
    head, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(head, row, strict=True)) for row in rows]


def same(cell: Any, value: Any) -> bool:
    if isinstance(value, float) or (isinstance(value, int) and not isinstance(value, bool)):
        return bool(cell == pytest.approx(value))
    return bool(cell == value)


def test_the_document_comes_in_again_with_the_same_figures(
    trip_client: Client, trip_log: Owner
) -> None:
    answer = got(trip_client, "json", **{"from": "", "until": ""})
    assert answer.headers["content-disposition"] == 'attachment; filename="trip.json"'
    assert document.read(answer.content) == trip.trip()
    bringing.bring(
        by=COMMAND_LINE, workspace="main", key="again", content=answer.content, keeps=True
    )
    settings, asked = workspaces.settings_of("main"), Asked(start=MAY.start, end=MAY.end)
    first, second = (
        looking.look(trip_log, settings, key, asked, now=MAY_OVER).as_dict()
        for key in ("trip", "again")
    )
    assert second == {**first, "key": "again"}
    assert got(trip_client, "json").content == document.write(
        kept.shown(kept.get("main", "again"))[1]
    )


MAY_OVER = NOW


def test_bringing_a_map_in_again_keeps_a_version_only_of_what_is_new(trip_log: Owner) -> None:
    written = document.write(trip.trip())

    def bring(content: bytes, *, keeps: bool) -> int:
        given = {"by": COMMAND_LINE, "workspace": "main", "key": "trip", "content": content}
        held = bringing.bring(keeps=keeps, **given)  # type: ignore[arg-type]
        return held.versions.count()

    assert bring(written, keeps=True) == 1
    assert kept.get("main", "trip").number == 0
    changed = written.replace(b'"Flight search"', b'"Search"')
    assert bring(changed, keeps=False) == 1
    assert kept.has_changes(kept.get("main", "trip"))
    assert bring(changed, keeps=True) == 2
    assert kept.shown(kept.get("main", "trip"))[1].nodes[0].name["en"] == "Search"


@pytest.mark.any_store
def test_what_is_asked_of_the_page_is_asked_of_the_file(trip_client: Client) -> None:
    whole, app = (
        records(openpyxl.load_workbook(io.BytesIO(answer.content))["Touchpoints"])
        for answer in (got(trip_client, "xlsx"), got(trip_client, "xlsx", **{"is.channel": "app"}))
    )
    assert (whole[1]["traffic_customers"], app[1]["traffic_customers"]) == (100, 50)
    picture = got(trip_client, "svg", **{"is.channel": "app"}).content.decode()
    assert "channel = &#x27;app&#x27;" in picture


def test_what_there_is_not_is_not_found(trip_client: Client) -> None:
    assert got(trip_client, "exe").status_code == 404
    assert (
        trip_client.get(reverse("map-export", args=["main", "none"]), {"as": "svg"}).status_code
        == 404
    )
    wrong = got(trip_client, "svg", **{"from": "soon"})
    assert wrong.status_code == 422
    assert "svg" not in wrong.headers["content-type"]


def test_a_map_without_touchpoints_is_drawn(trip_client: Client) -> None:
    actions.create(
        by=COMMAND_LINE, workspace="main", key="blank", map_=document.Map(name={"en": "Blank"})
    )
    for kind in map_export.KINDS:
        answer = trip_client.get(reverse("map-export", args=["main", "blank"]), {"as": kind})
        assert answer.status_code == 200, kind


def test_rules_that_name_who_somebody_is_are_masked(trip_client: Client, ana: Person) -> None:
    written = document.write(trip.trip()).replace(b"name = 'Refund Asked'", b"customer = 'c7'")
    bringing.bring(by=COMMAND_LINE, workspace="main", key="trip", content=written, keeps=True)
    assert b"'c7'" in got(trip_client, "json").content
    Membership.objects.filter(person=ana).update(sees_personal_data=False)
    masked = got(trip_client, "json")
    assert masked.status_code == 200
    assert b"'c7'" not in masked.content
    node = document.read(masked.content).node("refund")
    assert node is not None
    assert parse(node.events).columns() == {"customer"}
