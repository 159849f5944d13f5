"""Who is one customer: each guard, and random words against a model in plain Python."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from zhiyin.kernel.clock import now
from zhiyin.warehouse import lang
from zhiyin.warehouse.engines.duckdb import builds, merges
from zhiyin.warehouse.log import Log, Reader
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.tests.naive_joining import Model, Said
from zhiyin.warehouse.tests.planting import DAY, put


def say(log: Log, a: str, b: str, by: str, action: str = "link", reason: str = "x") -> None:
    """One word on two ids, in a batch of its own; ``~`` before an id makes it a device's."""
    say_all(log, [Said(a, b, action, by, reason)])


def say_all(log: Log, said: Sequence[Said]) -> None:
    start = log.execute("main", lang.table(log.schema("main"), "identities")).num_rows
    rows = [
        {
            "row": place,
            "id": f"w{start + place}",
            "occurred_at": DAY,
            "customer": one.a.lstrip("~"),
            "customer_kind": "anonymous" if one.a.startswith("~") else "customer",
            "other": one.b.lstrip("~"),
            "other_kind": "anonymous" if one.b.startswith("~") else "customer",
            "action": one.action,
            "reason": one.reason,
            "linked_by": one.by,
        }
        for place, one in enumerate(said)
    ]
    put(log, rows, table="identities", source="identity")


def groups(log: Log, **options: object) -> set[frozenset[str]]:
    """The customers as sets of ids."""
    ids = lang.ids()
    rows = log.execute("main", ids.select("key", "kind", "id"), **options).to_pylist()  # type: ignore[arg-type]
    found: dict[int, set[str]] = {}
    for row in rows:
        name = ("~" if row["kind"] == "anonymous" else "") + row["id"]
        found.setdefault(row["key"], set()).add(name)
    return {frozenset(one) for one in found.values()}


def held(log: Log) -> set[tuple[frozenset[str], str]]:
    ids = {r["own"]: ("~" if r["kind"] == "anonymous" else "") + r["id"]
           for r in log.execute("main", lang.ids()).to_pylist()}  # fmt: skip
    return {
        (frozenset({ids[row["key"]], ids[row["other"]]}), row["guard"])
        for row in log.execute("main", lang.held()).to_pylist()
    }


def sets(*of: str) -> set[frozenset[str]]:
    return {frozenset(one.split()) for one in of}


def test_a_shared_device_stays_with_the_first_who_signed_in(log: Log) -> None:
    """A kiosk: ten thousand people sign in on it, and none of them becomes another."""
    say_all(log, [Said("ana", "~kiosk", "link", "intake", "signed_in")])
    say_all(log, [Said(who, "~kiosk", "link", "intake", "signed_in") for who in ("ben", "cleo")])
    assert groups(log) == sets("ana ~kiosk", "ben", "cleo")
    assert held(log) == {
        (frozenset({"ben", "~kiosk"}), "shared_device"),
        (frozenset({"cleo", "~kiosk"}), "shared_device"),
    }


def test_devices_of_one_person_are_one_and_a_chain_of_devices_joins_no_two(log: Log) -> None:
    say_all(log, [
        Said("~one", "~two", "link", "intake", "alias"),
        Said("ana", "~one", "link", "intake", "signed_in"),
        Said("ana", "~three", "link", "intake", "signed_in"),
        Said("ben", "~two", "link", "intake", "signed_in"),
    ])  # fmt: skip
    assert groups(log) == sets("ana ~one ~two ~three", "ben")


@pytest.mark.parametrize("reason", ["alias", "signed_in", "same_email"])
def test_an_unknown_caller_never_joins_two_known_customers(log: Log, reason: str) -> None:
    say(log, "ana", "ben", "intake", reason=reason)
    assert groups(log) == sets("ana", "ben")
    assert held(log) == {(frozenset({"ana", "ben"}), "unknown_caller")}
    say(log, "ana", "ben", "person", reason="person")
    assert groups(log) == sets("ana ben")
    assert held(log) == set()


def test_words_of_old_logs_without_a_speaker_are_judged_by_their_reason(log: Log) -> None:
    row = {"row": 0, "occurred_at": DAY, "action": "link"}
    put(log, [{**row, "id": "1", "customer": "a", "other": "b", "reason": "alias"}],
        table="identities")  # fmt: skip
    put(log, [{**row, "id": "2", "customer": "c", "other": "d", "reason": "from the till"}],
        table="identities")  # fmt: skip
    assert groups(log) == sets("a", "b", "c d")


