"""Rules on a touchpoint where customers leave: a share like others, of journeys that are over.

Wrong programs that this catches: one that counts journeys which may go on as left; one that counts
somebody who came to the goal; one that fires for a share that stays.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from django.urls import reverse
from django.utils import timezone

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Person
from zhiyin.accounts.workspaces import settings_of
from zhiyin.act.alerts import fired, leaving, rehearsing, saying, watching
from zhiyin.act.alerts.conditions import Leaving
from zhiyin.act.alerts.models import Notice
from zhiyin.act.alerts.tests.saying import ZONE, rule
from zhiyin.kernel import clock
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.periods import day_start, local_day
from zhiyin.kernel.text import in_language
from zhiyin.maps import actions as maps
from zhiyin.maps.document import Lane, Map, Node, Stage
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.planting import put

SHOP = Map(
    name={"en": "Shop", "zh-Hans": "商店"},
    goal="Paid",
    pause="2d",
    stages=(Stage("buy"),),
    lanes=(Lane("own"),),
    nodes=(
        Node("cart", "buy", "own", {"en": "Cart", "zh-Hans": "购物车"}, events="name = 'Added'",
             owner="ben"),
        Node("pay", "buy", "own", {"en": "Pay"}, events="name = 'Paid'"),
        Node("wall", "buy", "own", {"en": "Wall"}),
    ),
)  # fmt: skip
CART = Leaving("shop", "cart", days=14)


@pytest.fixture
def shop(log: Owner) -> Owner:
    maps.create(by=COMMAND_LINE, workspace="main", key="shop", map_=SHOP, keeps=True)
    return log


def come(log: Owner, first: int, last: int, leaves: float, *, seed: int, unit: str = "north",
         each: int = 20) -> None:  # fmt: skip
    """New customers put something into the cart on each of these local days; a share leaves."""
    chance, today = np.random.default_rng(seed), local_day(clock.now(), ZONE)
    rows: list[dict[str, Any]] = []
    for day in range(first, last):
        at = day_start(today + timedelta(days=day), ZONE) + timedelta(hours=9)
        for n in range(each):
            who = f"{unit}{day}-{n}"
            names = ["Added"] if chance.random() < leaves else ["Added", "Paid"]
            rows += [
                {"row": len(rows) + step, "id": f"{who}-{name}", "name": name, "customer": who,
                 "unit": unit, "occurred_at": at + timedelta(minutes=step)}
                for step, name in enumerate(names)
            ]  # fmt: skip
    # The log is known up to the evening.
    late = day_start(today + timedelta(days=last - 1), ZONE) + timedelta(hours=20)
    rows.append({"row": len(rows), "id": f"{unit}{last}", "name": "Slept", "customer": "somebody",
                 "unit": unit, "occurred_at": late})  # fmt: skip
    put(log, rows, table="events", source=f"{unit}{first}")


def watch(log: Owner) -> int:
    return watching.watch(log, "main", now=timezone.now)["alerts"]


def since(days: int) -> dict[str, Any]:
    return {"since": timezone.now() - timedelta(days=days), "name": "They leave"}


def test_customers_count_once_when_their_journeys_are_over(shop: Owner) -> None:
    come(shop, -10, 0, 1.0, seed=1, each=3)
    settings, today = settings_of("main"), local_day(clock.now(), ZONE)
    found = leaving.read(shop, settings, CART, today - timedelta(days=14), today)
    # They came on ten days; what came on the last two may go on.
    assert np.bincount(found.day, minlength=14).tolist() == [0] * 6 + [3] * 8
    assert found.value.tolist() == [1.0] * 24
    came = leaving.read(
        shop, settings, Leaving("shop", "cart", where="unit = 'south'"),
        today - timedelta(days=14), today,
    )  # fmt: skip
    assert not came.value.size


def test_a_touchpoint_where_more_leave_fires_with_its_figures_and_tells_its_owner(
    shop: Owner,
) -> None:
    come(shop, -60, -12, 0.2, seed=1)
    come(shop, -12, 0, 0.6, seed=2)
    rule(shop, CART, to_owner=True, **since(10))
    assert watch(shop) == 1
    (alert,) = fired.of("main")
    told = alert.figures
    assert 50 < told["value"] < 70
    assert told["low"] < told["value"] < told["high"]
    assert 15 < told["reference"] < 25
    assert told["n"] == 200
    assert alert.touchpoint == "cart"
    assert Notice.objects.get().person == Person.objects.get(login="ben")
    with in_language("zh-hans"):
        assert "购物车" in str(saying.why(alert)[0])
        assert saying.title(alert).endswith("%）"), "a share with its sign"
    with in_language("en"):
        assert "“Cart”" in str(saying.why(alert)[0])
    assert reverse("map-node", args=["main", "shop", "cart"]).endswith("/touchpoints/cart/")
    assert watch(shop) == 0, "once in a window"


@pytest.mark.parametrize("seed", range(3))
def test_a_share_that_stays_does_not_fire(shop: Owner, seed: int) -> None:
    come(shop, -60, 0, 0.4, seed=10 + seed)
    rule(shop, CART, **since(10))
    rule(shop, Leaving("shop", "cart", direction="down", days=14), **since(10))
    assert watch(shop) == 0
    assert rehearsing.rehearse(shop, settings_of("main"), CART, days=14).times == 0


def test_a_target_is_fixed_and_a_branch_is_its_own(shop: Owner) -> None:
    come(shop, -14, 0, 0.7, seed=3, unit="south")
    come(shop, -14, 0, 0.1, seed=4, unit="north")
    against = Leaving("shop", "cart", target=40.0, days=14)
    rule(shop, against, unit="north", **since(10))
    south = rule(shop, against, unit="south", **since(10))
    assert watch(shop) == 1
    assert fired.of("main").get().rule == south
    assert fired.of("main").get().is_of_a_part


@pytest.mark.parametrize(
    ("condition", "code"),
    [
        (Leaving("none", "cart"), "map.none"),
        (Leaving("shop", "none"), "alerts.touchpoint"),
        (Leaving("shop", "wall"), "alerts.touchpoint"),
        (Leaving("shop", "cart", target=100.0), "alerts.target"),
        (Leaving("shop", "cart", days=3), "alerts.days"),
        (Leaving("shop", "cart", where="no_such = 1"), "filter.unknown-column"),
    ],
)
def test_what_cannot_be_watched_is_refused(shop: Owner, condition: Leaving, code: str) -> None:
    with pytest.raises(Problem) as refused:
        rule(shop, condition)
    assert refused.value.code.split(".")[0] == code.split(".")[0]
