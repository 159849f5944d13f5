"""Who sees a part of the workspace sees that part, on every page that she may open."""

from __future__ import annotations

from datetime import datetime

import pyarrow as pa
import pytest
from django.test import Client

from zhiyin.accounts import units
from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.accounts.models import Membership, Person, Role, Unit, Workspace
from zhiyin.collect import answers
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.rules import Rule, Rules
from zhiyin.warehouse.scoped import scoped

# A member's branch is asked of every store in accounts; what she sees of it is read from the log.
pytestmark = pytest.mark.any_store


@pytest.fixture
def station_manager(client: Client, ana: Person, log: Owner) -> Client:
    """Somebody who sees the north: the region, and the station below it."""
    for key, parent in (("all", ""), ("north", "all"), ("station", "north"), ("south", "all")):
        units.save(by=COMMAND_LINE, workspace="main", key=key, name=key.title(), parent=parent)
    person = Person.objects.create(login="nora")
    Membership.objects.create(
        workspace=Workspace.objects.get(slug="main"),
        person=person,
        role=Role.UNIT_MANAGER,
        unit=Unit.objects.get(key="north"),
    )
    where = ["north", "station", "south", None]
    who = ["N-1", "N-2", "S-1", "X-1"]
    at = [datetime(2026, 11, day, 12) for day in (1, 2, 3, 4)]
    with log.begin("main", source="files", label="orders") as batch:
        batch.write("orders", _facts(who, where, at, {"id": [f"O-{name}" for name in who]}))
        batch.write("answers", _facts(who, where, at, {
            "id": [f"A-{name}" for name in who],
            "question": ["q"] * 4,
            "metric": ["csat"] * 4,
            "score": [5.0, 4.0, 1.0, 1.0],
            "scale_min": [1.0] * 4,
            "scale_max": [5.0] * 4,
            "answer_state": ["answered"] * 4,
        }))  # fmt: skip
        batch.write("traits", _facts(who, [None] * 4, at, {
            "id": [f"T-{name}" for name in who],
            "name": ["name"] * 4,
            "value": [f"Name of {name}" for name in who],
        }))  # fmt: skip
        batch.commit()
    client.force_login(person)
    return client


def _facts(
    who: list[str], where: list[str | None], at: list[datetime], more: dict[str, list[object]]
) -> pa.Table:
    return pa.table(
        {
            "row": list(range(len(who))),
            "customer": who,
            "unit": pa.array(where, pa.string()),
            "occurred_at": pa.array(at, pa.timestamp("us")),
            **more,
        }
    )


def test_her_customers_are_those_of_her_branch(station_manager: Client) -> None:
    page = station_manager.get("/main/customers/").content.decode()
    assert "N-1" in page
    assert "N-2" in page
    assert "S-1" not in page
    assert "X-1" not in page


def test_a_customer_of_another_branch_is_not_there(station_manager: Client) -> None:
    shown = station_manager.get("/main/customers/customer:N-1/")
    assert shown.status_code == 200
    assert "Name of N-1" in shown.content.decode()
    assert station_manager.get("/main/customers/customer:S-1/").status_code == 404
    found = station_manager.get("/main/customers/?q=O-S-1").content.decode()
    assert "Name of S-1" not in found


def test_her_export_is_of_her_branch(station_manager: Client) -> None:
    answer = station_manager.get("/main/customers/export/?format=csv")
    rows = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert "N-1" in rows
    assert "S-1" not in rows


def test_a_filter_of_her_own_does_not_widen_what_she_sees(station_manager: Client) -> None:
    page = station_manager.get("/main/scores/?where=unit = 'south'").content.decode()
    assert "unit = &#x27;south&#x27;" in page
    page = station_manager.get("/main/customers/?where=orders >= 1 or orders = 0").content.decode()
    assert "S-1" not in page


def test_what_a_rule_puts_into_her_branch_is_hers_on_every_page_and_file(
    station_manager: Client, log: Owner
) -> None:
    """Would catch a page or a file that goes by what facts say of themselves."""
    mine = scoped(log, units.branch_filter(Unit.objects.get(key="north")))

    def answered() -> list[str]:
        rows = answers.following(mine, "main", None, zone="UTC", after=-1, limit=9, sees_it=True)
        return [row["id"] for row in rows]

    assert station_manager.get("/main/customers/customer:X-1/").status_code == 404
    assert answered() == ["A-N-1", "A-N-2"]
    log.set_rules("main", "unit", Rules((Rule("occurred_at >= 2026-11-04", "station"),)))
    assert "X-1" in station_manager.get("/main/customers/").content.decode()
    page = station_manager.get("/main/customers/customer:X-1/")
    assert (page.status_code, "O-X-1" in page.content.decode()) == (200, True)
    assert answered() == ["A-N-1", "A-N-2", "A-X-1"]
    taken = station_manager.get("/main/customers/export/?format=csv")
    assert b"X-1" in b"".join(taken.streaming_content)  # type: ignore[attr-defined]
    assert station_manager.get("/main/customers/customer:S-1/").status_code == 404
    log.set_rules("main", "unit", Rules((Rule("source = 'files'", "south"),), come_first=True))
    gone = station_manager.get("/main/customers/customer:N-1/")
    assert gone.status_code == 404, "rules that come first take facts out of a branch, too"
