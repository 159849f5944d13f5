"""What came of a survey, against counting its responses one by one."""

from __future__ import annotations

import json
import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyreadstat
import pytest
from django.test import override_settings
from msgspec.structs import replace

from zhiyin.accounts import actions as accounts
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.collect.exports.run import export
from zhiyin.collect.models import SurveyVersion
from zhiyin.collect.surveys import actions, definition, kept, labels
from zhiyin.collect.surveys.logic import Answer
from zhiyin.collect.surveys.tests.written import asking, survey
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.survey_results import Answers, Part, Results, results
from zhiyin.measure.tests import visit
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.visit import Given
from zhiyin.stats import mean, middle, proportion
from zhiyin.stats.totals import Totals
from zhiyin.warehouse.owner import Owner

NOW = datetime(2026, 6, 1)
ALL = visit.given()
MAIN = settings_for("main", minimum_base=0, test_base=30, small_base=100)
UNSEEN = ("hidden", "not_reached")


@pytest.fixture
def visited(db: None, empty_log: Path, tmp_path: Path) -> Iterator[Owner]:
    """A log with the forty responses to a published survey."""
    with opened(empty_log, tmp_path) as owner:
        visit.planted(owner, ALL)
        yield owner


@contextmanager
def opened(empty_log: Path, data: Path) -> Iterator[Owner]:
    """A log in which nobody has responded to the published survey."""
    shutil.copytree(empty_log, data, dirs_exist_ok=True)
    with override_settings(ZHIYIN_DATA=str(data)):
        accounts.set_up(by=COMMAND_LINE, login="ana")
        visit.published()
        with Owner(data) as owner:
            yield owner


def asked(log: Owner, *, minimum: int = 0, where: str = "", version: int | None = None) -> Results:
    known = settings_for("main", minimum_base=minimum, test_base=30, small_base=100)
    chosen = parse(where) if where else None
    return results(log, known, "visit", version=version, where=chosen, now=NOW)


def by_name(found: Results) -> dict[str, Answers]:
    return {one.item.name: one for one in found.questions}


def share(holds: list[tuple[str, bool]]) -> Part:
    """A part counted from customers and whether it holds, one an answer."""
    found = proportion.estimate(Totals.of([has for _c, has in holds], [c for c, _has in holds]))
    assert found is not None
    made = found.times(100)
    assert made.low is not None
    assert made.high is not None
    return Part(sum(has for _c, has in holds), len(holds), made.value, made.low, made.high)


def near(found: Part | None, expected: Part) -> None:
    assert found is not None
    assert (found.n, found.of) == (expected.n, expected.of)
    for name in ("value", "low", "high"):
        assert getattr(found, name) == pytest.approx(getattr(expected, name)), name


def test_responses_are_counted_by_how_they_ended(visited: Owner) -> None:
    found = asked(visited).responses
    assert found is not None
    assert (found.begun, found.customers) == (40, 34)
    outcomes = (found.ended, found.dismissed, found.left, found.open)
    assert outcomes == (26, 5, 5, 4)
    near(found.completion, share([(one.customer, one.outcome == "ended") for one in ALL]))
    seconds = [one.seconds for one in ALL if one.outcome == "ended"]
    expected = middle.estimate(seconds)
    assert expected is not None
    assert found.seconds is not None
    assert (found.seconds.median, found.seconds.low) == (expected.value, expected.low)
    assert found.seconds.upper_quartile == np.quantile(seconds, 0.75)


def test_every_state_and_who_left_where(visited: Owner) -> None:
    found = asked(visited).questions
    assert [one.item.name for one in found] == [item.name for item in visit.VISIT.items()]
    seen: set[str] = set()
    for one in found:
        said = [(g.customer, g.said[one.item.name].state) for g in ALL if one.item.name in g.said]
        states = Counter(state for _customer, state in said)
        assert one.states == dict(states), one.item.name
        assert one.n == states["answered"]
        assert one.customers == len({c for c, state in said if state == "answered"})
        shown = [(c, state == "shown") for c, state in said if state not in UNSEEN]
        near(one.break_off, share(shown))
        seen |= set(states)
    assert seen == {"answered", "skipped", "not_applicable", "dont_know", "hidden", "shown",
                    "not_reached", "dismissed"}  # fmt: skip


