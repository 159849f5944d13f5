"""The pages as a person meets them."""

from __future__ import annotations

import gzip
import re
from html import escape, unescape
from pathlib import Path

import pytest
from django.test import Client, RequestFactory
from django.utils import translation
from pytest_django import Settings

from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.measure import comparisons, scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.warehouse.owner import Owner
from zhiyin.web import faults
from zhiyin.web import log as web_log

# Figures of the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = pytest.mark.any_store


def text(answer: object) -> str:
    body = re.sub(r"<(script|style|svg)\b.*?</\1>", " ", answer.content.decode(), flags=re.S)  # type: ignore[attr-defined]
    return unescape(" ".join(re.sub(r"<[^>]+>", " ", body).split()))


@pytest.mark.parametrize("asked", ["/", "/main/", "/main/data/"])
def test_an_empty_workspace_shows_the_ways_to_begin(as_ana: Client, asked: str) -> None:
    answer = as_ana.get(asked, follow=True)
    assert answer.redirect_chain[-1][0] == "/main/data/begin/"
    page = answer.content.decode()
    ways = ("imports/new", "keys", "sample", "demo/fill")
    for way in ways:
        assert f'"/main/data/{way}/"' in page


def test_the_page_of_imports_says_how_the_command_line_does_it(as_ana: Client) -> None:
    said = text(as_ana.get("/main/data/imports/"))
    assert "import answers.csv --map answers.yaml" in said
    assert "as: answers source: tea-shop" in said


def test_pages_are_sent_compressed_and_files_as_they_are(with_sample: Client) -> None:
    asked = "metric=nps&by=touchpoint"
    plain = with_sample.get(f"/main/scores/?{asked}")
    small = with_sample.get(f"/main/scores/?{asked}", headers={"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert "Accept-Encoding" in small.headers["Vary"]
    assert len(small.content) < len(plain.content) / 3
    assert gzip.decompress(small.content).startswith(b"<!doctype html>")
    address = f"/main/scores/export/?as=csv&{asked}"
    file = with_sample.get(address, headers={"Accept-Encoding": "gzip"})
    assert file.status_code == 200
    assert "Content-Encoding" not in file.headers
    file.close()


def test_the_sample_is_loaded_once_and_leads_to_its_scores(as_ana: Client, log: Owner) -> None:
    for _turn in range(2):
        answer = as_ana.post("/main/data/sample/", follow=True)
        assert answer.redirect_chain[-1][0] == "/main/scores/"
    assert len(log.imports("main")) == 1
    assert as_ana.get("/").headers["location"] == "/main/overview/"


def test_the_page_shows_the_figures_of_the_measures(with_sample: Client, sampled: Owner) -> None:
    """The page and the command line read one function: the same figure to the last digit shown."""
    found = scores.score(sampled, settings_of("main"), ScoreRequest("nps", by=("touchpoint",)))
    said = text(with_sample.get("/main/scores/"))
    for row in (*found.rows, found.total):
        assert row.value is not None
        assert row.low is not None
        assert row.high is not None
        written = [f"{v:+.1f}".replace("-", "−") for v in (row.value, row.low, row.high)]
        assert written[0] in said
        assert f"[{written[1]}, {written[2]}]" in said


def test_both_languages_are_whole(with_sample: Client) -> None:
    with_sample.cookies["zhiyin_language"] = "zh-hans"
    said = text(with_sample.get("/main/scores/?metric=csat&by=city"))
    for word in ("体验指标", "满意率", "对比", "方法说明", "位客户", "指标口径", "其余各组"):
        assert word in said
    left = set(re.findall(r"\b(Scores|Methods|Interval|Customers|Value|Difference|Show)\b", said))
    assert not left


def test_a_change_of_filter_brings_the_figures_alone(with_sample: Client) -> None:
    part = with_sample.get("/main/scores/?metric=nps&by=city", headers={"HX-Request": "true"})
    assert b"<html" not in part.content
    assert "杭州" in text(part)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("where=city+=", "where"),
        ("where=town+=+'x'", "answers have no column town"),
        ("from=yesterday", "is not a date"),
        ("by=nothing-such", "have no column nothing-such"),
        ("metric=response_rate", "invit"),
        ("from=2026-09-01&until=2026-08-01", "before"),
    ],
)
def test_a_mistake_is_said_in_its_place_and_the_page_stands(
    with_sample: Client, query: str, said: str
) -> None:
    answer = with_sample.get(f"/main/scores/?{query}")
    assert answer.status_code == 422
    shown = text(answer)
    assert said in shown
    assert "compared with" in shown


