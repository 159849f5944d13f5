"""The company's map is bound to what its log holds, and comes and leaves with it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from datetime import date
from statistics import mean
from typing import Any

import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.demo import drawn, maps, marks, walkthrough
from zhiyin.demo.drawn import TRIP
from zhiyin.demo.happenings import CHANNELS, NAMES
from zhiyin.demo.organisation import TEAMS, UNIT_SLUGS
from zhiyin.demo.people import PERSONAS, SHARE, People
from zhiyin.demo.plan import Plan
from zhiyin.demo.questionnaires import SURVEYS
from zhiyin.demo.tests.conftest import AIRLINE
from zhiyin.demo.tests.test_losses import MAIN
from zhiyin.demo.touchpoints import SLUGS
from zhiyin.kernel.filters import Compare, Filter, In, parse
from zhiyin.kernel.filters.rows import holds
from zhiyin.kernel.filters.tree import walk
from zhiyin.maps import actions, auditing, audits, document, kept, pinning, pins
from zhiyin.maps.audit_asked import RunAsked, StepAsked
from zhiyin.maps.models import AuditRun, Evidence, JourneyMap, Persona, Pin
from zhiyin.maps.pin_wanted import Wanted
from zhiyin.stats import task_times
from zhiyin.unify.people import chosen_by
from zhiyin.warehouse import lang
from zhiyin.warehouse.owner import Owner

PLAN = Plan(customers=150, months=12, until=date(2026, 5, 17))
HAN = re.compile(r"[\u4e00-\u9fff]")
WHERE: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main"}


def values(rule: Filter, column: str) -> set[str]:
    """What a rule compares a column with."""
    found: set[str] = set()
    for node in walk(rule.root):
        if isinstance(node, Compare) and node.column == column:
            found.add(str(node.value))
        elif isinstance(node, In) and node.column == column:
            found |= {str(value) for value in node.values}
    return found


def test_the_map_can_be_drawn_and_is_said_in_both_languages() -> None:
    document.check(TRIP)
    assert document.read(document.write(TRIP)) == TRIP
    assert 16 <= len(TRIP.nodes) <= 26
    said = [TRIP.name, TRIP.about, *(one.name for one in TRIP.stages)]
    said += [one.name for one in TRIP.lanes] + [one.name for one in TRIP.nodes]
    said += [one.wants for one in TRIP.nodes] + [one.promise for one in TRIP.nodes if one.promise]
    for text in said:
        assert set(text) == {"en", "zh-Hans"}
        assert not HAN.search(text["en"])
        assert HAN.search(text["zh-Hans"])
    assert not any(one.cause or one.owner for one in TRIP.nodes)


def test_its_rules_name_what_the_company_s_log_holds() -> None:
    for node in TRIP.nodes:
        for rule in (parse(text) for text in (node.events, node.answers, node.bad) if text):
            assert rule.columns() <= {"name", "channel", "touchpoint", "unit"}
            assert values(rule, "name") <= set(NAMES)
            assert values(rule, "channel") <= set(CHANNELS)
            assert values(rule, "touchpoint") <= set(SLUGS)
            assert values(rule, "unit") <= set(UNIT_SLUGS)
        assert set(node.channels) <= {*CHANNELS, "cabin"}
        assert {*node.done.split("|")} - {""} <= set(NAMES)
    assert {*TRIP.goal.split("|")} <= set(NAMES)


def test_every_event_of_the_company_is_at_a_touchpoint_and_every_touchpoint_has_one(
    airline: Owner,
) -> None:
    events = lang.table(airline.schema("main"), "events")
    query = events.select("name", "channel", "touchpoint", "unit").distinct()
    rows = airline.execute("main", query, words=True).to_pylist()
    rules = [(node.id, parse(node.events)) for node in TRIP.nodes if node.events]
    found = Counter(
        next((id_ for id_, rule in rules if holds(rule, row)), "nowhere") for row in rows
    )
    assert set(found) == {id_ for id_, _rule in rules}


def test_promises_are_asked_about_by_a_question_of_one_touchpoint() -> None:
    asked = [(one.name, one.touchpoint) for survey in SURVEYS for one in survey.questions]
    for node in TRIP.nodes:
        if node.promise_question:
            assert node.promise
            places = {place for name, place in asked if name == node.promise_question}
            assert len(places) == 1
            assert places == values(parse(node.answers), "touchpoint")


def test_every_service_team_is_at_one_touchpoint() -> None:
    answers = [
        unit
        for node in TRIP.nodes
        if node.answers
        for unit in values(parse(node.answers), "unit") & {team.slug for team in TEAMS}
    ]
    assert sorted(answers) == sorted(team.slug for team in TEAMS)


@pytest.fixture
def workspace(db: None) -> Workspace:
    del db
    made: Workspace = Workspace.objects.create(
        slug="main", name="Main", timezone="Asia/Shanghai", language="en"
    )
    return made


def put_in() -> None:
    maps.add(settings_of("main"), PLAN, by=COMMAND_LINE)


def take_out() -> None:
    maps.remove(settings_of("main"), PLAN, by=COMMAND_LINE)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_it_comes_once_and_leaves_whole(workspace: Workspace, language: str) -> None:
    Workspace.objects.filter(pk=workspace.pk).update(language=language)
    actions.put_persona(key="ours", name_en="Ours", name_zh="我们的", **WHERE)
    for _time in range(2):
        put_in()
    held, map_ = kept.version(kept.get("main", drawn.KEY))
    assert (held.number, map_) == (1, TRIP)
    assert [one.key for one in kept.personas("main")] == ["ours", *PERSONAS]
    titles = {pin.title for pin in Pin.objects.all()}
    assert titles == {one.said(is_chinese=language != "en")[0] for one in marks.MARKS}
    assert Pin.objects.count() == len(marks.MARKS)
    (audit,) = audits.of("main")
    assert bool(HAN.search(audit.title)) == (language != "en")
    assert AuditRun.objects.count() == 2 * walkthrough.PEOPLE
    for _time in range(2):
        take_out()
    assert not JourneyMap.objects.exists()
    assert not Pin.objects.exists()
    assert not audits.of("main").exists()
    assert [one.key for one in kept.personas("main")] == ["ours"]


def test_a_language_chosen_later_does_not_keep_it(workspace: Workspace) -> None:
    put_in()
    Workspace.objects.filter(pk=workspace.pk).update(language="zh-hans")
    take_out()
    assert not JourneyMap.objects.exists()
    assert not audits.of("main").exists()


def changed_map() -> None:
    other = document.read(document.write(TRIP).replace(b'"Meal"', b'"Food"', 1))
    actions.put(key=drawn.KEY, map_=other, **WHERE)


def kept_map() -> None:
    changed_map()
    actions.keep(key=drawn.KEY, **WHERE)


def said_something() -> None:
    pinning.say(
        by=COMMAND_LINE, workspace=settings_of("main"), key=drawn.KEY, number=1, text="So it is."
    )


def marked_more() -> None:
    wanted = Wanted("meal", "Cold")
    pinning.make(by=COMMAND_LINE, workspace=settings_of("main"), key=drawn.KEY, wanted=wanted)


@pytest.mark.parametrize("change", [changed_map, kept_map, said_something, marked_more])
def test_a_map_that_people_worked_on_stays_with_its_marks(
    workspace: Workspace, change: Callable[[], None]
) -> None:
    del workspace
    put_in()
    change()
    count = Pin.objects.count()
    take_out()
    assert JourneyMap.objects.get().key == drawn.KEY
    assert Pin.objects.count() == count
    put_in()
    assert Pin.objects.count() == count, "what is there is not marked again"


def test_a_persona_and_a_walkthrough_that_people_changed_stay(workspace: Workspace) -> None:
    del workspace
    put_in()
    actions.put_persona(key="senior", name_en="Elderly", name_zh="长者", **WHERE)
    own = TRIP.__class__(name={"en": "Hers"}, persona="student")
    actions.create(key="hers", map_=own, **WHERE)
    (audit,) = audits.of("main")
    run = RunAsked("Our site", PLAN.until, "P99", is_done=True, steps=(StepAsked("Search"),))
    auditing.add_run(number=audit.pk, asked=run, **WHERE)
    take_out()
    assert {one.key for one in Persona.objects.all()} == {"senior", "student"}
    assert AuditRun.objects.count() == 2 * walkthrough.PEOPLE + 1


def test_marks_rest_on_figures_once(workspace: Workspace, airline: Owner) -> None:
    del workspace
    put_in()
    for _time in range(2):
        marks.prove(airline, settings_of("main"), by=COMMAND_LINE)
    assert Evidence.objects.count() == len(marks.MARKS)
    assert all(pins.counted(pin, "proofs") == 1 for pin in pins.of("main", drawn.KEY))
    take_out()
    assert not JourneyMap.objects.exists()


def test_a_walkthrough_is_the_same_for_one_company_and_has_its_story() -> None:
    found = walkthrough.runs(PLAN, is_chinese=False)
    assert found == walkthrough.runs(PLAN, is_chinese=False)
    assert found != walkthrough.runs(Plan(seed=1, customers=150), is_chinese=False)
    ours = [one for one in found if one.site == "Our site"]
    others = [one for one in found if one.site != "Our site"]
    assert {one.who for one in ours} == {one.who for one in others}
    done = [sum(one.is_done for one in side) for side in (ours, others)]
    assert task_times.LEAST <= done[0] < done[1] - 4
    assert mean(len(one.steps) for one in ours) > mean(len(one.steps) for one in others)
    places = {step.node for one in found for step in one.steps}
    assert places <= {node.id for node in TRIP.nodes}
    assert all(PLAN.first <= one.done_on <= PLAN.until for one in found)


PRECISE = {"commuter": 0.9, "family": 0.7, "student": 0.9, "senior": 0.9, "organiser": 0.8}
FOUND = {"commuter": 0.6, "family": 0.7, "student": 0.9, "senior": 0.9, "organiser": 0.25}


@pytest.fixture(scope="module")
def chosen(airline: Owner) -> dict[str, Counter[str]]:
    """By persona, who her rule chooses, by what they really are."""
    truth = {}
    for number in range(AIRLINE.chunks):
        people = People.of(AIRLINE, number)
        for own, persona in zip(people.number, people.persona, strict=True):
            truth[f"QC{own}"] = PERSONAS[persona]
    keys = {
        row["key"]: truth[row["id"]]
        for row in airline.execute("main", lang.ids().select("key", "id")).to_pylist()
        if row["id"] in truth
    }
    rules = {one.key: parse(one.customers) for one in maps.personas()}
    table, conditions = chosen_by(airline, MAIN, list(rules.values()))
    named = dict(zip(rules, conditions, strict=True))
    rows = airline.execute("main", table.select("customer", **named)).to_pylist()
    return {
        key: Counter(keys.get(row["customer"], "nobody") for row in rows if row[key])
        for key in rules
    }


@pytest.mark.parametrize("persona", PERSONAS)
def test_a_persona_s_rule_finds_mostly_those_and_most_of_those(
    chosen: dict[str, Counter[str]], persona: str
) -> None:
    """Would catch a rule that chooses another persona, or hardly anybody."""
    found = chosen[persona]
    assert found[persona] / found.total() > PRECISE[persona]
    assert (
        found[persona] / (dict(zip(PERSONAS, SHARE, strict=True))[persona] * AIRLINE.customers)
        > FOUND[persona]
    )
