"""Fifty people edit one map at once over real connections: nothing is lost, and all see it soon."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.processes import editing
from tests.processes.conftest import SOON_SECONDS, wait_for, zhiyin
from tests.processes.editing import Colleague, Play, all_know, gathered, share, waits
from tests.processes.installation import Installation, Made
from zhiyin.maps import document, operations
from zhiyin.maps.document import Map
from zhiyin.maps.operations import Wanted

PEOPLE, EACH = 50, 10


@pytest.fixture
def installation(made: Made, tmp_path: Path) -> Any:
    found = Installation(tmp_path / "data", made)
    yield found
    found.close()


def bring(installation: Installation, key: str, people: int) -> Map:
    """A map that begins with no operation on it."""
    map_ = editing.drawn(people)
    file = installation.data.with_name(f"{key}.json")
    file.write_bytes(document.write(map_))
    done = zhiyin(installation.data, "journey", "map", "import", str(file), "--key", key)
    assert done.returncode == 0, done.stdout + done.stderr
    return map_


def kept(installation: Installation, key: str) -> tuple[Map, list[dict[str, Any]]]:
    """The draft, and every operation in its order, as they stand in the store."""
    store = sqlite3.connect(f"file:{installation.data / 'zhiyin.sqlite3'}?mode=ro", uri=True)
    store.row_factory = sqlite3.Row
    try:
        held = store.execute(
            "select id, draft from maps_journeymap where key = ?", (key,)
        ).fetchone()
        rows = store.execute(
            "select * from maps_operation where map_id = ? order by number", (held["id"],)
        ).fetchall()
    finally:
        store.close()
    found = [{**dict(row), "value": json.loads(row["value"] or "null")} for row in rows]
    return document.read(held["draft"]), found


def replayed(map_: Map, rows: list[dict[str, Any]]) -> Map:
    """A map with all operations done that were done, one after another."""
    by_number = {row["number"]: row for row in rows}
    for row in rows:
        done = row
        if row["does"] == "settle":
            if row["value"] is not True:
                continue
            done = by_number[row["of"]]
        elif row["outcome"] != "done":
            continue
        wanted = Wanted(
            done["id_there"], done["does"], done["part"], done["target"], done["field"],
            done["value"], done["seen"],
        )  # fmt: skip
        map_ = operations.applied(map_, wanted).map
    return map_


def naive_outcomes(map_: Map, rows: list[dict[str, Any]]) -> list[str]:
    """What should have become of each: one that was not seen on the same field stands in its way,
    unless both say the same."""
    found = []
    last: dict[tuple[str, str], tuple[int, str]] = {}
    for row in rows:
        wanted = Wanted(
            row["id_there"], row["does"], row["part"], row["target"], row["field"], row["value"],
            row["seen"],
        )  # fmt: skip
        place = (row["target"], row["field"] or row["does"])
        number, by = last.get(place, (0, ""))
        after = operations.applied(map_, wanted).map
        if number > row["seen"] and by != row["by"] and after != map_:
            found.append("open")
            continue
        found.append("done")
        map_, last[place] = after, (row["number"], row["by"])
    return found


def test_fifty_edit_at_once_and_nothing_is_lost(installation: Installation) -> None:
    server = installation.running()
    begun = bring(installation, "many", PEOPLE)
    people = gathered(server, installation.password, PEOPLE, "many")
    for one in people:
        one.listen()
    wait_for(lambda: people[0].present()["n"] == PEOPLE, SOON_SECONDS, "all are there")
    people[0].hold("node:shared-1")
    wait_for(lambda: _holds(people[7])["Many-0"] == "node:shared-1", SOON_SECONDS, "it is seen")

    Play(EACH).run(people)

    draft, rows = kept(installation, "many")
    # Every acknowledged edit is there, once, as it was told; and nothing else is.
    acknowledged = {id_: told for one in people for id_, told in one.kept.items()}
    assert len(acknowledged) == PEOPLE * EACH
    assert Counter(row["id_there"] for row in rows) == Counter(list(acknowledged))
    assert [row["number"] for row in rows] == list(range(1, PEOPLE * EACH + 1))
    for row in rows:
        told = acknowledged[row["id_there"]]
        assert (told["number"], told["value"], told["by"], told["outcome"]) == (
            row["number"], row["value"], row["by"], row["outcome"],
        )  # fmt: skip
    assert sum(one.cuts for one in people) > PEOPLE, "too few connections were cut to tell"
    # The draft is what its operations make of the map that it began as.
    assert draft == replayed(begun, rows)
    assert [row["outcome"] for row in rows] == naive_outcomes(begun, rows)
    # Every conflict is listed, with the value that stands and the one that waits.
    waiting = [row for row in rows if row["outcome"] == "open"]
    assert len(waiting) > 5, "too few conflicts to tell"
    whole = people[3].get("operations/")
    assert [(one["number"], one["value"], one["by"]) for one in whole["undecided"]] == [
        (row["number"], row["value"], row["by"]) for row in waiting
    ]
    for one in whole["undecided"]:
        place = one["field"] if one["does"] == "set" else "place"
        assert f"node:{one['target']}:{place}" in whole["touched"], one
    # Everybody has heard of everything, through the stream or after a cut.
    all_know(people, len(rows))
    seen = waits(people)
    print(
        f"\nan edit is on another's stream after {share(seen, 0.5):.3f} s (p50), "
        f"{share(seen, 0.95):.3f} s (p95), {seen[-1]:.3f} s (longest); "
        f"{len(seen)} times, {len(rows)} operations of {PEOPLE} people, "
        f"{len(waiting)} conflicts, {sum(one.cuts for one in people)} connections cut"
    )

    # They decide: some for what stands, some for what waits.
    for number, one in enumerate(whole["undecided"]):
        people[number % PEOPLE].post("settle/", {"number": one["number"], "takes": number % 2 == 0})
    assert people[5].get("operations/")["undecided"] == []
    draft, rows = kept(installation, "many")
    assert draft == replayed(begun, rows)
    all_know(people, len(rows))
    for one in people[1:]:
        one.hang_up()
    wait_for(lambda: people[0].present()["n"] == 1, SOON_SECONDS, "the others are gone")
    people[0].hang_up()


def test_a_killed_process_loses_nothing_that_was_acknowledged(installation: Installation) -> None:
    """First the one that keeps, then the one that tells."""
    server = installation.running()
    begun = bring(installation, "killed", 6)
    people = gathered(server, installation.password, 6, "killed")
    for one in people:
        one.listen()
    play = Play(20, rest=(0.05, 0.3), hang_up=0)
    editing_ = threading.Thread(target=play.run, args=(people,), daemon=True)
    editing_.start()
    for name in ("web", "log"):
        time.sleep(2)
        old = server.child(name)
        os.kill(old, signal.SIGKILL)
        wait_for(lambda name=name, old=old: server.is_back(name, old), 240, f"{name} is back")  # type: ignore[misc]
    editing_.join(600)
    assert not editing_.is_alive()
    assert play.failed == []
    draft, rows = kept(installation, "killed")
    acknowledged = [id_ for one in people for id_ in one.kept]
    assert Counter(row["id_there"] for row in rows) == Counter(acknowledged)
    assert draft == replayed(begun, rows)
    # The streams ended with the log process; whoever opens one again is told what she missed.
    for one in people:
        one.hang_up()
        one.listen()
    all_know(people, len(rows))
    told = len(people[1].heard)
    people[0].do(
        {"id": "last", "does": "set", "part": "node", "target": "own-1", "field": "owner",
         "value": "she", "seen": people[0].seen}
    )  # fmt: skip
    wait_for(
        lambda: any(says.get("id") == "last" for _at, _kind, says in people[1].heard[told:]),
        SOON_SECONDS,
        "the web process reaches the new log process",
    )
    for one in people:
        one.hang_up()


def _holds(colleague: Colleague) -> dict[str, str]:
    return {one["name"]: one["holds"] for one in colleague.present()["people"]}
