"""Rules over a log: single rows fire once, figures only where they changed, late data not again.

Wrong programs that this catches: one that fires again for a row that it has told of, or for
history that somebody imports; one that fires for words that nobody has read; one whose figures fire
in ordinary months; one that stops all rules because one cannot be read.
"""

from __future__ import annotations

from datetime import UTC, date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.alerts import actions, conditions, fired, firing, rehearsing, rules, watching
from zhiyin.act.alerts.conditions import Answer, Measured, Often, Verbatim
from zhiyin.act.alerts.models import Alert, Notice, Rule, Watch
from zhiyin.act.alerts.tests.saying import read, rule, say, scored
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

ANGER = Verbatim(where="aspect = 'refund' and emotion = 'anger'")
FALLS = Measured("csat", days=14)


def watch(log: Owner, **at: float) -> int:
    """How many alerts fired, so much later than now."""
    now = timezone.now() + timedelta(**at)
    return watching.watch(log, "main", now=lambda: now)["alerts"]


def test_an_angry_verbatim_fires_once_with_its_row(log: Owner) -> None:
    made = rule(log, ANGER)
    angry, _calm = say(log, {}, {"emotion": None})
    assert watch(log) == 1
    (alert,) = fired.of("main")
    assert (alert.table, alert.row, alert.touchpoint) == ("verbatims", angry, "refund")
    assert alert.unit is not None
    assert alert.unit.key == "north"
    assert (alert.rule, alert.rule_version, alert.severity) == (made, 1, "warning")
    assert watch(log) == 0
    assert watch(log, minutes=5) == 0, "nor ever again"


def test_words_are_watched_in_chinese_and_with_what_they_mean(log: Owner) -> None:
    rule(log, Verbatim(text="退款 气死"))
    rule(log, Verbatim(text="退款", where="polarity = 'positive'"))
    say(log, {}, {"text": "退款很快", "polarity": "positive", "emotion": "joy"})
    assert watch(log) == 2
    assert sorted(one.rule_name for one in fired.of("main")) == ["Angry about refunds"] * 2


def test_what_is_read_later_fires_when_it_is_read(log: Owner) -> None:
    rule(log, ANGER)
    (seq,) = say(log, {}, reads=False)
    assert watch(log) == 0
    read(log, [seq], [{}])
    assert watch(log) == 1
    # Another version reads it again: it is the same row.
    read(log, [seq], [{}])
    assert watch(log) == 0


def test_history_that_comes_in_fires_nothing_and_nor_does_what_came_before_the_rule(
    log: Owner,
) -> None:
    say(log, {})
    rule(log, ANGER)
    assert watch(log) == 0, "it came before"
    say(log, {"occurred_at": clock.now() - timedelta(days=30)})
    assert watch(log) == 0, "nobody can help her any more"
    say(log, {"occurred_at": clock.now() - timedelta(days=2)})
    assert watch(log) == 1, "a little late is not too late"


def test_a_low_answer_fires_with_words_alone_where_that_is_asked(log: Owner) -> None:
    rule(log, Answer("nps", 0, 6, has_words=True))
    at = clock.now()
    common = {"metric": "nps", "scale_min": 0.0, "scale_max": 10.0, "occurred_at": at}
    put(log, [
        {"row": 0, "id": "a", "score": 3.0, "response": "r1", **common},
        {"row": 1, "id": "b", "score": 2.0, "response": "r2", **common},
        {"row": 2, "id": "c", "score": 9.0, "response": "r3", **common},
        {"row": 3, "id": "d", "score": 0.0, "response": "r4", "answer_state": "skipped", **common},
    ])  # fmt: skip
    put(log, [
        {"row": n, "id": f"r{n}", "response": f"r{n}", "occurred_at": at, "customer": "c",
         "text": "等了三周"} for n in (1, 3)
    ], table="verbatims")  # fmt: skip
    assert watch(log) == 1
    assert fired.of("main").get().table == "answers"


def test_a_rule_of_a_unit_watches_its_branch(log: Owner) -> None:
    rule(log, ANGER, unit="north")
    say(log, {}, {"unit": "south"})
    assert watch(log) == 1


def test_a_share_that_falls_fires_once_in_its_window_with_its_figures(log: Owner) -> None:
    scored(log, -52, -10, 0.8, seed=1)
    scored(log, -10, 0, 0.4, seed=2, name="b")
    rule(log, FALLS, since=timezone.now() - timedelta(days=10), name="CSAT falls")
    assert watch(log) == 1
    (alert,) = fired.of("main")
    told = alert.figures
    assert 30 < told["value"] < 50
    assert told["low"] < told["value"] < told["high"]
    assert 75 < told["reference"] < 85
    assert told["reference_low"] < told["reference"] < told["reference_high"]
    assert (told["n"], told["reference_n"]) == (200, 600), "of the same days"
    assert told["e_value"] >= told["threshold"] > 20
    assert watch(log) == 0
    assert watch(log, days=2) == 0, "once in a window"
    held = Watch.objects.get(number=1)
    assert held.fired_at is not None


