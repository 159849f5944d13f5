"""Two versions side by side: against plain counting, and over a change of the aspects."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from itertools import product

import numpy as np
import pytest

from zhiyin.accounts import workspaces
from zhiyin.accounts.models import Workspace
from zhiyin.accounts.workspaces import Settings
from zhiyin.collect.models import Aspect
from zhiyin.kernel.filters import parse
from zhiyin.listen import keeping, versions
from zhiyin.listen.versions import BYS, Versions
from zhiyin.stats import proportion
from zhiyin.stats.estimate import Estimate
from zhiyin.stats.totals import Totals
from zhiyin.warehouse import lang
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.owner import Owner
from zhiyin.warehouse.scoped import scoped
from zhiyin.warehouse.tests.planting import DAY, put

pytestmark = pytest.mark.django_db

EACH = 3
ASPECTS = ("refund", "staff", None)
POLARITIES = ("negative", "positive")


@dataclass(frozen=True)
class Pair:
    """A clause of a customer as it was read and as it is."""

    customer: int
    language: str
    before: tuple[str | None, str]
    now: tuple[str | None, str]


def settings() -> Settings:
    return workspaces.settings_of("main")


def say(log: Owner, customers: int, *, text: str = "x" * 40) -> list[int]:
    """A verbatim of each customer; every other is of the north."""
    rows = [
        {"row": n, "id": f"v{n}", "customer": f"c{n}", "text": text, "unit": "ns"[n % 2],
         "occurred_at": DAY + timedelta(hours=n)}
        for n in range(customers)
    ]  # fmt: skip
    put(log, rows, table="verbatims", source="desk")
    return [seq for seq, _text in log.unread("main", "nothing")]


def keep(
    log: Owner, version: str, pairs: Sequence[Pair], seqs: Sequence[int], *, now: bool
) -> None:
    """Clauses of ten characters each, one behind the other."""
    places: Counter[int] = Counter()
    found = []
    for one in pairs:
        at = places[one.customer]
        places[one.customer] += 1
        aspect, polarity = one.now if now else one.before
        found.append(
            Finding(
                seqs[one.customer], at, 10 * at, 10 * at + 10, one.language, polarity, 0.9, aspect
            )
        )
    log.keep_findings("main", version, seqs, found)
    log.end_reading("main", version)


def planted(customers: int = 40) -> list[Pair]:
    rng = np.random.default_rng(8)
    says = list(product(ASPECTS, POLARITIES))
    return [
        Pair(
            customer,
            ("zh", "en")[customer % 2],
            says[before],
            says[before if stays else other],
        )
        for customer in range(customers)
        for before, other, stays in zip(
            rng.integers(0, len(says), EACH),
            rng.integers(0, len(says), EACH),
            rng.random(EACH) < 0.6,
            strict=True,
        )
    ]


def read_as(one: Pair, by: str, *, now: bool) -> str | None:
    aspect, polarity = one.now if now else one.before
    return {"aspect": aspect, "polarity": polarity, "language": one.language}[by]


def share(pairs: Sequence[Pair], by: str, before: str | None, now: str | None) -> Estimate | None:
    of = [one for one in pairs if read_as(one, by, now=False) == before]
    values = [float(read_as(one, by, now=True) == now) for one in of]
    return proportion.estimate(Totals.of(values, [one.customer for one in of]))


@pytest.mark.parametrize("by", BYS)
@pytest.mark.parametrize("language", ["", "zh"])
def test_what_moved_is_what_plain_counting_finds(log: Owner, by: str, language: str) -> None:
    """Would catch an interval over clauses as if each were another customer's, a share of all
    clauses in the place of those that were read so, and customers counted twice."""
    pairs = planted()
    seqs = say(log, 40)
    keep(log, "before", pairs, seqs, now=False)
    keep(log, keeping.version("main"), pairs, seqs, now=True)
    chosen = [one for one in pairs if not language or one.language == language]
    found = versions.compare(log, settings(), by, language=language)  # type: ignore[arg-type]
    assert (found.earlier, found.version) == ("before", keeping.version("main"))
    assert (found.verbatims, found.both) == (40, len({one.customer for one in chosen}))
    assert found.compared.clauses == len(chosen)
    assert (found.only_before, found.only_now) == (0, 0)
    for one in found.groups:
        for said, now in ((one.before, False), (one.now, True)):
            of = [pair for pair in chosen if read_as(pair, by, now=now) == one.name]
            assert said.clauses == len(of)
            assert said.customers == len({pair.customer for pair in of})
        assert one.stayed == share(chosen, by, one.name, one.name)
    moves = Counter((read_as(one, by, now=False), read_as(one, by, now=True)) for one in chosen)
    assert {(one.before, one.now): one.said.clauses for one in found.moves} == {
        ends: n for ends, n in moves.items() if ends[0] != ends[1]
    }
    for move in found.moves:
        assert move.share == share(chosen, by, move.before, move.now)
    ordered = [one.said.clauses for one in found.moves]
    assert ordered == sorted(ordered, reverse=True)
    same = [float(read_as(one, by, now=False) == read_as(one, by, now=True)) for one in chosen]
    assert found.same == proportion.estimate(Totals.of(same, [one.customer for one in chosen]))


def test_a_scope_holds_and_few_customers_have_no_share(log: Owner) -> None:
    pairs = planted(12)
    seqs = say(log, 12)
    keep(log, "before", pairs, seqs, now=False)
    keep(log, keeping.version("main"), pairs, seqs, now=True)
    assert versions.compare(log, settings(), "aspect").same is not None
    north = versions.compare(scoped(log, parse("unit = 'n'")), settings(), "aspect")
    assert (north.compared.clauses, north.compared.customers, north.both) == (18, 6, 6)
    assert north.same is None
    assert {one.share for one in north.moves} == {None}
    theirs = versions.changed(scoped(log, parse("unit = 'n'")), settings(), "aspect", limit=99)
    assert {one.row for one in theirs} <= set(seqs[::2])


def test_what_is_cut_otherwise_is_counted_apart(log: Owner) -> None:
    (seq,) = say(log, 1)
    before = [
        Finding(seq, 0, 0, 10, "zh", "negative", 0.9),
        Finding(seq, 1, 10, 20, "zh", "mixed", 0.9),
    ]
    log.keep_findings("main", "before", [seq], before)
    log.end_reading("main", "before")
    after = [
        before[0],
        Finding(seq, 1, 10, 15, "zh", "mixed", 0.9),
        Finding(seq, 2, 15, 20, "zh", "mixed", 0.9),
    ]
    log.keep_findings("main", keeping.version("main"), [seq], after)
    found = versions.compare(log, settings(), "polarity")
    assert (found.compared.clauses, found.only_before, found.only_now) == (1, 1, 2)


def test_before_any_change_there_is_nothing_to_compare(log: Owner) -> None:
    say(log, 3, text="退款太慢了")
    keeping.read(log, "main")
    found = versions.compare(log, settings(), "aspect")
    assert (found.earlier, found.both, found.groups, found.moves, found.same) == (
        "",
        0,
        (),
        (),
        None,
    )
    assert versions.changed(log, settings(), "aspect", limit=9) == []


def test_a_change_of_the_aspects_is_seen_as_far_as_it_is_read(
    log: Owner, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reading that is cut off in the middle tells of what it has read, and then of all."""
    monkeypatch.setattr(keeping, "AT_ONCE", 8)
    say(log, 24, text="客服态度太差了")
    keeping.read(log, "main")
    before = keeping.version("main")
    Aspect.objects.create(
        workspace=Workspace.objects.get(), key="refund", label_en="Refund", label_zh="退款", place=0
    )
    assert compared(log).both == 0

    def stop(done: int, _of: int) -> None:
        if done == 8:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        keeping.read(log, "main", progress=stop)
    half = compared(log)
    assert (half.earlier, half.verbatims, half.both) == (before, 24, 8)
    keeping.read(log, "main")
    whole = compared(log)
    assert (whole.both, whole.compared.clauses) == (24, 24)
    (move,) = whole.moves
    assert (move.before, move.said.clauses, move.said.customers) == ("hotline", 24, 24)
    assert move.share is not None
    assert move.share.value == 1
    seen = versions.changed(log, settings(), "aspect", move=("hotline", move.now), limit=5)
    assert [one.before.aspect for one in seen] == ["hotline"] * 5
    assert [one.at for one in seen] == sorted((one.at for one in seen), reverse=True)
    assert versions.changed(log, settings(), "aspect", move=("hotline", "no such"), limit=5) == []


