"""Rules that say what a fact is of, and what they catch."""

from __future__ import annotations

from pydantic import Field

from zhiyin.api.documents.form import Document, Given


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


class RuleCountDocument(Document):
    """Facts that another rule takes first, or that it would lose."""

    unit: str
    where: str
    facts: int


class CaughtDocument(Document):
    """What a rule would catch of one kind of facts."""

    table: str
    facts: int
    customers: int
    own: int
    before: list[RuleCountDocument]
    taken: list[RuleCountDocument]


class UnitRulePreviewDocument(Document):
    """What a rule would catch of the last 30 days, by kind of facts."""

    kinds: list[CaughtDocument]