@pytest.mark.parametrize("direction", ["down", "up"])
def test_a_share_that_stays_does_not_fire(log: Owner, direction: conditions.Direction) -> None:
    scored(log, -52, 0, 0.7, seed=4)
    rule(log, Measured("csat", direction=direction, days=14),
         since=timezone.now() - timedelta(days=10))  # fmt: skip
    assert watch(log) == 0
    held = Watch.objects.get()
    assert held.n == 200
    assert held.threshold > 20


def test_good_news_fires_too_and_a_target_is_fixed(log: Owner) -> None:
    scored(log, -10, 0, 0.9, seed=5)
    since = timezone.now() - timedelta(days=10)
    rule(log, Measured("csat", direction="up", target=60.0, days=14), since=since, name="Good")
    rule(log, Measured("csat", direction="down", target=60.0, days=14), since=since, name="Bad")
    assert watch(log) == 1
    alert = fired.of("main").get()
    assert alert.rule_name == "Good"
    assert alert.figures["reference"] == 60.0


def test_days_are_looked_at_when_they_are_over_and_each_once(log: Owner) -> None:
    scored(log, -52, 0, 0.7, seed=6)
    rule(log, FALLS)
    assert watch(log) == 0
    assert not Watch.objects.exists(), "its first day is not over"
    watch(log, days=1)
    held = Watch.objects.get()
    assert (held.looked_until - held.starts_on).days == 1
    watch(log, days=1)
    held.refresh_from_db()
    assert (held.looked_until - held.starts_on).days == 1
    # A server that stood still looks at the end of the window before, too.
    watch(log, days=16)
    first, second = Watch.objects.order_by("number")
    assert first.looked_until == first.ends_on == second.starts_on


def test_more_complaints_than_usual_fire_and_late_ones_do_not_fire_twice(log: Owner) -> None:
    day = timedelta(days=1)
    now = clock.now()
    usual = [{"occurred_at": now - n * day, "text": "慢"} for n in range(9, 51) for _ in range(4)]
    surge = [{"occurred_at": now - n * day, "text": "慢"} for n in range(1, 8) for _ in range(16)]
    say(log, *usual, *surge)
    condition = Often("clauses", where="intent = 'complain'", days=14)
    rule(log, condition, since=timezone.now() - 8 * day, name="More complaints")
    assert watch(log) == 1
    told = fired.of("main").get().figures
    assert told["value"] > 2 * told["reference"] > 0
    assert told["dispersion"] >= 1
    say(log, *[{"occurred_at": now - day, "text": "慢"} for _ in range(30)])
    assert watch(log, days=1) == 0


def test_few_customers_never_fire(log: Owner) -> None:
    scored(log, -52, -2, 0.9, seed=7)
    scored(log, -2, 0, 0.0, seed=8, name="b", each=10)
    rule(log, Measured("csat", days=14, least=60), since=timezone.now() - timedelta(days=2))
    assert watch(log) == 0
    assert Watch.objects.get().e_value > 1


def test_a_rule_that_cannot_be_looked_at_says_so_and_stops_no_other(log: Owner) -> None:
    broken = rule(log, FALLS, since=timezone.now() - timedelta(days=3), name="Broken")
    Rule.objects.filter(pk=broken.pk).update(
        condition={**conditions.plain(FALLS), "question": "gone"}
    )
    rule(log, ANGER)
    say(log, {})
    assert watch(log) == 1
    broken.refresh_from_db()
    assert broken.trouble == "score.no-such-question"


def test_off_and_changed_rules_begin_anew(log: Owner) -> None:
    made = rule(log, ANGER)
    actions.switch(by=COMMAND_LINE, workspace="main", number=made.number, is_on=False)
    say(log, {})
    assert watch(log) == 0
    actions.switch(by=COMMAND_LINE, workspace="main", number=made.number, is_on=True)
    assert watch(log) == 0, "what happened while it was off never fires"
    say(log, {})
    assert watch(log) == 1
    wanted = actions.Wanted(name="Other words", condition=Verbatim(text="慢"))
    changed = actions.change(
        by=COMMAND_LINE, workspace="main", number=made.number, wanted=wanted, log=log
    )
    assert changed.version == 3
    assert fired.of("main").get().rule_version == 2