def test_a_reading_cut_off_behind_the_last_text_is_ended_by_the_next(log: Owner) -> None:
    (seq,) = say(log, 1, text="退款太慢了")
    present = keeping.version("main")
    log.keep_findings("main", present, [seq], [Finding(seq, 0, 0, 5, "zh", "mixed", 1)])
    assert keeping.read(log, "main") == 0
    log.keep_findings("main", "later", [seq], [])
    kept = lang.table(log.schema("main"), "earlier_clauses").select("read_by")
    assert log.execute("main", kept, words=True).to_pylist() == [{"read_by": present}]


def test_words_of_a_customer_are_masked_for_whom_they_are_not(log: Owner) -> None:
    (seq,) = say(log, 1, text="打 13812345678，没人接")
    log.keep_findings("main", "before", [seq], [Finding(seq, 0, 0, 14, "zh", "neutral", 0.9)])
    log.end_reading("main", "before")
    log.keep_findings(
        "main", keeping.version("main"), [seq], [Finding(seq, 0, 0, 14, "zh", "negative", 0.9)]
    )
    (one,) = versions.changed(log, settings(), "polarity", limit=9)
    seen = one.as_dict(sees_it=True)
    assert (seen["text"], seen["start"], seen["end"]) == ("打 13812345678，", 0, 14)
    assert seen["before"] == {"aspect": None, "polarity": "neutral", "language": "zh"}
    hidden = one.as_dict(sees_it=False)
    assert "13812345678" not in str(hidden)
    assert (hidden["start"], hidden["end"]) == (None, None)


def compared(log: Owner) -> Versions:
    return versions.compare(log, settings(), "aspect")
