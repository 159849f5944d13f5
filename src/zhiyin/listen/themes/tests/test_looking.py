"""Themes are found when many say them, keep their numbers, and what people say of them holds."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import AuditEntry, Workspace
from zhiyin.accounts.workspaces import settings_of
from zhiyin.collect.models import Aspect
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.listen import embedding
from zhiyin.listen.models import ClauseLabel
from zhiyin.listen.themes import actions, examples, figures, kept, looking, points
from zhiyin.listen.themes.models import Theme, ThemeFinding, ThemeTurn
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rights import Id
from zhiyin.warehouse.tests.planting import put

pytestmark = pytest.mark.django_db

LAST = date(2026, 6, 29)
"""The day on which the last search of a test is made; weeks before it are planted."""

Says = tuple[tuple[str, ...], ...]
"""Parts of sentences, of which each sentence takes one each."""

BUZZ: Says = (
    ("头顶的空调", "座位上面的空调", "空调"),
    ("一直滴水，", "滴水滴了一路，", "滴水，"),
    ("衣服都湿了", "把衣服弄湿了", "衣服湿透了"),
)
QUEUE: Says = (
    ("安检排队", "过安检排队", "安检口排队"),
    ("排了一个小时，", "排了好久，", "排了半天，"),
    ("队伍太慢", "队伍慢得要命", "队伍真慢"),
)
MEAL: Says = (
    ("飞机餐的米饭", "餐食里的米饭", "米饭"),
    ("又冷又硬，", "是冷的，", "太硬，"),
    ("难吃", "实在难吃", "难吃得很"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


@pytest.fixture
def log(empty_log: Path, data: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Owner]:
    monkeypatch.setenv(embedding.SWITCH, "none")
    embedding.default.cache_clear()
    Workspace.objects.create(slug="main", name="Main", timezone="Asia/Shanghai")
    with Owner(data) as log:
        log.create("main")
        yield log
    embedding.default.cache_clear()


def say(
    log: Owner, parts: Says, week: int, n: int, *, name: str, touchpoint: str = "flight"
) -> None:
    """So many customers say something each, in a week counted back from the last day."""
    first = datetime.combine(LAST, datetime.min.time()) - timedelta(weeks=week)
    rows = [
        {
            "row": at, "id": f"{name}-{week}-{at}", "customer": f"{name}-{week}-{at}",
            "occurred_at": first + timedelta(days=at % 7, hours=3),
            "text": "".join(part[(at * 7 + week * 5 + place * at) % 3]
                            for place, part in enumerate(parts)),
            "touchpoint": touchpoint,
        }
        for at in range(n)
    ]  # fmt: skip
    put(log, rows, table="verbatims", source=f"{name}{week}")


def usual(log: Owner, weeks: int = 12) -> None:
    for week in range(1, weeks + 1):
        say(log, QUEUE, week, 5, name="queue", touchpoint="security")
        say(log, MEAL, week, 5, name="meal")


def read(log: Owner) -> None:
    """Every verbatim is one clause that blames, about nothing that has a name."""
    while waiting := log.unread("main", "planted"):
        found = [Finding(seq, 0, 0, len(text), "zh", "negative", 0.9) for seq, text in waiting]
        log.keep_findings("main", "planted", [seq for seq, _text in waiting], found)


def look(log: Owner, data: Path, weeks_ago: int = 0) -> looking.Looked:
    read(log)
    at = datetime.combine(LAST, datetime.min.time()) - timedelta(weeks=weeks_ago)
    return looking.look(log, "main", data, now=at)


def by_word(log: Owner, word: str, **asked: object) -> figures.Told:
    found = figures.told(log, settings_of("main"), **asked)  # type: ignore[arg-type]
    (one,) = [one for one in found.told if any(word in w for w in one.theme.words_zh)]
    return one


def test_what_many_say_is_a_theme_called_by_its_own_words(log: Owner, data: Path) -> None:
    usual(log)
    assert look(log, data).themes == 2
    queue, meal = by_word(log, "安检"), by_word(log, "米饭")
    assert queue.customers == 60, "twelve weeks of five"
    assert meal.customers is not None
    assert 50 <= meal.customers <= 60
    assert queue.share is not None
    assert queue.share.value == pytest.approx(0.5)
    assert queue.sentiment is not None
    assert queue.sentiment.value < -0.8
    assert [week.customers for week in queue.weeks] == [5] * 12
    assert queue.trend == "steady"
    assert kept.name_of(queue.theme)
    first = Theme.objects.get(number=queue.theme.number)
    assert first.first_said_on == LAST - timedelta(weeks=12)


def test_a_theme_that_begins_is_found_in_its_week_and_not_before(log: Owner, data: Path) -> None:
    usual(log, 18)
    for week in (1, 2, 3, 4):
        say(log, BUZZ, week, 12, name="buzz")
    numbers: list[set[int]] = []
    for ago in (6, 5, 4):
        assert look(log, data, ago).themes == 2
        numbers.append({one.number for one in Theme.objects.filter(is_silent=False)})
    look(log, data, 3)
    assert look(log, data, 2).themes == 3, "in its second week at the latest"
    buzz = by_word(log, "空调")
    assert (buzz.trend, buzz.is_emerging) == ("new", True)
    assert buzz.customers is not None
    assert 18 <= buzz.customers <= 24
    assert buzz.growth is not None
    assert (buzz.growth.ratio, buzz.growth.high) == (None, None), "nobody said it before"
    assert numbers[0] == numbers[1] == numbers[2]
    assert numbers[0] < {one.number for one in Theme.objects.filter(is_silent=False)}


def test_numbers_stay_and_the_same_search_gives_the_same(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data, 1)
    before = dict(Theme.objects.values_list("number", "words_zh"))
    content = bytes(ThemeFinding.objects.get().content)
    assert look(log, data, 1).new == 0
    assert bytes(ThemeFinding.objects.get().content) == content
    assert look(log, data).new == 0
    assert set(before) == set(Theme.objects.values_list("number", flat=True))
    assert not ThemeTurn.objects.exists()


def test_a_theme_that_is_said_no_more_is_silent(log: Owner, data: Path) -> None:
    usual(log, 12)
    for week in (12, 11, 10):
        say(log, BUZZ, week, 9, name="buzz")
    look(log, data)
    number = by_word(log, "空调").theme.number
    looking.look(
        log, "main", data,
        now=datetime.combine(LAST, datetime.min.time()) + timedelta(weeks=4),
    )  # fmt: skip
    assert Theme.objects.get(number=number).is_silent
    assert number not in {one.theme.number for one in figures.told(log, settings_of("main")).told}


def test_figures_are_of_what_the_filter_lets_through(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    narrowed = figures.told(log, settings_of("main"), narrowed=parse("touchpoint = 'security'"))
    assert [one.customers for one in narrowed.told] == [60]
    assert narrowed.spoke == 60


def test_few_customers_are_not_told(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    Workspace.objects.update(minimum_base=61, test_base=61, small_base=100)
    for one in figures.told(log, settings_of("main")).told:
        assert (one.trend, one.customers, one.share, one.weeks) == ("few", None, None, ())


def test_a_customer_who_is_erased_is_in_no_figure_and_no_example(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    assert by_word(log, "安检").customers == 60
    log.erase("main", [Id("customer", "queue-1-0")], "e1")
    queue = by_word(log, "安检")
    assert queue.customers == 59
    said = examples.of(log, settings_of("main"), [queue], each=24)
    first = datetime.combine(LAST, datetime.min.time()) - timedelta(weeks=1)
    assert said[queue.theme.number]
    assert all(one.at != first + timedelta(hours=3) for one in said[queue.theme.number])


def test_examples_are_central_and_none_says_the_same_again(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    found = figures.told(log, settings_of("main"))
    said = examples.of(log, settings_of("main"), found.told)
    for one in found.told:
        texts = [example.words(sees_it=True) for example in said[one.theme.number]]
        assert texts
        assert len(set(texts)) == len(texts) <= 3


def test_a_theme_is_named_hidden_and_shown_again(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    number = by_word(log, "安检").theme.number
    asked: Any = {"by": COMMAND_LINE, "workspace": "main", "number": number}
    assert kept.name_of(actions.rename(**asked, name=" 安检队伍 ")) == "安检队伍"
    assert actions.hide(**asked).state == "hidden"
    assert actions.show(**asked).state == "open"
    look(log, data)
    assert kept.get("main", number).given_name == "安检队伍"
    assert list(AuditEntry.objects.order_by("id").values_list("action", flat=True)) == [
        "theme.renamed", "theme.hidden", "theme.open",
    ]  # fmt: skip
    with pytest.raises(Problem, match="120"):
        actions.rename(**asked, name="x" * 121)
    with pytest.raises(Problem, match="no theme 99"):
        kept.get("main", 99)


def test_a_theme_becomes_an_aspect_and_is_taken_back(log: Owner, data: Path) -> None:
    usual(log)
    look(log, data)
    one = by_word(log, "安检")
    said = examples.of(log, settings_of("main"), [one], each=2)[one.theme.number]
    asked: Any = {"by": COMMAND_LINE, "log": log, "whole": log, "workspace": "main"}
    made = actions.promote(
        **asked, number=one.theme.number, key="gate-queue", en="Queue at the gate", zh="安检排队",
        examples=said,
    )  # fmt: skip
    assert (made.state, made.aspect) == ("promoted", "gate-queue")
    assert Aspect.objects.get(key="gate-queue").label_zh == "安检排队"
    assert ClauseLabel.objects.filter(aspect="gate-queue").count() == len(said)
    with pytest.raises(Problem, match="is the aspect gate-queue"):
        actions.hide(by=COMMAND_LINE, workspace="main", number=one.theme.number)
    back = actions.demote(**asked, number=one.theme.number)
    assert (back.state, back.aspect) == ("open", "")
    assert Aspect.objects.get(key="gate-queue").is_retired
    assert not ClauseLabel.objects.exists()
    with pytest.raises(Problem, match="is no aspect"):
        actions.demote(**asked, number=one.theme.number)


def test_it_is_due_once_a_day(log: Owner, data: Path) -> None:
    settings = settings_of("main")
    assert not looking.is_due(log, settings), "nothing is read"
    usual(log)
    read(log)
    now = datetime.combine(LAST, datetime.min.time())
    assert looking.is_due(log, settings, now)
    looking.look(log, "main", data, now=now)
    assert not looking.is_due(log, settings, now)
    assert looking.is_due(log, settings, now + timedelta(days=1))


@pytest.mark.parametrize("texts", [2, 3, 8, 40])
def test_few_different_texts_are_looked_at_too(log: Owner, data: Path, texts: int) -> None:
    """Would catch a workspace whose first customers say the same few things."""
    first = datetime.combine(LAST, datetime.min.time()) - timedelta(days=30)
    said = ["排队排了很久", *(f"第{nth}次来都很满意" for nth in range(texts - 1))]
    rows = [
        {"row": at, "id": f"v{at}", "customer": f"c{at}", "text": said[at % texts],
         "occurred_at": first + timedelta(days=at % 20)}
        for at in range(80)
    ]  # fmt: skip
    put(log, rows, table="verbatims")
    assert look(log, data).clauses > 0


def test_where_nobody_said_anything_there_is_nothing(log: Owner, data: Path) -> None:
    assert looking.look(log, "main", data) == looking.Looked(0, 0, 0)
    assert figures.told(log, settings_of("main")).told == ()


def test_points_are_made_once_and_an_erasure_takes_them(tmp_path: Path) -> None:
    class Counting:
        name, dimensions = "counting", 4

        def __init__(self) -> None:
            self.asked: list[str] = []

        def embed(self, texts: Sequence[str]) -> embedding.Points:
            self.asked += texts
            rows = np.array([[len(text), 1, 2, 3] for text in texts], np.float32)
            made: embedding.Points = rows / np.linalg.norm(rows, axis=1, keepdims=True)
            return made

    one, file = Counting(), points.place_of(tmp_path, "main")
    first = points.embedded(one, ["a", "bb"], file)
    again = points.embedded(one, ["bb", "ccc"], file)
    assert one.asked == ["a", "bb", "ccc"]
    np.testing.assert_allclose(first[1], again[0])
    points.embedded(one, ["a"], file)
    assert one.asked[-1] == "a", "what is looked at no more is out of the file"
