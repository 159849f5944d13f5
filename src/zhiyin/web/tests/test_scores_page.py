"""The page *Scores*: what its address asks is what is counted, drawn, linked and kept in files."""

from __future__ import annotations

import csv
import io
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.http import QueryDict
from django.template.loader import render_to_string
from django.test import RequestFactory

from zhiyin.collect.exports.plain import write_csv
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.kernel.text import in_language
from zhiyin.measure import asking, scores
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.planting import plant
from zhiyin.measure.tests.test_comparisons import seeded
from zhiyin.warehouse.owner import Owner
from zhiyin.web import scores_charts, scores_export, scores_page
from zhiyin.web.scores_page import Page

# Figures of the log; what these pages ask the store, the guard's walk asks every one.
pytestmark = [pytest.mark.django_db, pytest.mark.any_store]

NOW = datetime(2026, 5, 15)
COUNTRIES = ("CN", "DE", "BR")
TODAY = date(2026, 5, 15)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Owner]:
    """Four months of answers at four places, in three countries."""
    with Owner(tmp_path_factory.mktemp("data")) as owner:
        owner.create("main")
        rows = [
            {**row, "d_country": COUNTRIES[n % 3], "kind": "touchpoint", "channel": "app"}
            for n, row in enumerate(seeded(900, 300))
        ]
        rows[0]["touchpoint"] = rows[1]["touchpoint"] = "=cmd()"
        plant(owner, "main", "answers", rows, {"country": "text"})
        yield owner


MAIN = settings_for("main", minimum_base=10, test_base=30, small_base=100)


def page(log: Owner, query: str, **more: Any) -> Page:
    asked = {"sees_it": True, "sees_rows": True, "now": NOW, **more}
    return scores_page.build(log, MAIN, QueryDict(query), **asked)


def found(one: Page) -> scores.Scores:
    assert one.problem is None, str(one.problem)
    assert one.scores is not None
    return one.scores


# What is asked


def test_a_column_chosen_in_the_sentence_narrows_like_a_filter(log: Owner) -> None:
    chosen = page(log, "metric=nps&by=&is.country=DE&where=channel+=+'app'")
    asked = ScoreRequest("nps", where=parse("channel = 'app' and country = 'DE'"))
    alone = scores.score(log, MAIN, asked)
    assert found(chosen).total.value == alone.total.value
    assert found(chosen).total.n == alone.total.n
    missing = found(page(log, "metric=nps&by=&is.touchpoint=–"))
    named = scores.score(log, MAIN, ScoreRequest("nps", where=parse("touchpoint is missing")))
    assert missing.total.n == named.total.n


@pytest.mark.parametrize(
    ("name", "first", "end"),
    [
        ("last-7", date(2026, 5, 9), date(2026, 5, 16)),
        ("month", date(2026, 5, 1), date(2026, 6, 1)),
        ("last-month", date(2026, 4, 1), date(2026, 5, 1)),
        ("quarter", date(2026, 4, 1), date(2026, 7, 1)),
        ("last-quarter", date(2026, 1, 1), date(2026, 4, 1)),
        ("year", date(2026, 1, 1), date(2027, 1, 1)),
        ("last-year", date(2025, 1, 1), date(2026, 1, 1)),
    ],
)
def test_presets_are_whole_periods_around_today(name: str, first: date, end: date) -> None:
    assert asking.preset(name, TODAY, settings_for("main")) == (first, end)


def test_presets_follow_the_year_of_the_workspace() -> None:
    fiscal = settings_for("main", fiscal_year_start=4)
    assert asking.preset("year", TODAY, fiscal) == (date(2026, 4, 1), date(2027, 4, 1))
    assert asking.preset("year", date(2026, 2, 1), fiscal)[0] == date(2025, 4, 1)


def test_every_preset_has_days() -> None:
    for name in asking.PRESETS:
        first, end = asking.preset(name, TODAY, settings_for("main"))
        assert first < end, name


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("every=year", "score.every"),
        ("every=week&rolling=many", "score.rolling"),
        ("against=group&group=a&other=a&by=touchpoint", "score.group"),
        ("against=dates", "score.bad-date"),
        ("is.nowhere=x", "score.no-such-column"),
        ("period=&from=soon", "period.bad-date"),
    ],
)
def test_a_mistake_is_said_and_the_menus_stand(log: Owner, query: str, code: str) -> None:
    wrong = page(log, f"metric=nps&{query}")
    assert wrong.problem is not None
    assert wrong.problem.code == code
    assert wrong.menus["by"]
    with pytest.raises(Problem):
        raise wrong.problem


def test_who_does_not_see_personal_data_filters_by_none(log: Owner) -> None:
    for query in ("is.customer=c1", "where=customer+=+'c1'", "by=customer"):
        wrong = page(log, f"metric=nps&{query}", sees_it=False)
        assert wrong.problem is not None, query


# What is shown


