"""The traps lie where the truth says, and a naive reading falls into each."""

from __future__ import annotations

import numpy as np
import pandas as pd

from zhiyin.demo.tests.conftest import Company
from zhiyin.demo.tests.test_planted_truths import answered, clustered


def votes(scores: pd.Series) -> pd.Series:
    return (scores >= 9).astype(int) - (scores <= 6).astype(int)


def test_the_worst_score_has_nine_answers(company: Company) -> None:
    minors = company["answers_unaccompanied_minor"].satisfied
    assert len(minors) == 9
    flight = company["answers_flight"]
    worst = min(
        answered(flight, column)[column].mean() for column in flight if column.startswith("rate_")
    )
    assert minors.mean() < worst - 1


def test_two_airports_differ_by_chance_only(company: Company) -> None:
    stations = company.truth["satisfaction"]["stations"]
    assert stations["HGH"] == stations["NKG"]
    answers = answered(company["answers_flight"], "recommend_journey")
    found = {}
    for unit in ("HGH", "NKG"):
        here = answers[answers.unit == unit]
        found[unit] = clustered(votes(here.recommend_journey), here.customer)
    (one, first), (two, second) = found["HGH"], found["NKG"]
    assert abs(one - two) < 2.5 * np.hypot(first, second)


def test_japan_answers_lower_about_the_same_service(company: Company) -> None:
    answers = answered(company["answers_flight"], "recommend_journey")
    score = answers.groupby("country").recommend_journey.mean()
    assert score["JP"] < score["CN"] - 0.5
    customers = company["truth_customers"].set_index("customer")
    countries = company["traits"].query("name == 'country'").set_index("customer").value
    latent = customers.latent_cabin.groupby(countries.reindex(customers.index)).mean()
    assert abs(latent["JP"] - latent["CN"]) < 0.15


def test_one_month_is_three_points_too_kind_until_the_late_answers_come(company: Company) -> None:
    trap = company.truth["traps"]["late_answers"]
    answers = answered(company["answers_flight"], "recommend_journey")
    local = answers.experienced_at + pd.Timedelta(hours=8)
    first, last = (pd.Timestamp(trap[f"experienced_{word}"]) for word in ("from", "until"))
    month = answers[(local >= first) & (local < last + pd.Timedelta(days=1))]
    early = month[month.occurred_at < last + pd.Timedelta(days=2)]
    moved = 100 * (votes(early.recommend_journey).mean() - votes(month.recommend_journey).mean())
    told = (
        trap["NPS three days after its end"]["value"] - trap["NPS when all had answered"]["value"]
    )
    assert 1.0 < told < 7.0
    assert abs(moved - told) < 2.0


def test_the_kiosks_are_silent_for_four_days(company: Company) -> None:
    trap = company.truth["traps"]["silent_source"]
    local = company["events_kiosk"].occurred_at + pd.Timedelta(hours=8)
    first, last = pd.Timestamp(trap["from"]), pd.Timestamp(trap["until"])
    assert (last - first).days == 4
    assert not ((local >= first) & (local < last)).any()
    per_day = local.dt.date.value_counts()
    assert 0.3 < trap["events_lost"] / (4 * per_day.mean()) < 2.0


def test_the_easy_queue_makes_its_team_look_good(company: Company) -> None:
    answers = answered(company["answers_contact"], "satisfied")
    contacts = company["service_contacts"].set_index("id")
    reason = contacts.reason.reindex(answers.about_id).to_numpy()
    mean = answers.satisfied.groupby(answers.unit).mean()
    assert mean["invoices"] > mean.drop(["invoices", "gold-desk"]).max()
    invoices = answers[reason == "invoice"]
    own, of_own = clustered(*_of(invoices, invoices.unit == "invoices"))
    other, of_other = clustered(*_of(invoices, invoices.unit != "invoices"))
    assert abs(own - other) < 3 * np.hypot(of_own, of_other)


def _of(answers: pd.DataFrame, where: pd.Series) -> tuple[pd.Series, pd.Series]:
    return answers[where].satisfied.astype(float), answers[where].customer


def test_the_team_that_begs_for_tens_gets_them_and_nothing_else(company: Company) -> None:
    answers = answered(answered(company["answers_contact"], "recommend_contact"), "satisfied")
    begs, other = (answers[answers.unit == unit] for unit in ("wechat-b", "wechat-a"))
    assert (begs.recommend_contact == 10).mean() > (other.recommend_contact == 10).mean() + 0.2
    own, of_own = clustered(begs.satisfied.astype(float), begs.customer)
    theirs, of_theirs = clustered(other.satisfied.astype(float), other.customer)
    assert abs(own - theirs) < 3 * np.hypot(of_own, of_theirs)