def test_a_giant_cluster_is_not_formed_and_a_person_may_form_it(log: Log) -> None:
    log.limit_clusters("main", 3)
    say_all(log, [Said(f"c{k}", f"c{k + 1}", "link", "import", "x") for k in range(5)])
    assert groups(log) == sets("c0 c1 c2", "c3 c4 c5")
    assert held(log) == {(frozenset({"c2", "c3"}), "too_many")}
    say(log, "c2", "c3", "person")
    assert groups(log) == sets("c0 c1 c2 c3 c4 c5")
    say(log, "c2", "c3", "person", "unlink")
    assert groups(log) == sets("c0 c1 c2", "c3 c4 c5")
    log.limit_clusters("main", 10)
    assert groups(log) == sets("c0 c1 c2", "c3 c4 c5")
    say(log, "c2", "c3", "person", "withdraw")
    assert groups(log) == sets("c0 c1 c2 c3 c4 c5")


def test_what_a_person_parted_no_chain_of_rules_joins(log: Log) -> None:
    """A rule that finds c alike to both would join a and b behind the person's back."""
    say(log, "a", "b", "rule", reason="same_email")
    say(log, "a", "b", "person", "unlink")
    assert groups(log) == sets("a", "b")
    say_all(log, [Said("a", "c", "link", "rule", "same_phone"),
                  Said("c", "b", "link", "rule", "same_phone")])  # fmt: skip
    assert groups(log) == sets("a c", "b")
    assert held(log) == {(frozenset({"c", "b"}), "two_people")}


def test_a_rule_takes_back_only_its_own_word(log: Log) -> None:
    say_all(log, [Said("a", "b", "link", "rule", "same_email"),
                  Said("a", "b", "link", "rule", "same_phone")])  # fmt: skip
    say(log, "a", "b", "rule", "unlink", reason="same_email")
    assert groups(log) == sets("a b")
    say(log, "a", "b", "rule", "unlink", reason="same_phone")
    assert groups(log) == sets("a", "b")


def test_the_guards_hold_for_what_was_known_then(log: Log) -> None:
    say(log, "ana", "ben", "intake", reason="alias")
    say(log, "ana", "~phone", "intake", reason="signed_in")
    then = now()
    say(log, "ana", "ben", "person")
    assert groups(log, reader=Reader(as_of=then)) == sets("ana ~phone", "ben")
    assert groups(log) == sets("ana ~phone ben")


def test_a_reader_may_see_each_id_by_itself(log: Log) -> None:
    say(log, "a", "b", "person")
    assert len(groups(log)) == 1
    assert groups(log, reader=Reader(is_merged=False)) == sets("a", "b")


def test_few_new_reasons_touch_only_their_neighbours(
    owner: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The incremental way is taken, and gives what building all anew gives."""
    say_all(owner, [Said(f"a{k}", f"b{k}", "link", "import", "x") for k in range(50)])
    (build, *_others) = builds.BUILDS
    monkeypatch.setattr(merges, "build", None)
    say(owner, "a3", "b7", "person")
    say(owner, "a3", "b3", "person", "unlink")
    monkeypatch.undo()
    incremental = groups(owner), held(owner)
    cursor = owner._root.cursor()
    build.make(cursor, owner._workspace("main"))
    cursor.close()
    assert (groups(owner), held(owner)) == incremental
    assert frozenset({"a3", "a7", "b7"}) in incremental[0]


IDS = ["a", "b", "c", "d", "e", "~p", "~q", "~r"]
WORD = st.builds(
    lambda pair, by, act, reason: Said(
        pair[0], pair[1], act if by != "intake" else "link", by, reason
    ),
    st.permutations(IDS).map(lambda p: p[:2]),
    st.sampled_from(["person", "import", "rule", "intake"]),
    st.sampled_from(["link", "link", "link", "unlink", "withdraw"]),
    st.sampled_from(["same_email", "same_phone"]),
)


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(batches=st.lists(st.lists(WORD, min_size=1, max_size=4), min_size=1, max_size=6))
def test_random_words_come_to_what_the_plain_model_says(
    owner: Owner, batches: list[list[Said]]
) -> None:
    """Small batches go the incremental way; every prefix is compared, and the past by `as_of`."""
    owner.drop("main")
    owner.create("main")
    owner.limit_clusters("main", 3)
    model = Model(limit=3)
    past = []
    for batch in batches:
        say_all(owner, batch)
        model.said += batch
        met = sorted({end for said in model.said for end in (said.a, said.b)})
        found = groups(owner)
        assert found == model.groups(met)
        past.append((now(), found))
    everybody = set().union(*past[-1][1])
    for then, was in past:
        late = everybody - set().union(*was)
        expected = was | {frozenset({one}) for one in late}
        assert groups(owner, reader=Reader(as_of=then)) == expected