def answered(name: str, of: list[Given] = ALL) -> list[tuple[str, Any]]:
    return [
        (one.customer, one.said[name])
        for one in of
        if name in one.said and one.said[name].state == "answered"
    ]


def scores_are_those_of_the_measures(log: Owner) -> dict[str, Answers]:
    known = settings_for("main", minimum_base=0, test_base=30, small_base=100)
    found = by_name(asked(log))
    pairs = [("recommend", "nps"), ("recommend", "rating"), ("satisfied", "csat"),
             ("ease", "ces"), ("ease", "ces_easy"), ("parts.staff", "rating")]  # fmt: skip
    for name, metric in pairs:
        where = parse(f"survey = 'visit' and question = '{name}'")
        request = ScoreRequest(metric, where=where, questions=(name,))
        alone = score(log, known, request, now=NOW).total
        (figure,) = (one for one in found[name].figures if one.metric == metric)
        assert figure.score == alone
        assert alone.value is not None
    return found


@pytest.mark.parametrize("weight", [None, 2.5])
@pytest.mark.parametrize("kind", ["relationship", "journey"])
def test_scores_of_every_kind_are_those_of_the_measures(
    db: None, empty_log: Path, tmp_path: Path, kind: definition.Kind, weight: float | None
) -> None:
    """Of a relationship each customer's latest answer counts; a weight is an answer's own."""
    with opened(empty_log, tmp_path) as log:
        visit.planted(log, ALL, of=replace(visit.VISIT, kind=kind), weight=weight)
        found = scores_are_those_of_the_measures(log)
        nps = found["recommend"].figures[0].score
        assert nps is not None
        assert (nps.n == nps.customers) == (kind == "relationship")
        assert ("weighted" in nps.flags) == (weight is not None)


def test_scores_are_those_of_the_measures_and_their_points_are_counted(visited: Owner) -> None:
    found = scores_are_those_of_the_measures(visited)
    for name in ("recommend", "satisfied", "ease", "parts.staff", "parts.rooms"):
        counted = Counter(said.score for _customer, said in answered(name))
        assert {p.point: p.n for p in found[name].points if p.n} == counted
        assert sum(p.share for p in found[name].points) == pytest.approx(100)
    assert [p.point for p in found["recommend"].points] == list(range(11))
    of_nps = [said.score for _customer, said in answered("recommend")]
    promoters = sum(value >= 9 for value in of_nps) - sum(value <= 6 for value in of_nps)
    nps = found["recommend"].figures[0].score
    assert nps is not None
    assert nps.value == pytest.approx(100 * promoters / len(of_nps))


@pytest.mark.parametrize("name", ["reasons", "trip", "matters"])
def test_choices_have_their_share_of_those_who_answered(visited: Owner, name: str) -> None:
    """Would catch a share of the rows, of which an answer of several choices has many."""
    one = by_name(asked(visited))[name]
    said = answered(name)
    offered = [choice.value for choice in one.item.question.choices]
    assert [c.value for c in one.choices] == offered + (["other"] if name == "reasons" else [])
    for choice in one.choices:
        near(choice.share, share([(c, choice.value in answer.chosen) for c, answer in said]))
        if name != "matters":
            assert choice.place is None
            continue
        given = [(c, a.chosen.index(choice.value) + 1) for c, a in said if choice.value in a.chosen]
        places = Totals.of([place for _c, place in given], [c for c, _place in given])
        expected = mean.estimate(places, scale=(1.0, 3.0))
        assert expected is not None
        assert choice.place is not None
        for part in ("value", "low", "high"):
            assert getattr(choice.place, part) == pytest.approx(getattr(expected, part))


