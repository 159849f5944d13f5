"""*Funnels*, *Paths*, *Retention*: what an address asks is counted, linked and kept in files."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from datetime import datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Membership, Person, Role, Unit, Workspace
from zhiyin.accounts.saved_views import FIGURED, PAGES
from zhiyin.measure.tests.planting import nps_answers
from zhiyin.measure.tests.planting import plant as plant_facts
from zhiyin.reports.journeys import FIELDS
from zhiyin.reports.models import Report
from zhiyin.unify import merging
from zhiyin.unify.models import Segment
from zhiyin.unify.tests.casting import rows
from zhiyin.warehouse.owner import Owner
from zhiyin.web.tests.test_guard import member
from zhiyin.web.tests.test_pages import text

pytestmark = [pytest.mark.django_db, pytest.mark.any_store]

FIRST = datetime(2026, 3, 2, 9)
BAD = "\"><script>alert(1)</script> > | 'x'"
STEPS = "steps=Seen+%3E+Added+%3E+Paid"
FUNNEL = f"/main/journeys/funnels/?{STEPS}"
PATHS = "/main/journeys/paths/?share=99"
COHORTS = "/main/journeys/retention/?every=week"
PART = {"HX-Request": "true"}
ADDRESSES = (
    FUNNEL,
    f"{FUNNEL}&by=channel",
    PATHS,
    f"{PATHS}&show=variants",
    f"{PATHS}&show=repeats",
    COHORTS,
)


@pytest.fixture
def journeys(as_ana: Client, log: Owner) -> Client:
    """60 who see; 40 of them add, in the app, and 25 pay; 12 come again two weeks later."""
    cache.clear()
    plant(log)
    return as_ana


def plant(log: Owner, shift: int = 0) -> None:
    events: list[dict[str, Any]] = []
    for n in range(shift, shift + 60):
        names = ["Seen"] + ["Added"] * (n < 40) + ["Paid"] * (n < 25) + [BAD] * (n < 15)
        channel = "app" if n < 45 else "shop"
        unit = "north" if n % 2 else "south"
        at = FIRST + timedelta(days=7 * (n % 2))
        where = {"customer": f"c{n:02}", "channel": channel, "unit": unit}
        events += [
            {**where, "name": name, "occurred_at": at + timedelta(minutes=5 * step)}
            for step, name in enumerate(names)
        ]
        if n < 12:
            events.append({**where, "name": "Seen", "occurred_at": at + timedelta(days=14)})
    rows(log, "events", *({**event, "id": f"e{shift}-{at}"} for at, event in enumerate(events)))


def shown(client: Client, address: str) -> str:
    answer = client.get(address, headers=PART)
    assert answer.status_code == 200, address
    return answer.content.decode()


def links(page: str) -> list[tuple[str, str]]:
    """(what is written, address) of each link to customers."""
    found = re.findall(
        r'<a[^>]*? ?href="([^"]*/journeys/customers/[^"]*)"[^>]*>(.*?)</a>', page, re.S
    )
    return [(text, unescape(address)) for address, text in found]


def listed(client: Client, address: str) -> int:
    """How many customers the list at the address says it has."""
    answer = client.get(address)
    assert answer.status_code == 200, address
    found = re.search(r'class="fig-2">([\d,]+)<', answer.content.decode())
    assert found, address
    return int(found[1].replace(",", ""))


def table(client: Client, address: str) -> list[dict[str, str]]:
    taken = client.get(address)
    assert taken.status_code == 200
    text = b"".join(taken.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text)))


# The form comes first, and works without script


def test_the_form_is_there_before_the_figures(journeys: Client) -> None:
    for address in ADDRESSES:
        page = journeys.get(address).content.decode()
        assert 'hx-trigger="load"' in page
        assert "</form>" in page
        without_script = re.search(r'<noscript>.*?href="(\?[^"]*now=1)"', page, re.S)
        assert without_script
        whole = journeys.get(address.split("?")[0] + unescape(without_script[1])).content.decode()
        assert 'hx-trigger="load"' not in whole
        assert "<table" in whole
        assert "Methods" in whole


def test_the_forms_fields_are_one_short_address(journeys: Client) -> None:
    fields = [
        ("step", "Seen"), ("or", ""), ("without", ""),
        ("step", "Added"), ("or", "Paid"), ("without", ""),
        ("step", BAD), ("or", ""), ("without", "Seen"),
        ("step", ""), ("or", ""), ("without", ""),
    ]  # fmt: skip
    asked = {name: [v for n, v in fields if n == name] for name in ("step", "or", "without")}
    answer = journeys.get("/main/journeys/funnels/", asked, headers=PART)
    assert answer.status_code == 200
    kept = answer.headers["HX-Push-Url"]
    assert "steps=Seen+%3E+Added+%7C+Paid+%3E+%21Seen+%3E+%22" in kept
    assert "step=" not in kept.replace("steps=", "")
    again = journeys.get(kept).content.decode()
    assert len(re.findall(r'<select id="step-\d"', again)) == 4, "and an empty one"
    assert 'name="without" value="Seen"' in again
    # What loads the figures first leaves the fields alone: somebody may be choosing.
    first = journeys.get(kept, headers={**PART, "HX-Trigger": "figures"})
    assert 'id="steps"' not in first.content.decode()
    assert "HX-Push-Url" not in first.headers


def test_a_mistake_is_said_and_the_form_stands(journeys: Client) -> None:
    for address, said in (
        ("/main/journeys/funnels/?steps=Seen", "names no steps of a funnel"),
        (f"{FUNNEL}&where=nothing+%3D", ""),
        ("/main/journeys/funnels/?steps=Seen+%3E+Nowhere", "No event is called Nowhere"),
        (f"{PATHS}&gap=soon", "no length of time"),
        (f"{COHORTS}&from=soon", ""),
        ("/main/journeys/customers/?of=step&step=9&steps=Seen+%3E+Paid", "names no figure"),
        ("/main/journeys/customers/?of=nothing", "names no figure"),
        (f"/main/journeys/customers/?of=cohort&in=2026-W10&later={'9' * 30}", "names no figure"),
    ):
        answer = journeys.get(address, headers={} if "customers" in address else PART)
        assert answer.status_code == 422, address
        assert 'role="alert"' in answer.content.decode()
        assert said in unescape(answer.content.decode())


def test_an_empty_workspace_says_where_events_come_from(as_ana: Client) -> None:
    for address in ADDRESSES:
        assert "There are no events." in as_ana.get(address.split("?")[0]).content.decode()


# Figures, and who is behind them


def test_a_funnel_counts_and_each_number_leads_to_its_customers(journeys: Client) -> None:
    page = shown(journeys, f"{FUNNEL}&by=channel")
    assert "25 of 60 customers come to the end" in page
    assert "[30.1, 54.3]" in page  # binom::binom.confint(25, 60, methods = "wilson")
    found = links(page)
    assert len(found) >= 8
    for said, address in found:
        assert listed(journeys, address) == int(said), address
    stopped = [address for _said, address in found if "stopped=1" in address]
    assert sorted(listed(journeys, address) for address in stopped) == [15, 20]


def test_conversion_over_time_says_which_weeks_are_not_over(journeys: Client) -> None:
    page = shown(journeys, f"{FUNNEL}&every=week&within=7d")
    assert 'class="trend"' in page
    assert "2026-W10" in page
    lines = table(journeys, f"/main/journeys/funnels/export/?{STEPS}&every=week")
    weeks = [(one["period"], one["customers"]) for one in lines if one["step"] == "Paid"]
    assert weeks[1:] == [
        ("2026-W10", "13"),
        ("2026-W11", "12"),
        ("2026-W12", "0"),
        ("2026-W13", "0"),
    ]


def test_time_to_convert_is_a_curve_with_its_table_and_median(journeys: Client) -> None:
    page = shown(journeys, FUNNEL)
    assert "Half of them have come after" not in page
    assert "there is no median" in page, "25 of 60 came within what is watched"
    lines = table(journeys, f"/main/journeys/funnels/export/?{STEPS}&table=time-to-convert")
    assert {(one["first"], one["last"], one["began"]) for one in lines} == {("Seen", "Paid", "60")}
    assert (lines[0]["still"], lines[-1]["arrived"]) == ("1", "25")
    sooner = shown(journeys, f"{FUNNEL}&last=2")
    assert re.search(r"Half of them have come after <b>5m</b>", sooner)
    few = shown(journeys, f"{FUNNEL}&is.channel=shop&last=2")
    assert "Time to convert" in few
    hidden = shown(journeys, f"{FUNNEL}&is.unit=north&is.channel=shop")
    assert 'aria-label="How many are still on their way' not in hidden
    assert table(
        journeys,
        f"/main/journeys/funnels/export/?{STEPS}&is.unit=north&is.channel=shop&table=time-to-convert",
    ) == []  # fmt: skip


def test_every_chart_is_a_file_in_the_readers_language(journeys: Client) -> None:
    for language, words in (("en", "at risk"), ("zh-hans", "在途人数")):
        journeys.cookies["zhiyin_language"] = language
        for address, charts in (
            (FUNNEL, ("steps", "waits", "conversion")),
            (PATHS, ("paths",)),
            (COHORTS, ("together",)),
        ):
            page = shown(journeys, address)
            files = [unescape(a) for a in re.findall(r'href="([^"]*as=svg[^"]*)"', page)]
            assert [a.partition("chart=")[2] for a in files] == [c for c in charts for _ in (1, 2)]
            for file in files:
                taken = journeys.get(file)
                drawn = ET.fromstring(taken.content)  # noqa: S314 - our own
                assert float(drawn.get("width") or 0) > 300, "a picture has a size"
                assert b"var(--" not in taken.content, "a file knows no style sheet"
        curve = journeys.get(f"/main/journeys/funnels/export/?{STEPS}&as=svg&chart=waits")
        assert words in curve.content.decode()
    assert journeys.get(f"/main/journeys/funnels/export/?{STEPS}&as=svg&chart=x").status_code == 404
    assert journeys.get(f"/main/journeys/funnels/export/?{STEPS}&table=x").status_code == 404


def test_a_graph_is_drawn_and_its_nodes_and_edges_lead_on(journeys: Client) -> None:
    page = shown(journeys, PATHS)
    drawn = ET.fromstring(page[page.index("<svg xmlns") : page.index("</svg>") + 6])  # noqa: S314
    nodes = [e for e in drawn.iter() if e.get("data-node")]
    assert len(nodes) == 4
    seen = next(e for e in nodes if (e.get("aria-label") or "").startswith("Seen"))
    assert listed(journeys, seen.get("href") or "") == 40
    edges = [e for e in drawn.iter() if e.get("data-before")]
    assert len(edges) == 4
    for _text, address in links(page):
        assert listed(journeys, address) >= 10
    fewer = shown(journeys, "/main/journeys/paths/?share=50")
    assert fewer.count("data-before") < page.count("data-before")


def test_whole_histories_lead_to_their_customers(journeys: Client) -> None:
    page = shown(journeys, f"{PATHS}&show=variants")
    found = links(page)
    assert found
    assert [listed(journeys, address) for _text, address in found] == [int(t) for t, _a in found]
    assert "more are not shown" in page


def test_what_comes_again_leads_to_its_customers(journeys: Client, log: Owner) -> None:
    """Twenty see it again in the end, of whom twelve had come back before; eleven once more."""
    later = FIRST + timedelta(days=20)
    more = [{"customer": f"c{n:02}", "name": "Seen", "occurred_at": later} for n in range(20)]
    more += [
        {"customer": f"c{n:02}", "name": "Seen", "occurred_at": later + timedelta(hours=1)}
        for n in range(11)
    ]
    rows(log, "events", *({**event, "id": f"again-{at}"} for at, event in enumerate(more)))
    page = shown(journeys, f"{PATHS}&show=repeats")
    found = [(text, a) for text, a in links(page) if "of=repeat" in a and "node=Seen" in a]
    assert [text for text, _address in found] == ["60", "20", "20"]
    assert [listed(journeys, address) for _text, address in found] == [60, 20, 20]
    told = table(journeys, "/main/journeys/paths/export/?show=repeats")
    seen = next(row for row in told if row["node"] == "Seen")
    assert (seen["again"], seen["back"], seen["events"], seen["at_once"]) == (
        "20",
        "20",
        "103",
        "23",
    )
    # Of those who paid nobody did twice; Wilson's interval of 20 among 60 is [0.227, 0.459].
    assert (float(seen["again_low"]), float(seen["again_high"])) == pytest.approx(
        (0.2273, 0.4594), abs=1e-4
    )
    assert next(row for row in told if row["node"] == "Paid")["again"] == "0"


def test_a_cohorts_cells_lead_to_who_came_again(journeys: Client) -> None:
    page = shown(journeys, COHORTS)
    assert "2026-W10" in page
    sizes = [(t, a) for t, a in links(page) if "later=0" in a]
    assert [(t, listed(journeys, a)) for t, a in sizes] == [("30", 30), ("30", 30)]
    assert "·" in page, "six of a cohort came again: too few"
    month = shown(journeys, "/main/journeys/retention/?every=month")
    assert "2026-03" in month


def test_too_few_are_not_told_of_on_pages_and_in_files(journeys: Client) -> None:
    page = shown(journeys, f"/main/journeys/funnels/?{STEPS}&is.channel=shop")
    assert "0 of 15 customers" in page
    assert "< 10" in shown(journeys, f"{FUNNEL}&is.unit=north&is.channel=shop")
    lines = table(journeys, f"/main/journeys/funnels/export/?{STEPS}&by=channel")
    shop = [one["customers"] for one in lines if one["group"] == "shop"]
    assert shop == ["15", "0", "0"]
    cohorts = table(journeys, "/main/journeys/retention/export/?every=week")
    later = [one for one in cohorts if one["cohort"] == "2026-W10" and one["later"] == "2"]
    assert [(one["customers"], one["share"], one["state"]) for one in later] == [
        ("", "", "too_few")
    ]


def test_files_have_what_the_page_shows(journeys: Client) -> None:
    edges = table(journeys, "/main/journeys/paths/export/?share=50")
    assert {one["from"] for one in edges} == {"Seen", "Added", "Paid", BAD}
    assert edges[0]["edges_in_all"] == str(len(edges) + int(edges[0]["edges_withheld"]))
    told = table(journeys, "/main/journeys/paths/export/?show=variants")
    assert all(int(one["customers"]) >= 10 for one in told)
    drawing = journeys.get("/main/journeys/paths/export/?share=99&as=svg")
    assert drawing["Content-Type"] == "image/svg+xml"
    ET.fromstring(drawing.content)  # noqa: S314 - our own
    for name in ("funnels", "paths", "retention"):
        book = journeys.get(f"/main/journeys/{name}/export/?{STEPS}&as=xlsx")
        assert b"".join(book.streaming_content).startswith(b"PK")  # type: ignore[attr-defined]
        assert journeys.get(f"/main/journeys/{name}/export/?{STEPS}&as=exe").status_code == 404


def test_a_question_is_saved_and_opened_again(journeys: Client) -> None:
    for address, page in (
        (FUNNEL, "journeys/funnels"), (PATHS, "journeys/paths"), (COHORTS, "journeys/retention"),
    ):  # fmt: skip
        shown_page = shown(journeys, address)
        query = re.search(r'name="query" value="([^"]*)"', shown_page)
        assert query
        assert f'name="page" value="{page}"' in shown_page
        given = {"page": page, "query": unescape(query[1]), "name": page}
        saved = journeys.post("/main/views/", given)
        assert saved.status_code == 302
        assert journeys.get(saved["Location"]).status_code == 200
    listed_views = journeys.get("/main/views/").content.decode()
    assert listed_views.count("/main/reports/add/?figure=journeys%2F") == 3


def test_pinned_views_show_one_figure_each_on_the_overview(journeys: Client, log: Owner) -> None:
    answers = [
        {**one, "customer": f"c{n:02}", "touchpoint": "app", "id": f"a{n}"}
        for n, one in enumerate(nps_answers(20, 10, 10))
    ]
    plant_facts(log, "main", "answers", answers)
    for page, query in (
        ("journeys/funnels", f"{STEPS}&within=7d"),
        ("journeys/paths", ""),
        ("journeys/retention", "every=week"),
    ):
        given = {"page": page, "query": query, "name": page, "is_pinned": "on"}
        assert journeys.post("/main/views/", given).status_code == 302
    shown_page = unescape(journeys.get("/main/overview/").content.decode())
    assert "Funnel: Seen → Paid" in shown_page
    assert "41.7%" in shown_page, "25 of 60"
    assert "[30.1, 54.3]" in shown_page
    assert "What follows what · Seen → Added" in shown_page


def test_figures_are_put_into_a_report_and_published_as_values(
    journeys: Client, log: Owner
) -> None:
    given = {"report": "new", "title": "Ways", "language": "en", "show": "chart"}
    for figure in (
        f"journeys/funnels/?{STEPS}&within=7d",
        f"journeys/funnels/?{STEPS}&within=7d&by=channel",
        f"journeys/funnels/?{STEPS}&within=7d&part=over-time&every=week",
        "journeys/paths/?share=80",
        "journeys/paths/?show=variants",
        "journeys/paths/?show=repeats",
        "journeys/retention/?every=week",
    ):
        asked = journeys.get("/main/reports/add/", {"figure": figure})
        assert asked.status_code == 200, figure
        hidden = re.search(r'name="figure" value="([^"]*)"', asked.content.decode())
        assert hidden
        put = journeys.post("/main/reports/add/", {**given, "figure": unescape(hidden[1])})
        assert put.status_code == 302, put.content.decode()
        given["report"] = str(Report.objects.get().pk)
    number = Report.objects.get().pk
    assert (
        "/main/journeys/funnels/?steps=Seen"
        in journeys.get(f"/main/reports/{number}/edit/").content.decode()
    )
    published = journeys.post(f"/main/reports/{number}/publish/")
    assert published.status_code == 302
    page = unescape(journeys.get(published["Location"]).content.decode())
    for said in (
        "Funnel: Seen → Paid", "41.7", "[30.1, 54.3]", "shop", "2026-W10", "Seen → Added",
        "nothing is told of fewer than 10 customers", "Retention", "+1",
    ):  # fmt: skip
        assert said in page, said
    assert page.count("<svg xmlns") >= 5
    # It is what it was, whatever comes in since; and it says what is otherwise now.
    plant(log, shift=100)
    assert "41.7" in unescape(journeys.get(published["Location"]).content.decode())
    since = unescape(journeys.get(f"{published['Location']}changes/").content.decode())
    assert "Funnel: Seen → Paid" in since
    for kind in ("pdf", "pptx"):
        assert journeys.get(f"{published['Location']}{kind}/").getvalue()


def test_only_pages_of_one_figure_are_pinned_and_put_into_reports(journeys: Client) -> None:
    assert {page for page in PAGES if page in FIGURED} == {"scores", *FIELDS}
    for page in PAGES.keys() - FIGURED:
        given = {"page": page, "query": "now=1", "name": page, "is_pinned": "on"}
        refused = journeys.post("/main/views/", given)
        assert refused.status_code == 422, page
        assert "The Overview shows single figures" in text(refused)
        shown = journeys.get(f"/main/{page}/?now=1")
        assert "pin it to the Overview" not in text(shown), page
        assert "Add to report" not in text(shown), page
    assert journeys.get("/main/overview/").status_code == 200
    assert "Add to report" in text(journeys.get(f"/main/journeys/funnels/?{STEPS}&now=1"))


def test_a_report_asks_by_nothing_that_names_a_customer(journeys: Client) -> None:
    for figure in (
        f"journeys/funnels/?{STEPS}&where=customer+%3D+'c01'",
        f"journeys/funnels/?{STEPS}&by=session",
        "journeys/paths/?is.customer=c01",
        "journeys/funnels/?steps=Seen",
    ):
        assert journeys.get("/main/reports/add/", {"figure": figure}).status_code == 422, figure


def test_names_of_events_are_never_markup(journeys: Client) -> None:
    for address in (
        *ADDRESSES,
        f"/main/journeys/funnels/?steps=Seen+%3E+%22{BAD.replace(chr(34), chr(34) * 2)}%22",
        f"/main/journeys/customers/?of=edge&node={BAD}&after=Seen",
    ):
        for headers in ({}, PART):
            page = journeys.get(address, headers=headers).content.decode()
            assert "<script>alert" not in page, address


def test_a_segment_is_made_of_the_list_behind_a_figure(journeys: Client, log: Owner) -> None:
    page = shown(journeys, FUNNEL)
    (address,) = [a for text, a in links(page) if "stopped=1" in a and text == "15"]
    behind = journeys.get(address).content.decode()
    figure = re.search(r'name="figure" value="([^"]*)"', behind)
    assert figure
    given = {"figure": unescape(figure[1]), "name": "Added and left"}
    made = journeys.post("/main/customers/segments/keep/", given)
    assert made["Location"] == "/main/customers/?segment=added-and-left"
    assert listed(journeys, made["Location"]) == 15
    taken = AuditEntry.of("main").get(action="segment.created")
    assert taken.after == {"name": "Added and left", "customers": 15}
    # Two of them are made one.
    merging.merge(log, by=COMMAND_LINE, workspace="main", a="c30", b="c31")
    assert listed(journeys, made["Location"]) == 14
    again = journeys.post("/main/customers/segments/keep/", given)
    assert again.status_code == 422
    assert "There is already a segment" in again.content.decode()
    held = Segment.objects.get()
    changed = {"name": "Left", "rule": "orders = 1"}
    renamed = journeys.post(f"/main/customers/segments/{held.slug}/", changed)
    assert renamed.status_code == 302
    held.refresh_from_db()
    assert (held.name, held.rule, held.is_kept) == ("Left", "", True)
    nothing = journeys.post("/main/customers/segments/keep/", {"figure": "of=nothing", "name": "N"})
    assert nothing.status_code == 422
    viewer = Client()
    viewer.force_login(member(Role.VIEWER))
    assert viewer.post("/main/customers/segments/keep/", given).status_code == 403


def test_a_graph_ends_where_it_is_told_to(journeys: Client) -> None:
    """Nothing is counted that came after the last one, in figures and lists alike."""
    every = table(journeys, "/main/journeys/paths/export/?share=100")
    ended = table(journeys, "/main/journeys/paths/export/?share=100&end=Added")
    assert {(row["from"], row["to"]): row["pairs"] for row in ended} == {("Seen", "Added"): "40"}
    assert len(every) > 2
    page = shown(journeys, f"{PATHS}&start=Seen&end=Added")
    assert "each customer&#x27;s last Added; what came after is left out" in page
    (behind,) = {a for text, a in links(page) if "after=Added" in a and text.strip() == "40"}
    assert "end=Added" in behind
    assert listed(journeys, behind) == 40
    wrong = journeys.get(f"{PATHS}&end=Nothing", headers=PART)
    assert wrong.status_code == 422


def test_figures_of_a_segment_and_of_a_kept_list(journeys: Client, log: Owner) -> None:
    """Figures, lists behind them and files are of these customers alone."""
    page = shown(journeys, FUNNEL)
    (address,) = [a for text, a in links(page) if "stopped=1" in a and text == "15"]
    figure = re.search(r'name="figure" value="([^"]*)"', journeys.get(address).content.decode())
    assert figure
    given = {"figure": unescape(figure[1]), "name": "Left"}
    journeys.post("/main/customers/segments/keep/", given)
    journeys.post("/main/customers/segments/new/", {"name": "Often", "rule": "events >= 3"})
    assert {one.slug for one in Segment.objects.all()} == {"left", "often"}
    for segment in ("left", "often"):
        members = listed(journeys, f"/main/customers/?segment={segment}")
        assert members >= 15
        asked = f"{FUNNEL}&segment={segment}"
        page = shown(journeys, asked)
        first = [a for text, a in links(page) if text == str(members) and "step=1" in a]
        assert first, (segment, members)
        assert listed(journeys, first[0]) == members
        assert f"{segment}, as they are now" in page
    of_the_list = shown(journeys, f"{FUNNEL}&segment=left")
    assert not [a for _text, a in links(of_the_list) if "step=3" in a]
    refused = journeys.get(f"{FUNNEL}&segment=nothing", headers=PART)
    assert refused.status_code == 422
    assert "There is no segment nothing." in refused.content.decode()
    for address in ADDRESSES:
        assert 'name="segment"' in journeys.get(address).content.decode(), address


def test_a_funnel_by_segments(journeys: Client, log: Owner) -> None:
    """Each segment beside the whole, those in none last, and the customers behind each figure."""
    for name, rule in (
        ("Often", "events >= 3"),
        ("Seldom", "events <= 2"),
        ("Nobody", "events > 99"),
    ):
        journeys.post("/main/customers/segments/new/", {"name": name, "rule": rule})
    form = journeys.get(FUNNEL).content.decode()
    assert '<option value="@segments">Segments</option>' in form
    assert form.count('name="segments"') == 4
    page = shown(journeys, f"{FUNNEL}&by=@segments")
    groups = {"often": "Often", "seldom": "Seldom"}
    for slug, name in groups.items():
        members = listed(journeys, f"/main/customers/?segment={slug}")
        (first,) = [a for text, a in links(page) if f"group={slug}" in a and "step=1" in a]
        assert listed(journeys, first) == members
        assert name in page
        assert f"Came to step 1: Seen · {name}" in journeys.get(first).content.decode()
    assert "in none of these" not in page, "nobody is"
    # One of two that are everybody: the others are in none.
    alone = shown(journeys, f"{FUNNEL}&by=@segments&segments=often")
    grouped = [a for _text, a in links(alone) if "grouped=1" in a and "step=1" in a]
    (others,) = [a for a in grouped if "group=" not in a]
    assert listed(journeys, others) == listed(journeys, "/main/customers/?segment=seldom")
    rows = table(journeys, FUNNEL.replace("funnels/?", "funnels/export/?") + "&by=@segments")
    told = {(row["group"], row["number"]): row["customers"] for row in rows if row["group"]}
    assert int(told["Often", "1"]) + int(told["Seldom", "1"]) == int(told["Total", "1"])
    few = journeys.get(f"{FUNNEL}&by=@segments&segments=nothing", headers=PART)
    assert few.status_code == 422


# Who sees what


def test_a_viewer_sees_figures_and_no_customers(journeys: Client) -> None:
    viewer = Client()
    viewer.force_login(member(Role.VIEWER))
    for address in ADDRESSES:
        assert links(shown(viewer, address)) == []
    assert viewer.get("/main/journeys/customers/?of=nothing").status_code == 403


def test_who_does_not_see_personal_data_asks_by_none_and_sees_names_masked(
    journeys: Client,
) -> None:
    mira = Client()
    mira.force_login(member(Role.ANALYST, sees_personal_data=False))
    for address in ADDRESSES:
        asked = mira.get(f"{address}&where=customer+%3D+'c01'", headers=PART)
        assert (asked.status_code, "c01" in links_text(asked)) == (422, False)
    assert mira.get(f"{FUNNEL}&by=session", headers=PART).status_code == 422
    (_text, address), *_more = links(shown(mira, FUNNEL))
    assert "c01" not in links_text(mira.get(address))


def links_text(answer: Any) -> str:
    """The written part of a page, without the address that was asked."""
    page = answer.content.decode()
    return " ".join(re.findall(r'<th scope="row">(.*?)</th>', page, re.S))


def test_a_scope_narrows_figures_and_lists_alike(journeys: Client, log: Owner) -> None:
    units.save(by=COMMAND_LINE, workspace="main", key="north", name="North", parent="")
    person = Person.objects.create(login="nora")
    Membership.objects.create(
        workspace=Workspace.objects.get(slug="main"),
        person=person,
        role=Role.UNIT_MANAGER,
        unit=Unit.objects.get(key="north"),
    )
    nora = Client()
    nora.force_login(person)
    page = shown(nora, FUNNEL)
    assert "12 of 30 customers" in page
    for said, address in links(page):
        assert listed(nora, address) == int(said)


def test_the_pages_are_chinese_too(journeys: Client) -> None:
    journeys.cookies["zhiyin_language"] = "zh-hans"
    assert "走到最后一步" in shown(journeys, FUNNEL)
    assert "前后相接" in shown(journeys, PATHS)
    assert "全部同期群" in shown(journeys, COHORTS)
