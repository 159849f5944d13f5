"""Templates of industries are whole: drawn, bound, asked about and said in both languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry
from zhiyin.collect.aspects import actions as aspects
from zhiyin.collect.aspects import kept as kept_aspects
from zhiyin.collect.aspects import starters
from zhiyin.collect.surveys import actions as surveys
from zhiyin.collect.surveys import definition
from zhiyin.collect.surveys import kept as kept_surveys
from zhiyin.collect.surveys.checking import faults
from zhiyin.collect.surveys.definition import Question
from zhiyin.collect.surveys.library import sets
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Compare, Filter, In, parse
from zhiyin.kernel.filters.rows import holds
from zhiyin.kernel.filters.tree import walk
from zhiyin.kernel.public_names import LOOKS, ORDERS
from zhiyin.maps import actions, document, kept, templates
from zhiyin.maps.models import JourneyMap, Persona
from zhiyin.maps.templates import Template
from zhiyin.measure import registry
from zhiyin.warehouse import customers

ALL = templates.industries()
each = pytest.mark.parametrize("one", ALL, ids=lambda one: one.key)

HAN = re.compile(r"[\u4e00-\u9fff]")
HALF_WIDTH = re.compile(r"[\u4e00-\u9fff][,;:?!]|[,;:?!][\u4e00-\u9fff]")


def texts(value: Any) -> Iterator[dict[str, str]]:
    """Every text by language in a document as plain values."""
    if isinstance(value, dict):
        if "en" in value or "zh-Hans" in value:
            yield value
            return
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from texts(part)


def questions(one: Template) -> list[Question]:
    return [asked for written in one.asked() for asked in written.survey.questions()]


def series(one: Template) -> dict[str, Question]:
    return {item.series: asked for asked in questions(one) for item in asked.items()}


def values(rule: Filter, column: str) -> set[str]:
    """What a rule compares a column with."""
    found: set[str] = set()
    for node in walk(rule.root):
        if isinstance(node, Compare) and node.column == column:
            found.add(str(node.value))
        elif isinstance(node, In) and node.column == column:
            found |= {str(value) for value in node.values}
    return found


def test_the_five_industries_are_there() -> None:
    assert [one.key for one in ALL] == ["airline", "bank", "restaurant", "retail", "software"]
    assert templates.template("bank") is ALL[1]
    with pytest.raises(Problem) as caught:
        templates.template("zoo")
    assert caught.value.code == "map.no-template"


@each
def test_each_is_the_same_after_writing(one: Template) -> None:
    assert templates.read(templates.write(one)) == one
    assert document.read(document.write(one.map)) == one.map
    assert (templates.FOLDER / f"{one.key}.json").is_file()


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        templates.read(templates.write(ALL[0]).replace(b'"says"', b'"sayz"', 1))


@each
def test_everything_is_said_in_both_languages(one: Template) -> None:
    said = list(texts(msgspec.json.decode(templates.write(one))))
    assert len(said) > 100
    for text in said:
        assert set(text) == {"en", "zh-Hans"}, text
        assert text["en"].strip(), text
        assert not HAN.search(text["en"]), text
        assert HAN.search(text["zh-Hans"]), text
        assert not HALF_WIDTH.search(text["zh-Hans"]), text


@each
def test_each_map_is_drawn_whole(one: Template) -> None:
    map_ = one.map
    assert 6 <= len(map_.stages) <= 8
    assert 18 <= len(map_.nodes) <= 30
    assert any(stage.begins for stage in map_.stages)
    assert any(node.is_help for node in map_.nodes)
    assert {node.stage for node in map_.nodes} == {stage.id for stage in map_.stages}
    assert {node.lane for node in map_.nodes} == {lane.id for lane in map_.lanes}
    order = {stage.id: place for place, stage in enumerate(map_.stages)}
    assert map_.metric in registry.METRICS
    assert order[map_.nodes[0].stage] == 0
    for node in map_.nodes:
        assert node.wish, node.id
        assert node.wants, node.id
        assert node.channels, node.id
        assert node.is_bound, node.id


@each
def test_each_touchpoint_has_events_that_are_at_it_and_at_none_before(one: Template) -> None:
    rules = [(node, parse(node.events)) for node in one.map.nodes if node.events]
    for node, rule in rules:
        names = values(rule, "name") or {"Anything"}
        channels = values(rule, "channel") or set(node.channels)
        touchpoints = values(rule, "touchpoint") or {""}
        places = {
            next((other.id for other, first in rules if holds(first, row)), None)
            for row in (
                {"name": name, "channel": channel, "touchpoint": touchpoint}
                for name in names
                for channel in channels
                for touchpoint in touchpoints
            )
        }
        assert node.id in places
        if node.bad:
            assert values(parse(node.bad), "name") <= names, node.id


@each
def test_each_map_is_bound_to_public_names(one: Template) -> None:
    names = {
        name for node in one.map.nodes if node.events for name in values(parse(node.events), "name")
    }
    assert names & {*LOOKS, *ORDERS}
    assert {*one.map.goal.split("|")} <= names
    for name in names:
        assert re.fullmatch(r"[A-Z][\w-]+( [A-Za-z-]+)*", name), name


@each
def test_each_promise_is_asked_about_in_one_way(one: Template) -> None:
    asked = series(one)
    promised = [node for node in one.map.nodes if node.promise]
    assert len(promised) >= 5
    for node in one.map.nodes:
        assert bool(node.promise) == bool(node.promise_question), node.id
    for node in promised:
        question = asked[node.promise_question]
        assert (question.type, question.scale, question.better) == ("rating", (1, 5), "up")
        assert question.touchpoint == node.id


@each
def test_surveys_can_be_published(one: Template) -> None:
    known = {row.key for row in one.listed()}
    for written in one.asked():
        assert [(fault.place, str(fault)) for fault in faults(written.survey, known)] == []
        assert definition.read(definition.write(written.survey)) == written.survey
        assert written.survey.spoken() == ("en", "zh-Hans")
    keys = [written.key for written in one.asked()]
    assert len(keys) == len(set(keys))
    own = [item.series for item in (i for w in one.asked() for i in w.survey.items())]
    assert {name for name in own if own.count(name) > 1} <= {"why"}


@each
def test_answers_are_about_touchpoints_that_are_drawn(one: Template) -> None:
    drawn = {
        place
        for node in one.map.nodes
        if node.answers
        for place in values(parse(node.answers), "touchpoint")
    }
    asked = {one.touchpoint for one in questions(one) if one.touchpoint}
    assert asked == drawn
    assert {one.map.whole} <= set(series(one))
    assert series(one)[one.map.whole].kind == "journey"


@each
def test_aspects_are_those_of_the_starters(one: Template) -> None:
    rows = one.listed()
    keys = [row.key for row in rows]
    assert set(one.aspects) <= starters.known()
    for place, row in enumerate(rows):
        assert not row.parent or row.parent in keys[:place]
    chosen = {choice.aspect for asked in questions(one) for choice in asked.choices} - {""}
    assert chosen <= set(keys)


@each
def test_measures_are_known_and_asked(one: Template) -> None:
    assert len(one.measures) >= 5
    places = {node.id for node in one.map.nodes}
    for row in one.measures:
        metric = registry.metric(row.metric)
        assert metric.slug == row.metric
        assert not row.question or row.question in series(one)
        assert not row.touchpoint or row.touchpoint in places
        assert not (row.question or row.kind) or metric.is_asked
        if row.question and row.touchpoint:
            assert series(one)[row.question].touchpoint == row.touchpoint


@each
def test_personas_are_three_and_one_is_the_map_s(one: Template) -> None:
    keys = [row.key for row in one.personas]
    assert len(keys) == len(set(keys)) == 3
    assert one.map.persona in keys
    ruled = [row for row in one.personas if row.customers]
    assert ruled
    for row in ruled:
        rule = parse(row.customers)
        # A trait is whatever is no column; a workspace that nobody knows has none.
        assert all(customers.column(name).form != "trait" for name in rule.columns())


WHERE: dict[str, Any] = {"by": COMMAND_LINE, "workspace": "main"}


def test_it_comes_whole_and_as_a_version(data: Path) -> None:
    del data
    done = templates.bring(key="retail", **WHERE)
    one = templates.template("retail")
    held, map_ = kept.version(kept.get("main", "retail"))
    assert (held.number, map_) == (1, one.map)
    assert not kept.has_changes(done.map)
    assert [row.key for row in kept.personas("main")] == [row.key for row in one.personas]
    assert kept.persona("main", "planner").name_zh == "精打细算的当家人"
    assert [row.key for row in kept_aspects.of("main")] == [row.key for row in one.listed()]
    drafts = {row.key: row for row in kept_surveys.of("main")}
    assert set(drafts) == set(done.surveys) == {row.key for row in one.asked()}
    assert all(not row.versions.exists() for row in drafts.values())
    assert done.kept_personas == done.kept_aspects == done.kept_surveys == ()
    assert AuditEntry.objects.filter(action="persona.created").count() == 3


def test_what_is_there_stays_as_it_is(data: Path) -> None:
    del data
    actions.put_persona(key="planner", name_en="Ours", name_zh="我们的", **WHERE)
    aspects.add(key="price", en="Money", zh="钱", **WHERE)
    ours = sets.get("csat").survey
    surveys.create(key="retail-use", survey=ours, **WHERE)
    done = templates.bring(
        key="retail", as_key="shop", name={"en": "Our shop", "zh-Hans": "本店"}, **WHERE
    )
    assert done.as_dict()["were_there"] == {
        "personas": ["planner"], "aspects": ["price"], "surveys": ["retail-use"],
    }  # fmt: skip
    assert kept.persona("main", "planner").name_en == "Ours"
    assert kept_aspects.get("main", "price").label_en == "Money"
    assert kept_surveys.draft(kept_surveys.get("main", "retail-use")) == ours
    assert kept.shown(kept.get("main", "shop"))[1].name == {"en": "Our shop", "zh-Hans": "本店"}
    again = templates.bring(key="retail", as_key="another", **WHERE)
    assert (again.personas, again.aspects, again.surveys) == ((), (), ())
    assert len(again.kept_surveys) == len(done.surveys) + 1


def test_one_that_cannot_come_leaves_nothing(data: Path) -> None:
    del data
    one = templates.template("bank")
    actions.create(key="bank", map_=templates.template("retail").map, **WHERE)
    with pytest.raises(Problem) as caught:
        templates.bring(key="bank", **WHERE)
    assert caught.value.code == "map.key-taken"
    assert JourneyMap.objects.count() == 1
    assert not Persona.objects.exists()
    assert not kept_surveys.of("main").exists()
    assert not kept_aspects.of("main").filter(key__in=[row.key for row in one.listed()]).exists()


@each
def test_each_comes_beside_the_others(one: Template, data: Path) -> None:
    del data
    for other in ALL:
        if other is not one:
            templates.bring(key=other.key, **WHERE)
    done = templates.bring(key=one.key, **WHERE)
    assert done.kept_personas == ()
    assert done.kept_surveys == tuple(row for row in one.surveys if isinstance(row, str))
    assert one.as_dict()["touchpoints"] == len(one.map.nodes)
