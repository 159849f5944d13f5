"""Competitor walkthroughs: sites, runs and steps, and sites side by side. Shares lie in 0…1."""

from __future__ import annotations

from datetime import date, datetime

from pydantic import Field

from zhiyin.api.documents.form import Document, Given
from zhiyin.kernel.text import _

MOST = 2**31 - 1


class WalkedSiteDocument(Document):
    """A site on which the task is done; its number stays when it is called otherwise."""

    number: int
    name: str
    is_ours: bool
    runs: int


class WalkthroughDocument(Document):
    """A walkthrough in the list; `map` is the key of the map that its steps are put on."""

    number: int
    title: str
    task: str
    map: str | None
    sites: list[WalkedSiteDocument]
    runs: int
    revision: int
    made_by: str
    made_at: datetime
    changed_at: datetime


class WalkthroughsDocument(Document):
    """As `zhiyin journey audit list --json`."""

    walkthroughs: list[WalkthroughDocument]


class WalkedFigureDocument(Document):
    """A measure on a site: of `n` runs by so many people."""

    value: float | None
    low: float | None
    high: float | None
    n: int
    people: int


class BesideOursDocument(Document):
    """A measure on a site beside ours: a difference, or of times a ratio, with its interval."""

    difference: float | None
    ratio: float | None
    low: float | None
    high: float | None
    p: float | None
    q: float | None
    marked: bool
    state: str


class WalkedFiguresDocument(Document):
    """The measures of a site."""

    completion: WalkedFigureDocument
    steps: WalkedFigureDocument
    seconds: WalkedFigureDocument
    failures: WalkedFigureDocument
    ease: WalkedFigureDocument


class WalkedSideDocument(Document):
    """A site with its figures; `beside_ours` is empty for our own."""

    name: str
    is_ours: bool
    runs: int
    people: int
    figures: WalkedFiguresDocument
    beside_ours: dict[str, BesideOursDocument]


class WalkedSidesDocument(Document):
    """Sites side by side, one family of tests."""

    sites: list[WalkedSideDocument]
    tests: int
    interval_confidence: float
    q: float
    least_people: int


class WalkedFailureDocument(Document):
    """What went wrong at a step of a run."""

    run: int
    place: int
    says: str
    failed: str
    link: str
    has_picture: bool


class WalkedCellDocument(Document):
    """What happened at a touchpoint on one site."""

    site: str
    runs: int
    of: int
    failed_runs: int
    seconds: WalkedFigureDocument
    failures: list[WalkedFailureDocument]


class WalkedRowDocument(Document):
    """A touchpoint, or steps at none that are called the same."""

    node: str | None
    name: str
    is_gone: bool
    cells: list[WalkedCellDocument]


class WalkedStepDocument(Document):
    """One step of a run."""

    place: int
    says: str
    node: str | None
    seconds: float | None
    failed: str
    link: str | None
    has_picture: bool


class WalkedRunDocument(Document):
    """A run; `seconds` is null where a step of it was not timed."""

    number: int
    site: str
    done_on: date
    who: str
    device: str
    is_done: bool
    ease: int | None
    seconds: float | None
    steps: list[WalkedStepDocument]
    noted_by: str
    noted_at: datetime


class WholeWalkthroughDocument(WalkthroughDocument):
    """As `zhiyin journey audit show --json`."""

    compared: WalkedSidesDocument
    steps: list[WalkedRowDocument]
    all_runs: list[WalkedRunDocument]


class RunsBroughtDocument(Document):
    """As `zhiyin journey audit import --json`: runs by what becomes of them."""

    new: int
    same: int
    is_dry_run: bool


class RemovedWalkedDocument(Document):
    """That it is gone."""

    number: int
    removed: bool


class SiteGiven(Given):
    """A site; with its number it may get another name."""

    name: str = Field(max_length=120)
    is_ours: bool = False
    number: int | None = Field(default=None, ge=1, le=MOST)


class WalkthroughGiven(Given):
    """A walkthrough with all its sites, of which one is ours."""

    title: str = Field(max_length=200)
    task: str = Field(default="", max_length=2_000)
    map: str = Field(default="", max_length=40)
    sites: list[SiteGiven] = Field(min_length=1, max_length=8)


class WalkthroughChangeGiven(WalkthroughGiven):
    """The same, in the place of what it says; a site with runs cannot be left out."""

    revision: int | None = Field(
        default=None, ge=1, le=MOST,
        description=str(_("Of the walkthrough that was looked at.")),
    )  # fmt: skip


class StepGiven(Given):
    """One step of a run."""

    says: str = Field(max_length=300)
    node: str = Field(default="", max_length=40)
    seconds: float | None = Field(default=None, gt=0, le=86_400)
    failed: str = Field(default="", max_length=2_000)
    link: str = Field(default="", max_length=500)
    was: int | None = Field(
        default=None, ge=1, le=60,
        description=str(_("The place that it had in the run: its picture stays with it.")),
    )  # fmt: skip


class RunGiven(Given):
    """One person doing the task once; the same `who` is the same person on every site."""

    site: str = Field(max_length=120)
    done_on: str = Field(max_length=10, description=str(_("A day, as 2026-03-15.")))
    who: str = Field(max_length=120)
    is_done: bool
    steps: list[StepGiven] = Field(min_length=1, max_length=60)
    device: str = Field(default="", max_length=120)
    ease: int | None = Field(default=None, ge=1, le=7)


class RunChangeGiven(RunGiven):
    """The same, in the place of the run."""

    revision: int | None = Field(
        default=None, ge=1, le=MOST,
        description=str(_("Of the walkthrough that was looked at.")),
    )  # fmt: skip
