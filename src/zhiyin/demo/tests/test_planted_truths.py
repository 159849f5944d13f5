"""Every planted truth can be found again in the files with plain regression and means."""

from __future__ import annotations

import numpy as np
import pandas as pd
import statsmodels.api as sm

from zhiyin.demo.tests.conftest import Company


def log_odds(outcome: pd.Series, cause: pd.Series) -> tuple[float, float]:
    """Slope of a logistic regression and its standard error."""
    fit = sm.Logit(outcome.astype(float).to_numpy(), sm.add_constant(cause.to_numpy())).fit(disp=0)
    return float(fit.params[1]), float(fit.bse[1])


def clustered(values: pd.Series, customers: pd.Series) -> tuple[float, float]:
    """Mean and its standard error over customers."""
    mean = values.mean()
    parts = (values - mean).groupby(customers.to_numpy()).sum()
    return float(mean), float(np.sqrt((parts**2).sum()) / len(values))


def answered(table: pd.DataFrame, question: str) -> pd.DataFrame:
    return table[table[question].notna() & (table[question] < 90)]


def test_the_weights_of_touchpoints_come_out_of_a_regression(company: Company) -> None:
    weights = company.truth["satisfaction"]["weights_in_a_journey"]
    answers = company["answers_flight"]
    columns = ["recommend_journey", *(f"rate_{slug}" for slug in weights)]
    table = answers[columns].where(lambda t: t < 90).dropna().astype(float)
    fit = sm.OLS(table.iloc[:, 0], sm.add_constant(table.iloc[:, 1:])).fit()
    slopes = fit.params[1:] / fit.params[1:].sum()
    assert np.abs(slopes.to_numpy() - np.array(list(weights.values()))).max() < 0.045
    # By correlation alone every touchpoint would look important: the halo of one disposition.
    halo = table.corr().iloc[0, 1:]
    halo /= halo.sum()
    assert abs(halo["rate_punctuality"] - weights["punctuality"]) > 0.06


def test_the_weights_are_exact_in_the_latent_truth(company: Company) -> None:
    weights = company.truth["satisfaction"]["weights_in_a_journey"]
    trips = company["truth_trips"]
    columns = [f"latent_{slug}" for slug in weights]
    table = trips[["overall", *columns]].dropna()
    fit = sm.OLS(table.overall, sm.add_constant(table[columns])).fit()
    wanted = np.array(list(weights.values()))
    assert (np.abs(fit.params[1:] - wanted) < 4 * fit.bse[1:]).all()


def test_a_bad_trip_makes_people_leave(company: Company) -> None:
    trips = company["truth_trips"]
    slope, error = log_odds(trips.left_after, trips.better)
    assert abs(slope - company.truth["effects_of_satisfaction"]["churn"]) < 3.5 * error


def test_a_good_trip_makes_people_buy_extras_next_time(company: Company) -> None:
    trips = company["truth_trips"].sort_values(["traveller", "departs_at"])
    before = trips.groupby("traveller").better.shift()
    lines = company["order_lines"]
    seats = set(lines[lines.category == "seat"].order_id)
    bought = trips.order.isin(seats)
    slope, error = log_odds(bought[before.notna()], before[before.notna()])
    assert abs(slope - company.truth["effects_of_satisfaction"]["spend"]) < 3.5 * error


def test_a_good_trip_brings_the_next_one_sooner(company: Company) -> None:
    trips = company["truth_trips"].query("~left_after").sort_values(["traveller", "departs_at"])
    pace = company["truth_customers"].set_index("customer").pace
    end = pd.Timestamp(company.truth["company"]["last_day"]) + pd.Timedelta(hours=16)
    waited = (trips.next_departs_at.fillna(end) - trips.arrives_at).dt.total_seconds() / 86_400
    came = trips.next_departs_at.notna()
    # The chance of coming within thirty days, where thirty days of history are left.
    whole = (end - trips.arrives_at).dt.days > 30
    soon = (came & (waited <= 30))[whole]
    causes = pd.DataFrame(
        {"better": trips.better[whole],
         "pace": np.log(pace.reindex(trips.traveller[whole]).to_numpy())}
    )  # fmt: skip
    fit = sm.GLM(
        soon.astype(float), sm.add_constant(causes),
        family=sm.families.Binomial(sm.families.links.CLogLog()),
    ).fit()  # fmt: skip
    # Seasons blur the pace, so the slope is a little below the planted one.
    assert 0.6 * 0.25 < fit.params["better"] < 1.25 * 0.25
    assert fit.pvalues["better"] < 1e-6