def test_too_few_answers_show_no_figure(with_sample: Client) -> None:
    said = text(with_sample.get("/main/scores/?metric=nps&by=city&where=occurred_at+<+2026-08-03"))
    assert "not enough answers" in said
    assert not re.search(r"[+−]\d+\.\d", said)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ("not enough answers", "withheld, so that no other", "fewer than 10 customers")),
        ("zh-hans", ("样本量不足，不予显示", "不予显示，以免推算出其他组", "不足 10 位客户")),
    ],
)
def test_a_group_that_is_not_shown_says_why(
    as_ana: Client, log: Owner, language: str, words: tuple[str, ...]
) -> None:
    """Four by fax, so the twelve of the web go too: neither figures nor counts nor a bead."""
    from zhiyin.warehouse.tests.planting import put

    sizes = {"app": 60, "shop": 35, "web": 12, "fax": 4}
    put(log, [{"touchpoint": name, "kind": "touchpoint", "scale_min": 1.0, "scale_max": 5.0,
               "direction": "up", "id": f"{name} {k}", "customer": f"{name} {k}"}
              for name, size in sizes.items() for k in range(size)])  # fmt: skip
    as_ana.cookies["zhiyin_language"] = language
    answer = as_ana.get("/main/scores/?metric=csat&by=touchpoint")
    said = text(answer)
    for word in words:
        assert word in said
    rows = re.findall(r'<tr class="few">.*?</tr>', answer.content.decode(), re.S)
    assert len(rows) == 2
    assert "&lt; 10" in rows[0] + rows[1]
    for row in rows:
        assert 'class="bead' not in row
        assert not re.search(r">(4|12|n \d.*)<", row)
    assert answer.content.decode().count('class="bead') == 2 * 2


def test_verbatims_of_strangers_cannot_become_markup(as_ana: Client, log: Owner) -> None:
    from zhiyin.warehouse.tests.planting import put

    evil = '<script>alert("x")</script>'
    log.declare("main", {"answers": {"state": "text"}})
    put(log, [{"touchpoint": evil, "d_state": evil, "kind": "touchpoint", "scale_min": 1.0,
               "scale_max": 5.0, "direction": "up", "id": f"r{k}", "customer": f"c{k}"}
              for k in range(40)] + [{"id": "other", "touchpoint": "plain"}])  # fmt: skip
    for address in (
        "/main/scores/?metric=csat&by=touchpoint",
        "/main/scores/?metric=csat&by=state",
    ):
        page = as_ana.get(address).content.decode()
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    page = as_ana.get("/main/scores/", {"where": evil, "by": evil}).content.decode()
    assert "<script>alert" not in page


def test_signing_in_and_out(client: Client, ana: Person, log: Owner) -> None:
    ana.set_password("kettle over seven rivers")
    ana.save()
    wrong = client.post("/sign-in/", {"username": "ana", "password": "nothing"})
    assert "No one signs in" in text(wrong)
    right = client.post("/sign-in/", {"username": "Ana", "password": "kettle over seven rivers"})
    assert right.headers["location"] == "/"
    assert client.post("/sign-out/").headers["location"] == "/sign-in/"
    assert client.get("/main/scores/").headers["location"].startswith("/sign-in/")


def test_the_password_is_changed_and_the_session_stays(as_ana: Client, ana: Person) -> None:
    ana.set_password("the first of passwords")
    ana.save()
    as_ana.force_login(ana)
    elsewhere = Client()
    elsewhere.force_login(ana)
    assert elsewhere.get("/password/").status_code == 200
    new = {"new": "kettle over seven rivers", "again": "kettle over seven rivers"}
    assert as_ana.post("/password/", {"old": "wrong", **new}).status_code == 422
    assert as_ana.post("/password/", {"old": "the first of passwords", **new}).status_code == 302
    ana.refresh_from_db()
    assert ana.check_password("kettle over seven rivers")
    assert as_ana.get("/password/").status_code == 200
    assert elsewhere.get("/password/").status_code == 302, "her other sessions have ended"


def test_the_language_switch_keeps_the_page(with_sample: Client, ana: Person) -> None:
    back = "/main/scores/?metric=csat"
    answer = with_sample.post("/language/", {"language": "zh-hans", "back": back})
    assert answer.headers["location"] == back
    ana.refresh_from_db()
    assert ana.language == "zh-hans"
    evil = with_sample.post("/language/", {"language": "en", "back": "//evil.example/"})
    assert evil.headers["location"] == "/"


def test_a_part_brings_the_links_around_it_up_to_date(with_sample: Client) -> None:
    """The tabs keep the filter and the language switch comes back to it."""
    address = "/main/scores/?metric=nps&by=city&where=city+%21%3D+%27x%27"
    part = with_sample.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.count('hx-swap-oob="true"') == 3
    assert unescape(part).count("where=city+%21%3D+%27x%27") > 2
    assert f'name="back" value="{escape(address)}"' in part
    whole = with_sample.get(address).content.decode()
    assert "hx-swap-oob" not in whole


