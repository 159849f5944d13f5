"""The field's traps, one by one, on a real log with planted truths."""

from __future__ import annotations

import pytest

from zhiyin.accounts.workspaces import Settings
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import parse
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.planting import answer, csat, nps_answers, plant
from zhiyin.warehouse.log import Log


def value(log: Log, settings: Settings, metric: str, **asked: object) -> float | None:
    return score(log, settings, ScoreRequest(metric, **asked)).total.value  # type: ignore[arg-type]


def test_nps_takes_eleven_points(log: Log, settings: Settings) -> None:
    """Trap 1. Each of 0…10 once: two promoters, seven detractors; 1–10 logic would see six."""
    plant(log, settings.slug, "answers", [answer(float(s)) for s in range(11)])
    assert value(log, settings, "nps") == pytest.approx(100 * (2 - 7) / 11)


def test_legacy_nps_is_a_figure_of_its_own(log: Log, settings: Settings) -> None:
    """Trap 1. Answers on 1–10 are accepted, tagged, and never mixed with 0–10."""
    legacy = [
        answer(10.0, question="old", scale_min=1.0),
        answer(1.0, question="old", scale_min=1.0),
    ]
    plant(log, settings.slug, "answers", [*nps_answers(3, 1, 0), *legacy])
    with pytest.raises(Problem) as refused:
        score(log, settings, ScoreRequest("nps"))
    assert refused.value.code == "score.mixed-scales"
    assert "old (1–10)" in str(refused.value.message)
    assert "recommend (0–10)" in str(refused.value.message)
    assert "--question" in str(refused.value.hint)
    found = score(log, settings, ScoreRequest("nps", questions=("old",)))
    assert found.total.value == 0.0
    assert "legacy_scale" in found.total.flags
    modern = score(log, settings, ScoreRequest("nps", questions=("recommend",)))
    assert modern.total.value == 75.0
    assert "legacy_scale" not in modern.total.flags


def test_one_question_on_two_scales_is_split_by_a_filter(log: Log, settings: Settings) -> None:
    plant(log, settings.slug, "answers", [answer(10.0), answer(1.0, scale_min=1.0)])
    with pytest.raises(Problem) as refused:
        score(log, settings, ScoreRequest("nps"))
    hint = str(refused.value.hint)
    assert "--where" in hint
    chosen = parse(hint.split('"')[1])
    assert score(log, settings, ScoreRequest("nps", where=chosen)).total.n == 1


@pytest.mark.parametrize(
    ("direction", "easy", "better"), [("up", 100 * 2 / 4, "up"), ("down", 100 * 1 / 4, "down")]
)
def test_effort_has_a_direction(
    log: Log, settings: Settings, direction: str, easy: float, better: str
) -> None:
    """Trap 2. The same marks 1, 4, 6, 7 on 1–7 mean the opposite when higher is harder."""
    asked = {"question": "effort", "metric": "ces", "scale_min": 1.0, "scale_max": 7.0}
    rows = [answer(s, **asked, direction=direction) for s in (1.0, 4.0, 6.0, 7.0)]
    plant(log, settings.slug, "answers", rows)
    assert value(log, settings, "ces_easy") == pytest.approx(easy)
    mean = score(log, settings, ScoreRequest("ces"))
    assert mean.total.value == pytest.approx(18 / 4)
    assert mean.better == better


def test_two_directions_are_never_averaged(log: Log, settings: Settings) -> None:
    """Trap 2."""
    asked = {"metric": "ces", "scale_min": 1.0, "scale_max": 7.0}
    rows = [
        answer(2.0, **asked, question="effort 1.0", direction="down"),
        answer(6.0, **asked, question="effort 2.0", direction="up"),
    ]
    plant(log, settings.slug, "answers", rows)
    with pytest.raises(Problem) as refused:
        score(log, settings, ScoreRequest("ces"))
    assert refused.value.code == "score.mixed-scales"
    assert "effort 1.0 (1–7 ↓)" in str(refused.value.message)