def test_a_series_has_a_row_a_period_and_one_line(log: Owner) -> None:
    one = page(log, "metric=nps&by=&every=month")
    alone = scores.score(log, MAIN, ScoreRequest("nps", every="month"))
    assert [(r.score.period, r.score.value) for r in one.rows] == [
        (r.period, r.value) for r in alone.rows
    ]
    drawn = ET.fromstring(scores_charts.picture(one, MAIN))  # noqa: S314 - our own
    (line,) = [e for e in drawn.iter() if e.get("class") == "line first"]
    assert len((line.get("points") or "").split()) == 4
    assert scores_charts.multiples(one) is None


def test_a_period_without_a_row_is_a_break(log: Owner) -> None:
    """March has too few: two lines, not one that leaps over it."""
    where = "where=not+(occurred_at+>=+2026-03-01+and+occurred_at+<+2026-04-01)"
    one = page(log, f"metric=nps&by=&every=month&{where}")
    assert len(one.rows) == 3
    drawn = ET.fromstring(scores_charts.picture(one, MAIN))  # noqa: S314 - our own
    (line,) = [e for e in drawn.iter() if e.get("class") == "line first"]
    assert len((line.get("points") or "").split()) == 2
    gaps = [e for e in drawn.iter() if e.get("class") == "few"]
    assert [next(iter(e)).text for e in gaps] == ["2026-03: no answers"]


def test_groups_over_time_are_small_multiples_on_one_scale(log: Owner) -> None:
    one = page(log, "metric=nps&by=country&every=month")
    multiples = scores_charts.multiples(one)
    assert multiples is not None
    assert [each.name for each in multiples.each] == ["BR", "CN", "DE"]
    assert scores_charts.picture(one, MAIN) == ""
    assert not one.has_picture
    assert one.compared is None


def test_rolling_figures_are_marked_and_never_tested(log: Owner) -> None:
    query = "metric=nps&by=&every=month&rolling=60&against=previous"
    one = page(log, query)
    assert one.is_rolling
    assert one.compared is None
    assert [row.score.period for row in one.rows] == ["2026-03-31", "2026-04-30"]
    assert any("not tested" in text for _term, text in one.methods)


def test_two_groups_are_two_rows_and_one_comparison(log: Owner) -> None:
    one = page(log, "metric=nps&by=country&against=group&group=DE&other=BR")
    by_name = {row.name: row for row in one.rows}
    assert set(by_name) == {"DE", "BR"}
    here, there = by_name["DE"], by_name["BR"]
    assert here.comparison is not None
    assert there.comparison is None
    assert here.comparison.value == here.score.value
    assert here.comparison.reference_value == there.score.value
    lines = page(log, "metric=nps&by=country&against=group&group=DE&other=BR&every=month")
    drawn = scores_charts.picture(lines, MAIN)
    assert drawn.count('class="line first"') == drawn.count('class="line second"') == 1
    assert drawn.count('class="edge"') == 2


def test_countries_are_set_against_their_own_past_and_not_ranked(log: Owner) -> None:
    query = "metric=nps&by=country&from=2026-04-01&until=2026-04-30"
    for asked in (query, f"{query}&against=rest"):
        one = page(log, asked)
        assert one.compared is not None
        assert one.compared.against == "previous"
        assert [row.name for row in one.rows] == ["BR", "CN", "DE"]
        assert not one.has_places
        assert 'class="all"' not in scores_charts.picture(one, MAIN)
        assert "Not ranked" in dict(one.methods)
    assert "rest" not in {choice.value for choice in one.menus["against"]}
    ranked = page(log, "metric=nps&by=touchpoint")
    assert ranked.has_places
    assert 'class="all"' in scores_charts.picture(ranked, MAIN)


@pytest.mark.parametrize("dates", ["", "&from=2026-04-01&until=2026-04-30"])
def test_every_figure_stands_beside_that_of_the_period_before(log: Owner, dates: str) -> None:
    """Without dates all of it is of the last whole month: figures, differences and links."""
    one = page(log, f"metric=nps&by=touchpoint&against=previous{dates}")
    assert one.compared_periods == ("2026-04", "2026-03")
    assert [row.name for row in one.rows] == [
        row.name for row in page(log, "metric=nps&by=touchpoint&period=last-month").rows
    ]
    for row in one.rows:
        assert row.comparison is not None
        assert row.comparison.value == row.score.value
        assert "from=2026-04-01&until=2026-04-30" in row.responses
    plain = page(log, "metric=nps&by=touchpoint&against=previous&every=month")
    assert plain.compared_periods is None
    assert any(row.comparison for row in plain.rows)


def test_other_dates_are_compared(log: Owner) -> None:
    query = "metric=nps&by=&from=2026-04-01&until=2026-04-30&against=dates"
    one = page(log, f"{query}&other_from=2026-02-01&other_until=2026-02-28")
    assert one.compared is not None
    (row,) = one.compared.rows
    february = ScoreRequest("nps", start=date(2026, 2, 1), end=date(2026, 3, 1))
    assert row.reference_value == scores.score(log, MAIN, february).total.value