def test_numbers_have_a_median_and_quartiles_and_texts_are_counted(visited: Owner) -> None:
    found = by_name(asked(visited))
    values = [said.score for _customer, said in answered("minutes")]
    number = found["minutes"].number
    assert number is not None
    assert number.median == np.median(values)
    quartiles = (number.lower_quartile, number.upper_quartile)
    assert quartiles == tuple(np.quantile(values, [0.25, 0.75]))
    assert found["why"].n == len(answered("why"))
    assert (found["why"].figures, found["why"].choices, found["why"].number) == ((), (), None)


def test_a_filter_is_asked_of_responses_and_of_answers(visited: Owner) -> None:
    found = asked(visited, where="channel = 'app'")
    app = [one for one in ALL if one.channel == "app"]
    assert found.responses is not None
    assert found.responses.begun == len(app)
    assert by_name(found)["recommend"].n == len(answered("recommend", app))
    # What only one of them has would narrow the one and not the other.
    for where in ("device = 'phone'", "score = 3"):
        with pytest.raises(Problem):
            asked(visited, where=where)


def test_of_too_few_customers_nothing_is_told(visited: Owner) -> None:
    """Would catch states that tell how few have answered."""
    few = asked(visited, minimum=35)
    assert (few.state, few.responses, few.questions) == ("too_few", None, ())
    customers = len({c for c, _said in answered("minutes")})
    assert 0 < customers < 24
    found = by_name(asked(visited, minimum=customers + 1))["minutes"].as_dict()
    assert found["state"] == "too_few"
    assert [found[name] for name in ("n", "customers", "states", "break_off", "number")] == (
        [None] * 5
    )
    ended = len({one.customer for one in ALL if one.outcome == "ended"})
    responses = asked(visited, minimum=ended + 1).responses
    assert responses is not None
    assert responses.seconds is None
    places = {name: len({c for c, a in answered("matters") if name in a.chosen})
              for name in ("price", "time", "comfort")}  # fmt: skip
    least = max(places.values())
    told = {c.value for c in by_name(asked(visited, minimum=least))["matters"].choices if c.place}
    assert told == {name for name, known in places.items() if known >= least}
    assert len(told) < 3
    nobody = asked(visited, where="channel = 'fax'")
    assert (nobody.state, nobody.responses) == ("too_few", None)


def test_versions_count_together_or_alone(visited: Owner) -> None:
    shorter = survey(visit.VISIT.pages[0])
    actions.save(by=COMMAND_LINE, workspace="main", key="visit", survey=shorter, revision=1)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit")
    again = [Given(f"d{n}", "app", "ended", 20, ALL[n].said) for n in range(12)]
    visit.planted(visited, again, version=2)
    both = asked(visited)
    assert both.responses is not None
    assert both.responses.begun == 52
    versions = [one.version for one in both.questions]
    assert (versions[:2], set(versions[2:])) == ([2, 2], {1})
    alone = asked(visited, version=2)
    assert alone.responses is not None
    assert (alone.responses.begun, len(alone.questions)) == (12, 2)
    with pytest.raises(Problem) as caught:
        asked(visited, version=3)
    assert caught.value.code == "survey.no-version"


def test_a_survey_without_a_version_has_no_results(visited: Owner) -> None:
    known = settings_for("main")
    actions.create(by=COMMAND_LINE, workspace="main", key="draft", survey=visit.VISIT)
    for key, code in (("draft", "survey.not-published"), ("none", "survey.none")):
        with pytest.raises(Problem) as caught:
            results(visited, known, key)
        assert caught.value.code == code


def test_a_measure_that_cannot_be_made_says_why(visited: Owner) -> None:
    seven = survey((asking("satisfied", "csat", scale_max=7),))
    actions.save(by=COMMAND_LINE, workspace="main", key="visit", survey=seven, revision=1)
    actions.publish(by=COMMAND_LINE, workspace="main", key="visit", decisions={"satisfied": "same"})
    rows = [Answer("answered", score=7.0), Answer("answered", score=6.0)]
    again = [Given(f"d{n}", "app", "ended", 20, {"satisfied": rows[n]}) for n in range(2)]
    visit.planted(visited, again, version=2, of=seven)
    one = asked(visited).questions[0]
    assert [figure.problem is None for figure in one.figures] == [False, False]
    assert [point.point for point in one.points] == list(range(1, 8))
    mixed = one.figures[0].as_dict()
    assert mixed["value"] is None
    assert mixed["problem"].startswith("Answers on different scales")