STATES = (
    "shown", "not_applicable", "dont_know", "refused",
    "skipped", "hidden", "dismissed", "not_reached",
)  # fmt: skip


def test_only_answered_is_in_the_base(log: Log, settings: Settings) -> None:
    """Trap 4. Sixteen people who did not answer change no figure, and are counted beside it."""
    silent = [csat(None, answer_state=state) for state in STATES for _twice in range(2)]
    # A stray score under another state is not an answer either.
    silent.append(csat(5.0, answer_state="not_applicable"))
    plant(log, settings.slug, "answers", [csat(4.0), csat(5.0), csat(1.0), csat(2.0), *silent])
    found = score(log, settings, ScoreRequest("csat"))
    assert found.total.value == 50.0
    assert found.total.n == 4
    assert found.states["answered"] == 4
    assert found.states["not_applicable"] == 3
    assert found.states["dont_know"] == 2


def frequent_flyers(trips: int = 9) -> list[dict[str, object]]:
    """Ten who fly once and dislike it, ten who fly often, dislike it at first, then love it."""
    rare = [answer(3.0, customer=f"rare-{i}") for i in range(10)]
    often = []
    for i in range(10):
        for trip in range(trips):
            at = f"2026-03-{trip + 1:02d}T04:00:00"
            liked = 10.0 if trip else 3.0
            often.append(answer(liked, customer=f"often-{i}", occurred_at=at))
    from datetime import datetime

    for row in often:
        row["occurred_at"] = datetime.fromisoformat(row["occurred_at"])
    return [*rare, *often]


def test_per_person_and_per_trip_are_two_figures(log: Log, settings: Settings) -> None:
    """Trap 5. Per trip 80 of 100 promote; per person, by the latest answer, ten of twenty."""
    plant(log, settings.slug, "answers", frequent_flyers())
    trips = score(log, settings, ScoreRequest("nps", per="answer"))
    people = score(log, settings, ScoreRequest("nps", per="customer"))
    assert (trips.total.value, trips.total.n, trips.total.customers) == (60.0, 100, 20)
    assert (people.total.value, people.total.n, people.total.customers) == (0.0, 20, 20)


def test_kinds_are_never_in_one_figure(log: Log, settings: Settings) -> None:
    """Trap 5, and each kind's own way of counting."""
    relation = [
        answer(s, customer="ana", kind="relationship", question="overall", id=f"r{s}")
        for s in (0.0, 10.0)
    ]
    plant(log, settings.slug, "answers", [*relation, *nps_answers(1, 0, 1)])
    with pytest.raises(Problem) as refused:
        score(log, settings, ScoreRequest("nps"))
    assert refused.value.code == "score.mixed-kinds"
    assert "overall (relationship)" in str(refused.value.message)
    assert "recommend (touchpoint)" in str(refused.value.message)
    assert "--kind" in str(refused.value.hint)
    asked = score(log, settings, ScoreRequest("nps", kind="relationship"))
    assert (asked.per, asked.total.n, asked.total.value) == ("customer", 1, 100.0)
    contact = score(log, settings, ScoreRequest("nps", kind="touchpoint"))
    assert (contact.per, contact.total.n) == ("answer", 2)


def test_intervals_count_customers(log: Log, settings: Settings) -> None:
    """Trap 6. Ten answers of each of forty customers tell little more than forty answers."""
    once = [answer(10.0 if i % 2 else 0.0, customer=f"c{i}") for i in range(40)]
    often = [dict(row) for row in once for _ten in range(10)]
    plant(log, settings.slug, "answers", once)
    single = score(log, settings, ScoreRequest("nps")).total
    assert single.design_effect == pytest.approx(1.0)
    for i, row in enumerate(often):
        row["id"] = f"again-{i}"
    plant(log, settings.slug, "answers", often)
    many = score(log, settings, ScoreRequest("nps")).total
    assert (many.n, many.customers) == (440, 40)
    assert many.design_effect == pytest.approx(11.0, rel=0.05)
    assert single.high is not None
    assert many.high is not None
    assert many.high - many.value >= 0.9 * (single.high - single.value)  # type: ignore[operator]