def test_figures_and_comparison_are_counted_once(
    log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Would catch a page that scans the log a second time for what it has just counted."""
    counted: list[Any] = []
    totals = Owner.totals

    def watched(self: Owner, *args: Any, **named: Any) -> Any:
        counted.append(named["levels"])
        return totals(self, *args, **named)

    monkeypatch.setattr(Owner, "totals", watched)
    one = page(log, "metric=nps&by=touchpoint&kind=touchpoint&against=rest")
    assert one.compared is not None
    assert len(counted) == 1


# The rows behind


def test_each_n_leads_to_its_rows(log: Owner) -> None:
    query = "metric=nps&by=touchpoint&every=month&kind=touchpoint&is.country=DE"
    one = page(log, query)
    row = next(r for r in one.rows if r.score.period == "2026-03" and r.score.n)
    parts = urlsplit(row.responses)
    assert parts.path == "/main/responses/"
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    assert (asked["metric"], asked["kind"]) == ("nps", "touchpoint")
    assert (asked["from"], asked["until"]) == ("2026-03-01", "2026-03-31")
    request = ScoreRequest(
        "nps",
        start=date(2026, 3, 1),
        end=date(2026, 4, 1),
        where=parse(asked["where"]),
        kind="touchpoint",
    )
    assert scores.score(log, MAIN, request).total.n == row.score.n
    missing = next(r for r in one.rows if r.name == asking.MISSING)
    assert "touchpoint is missing" in parse_qs(urlsplit(missing.responses).query)["where"][0]


def test_who_may_not_open_rows_has_no_links(log: Owner) -> None:
    one = page(log, "metric=nps&by=touchpoint", sees_rows=False)
    assert {row.responses for row in one.rows} == {""}
    assert one.total_responses == ""


# Files


def test_a_table_is_kept_whole_and_harmless(log: Owner, tmp_path: Path) -> None:
    query = "metric=nps&by=touchpoint&kind=touchpoint&is.channel=app&from=2026-01-01"
    one = page(log, query)
    path = tmp_path / "rows.csv"
    write_csv(scores_export.table(one), path, MAIN.timezone, lambda _rows: None)
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8-sig"))))
    assert len(rows) == len(one.rows) + 1
    for row, shown in zip(rows, one.rows, strict=False):
        score = shown.score
        assert (
            row["value"] == ""
            if score.value is None
            else float(row["value"]) == pytest.approx(score.value)
        )
        assert row["n"] == ("" if score.n is None else str(score.n))
        assert shown.comparison is not None
        assert row["marked"] == str(shown.comparison.marked).lower()
    assert rows[-1]["group"] == "Total"
    said = rows[0]["title"]
    for part in ("NPS", "by Touchpoint", "2026-01-01", "compared with the rest", "channel = 'app'"):
        assert part in said
    # A few customers wrote a formula as their touchpoint; it is text in the file.
    groups = [row["group"] for row in rows]
    assert not any(group.startswith("=") for group in groups)
    assert any("=cmd()" in group for group in groups)


def test_a_file_without_a_comparison_has_no_columns_for_one(log: Owner) -> None:
    names = scores_export.table(page(log, "metric=nps&by=&every=month")).schema.names
    assert "period" in names
    assert "q" not in names


def test_a_chart_is_kept_with_its_colours(log: Owner) -> None:
    drawn = scores_export.picture(page(log, "metric=nps&by=touchpoint"), MAIN)
    assert "var(" not in drawn
    assert ET.fromstring(drawn).get("width") == "794"  # noqa: S314 - our own


# In words


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_methods_say_what_is_shown(log: Owner, language: str) -> None:
    query = "metric=nps&by=country&against=group&group=DE&other=BR&date_of=experience"
    with in_language(language):
        one = page(log, query)
        said = dict(one.methods)
    assert "country = 'DE' / country = 'BR'" in said.values()
    assert one.r_call.startswith("nps <- ")
    other = {"en": "体验", "zh-hans": "experience"}[language]
    assert not any(other in text for text in said.values())


def drawn(one: Page) -> str:
    request = RequestFactory().get("/main/scores/")
    known = {"page": one, "workspace": MAIN, "may": frozenset({"see_figures"})}
    return render_to_string("web/scores.html#figures", known, request)


def test_the_figures_are_drawn_for_both_widths(log: Owner) -> None:
    one = page(log, "metric=nps&by=&every=month")
    markup = drawn(one)
    assert len(re.findall(r'<svg[^>]* class="trend"', markup)) == 2
    assert markup.count('class="n"') == len(one.rows) + 2


@pytest.mark.parametrize("every", ["", "month"])
def test_the_difference_of_two_groups_is_said_once(log: Owner, every: str) -> None:
    query = "metric=nps&by=country&against=group&group=DE&other=BR"
    one = page(log, f"{query}&every={every}")
    markup = drawn(one)
    assert one.compared is not None
    assert "DE − BR" in markup
    assert ("its interval" in markup) == (not every)


def test_the_total_in_states_is_that_of_the_figures(log: Owner) -> None:
    """Would catch states over all time beside a figure of some windows."""
    one = page(log, "metric=nps&by=&every=month&rolling=60&kind=touchpoint")
    assert dict(found(one).states)["answered"] == found(one).total.n
