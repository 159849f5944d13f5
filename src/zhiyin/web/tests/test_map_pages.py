"""The pages of a journey map say what the command line says, of the days and people asked for."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from django.test import Client
from django.urls import reverse

from zhiyin.accounts import workspaces
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.kernel.figures import count, figure
from zhiyin.kernel.filters import parse
from zhiyin.maps import actions, looking
from zhiyin.maps.looking import Asked
from zhiyin.maps.tests import trip
from zhiyin.maps.tests.test_figures import MAY
from zhiyin.warehouse.owner import Owner


def shown(client: Client, name: str, *args: str, **query: str) -> Any:
    """The figures of a page, as the page asks for them when it is there."""
    asked = {**trip.MAY, **query}
    return client.get(
        reverse(name, args=["main", "trip", *args]), asked, headers={"HX-Request": "true"}
    )


def looked(log: Owner, where: str = "") -> looking.Looked:
    asked = Asked(start=MAY.start, end=MAY.end, where=parse(where) if where else None)
    return looking.look(log, workspaces.settings_of("main"), "trip", asked)


@pytest.mark.parametrize("where", ["", "channel = 'app'"])
def test_the_map_has_the_figures_of_the_command_line(
    trip_client: Client, trip_log: Owner, where: str
) -> None:
    query = {"is.channel": "app"} if where else {}
    answer = shown(trip_client, "map", **query)
    assert answer.status_code == 200
    text = answer.content.decode()
    found = looked(trip_log, where)
    for one in found.found.nodes:
        if one.score is not None and one.score.value is not None:
            assert f">{figure(one.score.value, 'percent')}<" in text
        if one.traffic.customers is not None:
            assert count(one.traffic.customers) in text


@pytest.mark.parametrize(
    ("name", "args"),
    [("map", ()), ("map-node", ("refund",)), ("map-priorities", ()), ("map-whole", ()),
     ("map-conformance", ()), ("map-compare", ())],
)  # fmt: skip
@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_with_its_figures(
    trip_client: Client, name: str, args: tuple[str, ...], language: str
) -> None:
    trip_client.post(reverse("language"), {"language": language, "next": "/"})
    query = {"b.before": "previous"} if name == "map-compare" else {}
    answer = shown(trip_client, name, *args, **query)
    assert answer.status_code == 200
    whole = trip_client.get(reverse(name, args=["main", "trip", *args]), {**trip.MAY, "now": "1"})
    assert whole.status_code == 200
    assert "<h1" in whole.content.decode()


def test_a_group_has_difficulties_of_its_own_in_the_days_asked_for(
    trip_client: Client, trip_log: Owner
) -> None:
    """The part of the priorities' page that each persona asks for; its links keep the days."""
    actions.put_persona(
        by=COMMAND_LINE, workspace="main", key="few", name_en="Everybody", name_zh="所有人",
        says_en="", says_zh="", customers="",
    )  # fmt: skip
    page = shown(trip_client, "map-priorities").content.decode()
    assert "Everybody" in page
    answer = shown(trip_client, "map-group", "persona:few", **{"is.channel": "app"})
    assert answer.status_code == 200
    text = answer.content.decode()
    hard = looked(trip_log, "channel = 'app'").difficulties_as_dict()["difficulties"]
    assert text.count('class="rank"') == len(hard)
    for one in hard:
        link = reverse("map-node", args=["main", "trip", one["touchpoint"]])
        assert f"{link}?" in text
    assert not hard or "2026-05-01" in text


def test_an_end_that_is_left_out_is_the_last_day_there_is(trip_client: Client) -> None:
    """Figures and the days that the form shows are of the same days."""
    answer = trip_client.get(
        reverse("map", args=["main", "trip"]), {"from": "2026-05-01", "now": "1"}
    )
    text = answer.content.decode()
    assert "2026-05-01 –" in text
    assert "200" in text
    early = trip_client.get(
        reverse("map", args=["main", "trip"]), {"until": "2026-04-01", "now": "1"}
    )
    assert early.status_code == 200


def test_the_list_names_each_map_and_its_persona(trip_client: Client) -> None:
    actions.put_persona(
        by=COMMAND_LINE, workspace="main", key="few", name_en="Families", name_zh="亲子家庭",
        says_en="", says_zh="", customers="",
    )  # fmt: skip
    one = msgspec.structs.replace(trip.trip(), persona="few")
    actions.create(by=COMMAND_LINE, workspace="main", key="own", map_=one, keeps=True)
    text = trip_client.get(reverse("maps", args=["main"])).content.decode()
    assert text.count(">Trip</a>") == 2
    assert "<td>Families</td>" in text
    assert "zh-Hans" not in text