def test_who_shares_had_a_good_trip(company: Company) -> None:
    shared = company["events_digital"].query("name == 'Product Shared'")
    trips = company["truth_trips"].sort_values("arrives_at")
    told = pd.merge_asof(
        shared.sort_values("occurred_at"), trips[["traveller", "arrives_at", "order"]],
        left_on="occurred_at", right_on="arrives_at", left_by="customer", right_by="traveller",
    )  # fmt: skip
    slope, error = log_odds(trips.order.isin(set(told.order)), trips.better)
    # A second trip within the five days takes some shares from the first: a little blur.
    assert abs(slope - company.truth["effects_of_satisfaction"]["word_of_mouth"]) < 4 * error


def test_fees_drive_people_from_their_carts(company: Company) -> None:
    events = company["events_digital"]
    orders = company["orders"].groupby("customer").size()
    # A secretary with 250 orders has always one within the day: her carts never look left behind.
    few = set(orders[orders <= 12].index)
    carts = events[events.name == "Product Added"]
    carts = carts[carts.customer.isin(few)].drop_duplicates("session")
    bought = set(events[events.name == "Order Completed"].session)
    left = ~carts.session.isin(bought)
    share = left.groupby(carts.region).mean()
    fees = company.truth["stories"]["fees_and_carts"]
    for region, chance in fees["chance_of_leaving"].items():
        assert abs(share[region] - chance) < 0.035
    assert share["west"] > share["south"] > share["north"] > share["east"]


def test_the_own_site_loses_families_before_anyone_knows_them(company: Company) -> None:
    events = company["events_digital"]
    strangers = events[events.customer.str.startswith("wc-9") & (events.party == "with children")]
    strangers = strangers[strangers.session.notna()]
    by_session = strangers.groupby("session").agg(
        channel=("channel", "first"), cart=("name", lambda n: (n == "Product Added").any())
    )
    story = company.truth["stories"]["families_leave_before_anyone_knows_them"]
    site = by_session[by_session.channel == "web"]
    assert len(site) == story["site_sessions"]
    assert int(site.cart.sum()) == story["site_carts"]
    elsewhere = by_session[by_session.channel != "web"]
    assert elsewhere.cart.mean() > 5 * site.cart.mean()


def test_refunds_take_three_weeks_longer_from_one_day_on(company: Company) -> None:
    story = company.truth["stories"]["slow_refunds"]
    refunds = company["refunds"]
    days = (refunds.occurred_at - refunds.experienced_at).dt.total_seconds() / 86_400
    local = refunds.experienced_at + pd.Timedelta(hours=8)
    after = local >= pd.Timestamp(story["from"])
    # Of refunds asked for in the last weeks only the quick ones are paid: leave them out.
    settled = local < local.max() - pd.Timedelta(days=45)
    assert 20 < days[after & settled].mean() - days[~after].mean() < 22
    assert days[~after].max() < 13


def test_mail_is_answered_before_wechat_which_has_the_volume(company: Company) -> None:
    contacts = company["service_contacts"]
    wait = contacts.groupby("channel").wait_seconds.median()
    volume = contacts.groupby("channel").size()
    assert wait["wechat"] > 2.5 * wait["mail"]
    assert volume["wechat"] > 3 * volume["mail"]


def test_vouchers_lift_what_people_say_and_not_what_they_do(company: Company) -> None:
    story = company.truth["stories"]["goodwill_voucher"]
    lot = company["assignments"].set_index("about_id").arm
    answers = answered(company["answers_flight"], "recommend_journey")
    said = answers[answers.about_id.isin(lot.index)]
    arm = lot.reindex(said.about_id).to_numpy()
    score = said.recommend_journey.to_numpy().astype(float)
    given, plain = score[arm == "voucher"], score[arm == "none"]
    error = np.sqrt(given.var() / len(given) + plain.var() / len(plain))
    found = given.mean() - plain.mean()
    assert abs(found - story["effect"]["mean score"]["value"]) < 3 * error
    assert found > 0
    trips = company["truth_trips"].assign(leg="QF" + company["truth_trips"].order.str[2:] + "1")
    touched = trips[trips.leg.isin(lot.index)]
    again = touched.next_departs_at.notna().groupby(lot.reindex(touched.leg).to_numpy()).mean()
    number = len(touched) / 2
    assert abs(again["voucher"] - again["none"]) < 3 * np.sqrt(0.5 / number)


