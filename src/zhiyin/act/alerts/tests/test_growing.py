"""Rules on themes: what comes up or grows fires and is named; noise, and more who write, do not.

Wrong programs that this catches: one that fires because more people write; one that pays for thirty
themes as for one; one that looks at days that nobody has put into themes yet; one that names a
theme to a branch in which nobody spoke of it.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.utils import timezone

from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.alerts import fired, growing, rehearsing, rules, saying, watching
from zhiyin.act.alerts.conditions import Growing
from zhiyin.act.alerts.growing import Spoken
from zhiyin.act.alerts.models import Rule, Watch
from zhiyin.act.alerts.tests.saying import ZONE, rule
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.text import in_language
from zhiyin.listen.themes import heard, members
from zhiyin.listen.themes.daily import Daily
from zhiyin.listen.themes.heard import Weeks
from zhiyin.listen.themes.models import Theme, ThemeFinding, ThemeState
from zhiyin.stats import false_alarms
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

QUEUE, MEAL, BUZZ = "安检排队太慢", "米饭又冷又硬", "空调一直滴水"
START = date(2026, 3, 2)


def say(log: Owner, text: str, first: int, last: int, each: int, *, unit: str = "north") -> None:
    """So many new customers say something on each of the local days from `first` to `last`."""
    today = local_day(clock.now(), ZONE)
    rows: list[dict[str, Any]] = []
    for day in range(first, last):
        at = day_start(today + timedelta(days=day), ZONE) + timedelta(hours=9)
        for n in range(each):
            who = f"{text}{unit}{day}-{n}"
            rows.append({
                "row": len(rows), "id": who, "customer": who, "occurred_at": at, "text": text,
                "unit": unit,
            })  # fmt: skip
    put(log, rows, table="verbatims", source=f"{text}{unit}{first}")
    while waiting := log.unread("main", "test"):
        found = [Finding(seq, 0, 0, len(said), "zh", "negative", 0.9) for seq, said in waiting]
        log.keep_findings("main", "test", [seq for seq, _said in waiting], found)


def usual(log: Owner, *, unit: str = "north") -> None:
    """Two themes, as often on every day."""
    for text in (QUEUE, MEAL):
        say(log, text, -84, 0, 2, unit=unit)


def find(log: Owner, *, days_ago: int = 0) -> None:
    """The themes of the weeks up to a day, as a search keeps them: each text is one."""
    weeks = Weeks(local_day(clock.now(), ZONE) - timedelta(days=days_ago))
    said = heard.texts(log, settings_of("main"), weeks)
    main = Workspace.objects.get(slug="main")
    for number, text in enumerate((QUEUE, MEAL, BUZZ), start=1):
        Theme.objects.get_or_create(
            workspace=main, number=number,
            defaults={"words_zh": [text], "found_at": timezone.now(), "first_said_on": START},
        )  # fmt: skip
    keys = members.key_of(
        np.array([one.verbatim for one in said]), np.array([one.starts for one in said])
    )
    of = np.array([(QUEUE, MEAL, BUZZ).index(one.text) + 1 for one in said], np.int32)
    content = members.written(members.of(keys, of, np.ones(of.size, np.float32)))
    ThemeFinding.objects.update_or_create(
        workspace=main,
        defaults={"content": content, "first": weeks.first, "until": weeks.until,
                  "clauses": len(said), "version": "test", "found_at": timezone.now()},
    )  # fmt: skip


def watch(log: Owner) -> int:
    return watching.watch(log, "main", now=timezone.now)["alerts"]


def since(days: int) -> dict[str, Any]:
    return {"since": timezone.now() - timedelta(days=days), "name": "Something new"}


def test_a_theme_that_comes_up_fires_and_is_named_by_its_words(log: Owner) -> None:
    usual(log)
    say(log, BUZZ, -10, 0, 2)
    find(log)
    rule(log, Growing(days=14), **since(12))
    assert watch(log) == 1
    (alert,) = fired.of("main")
    told, theme = alert.figures, Theme.objects.get(number=alert.figures["theme"])
    assert theme.words_zh == [BUZZ]
    assert (told["customers"], told["n"]) == (20, 20 + 12 * 4)
    assert (told["reference_customers"], told["reference_n"]) == (0, 28 * 4)
    assert told["low"] < told["value"] < told["high"]
    assert told["e_value"] >= told["threshold"]
    with in_language("zh-hans"):
        said = " ".join(str(one) for one in saying.why(alert))
        assert theme.words_zh[0] in saying.title(alert)
        assert "新主题" in said
    with in_language("en"):
        assert "It is new" in " ".join(str(one) for one in saying.why(alert))
    assert watch(log) == 0, "once in a window"
    assert fired.false_share("main") is None, "it counts when it is over"


def test_what_is_said_as_often_as_ever_does_not_fire(log: Owner) -> None:
    usual(log)
    find(log)
    rule(log, Growing(days=14), **since(12))
    assert watch(log) == 0
    held = Watch.objects.get()
    assert held.e_value < held.threshold
    assert held.n > 0


def test_days_that_are_in_no_theme_yet_wait(log: Owner) -> None:
    usual(log)
    made = rule(log, Growing(days=14), **since(12))
    assert watch(log) == 0
    made.refresh_from_db()
    assert made.trouble == "alerts.no-themes"
    Watch.objects.all().delete()
    find(log, days_ago=3)
    watch(log)
    held = Watch.objects.get()
    assert held.looked_until == ThemeFinding.objects.get().until
    find(log)
    watch(log)
    held.refresh_from_db()
    assert held.looked_until == ThemeFinding.objects.get().until == local_day(clock.now(), ZONE)


def test_a_branch_hears_its_own_and_another_workspace_nothing(log: Owner) -> None:
    usual(log)
    usual(log, unit="south")
    say(log, BUZZ, -10, 0, 2, unit="south")
    find(log)
    north = rule(log, Growing(days=14), unit="north", **since(12))
    south = rule(log, Growing(days=14), unit="south", **since(12))
    assert watch(log) == 1
    (alert,) = fired.of("main")
    assert alert.rule == south
    assert not fired.of("main").filter(rule=north).exists()
    with pytest.raises(Problem) as refused:
        growing.read(log, settings_of("other"), Growing())
    assert refused.value.code == "alerts.no-themes"


def test_one_theme_is_watched_alone_and_a_hidden_one_by_nobody(log: Owner) -> None:
    usual(log)
    say(log, BUZZ, -10, 0, 4)
    find(log)
    grown = Theme.objects.get(number=3)
    others = Theme.objects.exclude(pk=grown.pk)
    for one in others:
        rule(log, Growing(theme=one.number, days=14), **since(12))
    assert watch(log) == 0
    Theme.objects.filter(pk=grown.pk).update(state=ThemeState.HIDDEN)
    every = rule(log, Growing(days=14), **since(12))
    assert watch(log) == 0
    Theme.objects.filter(pk=grown.pk).update(state=ThemeState.OPEN)
    Watch.objects.filter(rule=every).delete()
    alone = Growing(theme=grown.number, days=14)
    found = rehearsing.rehearse(log, settings_of("main"), alone, days=12)
    assert found.times == 1
    assert found.fired[0][0] >= local_day(clock.now(), ZONE) - timedelta(days=10)
    assert watch(log) == 1
    assert rules.of("main").count() == Rule.objects.count() == others.count() + 1


def noise(chance: np.random.Generator, themes: int, *, more: float = 1.0) -> Daily:
    """Twelve weeks in which every theme has its own rate, the same on every day; in the last four
    so many times as many people write."""
    rate = chance.uniform(0.005, 0.05, themes)
    day, theme = [], []
    for at in range(84):
        writing = chance.poisson(60 * (more if at >= 56 else 1.0))
        of = chance.choice(themes + 1, writing, p=[*rate, 1 - rate.sum()])
        day.append(np.full(writing, at))
        theme.append(np.where(of == themes, -1, of))
    days = np.concatenate(day)
    return Daily(
        START, START + timedelta(days=84), days, np.arange(days.size), np.concatenate(theme),
        tuple(range(1, themes + 1)),
    )  # fmt: skip


@pytest.mark.parametrize("more", [1.0, 2.5])
def test_a_month_of_noise_fires_in_no_more_than_one_of_twenty(more: float) -> None:
    """Also where far more people write than before; looked at after each of its days."""
    chance, needed = np.random.default_rng(7), false_alarms.threshold(1, 0, q=watching.Q)
    starts_on, until = START + timedelta(days=56), START + timedelta(days=84)
    fires = 0
    for _month in range(60):
        spoken = Spoken(noise(chance, 20, more=more), least=5)
        seen = growing.look(spoken, Growing(), starts_on=starts_on, until=until)
        fires += seen.evidence.first_at(needed, least=5) is not None
    assert fires / 60 <= 0.05


def test_a_rise_among_many_themes_is_found_and_named() -> None:
    chance, needed = np.random.default_rng(8), false_alarms.threshold(1, 0, q=watching.Q)
    starts_on, until = START + timedelta(days=56), START + timedelta(days=84)
    found = noise(chance, 20)
    is_late = (found.day >= 63) & (found.theme == -1) & (chance.random(found.day.size) < 0.12)
    risen = Daily(
        found.first, found.until, found.day, found.speaker, np.where(is_late, 4, found.theme),
        found.numbers,
    )  # fmt: skip
    seen = growing.look(Spoken(risen, least=5), Growing(), starts_on=starts_on, until=until)
    at = seen.evidence.first_at(needed, least=5)
    assert at is not None
    assert 7 <= at < 18, "within eleven days of its beginning"
    assert seen.figures["theme"] == 5


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Growing(theme=99), "themes.none"),
        (Growing(days=35), "alerts.days"),
        (Growing(days=10), "alerts.days"),
        (Growing(least=0), "alerts.least"),
        (Growing(where="no_such = 1"), "filter.unknown-column"),
    ],
)
def test_what_cannot_be_watched_is_refused(log: Owner, condition: Growing, code: str) -> None:
    with pytest.raises(Problem) as refused:
        rule(log, condition)
    assert refused.value.code.split(".")[0] == code.split(".")[0]