# A file of the responses


def rows_of(log: Owner, path: Path, *, where: str = "") -> list[dict[str, Any]]:
    done = export(
        log, MAIN, "responses", "jsonl", path,
        condition=kept.answers_to("visit", where=parse(where) if where else None),
        asked=labels.by_surveys("main", key="visit"), only_asked=True, replace=True,
    )  # fmt: skip
    assert done.notes == ()
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def test_a_file_has_every_choice_of_every_response(visited: Owner, tmp_path: Path) -> None:
    """Would catch a response whose last choice alone is kept, and places without their choice."""
    found = rows_of(visited, tmp_path / "visit.jsonl")
    assert len(found) == len(ALL)
    by_response = {row["response"]: row for row in found}
    for number, one in enumerate(ALL):
        row = by_response[f"v1r{number}"]
        for name, answer in one.said.items():
            assert row[f"{name}_state"] == answer.state, name
            is_answered = answer.state == "answered"
            if name == "reasons":
                told = {v: row[f"reasons: {v}"] for v in ("slow", "dear", "never", "other")}
                chosen = {v: float(v in answer.chosen) if is_answered else None for v in told}
                assert told == chosen
                assert row["reasons_text"] == (answer.text or None)
            elif name == "matters":
                told = {v: row[f"matters: {v}"] for v in ("price", "time", "comfort")}
                places = {v: float(n) for n, v in enumerate(answer.chosen, 1)}
                assert told == {v: places.get(v) for v in told}
            elif name == "trip":
                assert row["trip"] == (answer.chosen[0] if is_answered else None)
            elif name != "why":
                assert row[name] == answer.score, name
    names = [name for name in found[0] if name.endswith("_state")]
    assert names == [f"{item.name}_state" for item in visit.VISIT.items()]
    assert len(rows_of(visited, tmp_path / "visit.jsonl", where="channel = 'web'")) == sum(
        one.channel == "web" for one in ALL
    )


def test_an_spss_file_has_a_variable_for_each_choice(visited: Owner, tmp_path: Path) -> None:
    path = tmp_path / "visit.sav"
    export(
        visited, MAIN, "responses", "sav", path, condition=kept.answers_to("visit"),
        asked=labels.by_surveys("main", key="visit"), only_asked=True,
    )  # fmt: skip
    table, meta = pyreadstat.read_sav(path, user_missing=True)
    says = meta.column_names_to_labels
    slow = next(name for name, label in says.items() if name.startswith("reasons_slow"))
    assert says[slow] == "About reasons?: Slow"
    chose = sum("slow" in one.said["reasons"].chosen for one in ALL if "reasons" in one.said)
    assert (table[slow] == 1).sum() == chose
    assert (table[slow] < 0).sum() == sum(
        one.said["reasons"].state != "answered" for one in ALL if "reasons" in one.said
    )
    assert meta.variable_value_labels[slow][1.0] == "yes 是"
    assert meta.missing_ranges[slow] == [{"lo": -98, "hi": -91}]
    price = next(name for name in says if name.startswith("matters_price"))
    assert meta.variable_measure[price] == "ordinal"
    assert "recommend" in says[next(n for n in says if n.startswith("recommend"))]


def test_of_an_anonymous_survey_nothing_tells_of_the_few_who_are_left_out(visited: Owner) -> None:
    of = SurveyVersion.objects.filter(survey__key="visit")
    unnamed = replace(visit.VISIT, is_anonymous=True)
    of.update(document=definition.write(unnamed).decode())
    whole = asked(visited)
    assert (whole.state, whole.minimum_base) == ("ok", 5), "five, whatever the workspace says"
    seen = [
        asked(visited, where=f"customer in ({', '.join(repr(f'c{n}') for n in range(size))})").state
        for size in (4, 5, 29, 30, 34)
    ]
    assert seen == ["too_few", "ok", "ok", "too_few", "ok"], "of 34 customers"
    assert asked(visited, version=1).state == "ok", "nobody is left out"