def test_a_page_that_the_browser_goes_back_to_comes_whole(with_sample: Client) -> None:
    asked = {"HX-Request": "true", "HX-History-Restore-Request": "true"}
    assert b"<html" in with_sample.get("/main/scores/", headers=asked).content


def test_rows_stand_in_the_order_of_the_ranking(with_sample: Client, sampled: Owner) -> None:
    request = ScoreRequest("nps", by=("touchpoint",))
    compared = comparisons.compare(sampled, settings_of("main"), request, "rest")
    places = {str(row.group["touchpoint"]): row.place for row in compared.rows}
    page = with_sample.get("/main/scores/?metric=nps&by=touchpoint").content.decode()
    shown = re.findall(r'place">(\d+)(=?)</td><th scope="row">([^<]+)', page)
    assert [(name, int(place)) for place, _same, name in shown] == [
        (name, places[name]) for _place, _same, name in shown
    ]
    assert len(shown) == len(places) > 1
    assert [int(place) for place, *_ in shown] == sorted(
        (p for p in places.values() if p), reverse=True
    )
    for place, same, _name in shown:
        assert bool(same) == (list(places.values()).count(int(place)) > 1)


def test_the_methods_say_what_the_figures_are(with_sample: Client) -> None:
    said = text(with_sample.get("/main/scores/?metric=csat&by=city&against=rest"))
    for line in (
        "Interval Wilson interval, 95%",
        "Interval of the difference Newcombe interval",
        "Smallest bases under 10 customers no figure, under 30 no test, under 100 flagged",
        "Unit of measure per cent",
        "Weighting none",
        "both included (UTC)",
    ):
        assert line in said
    with_sample.cookies["zhiyin_language"] = "zh-hans"
    said = text(with_sample.get("/main/scores/?metric=nps&by=city"))
    for line in ("调整 Wald 区间（Rocks 2016），95%", "基数下限", "（版本 1）", "含首尾两日"):
        assert line in said


def test_without_the_log_process_a_page_says_so(
    client: Client, ana: Person, settings: Settings, tmp_path: Path
) -> None:
    settings.ZHIYIN_DATA = tmp_path
    web_log.use(None)
    client.force_login(ana)
    try:
        whole = client.get("/main/scores/")
        part = client.get("/main/scores/", headers={"HX-Request": "true"})
    finally:
        web_log.use(None)
    assert (whole.status_code, part.status_code) == (503, 503)
    assert "The log process does not answer." in text(whole)
    assert "The log process does not answer." in text(part)
    assert b"<html" not in part.content


def test_our_own_fault_has_a_page_that_asks_no_store() -> None:
    """This test may not touch the database, and has no log: a page that asked one would fail."""
    with translation.override("zh-hans"):
        answer = faults.our_fault(RequestFactory().get("/main/scores/"))
    assert answer.status_code == 500
    assert "服务器日志" in text(answer)


def test_who_signs_in_reads_in_the_language_chosen_before(
    client: Client, ana: Person, log: Owner
) -> None:
    ana.set_password("kettle over seven rivers")
    ana.language = "zh-hans"
    ana.save()
    sign_in = {"username": "ana", "password": "kettle over seven rivers"}
    first = client.post("/sign-in/", sign_in)
    assert first.cookies["zhiyin_language"].value == "zh-hans"
    client.post("/sign-out/")
    client.cookies["zhiyin_language"] = "en"
    again = client.post("/sign-in/", sign_in)
    assert "zhiyin_language" not in again.cookies


def test_faults_have_pages_in_both_languages(as_ana: Client) -> None:
    assert "There is no such page." in text(as_ana.get("/nothing/here/"))
    as_ana.cookies["zhiyin_language"] = "zh-hans"
    assert "没有这个页面" in text(as_ana.get("/nothing/here/"))


def test_a_phone_reaches_every_section_by_five_tabs(as_ana: Client) -> None:
    page = as_ana.get("/main/reports/").content.decode()
    bar = page[page.index('class="tabbar"') :].partition("</nav>")[0]
    tabs, _details, more = bar.partition("<details")
    assert tabs.count("<a ") + bar.count("<summary") == 5
    for section in ("overview", "journeys/maps", "scores", "customers"):
        assert f'href="/main/{section}/"' in tabs
    for section in ("reports", "responses", "data", "settings/people", "find", "help"):
        assert f'href="/main/{section}/"' in more
    assert 'class="here"' in more, "the open page is under More"
