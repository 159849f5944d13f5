"""Rules that say what a fact is of, and what they catch."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


class TouchpointRuleDocument(Document):
    """Events for which `where` holds, and that name no touchpoint, were at this one."""

    where: str
    touchpoint: str
    table: str
    timezone: str


class TouchpointRulesDocument(Document):
    """The rules in order; `seen` stands for just these, and goes back with a change."""

    rules: list[TouchpointRuleDocument]
    come_first: bool
    seen: str


class TouchpointRuleGiven(Given):
    """A rule; its days are days in the workspace's zone."""

    where: str = Field(min_length=1, max_length=10_000)
    touchpoint: str = Field(min_length=1, max_length=120)


class TouchpointRulesGiven(Given):
    """The rules to be put in the place of all."""

    rules: list[TouchpointRuleGiven] = Field(max_length=200)
    come_first: bool = False
    seen: str = Field(min_length=1, max_length=64)


class UnitRuleDocument(Document):
    """Facts for which `where` holds are of the unit; `table` blank is every kind that fits."""

    where: str
    unit: str
    table: str
    timezone: str


class UnitRulesDocument(Document):
    """The rules in order; `seen` stands for just these, and goes back with a change."""

    rules: list[UnitRuleDocument]
    come_first: bool
    seen: str


class UnitRuleGiven(Given):
    """A rule; its days are days in the workspace's zone."""

    where: str = Field(min_length=1, max_length=10_000)
    unit: str = Field(min_length=1, max_length=120)
    table: str = Field(default="", max_length=60)


class UnitRulesGiven(Given):
    """The rules to be put in the place of all."""

    rules: list[UnitRuleGiven] = Field(max_length=200)
    come_first: bool = False
    seen: str = Field(min_length=1, max_length=64)


class CountOfUnitRule(Document):
    """Facts that another rule takes first, or that it would lose."""

    unit: str
    where: str
    facts: int


class CountOfTouchpointRule(Document):
    """Events that another rule takes first, or that it would lose."""

    touchpoint: str
    where: str
    facts: int


class CaughtDocument(Document):
    """What a rule would catch of one kind of facts; `own` name a word of their own, and keep it."""

    table: str
    facts: int
    customers: int
    own: int


class CaughtByUnitRule(CaughtDocument):
    """With the rules that have some of these facts now."""

    before: list[CountOfUnitRule]
    taken: list[CountOfUnitRule]


class CaughtByTouchpointRule(CaughtDocument):
    """With the rules that have some of these events now."""

    before: list[CountOfTouchpointRule]
    taken: list[CountOfTouchpointRule]


class UnitRulePreviewDocument(Document):
    """What a rule would catch of the last 30 days, by kind of facts."""

    kinds: list[CaughtByUnitRule]


class TouchpointRulePreviewDocument(Document):
    """What a rule would catch of the last 30 days."""

    kinds: list[CaughtByTouchpointRule]


class NumberDocument(Document):
    """So many facts, of so many customers."""

    facts: int
    customers: int


class UnexplainedDocument(NumberDocument):
    """Facts that nothing explains, by the event's name or by source."""

    name: str


class TrafficDocument(Document):
    """The last 30 days of one kind of facts, by what says their touchpoint or unit.

    `own` say it themselves; `rules` are in the order of the list; `nothing` says it of the rest.
    """

    table: str
    since: datetime | None
    own: NumberDocument
    rules: list[NumberDocument]
    nothing: NumberDocument
    unexplained: list[UnexplainedDocument]


class TrafficsDocument(Document):
    """What the rules catch now, by kind of facts."""

    kinds: list[TrafficDocument]
