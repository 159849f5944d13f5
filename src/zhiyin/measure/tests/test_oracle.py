"""Each measure beside SQL that somebody wrote by hand, on a log of a made-up month."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zhiyin.measure.registry import METRICS
from zhiyin.measure.requests import ScoreRequest
from zhiyin.measure.scores import score
from zhiyin.measure.tests.conftest import settings_for
from zhiyin.measure.tests.month import NOW, fill
from zhiyin.warehouse.log import Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tables import READ

SLUG = "oracle"

NAMED = """(SELECT e.*, w.word AS what FROM events e
    JOIN words w ON w.domain = 'name' AND w.code = e.name)"""
CODE = "(SELECT code FROM words WHERE domain = '{domain}' AND word = '{word}')"
ANSWERED = f"answer_state = {CODE.format(domain='answer_state', word='answered')}"


def asked(metric: str, value: str) -> str:
    """SQL over the answered answers of one metric."""
    chosen = CODE.format(domain="metric", word=metric)
    return f"SELECT {value}, count(*) FROM answers WHERE metric = {chosen} AND {ANSWERED}"


# Each gives the value in the unit that people see, and n.
BY_HAND = {
    "nps": asked(
        "nps",
        "100.0 * (count(*) FILTER (score >= 9) - count(*) FILTER (score <= 6)) / count(*)",
    ),
    "csat": asked("csat", "100.0 * count(*) FILTER (score IN (4, 5)) / count(*)"),
    "ces": asked("ces", "avg(score)"),
    "ces_easy": asked("ces", "100.0 * count(*) FILTER (score IN (5, 6, 7)) / count(*)"),
    "rating": asked("csat", "avg(score)"),
    "top_box": asked("csat", "100.0 * count(*) FILTER (score > 3) / count(*)"),
    "bottom_box": asked("csat", "100.0 * count(*) FILTER (score < 3) / count(*)"),
    "net_box": asked(
        "csat",
        "100.0 * (count(*) FILTER (score > 3) - count(*) FILTER (score < 3)) / count(*)",
    ),
    "response_rate": f"""
        SELECT 100.0 * count(r.invitation) / count(*), count(*) FROM exposures i
        LEFT JOIN (SELECT DISTINCT invitation FROM responses) r USING (invitation)
        WHERE i.action = {CODE.format(domain="action", word="invited")} AND NOT EXISTS (
            SELECT 1 FROM exposures b WHERE b.invitation = i.invitation
            AND b.action = {CODE.format(domain="action", word="bounced")})
    """,
    "conversion": f"""
        SELECT 100.0 * (SELECT count(*) FROM {NAMED} WHERE what = 'Order Completed')
            / count(DISTINCT session), NULL FROM events
    """,
    "bounce": f"""
        SELECT 100.0 * count(*) FILTER (events = 1) / count(*), count(*) FROM (
            SELECT count(*) AS events FROM {NAMED} WHERE session IS NOT NULL
            GROUP BY session HAVING count(*) FILTER (what IN ('Page Viewed', 'page')) > 0)
    """,
    "time_on_page": f"""
        SELECT avg(epoch(next) - epoch(occurred_at)), count(*) FROM (
            SELECT *, lead(occurred_at) OVER in_turn AS next
            FROM {NAMED} WHERE session IS NOT NULL
            WINDOW in_turn AS (PARTITION BY session ORDER BY occurred_at, seq))
        WHERE what IN ('Page Viewed', 'page') AND next - occurred_at <= INTERVAL 30 MINUTE
    """,
    "cart_abandonment": f"""
        WITH e AS {NAMED}, carts AS (
            SELECT session, min(occurred_at) AS at, min(customer) AS customer FROM e
            WHERE what IN ('Product Added', 'Checkout Started') AND session IS NOT NULL
            GROUP BY session HAVING min(occurred_at) < TIMESTAMP '2026-03-27')
        SELECT 100.0 * count(*) FILTER (NOT EXISTS (SELECT 1 FROM e WHERE e.customer = c.customer
            AND what = 'Order Completed' AND e.occurred_at >= c.at
            AND e.occurred_at <= c.at + INTERVAL 24 HOUR)) / count(*), count(*) FROM carts c
    """,
    "ad_conversion": f"""
        WITH e AS {NAMED}
        SELECT 100.0 * count(*) FILTER (EXISTS (SELECT 1 FROM e WHERE e.customer = c.customer
            AND what = 'Order Completed' AND e.occurred_at > c.occurred_at
            AND e.occurred_at <= c.occurred_at + INTERVAL 7 DAY)) / count(*), count(*)
        FROM e c WHERE what = 'Ad Clicked' AND c.occurred_at < TIMESTAMP '2026-03-21'
    """,
    "order_value": "SELECT avg(amount), count(*) FROM orders WHERE amount IS NOT NULL",
    "purchase_frequency": """
        SELECT count(*) / count(DISTINCT customer), count(DISTINCT customer) FROM orders
    """,
    "repurchase": """
        SELECT 100.0 * count(*) FILTER (orders > 1) / count(*), count(*)
        FROM (SELECT count(*) AS orders FROM orders GROUP BY customer)
    """,
    "renewal_rate": f"""
        SELECT 100.0 * count(*) FILTER (what = 'Subscription Renewed') / count(*), count(*)
        FROM {NAMED} WHERE what LIKE 'Subscription%'
    """,
    "sentiment": """
        SELECT avg(CASE w.word WHEN 'positive' THEN 100.0 WHEN 'negative' THEN -100.0 ELSE 0 END),
            count(*) FROM clauses c JOIN words w ON w.domain = 'polarity' AND w.code = c.polarity
    """,
    "complaint_rate": """
        SELECT 1e6 * (SELECT count(*) FROM service_contacts WHERE reason IN (
            SELECT code FROM words WHERE domain = 'reason' AND word IN ('complaint', '投诉')))
            / count(*), NULL FROM orders
    """,
}  # fmt: skip


@pytest.fixture(scope="module")
def month(log: Owner) -> Iterator[Owner]:
    fill(log, SLUG)
    yield log
    log.drop(SLUG)


@pytest.mark.parametrize("slug", METRICS)
def test_equals_sql_by_hand(month: Owner, slug: str) -> None:
    named = frozenset(table for table in (*READ, "words") if table in BY_HAND[slug])
    truth = month.execute_sql(SLUG, BY_HAND[slug], named, reader=Reader(), words=False, seconds=30)
    value, n = (truth[place][0].as_py() for place in range(2))
    questions = ("q csat",) if slug in ("rating", "top_box", "bottom_box", "net_box") else ()
    request = ScoreRequest(slug, questions=questions)
    found = score(month, settings_for(SLUG), request, now=NOW).total
    assert found.value == pytest.approx(float(value))
    assert found.value is not None
    assert found.low is not None
    assert found.high is not None
    assert found.low <= found.value <= found.high
    if n is not None:
        assert found.n == n


def test_no_measure_is_left_out() -> None:
    assert set(BY_HAND) == set(METRICS)


@pytest.mark.parametrize("slug", METRICS)
def test_groups_and_periods_add_up(month: Owner, slug: str) -> None:
    """Every row is in one cell: n over days and channels is n in all (but not of customers)."""
    metric = METRICS[slug]
    request = ScoreRequest(slug, by=("channel",), every="day")
    found = score(month, settings_for(SLUG), request, now=NOW)
    counted, whole = sum(row.n or 0 for row in found.rows), found.total.n or 0
    assert counted >= whole if metric.of_customer is not None else counted == whole
    assert len(found.rows) > 1 or slug == "response_rate"
