"""What customers say follows what they lived through, and its truth stands beside it."""

from __future__ import annotations

import pandas as pd

from zhiyin.demo.tests.conftest import Company


def comments(company: Company) -> pd.DataFrame:
    return company["answers_flight"].query("why.notna()").set_index("id")


def test_clauses_stand_where_the_truth_says(company: Company) -> None:
    clauses = company["truth_clauses"]
    texts = pd.concat([comments(company).why, company["verbatims_listening"].set_index("id").text])
    clauses = clauses[clauses.verbatim.isin(texts.index)]
    lengths = texts.str.len().reindex(clauses.verbatim).to_numpy()
    assert len(clauses) > 5_000
    assert (clauses.start >= 0).all()
    assert (clauses.end > clauses.start).all()
    assert (clauses.end <= lengths).all()


def test_verbatims_are_counted_by_voice(company: Company) -> None:
    counts = company.truth["counts"]["verbatims by voice"]
    told = pd.concat([company["verbatims_service"], company["verbatims_listening"]]).voice
    assert told.value_counts().to_dict() == {
        name: count for name, count in counts.items() if name != "survey"
    }
    surveys = company.truth["counts"]["answered"]
    assert sum(company[f"answers_{s}"].why.notna().sum() for s in surveys) == counts["survey"]


def test_bad_journeys_are_told_badly(company: Company) -> None:
    clauses = company["truth_clauses"].drop_duplicates("verbatim").set_index("verbatim")
    said = comments(company)
    mood = clauses.sentiment.reindex(said.index)
    score = said.recommend_journey
    assert score[mood == "negative"].mean() < score[mood == "positive"].mean() - 1.0


def test_nobody_complains_of_a_delay_that_was_none(company: Company) -> None:
    clauses = company["truth_clauses"].query("aspect == 'punctuality' and not is_hand_written")
    said = comments(company)
    clauses = clauses[clauses.verbatim.isin(said.index)]
    delay = said.delay.reindex(clauses.verbatim).to_numpy()
    assert (delay[clauses.polarity == "negative"] != "on time").all()
    assert set(delay[clauses.polarity == "positive"]) <= {"on time", "15 to 60 min"}


def test_no_text_is_empty_and_few_are_twins(company: Company) -> None:
    said = comments(company).why
    assert said.str.strip().str.len().min() > 0
    long = said[said.str.len() > 12]
    assert long.duplicated().mean() < 0.02


def test_the_typhoon_makes_forty_times_the_mentions_and_a_third_are_neutral(
    company: Company,
) -> None:
    story = company.truth["stories"]["typhoon"]
    heard = company["verbatims_listening"].query("reach.notna()")
    local = (heard.occurred_at + pd.Timedelta(hours=8)).dt.normalize()
    first = (pd.Timestamp(story["shanghai_closed_from"]) + pd.Timedelta(hours=8)).tz_localize(None)
    days = [first.normalize(), first.normalize() + pd.Timedelta(days=1)]
    calm = local.value_counts().median()
    storm = heard[local.isin(days)]
    assert 30 < len(storm) / 2 / calm < 55
    sentiment = company["truth_clauses"].drop_duplicates("verbatim").set_index("verbatim").sentiment
    neutral = (sentiment.reindex(storm.id) == "neutral").mean()
    assert 0.25 < neutral < 0.42


def test_a_promotion_makes_mentions_jump_without_making_them_kinder(company: Company) -> None:
    story = company.truth["stories"]["promotion"]
    heard = company["verbatims_listening"].query("reach.notna()")
    local = heard.occurred_at + pd.Timedelta(hours=8)
    inside = (local >= pd.Timestamp(story["from"])) & (local < pd.Timestamp(story["until"]))
    calm = local[~inside].dt.normalize().value_counts().median()
    assert 4 < inside.sum() / 14 / calm < 9
    sentiment = company["truth_clauses"].drop_duplicates("verbatim").set_index("verbatim").sentiment
    kind = sentiment.reindex(heard.id).to_numpy() == "positive"
    typhoon = pd.Timestamp(company.truth["stories"]["typhoon"]["shanghai_closed_from"])
    near = abs(local - typhoon.tz_localize(None)) < pd.Timedelta(days=7)
    assert abs(kind[inside].mean() - kind[~inside & ~near].mean()) < 0.08


def test_hand_written_verbatims_are_there_once_each(company: Company) -> None:
    clauses = company["truth_clauses"]
    by_hand = clauses[clauses.is_hand_written].verbatim.unique()
    assert len(by_hand) >= 20
    surveys = [company[f"answers_{s}"] for s in company.truth["counts"]["answered"]]
    texts = pd.concat([s.set_index("id").why for s in surveys]).reindex(by_hand)
    assert not texts.duplicated().any()


def test_conversations_are_between_two_and_their_clauses_are_the_customers(
    company: Company,
) -> None:
    turns = company["turns"]
    speakers = turns.groupby("verbatim").speaker.agg(set)
    assert len(speakers) > 200
    assert speakers.map(lambda who: {"agent", "customer"} <= who).all()
    texts = company["verbatims_service"].set_index("id").text
    clauses = company["truth_clauses"]
    clauses = clauses[clauses.verbatim.isin(speakers.index)]
    for clause in clauses.head(300).itertuples():
        text = texts[clause.verbatim]
        line = text[: clause.start].rsplit("\n", 1)[-1]
        assert line.startswith(("客户：", "Customer: "))
        assert text[clause.start : clause.end].strip()


def test_news_of_the_typhoon_is_dated_by_it(company: Company) -> None:
    heard = company["verbatims_listening"]
    news = heard[(heard.voice == "news") & heard.text.str.contains("台风")].text
    dated = news.str.extract(r"(\d{1,2}月\d{1,2}日)")[0].dropna()
    assert len(dated) > 10
    assert (dated == "9月12日").mean() > 0.8