def test_self_service_bag_drop_shows_in_a_difference_of_differences(company: Company) -> None:
    story = company.truth["stories"]["self_service_bag_drop"]
    live = {station: pd.Timestamp(day) for station, day in story["live_from"].items()}
    answers = answered(company["answers_flight"], "rate_bag_drop")
    local = answers.experienced_at + pd.Timedelta(hours=8)
    month = local.dt.to_period("M").astype(str)
    treated = np.array(
        [u in live and t >= live[u] for u, t in zip(answers.unit, local, strict=True)], dtype=float
    )
    design = pd.get_dummies(
        pd.DataFrame({"unit": answers.unit, "month": month}), drop_first=True, dtype=float
    )
    design["treated"] = treated
    fit = sm.OLS(answers.rate_bag_drop.astype(float), sm.add_constant(design)).fit(
        cov_type="cluster", cov_kwds={"groups": answers.customer.astype("category").cat.codes}
    )
    effect = story["effect"]["mean rating"]["value"]
    assert abs(fit.params["treated"] - effect) < 3 * fit.bse["treated"]
    assert fit.params["treated"] > 2 * fit.bse["treated"]


def test_the_chatbot_looks_good_and_did_nothing(company: Company) -> None:
    story = company.truth["stories"]["chatbot"]["mean_rating_of_all_contacts"]
    before, after, long_before = (
        story[name]["value"]
        for name in ("six weeks before", "six weeks after", "the half year before those")
    )
    assert after - before > 0.35
    assert abs(after - long_before) < 0.25


def test_the_typhoon_stops_flights_and_invitations(company: Company) -> None:
    story = company.truth["stories"]["typhoon"]
    shut, opened = (
        pd.Timestamp(story[f"shanghai_{word}_from"]).tz_localize(None)
        for word in ("closed", "open")
    )
    assert (opened - shut) == pd.Timedelta(hours=31)
    flights = company["flights"]
    inside = flights.scheduled_at.between(shut, opened - pd.Timedelta(minutes=1))
    here = flights[inside & flights.origin.isin(["SHA", "PVG"])]
    assert 0.5 < here.is_cancelled.mean() < 0.85
    assert here[~here.is_cancelled].delay_minutes.min() >= 60
    exposures = company["exposures"].query("survey == 'flight' and action == 'invited'")
    paused = exposures.occurred_at.between(shut + pd.Timedelta(hours=11), opened)
    assert not (paused & exposures.unit.isin(["SHA", "PVG"])).any()


def test_the_incentive_and_satisfaction_move_who_answers(company: Company) -> None:
    exposures = company["exposures"].query("survey == 'flight'")
    invited = exposures[exposures.action == "invited"].set_index("invitation")
    started = set(exposures[exposures.action == "started"].invitation)
    answers = pd.Series(invited.index.isin(started), index=invited.index)
    by_arm = answers.groupby(invited.arm).mean()
    assert 0.04 < by_arm["prize_draw"] - by_arm["none"] < 0.12
    told = company.truth["journey_nps"]["asked_or_not"]["all"]["value"]
    scores = answered(company["answers_flight"], "recommend_journey").recommend_journey
    found = 100 * ((scores >= 9).mean() - (scores <= 6).mean())
    assert found > told + 8


def test_the_new_wording_takes_four_points(company: Company) -> None:
    waves = company.truth["relationship"]["waves"]
    frame = np.array([sum(w["frame"].values()) for w in waves], dtype=float)
    step = np.array([w["nps_of_frame_by_new_wording"] - w["nps_of_frame"] for w in waves])
    assert abs((step * frame).sum() / frame.sum() - -4.0) < 0.6
    answers = company["answers_relationship"].sort_values("occurred_at")
    change = pd.Timestamp(waves[4]["sent_on"])
    assert (answers[answers.occurred_at < change].version == 1).all()
    parallel = answers[answers.occurred_at.between(change, change + pd.Timedelta(days=60))]
    assert 0.35 < (parallel.version == 2).mean() < 0.65
    assert (answers[answers.occurred_at > change + pd.Timedelta(days=80)].version == 2).all()


def test_the_sample_of_a_wave_is_the_stated_part_of_its_frame(company: Company) -> None:
    found = company.truth["relationship"]
    for wave in found["waves"]:
        for stratum, size in wave["frame"].items():
            wanted = size * found["sampling_fraction_by_tier"][stratum.split("/")[0]]
            # One customer a chunk and stratum may go either way.
            assert abs(wave["sampled"][stratum] - wanted) <= 3