def test_killed_in_the_midst_it_goes_on_and_fires_each_once(
    log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    rule(log, ANGER, people=["ben"])
    say(log, {}, {}, {})

    class Killed(BaseException):
        pass

    def killed(*_args: Any, **_more: Any) -> None:
        raise Killed

    with monkeypatch.context() as cut_off:
        cut_off.setattr(firing, "_notify", killed)
        with pytest.raises(Killed):
            watch(log)
    assert not Alert.objects.exists(), "what nobody is told of has not fired"
    assert watch(log) == 3
    assert Notice.objects.count() == 3


def test_a_rehearsal_says_when_it_would_have_fired_and_saves_nothing(log: Owner) -> None:
    main = settings_of("main")
    say(log, *[{"occurred_at": clock.now() - timedelta(days=n)} for n in (3, 3, 10, 200)])
    found = rehearsing.rehearse(log, main, ANGER)
    assert found.times == 3
    assert [times for _day, times in found.fired] == [1, 2]
    scored(log, -140, -30, 0.8, seed=9)
    scored(log, -30, 0, 0.3, seed=10, name="b")
    fell = rehearsing.rehearse(log, main, FALLS)
    assert fell.times >= 1
    assert fell.fired[0][0] >= date.fromordinal(fell.end.toordinal() - 30)
    assert fell.highest is not None
    assert fell.highest[1] > fell.highest[2]
    assert not Rule.objects.exists()
    assert not Watch.objects.exists()
    assert fell.as_dict()["times"] == fell.times


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Verbatim(), "alerts.says-nothing"),
        (Verbatim(where="no_such_column = 1"), "filter.unknown-column"),
        (Answer("nps", 6, 0), "alerts.limits"),
        (Answer("hello", 0, 6), "alerts.limits"),
        (Measured("order_value"), "alerts.not-bounded"),
        (Measured("csat", target=120.0), "alerts.target"),
        (Measured("csat", days=3), "alerts.days"),
        (Measured("csat", least=0), "alerts.least"),
        (Measured("csat", answers_kind="x"), "score.no-such-kind"),
        (Often("orders"), "alerts.table"),
        (Often("clauses", days=10), "alerts.days"),
    ],
)
def test_what_cannot_be_watched_is_refused(
    log: Owner, condition: conditions.Condition, code: str
) -> None:
    with pytest.raises(Problem) as refused:
        rule(log, condition)
    assert refused.value.code.split(".")[0] == code.split(".")[0]
    if not code.startswith("filter"):
        assert refused.value.code in (code, "measure.no-such-metric")


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"name": ""}, "alerts.name"),
        ({"severity": "loud"}, "alerts.severity"),
        ({"pace": "hourly"}, "alerts.pace"),
        ({"hour": 24}, "alerts.hour"),
        ({"quiet": "noon"}, "contact.quiet-hours"),
        ({"people": ["cleo"]}, "people.no-such-member"),
        ({"roles": ["boss"]}, "alerts.role"),
        ({"channels": ["none"]}, "channels.none"),
        ({"unit": "east"}, "units.no-such-unit"),
    ],
)
def test_what_is_no_rule_is_refused(log: Owner, changed: dict[str, Any], code: str) -> None:
    with pytest.raises(Problem) as refused:
        rule(log, ANGER, **changed)
    assert refused.value.code == code
    assert not Rule.objects.exists()


def test_an_alert_is_closed_with_its_reason_and_the_share_of_false_ones_is_told(
    log: Owner,
) -> None:
    rule(log, ANGER)
    say(log, {}, {}, {})
    watch(log)
    by = COMMAND_LINE
    assert fired.false_share("main") is None
    actions.dismiss(by=by, workspace="main", number=1, reason="not_justified", note="a joke")
    actions.note(by=by, workspace="main", number=2)
    share = fired.false_share("main", others_over=[3])
    assert share is not None
    assert (round(share.value, 3), share.n) == (0.333, 3)
    assert share.low is not None
    assert share.low > 0
    assert fired.chosen("main", fired.Chosen()).count() == 1
    assert fired.chosen("main", fired.Chosen(status="closed")).count() == 2
    with pytest.raises(Problem) as refused:
        actions.note(by=by, workspace="main", number=1)
    assert refused.value.code == "alerts.over"
    with pytest.raises(Problem) as refused:
        actions.dismiss(by=by, workspace="main", number=3, reason="because")
    assert refused.value.code == "alerts.reason"
    assert actions.reopen(by=by, workspace="main", number=1).status == "open"
    with pytest.raises(Problem) as refused:
        actions.note(by=by, workspace="other", number=2)
    assert refused.value.code == "alerts.none"


def test_workspaces_do_not_see_each_others_rules_and_alerts(log: Owner) -> None:
    made = rule(log, ANGER)
    say(log, {})
    watch(log)
    assert not rules.of("other").exists()
    assert not fired.of("other").exists()
    assert watching.watch(log, "other") == {"rules": 0, "alerts": 0}
    with pytest.raises(Problem) as refused:
        rules.get("other", made.number)
    assert refused.value.code == "alerts.no-rule"
    actions.remove(by=COMMAND_LINE, workspace="main", number=made.number)
    assert fired.of("main").get().rule is None, "what it fired stays"


def test_moments_are_kept_with_their_zone(log: Owner) -> None:
    rule(log, ANGER)
    at = clock.now() - timedelta(hours=1)
    say(log, {"occurred_at": at})
    watch(log)
    assert fired.of("main").get().happened_at == at.replace(tzinfo=UTC)
