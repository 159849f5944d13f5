"""What the experience log can do, whoever holds it.

`Log` is the one interface. `warehouse.client.connect(data)` gives one: over the socket
when a server runs, in this process when none holds the lock. Both behave the same.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Literal, Protocol, Self

import pyarrow as pa

from zhiyin.kernel.filters import Filter
from zhiyin.warehouse.deadletters import DeadLetter, DeadLetterCount, Replayed, Seen, State
from zhiyin.warehouse.findings import Finding, Near, Readings
from zhiyin.warehouse.lang import Expression
from zhiyin.warehouse.rights import Erased, ErasureInLog, Id, KeptSince, Rewritten, Subject
from zhiyin.warehouse.rules import RULED, Ruled, Rules
from zhiyin.warehouse.still import Still

DimensionKind = Literal["text", "int", "float", "time", "bool"]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads, and what was known then.

    Args:
        scope: only rows for which this holds; None is the whole workspace.
        as_of: only what the log had received by then (UTC, naive); None is now.
        rules: columns of which facts get their word by the rules of today, also at an earlier
            `as_of`; of others they have what they say themselves. A scope goes by all of them.
        is_merged: `customer` is the customer after merges; otherwise each id's own key.
    """

    scope: Filter | None = None
    as_of: datetime | None = None
    rules: tuple[Ruled, ...] = RULED
    is_merged: bool = True


@dataclass(frozen=True, slots=True)
class Schema:
    """What a workspace's log holds: its version and its declared dimensions per table."""

    version: int
    dimensions: Mapping[str, Mapping[str, DimensionKind]]

    def columns(self, table: str) -> list[str]:
        """The names that a filter or a break-down of `table` may use, dimensions without prefix."""
        from zhiyin.warehouse.tables import COMMON, READ

        own = [column.name for column in (*COMMON, *READ[table].columns)]
        return own + [name for name in self.dimensions_of(table) if name not in own]

    def dimensions_of(self, table: str) -> Mapping[str, DimensionKind]:
        """The declared dimensions of the facts that a table has, or has parts of."""
        from zhiyin.warehouse.tables import facts_of

        return self.dimensions.get(facts_of(table), {})


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a committed (or tried) batch did: rows are the writer's, facts are the log's."""

    import_id: str
    rows_added: int
    rows_duplicate: int
    rows_replaced: int
    facts_added: int
    by_table: Mapping[str, int] = field(default_factory=dict)
    anonymous: int = 0
    """Rows without a customer: each counts as a customer of its own."""
    rows_refused: int = 0
    """Rows of customers who were erased: nothing of them is kept."""


OF_INTAKE = "intake-"
"""How the ids of imports begin that are days of intake; no other import's does."""


@dataclass(frozen=True, slots=True)
class Import:
    """One batch that the log has taken."""

    import_id: str
    source: str
    label: str
    committed_at: datetime
    facts: int
    undone_at: datetime | None

    @property
    def is_of_intake(self) -> bool:
        """Whether it is a day of what came by the network, in many commits; every row of another
        import was received when that was committed."""
        return self.import_id.startswith(OF_INTAKE)

    def as_dict(self) -> dict[str, Any]:
        """As the API writes it."""
        return {
            "import_id": self.import_id,
            "source": self.source,
            "label": self.label,
            "committed_at": f"{self.committed_at.isoformat()}Z",
            "facts": self.facts,
            "undone_at": f"{self.undone_at.isoformat()}Z" if self.undone_at else None,
        }


@dataclass(frozen=True, slots=True)
class Found:
    """A customer whom a text names.

    Args:
        customer: her key, after merges.
        by: what the text is: ``id``, ``order``, ``contact``, ``response`` or ``trait``.
    """

    customer: int
    by: str


def new_import_id() -> str:
    """A name that no import has."""
    return uuid.uuid4().hex[:12]


Place = tuple[datetime, str, int]
"""Where a page of the time line ended: time, table and `seq` of its last fact."""


@dataclass(frozen=True, slots=True)
class TimelineAsked:
    """Which facts of a customer, newest first.

    Args:
        customer: her key.
        tables: of the log; none named is all.
        channels: words; none named is all.
        what: words of the column that says most of a row: an event's name, an order's status…
        start: not before (UTC, naive).
        end: before.
        before: after which fact to go on.
        limit: of rows.
    """

    customer: int
    tables: tuple[str, ...] = ()
    channels: tuple[str, ...] = ()
    what: tuple[str, ...] = ()
    start: datetime | None = None
    end: datetime | None = None
    before: Place | None = None
    limit: int = 50
    reader: Reader = Reader()
    seconds: float = 30.0


class Batch(Protocol):
    """Facts on their way into the log: all of them, or none.

    Rows are written with words, not codes: columns by the names in `tables` (dimensions
    as ``d_name``), plus

    - ``row`` (int64): which of the writer's rows the fact came from, for counting;
    - ``customer`` (text): the customer's id in words, null for a customer of its own, and
      optionally ``customer_kind`` (text, default ``customer``: ids of one kind are one name space);
    - ``content`` (uint64, optional): a hash of what the row says; where absent the log computes it.

    Columns left out are null. `source`, `received_at` are set by the log.
    """

    def write(self, table: str, rows: pa.Table | pa.RecordBatch) -> None:
        """Stage rows of `table`. May be called any number of times."""

    def commit(self, *, replace: bool = False, dry_run: bool = False) -> Receipt:
        """Append what is new, in one durable transaction.

        A fact whose identity the log already holds is a duplicate; with `replace`, one
        with other content supersedes it. `dry_run` counts and writes nothing.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leaving without `commit` drops what was staged."""


class Log(Protocol):
    """The experience log of one installation. Every method names the workspace first."""

    def workspaces(self) -> list[str]:
        """The slugs that have a log file."""

    def create(self, workspace: str) -> None:
        """Make the workspace's file, or bring it to the present version. May run twice."""

    def drop(self, workspace: str) -> None:
        """Remove the workspace's file and all in it."""

    def schema(self, workspace: str) -> Schema:
        """Version and declared dimensions."""

    def declare(
        self, workspace: str, dimensions: Mapping[str, Mapping[str, DimensionKind]]
    ) -> None:
        """Declare dimensions per table (name without prefix → kind). Text is dictionary-coded.

        Raises:
            Problem: a name that a column of the log has, or that was declared with another kind.
        """

    def words(self, workspace: str, domain: str) -> dict[int, str]:
        """The dictionary of a coded column (``touchpoint``) or text dimension (``d_state``)."""

    def begin(self, workspace: str, *, source: str, label: str, import_id: str = "") -> Batch:
        """Start a batch.

        Args:
            import_id: what the import will be called, where somebody must know it before it is
                there; else the log chooses. No other import has ever had it.
        """

    def undo(self, workspace: str, import_id: str) -> int:
        """Take a whole import back; returns the facts taken back.

        Raises:
            Problem: no such import, or already undone.
        """

    def imports(self, workspace: str) -> list[Import]:
        """Every import, newest first."""

    def rules(self, workspace: str, column: Ruled) -> Rules:
        """The rules that give facts their word in a column."""

    def set_rules(
        self, workspace: str, column: Ruled, rules: Rules, *, instead_of: Rules | None = None
    ) -> None:
        """Put `rules` in the place of all of the column.

        Every figure and every scope follows at once, history included.

        Args:
            instead_of: refuse where the rules are no longer these.

        Raises:
            Problem: ``filter.…`` for a rule that cannot be read, ``rules.gives-nothing``,
                ``rules.no-such-table``, ``rules.no-such-facts``, ``rules.too-many``,
                ``rules.changed``.
        """

    def keep_findings(
        self, workspace: str, read_by: str, verbatims: Sequence[int], found: Sequence[Finding]
    ) -> None:
        """Keep what was found in verbatims, in the place of what was found in them before.

        One transaction. Readers of ``clauses`` see it at once.

        Args:
            read_by: the version of what found it.
            verbatims: the `seq` of each that was read, whether or not anything was found.
            found: of these; a verbatim in which there is nothing has none.
        """

    def end_reading(self, workspace: str, read_by: str) -> None:
        """Note that a version has read everything that there is.

        What it found is kept when the next one reads anew, as ``earlier_clauses``, until a third
        does; of a version that never came to the end nothing is.
        """

    def unread(
        self, workspace: str, read_by: str, *, after: int = -1, limit: int = 1_000
    ) -> list[tuple[int, str]]:
        """Verbatims that a version has not read, in the order of arrival: `seq` and text.

        Args:
            after: only those that arrived later than this `seq`.
        """

    def readings(self, workspace: str, read_by: str, *, reader: Reader = Reader()) -> Readings:
        """How many verbatims were read, and how many of them by this version."""

    def execute(
        self,
        workspace: str,
        query: Expression,
        *,
        reader: Reader = Reader(),
        words: bool = False,
        seconds: float = 30.0,
        customers: Sequence[int] | None = None,
        near: Near | None = None,
    ) -> pa.Table:
        """Run a query over the reading form of the tables and return all its rows.

        Args:
            query: built with `warehouse.lang` on `lang.table(schema, "answers")`, or on
                `lang.customers` for a row per customer.
            words: replace integers of output columns named like a coded column by their words.
            seconds: stop and raise after this long.
            customers: only rows of these (keys after merges), found by an index: as fast in a
                large log as in a small one.
            near: ``clauses`` are those that lie near this point, of what the reader may see, each
                with its cosine as ``likeness`` (`lang.table(…, has_likeness=True)`).

        Raises:
            Problem: ``log.too-slow``, ``log.busy``, ``log.out-of-memory``.
        """

    def totals(
        self,
        workspace: str,
        query: Expression,
        *,
        levels: Sequence[Sequence[str]],
        side: str | None = None,
        latest: str | None = None,
        reader: Reader = Reader(),
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """Sums per cell and over customers: what every interval that counts customers needs.

        `query` has one row per answer (or order, session…) with: the columns named in
        `levels` (small integers or codes, nulls are a group of their own), ``customer``
        (int), ``num`` and, only where rows weigh differently or the figure is a ratio, ``den``
        (an answer of weight w and value y is num = w·y, den = w; without ``den`` each row counts
        1, which is faster, and fastest where ``num`` is int8), and `side` (0 or 1) and
        `latest` (a time) where named.

        With `latest`, only the customer's latest row in each cell counts (ties: the later ``seq``,
        which the query must then give).
        With `side`, the first level is broken by it, and cells that differ in nothing else
        are partners.

        Returns one table per level: the level's columns (and `side` in the first) and, with
        T_c, N_c a customer's sums of num and den in the cell,

        - ``n`` rows, ``customers``, ``num`` ΣT, ``den`` ΣN, and over rows ``yy`` Σ num²/den,
          ``den2`` Σ den²;
        - ``tt`` ΣT_c², ``tn`` ΣT_c·N_c, ``nn`` ΣN_c²;
        - in the first level, with the *last* level's cell that contains it (m = margin):
          ``m_tt`` ΣT_c·T'_c, ``m_tn`` ΣT_c·N'_c, ``m_nt`` ΣN_c·T'_c, ``m_nn`` ΣN_c·N'_c;
        - in the first level with `side`: the same sums with the partner, ``p_tt`` … ``p_nn``.
        """

    def products(
        self,
        workspace: str,
        query: Expression,
        *,
        what: Sequence[str],
        within: str,
        levels: Sequence[Sequence[str]] = (),
        once: Sequence[str] = (),
        latest: str | None = None,
        reader: Reader = Reader(),
        seconds: float = 30.0,
    ) -> list[pa.Table]:
        """How often customers said each of several things, and which of them together.

        `query` has one row per answer with ``customer``, ``seq``, the columns `what`, of few
        different values, and `latest` (a time) where it is named. A *cell* is one combination of
        the values of `what`. With the products of counts, the sums of `totals` for any figure that
        is a number per cell are a matter of arithmetic, however many figures there are.

        Args:
            what: what makes a cell.
            within: one of them; cells that differ in it are not multiplied.
            levels: columns whose combinations customers are counted by: of `what`, or such as
                follow from these.
            once: with the column ``once``, rows of a customer that agree in it are parts of one
                answer. It counts once in the cell that has these columns of `what` alone, the
                others null; a part that has any of the others counts in its own cell besides.
                Rows in which ``once`` is null are answers of their own.
            latest: only a customer's latest row of each value of `within` counts.

        Returns:
            The cells: `what`, the other columns of `levels`, and ``n``, answers. A table per level:
            its columns and ``customers``. Last the products: ``first`` and ``second``, places of
            cells, and ``product``, the sum
            over customers of how often each said the first times how often she said the second;
            none where it is 0.

        Raises:
            Problem: ``log.too-many-cells``; as `execute`.
        """

    def ask_journeys(
        self,
        workspace: str,
        question: str,
        asked: Mapping[str, Any],
        *,
        where: Filter | None = None,
        by: tuple[str, ...] = (),
        nodes: tuple[Filter, ...] = (),
        reader: Reader = Reader(),
        seconds: float = 30.0,
    ) -> pa.Table | None:
        """Answer a question about the order of customers' events out of the journey index.

        None where the index cannot say it, and SQL must: of an earlier moment, before merges, by
        a column that is not in its tuples of dimensions or that rules decide.

        Args:
            question: one of `journeys.asking.QUESTIONS`, where its answer's columns stand.
            asked: its parameters, as plain values.
            where: only events for which this holds.
            by: the columns to break down by, as filters call them.
            nodes: of a question about a map, the rules of its nodes: an event is at the first whose
                rule holds for it.

        Raises:
            Problem: ``log.busy``, ``filter.…``.
        """

    def subject(self, workspace: str, name: str, kind: str | None = None) -> Subject:
        """The customer of an id, with every key and id that is hers.

        Raises:
            Problem: ``rights.no-such-customer``; ``rights.which-customer`` where ids of several
                kinds read the same and belong to different customers.
        """

    def erase(
        self, workspace: str, ids: Sequence[Id], erasure: str, contacts: Sequence[str] = ()
    ) -> Erased:
        """Make the customers of `ids`, after merges, unreadable for everybody from now on.

        One transaction: their rows are read by nobody, whatever `as_of`; their ids and the
        words that only they used leave the dictionaries, and what intake refused of them is
        deleted, where an id or one of `contacts` names them. Keyed hashes of the ids stay,
        under the name `erasure`. Ids that nobody has are passed over, so it may run twice.
        """

    def rewrite(self, workspace: str) -> Rewritten:
        """Write the workspace's file anew without what nobody reads, and let it take over.

        Writers wait for the switch only; questions that run end on the old file. Killed at any
        moment, the log has the old file or the new one.
        """

    def empty_journal(self, workspace: str) -> bool:
        """Put what intake has acknowledged into the log, and remove its files.

        Returns whether they are gone. They are not where no server runs to load them, or where
        they are damaged.
        """

    def hold_still(self, workspace: str) -> AbstractContextManager[Still]:
        """Keep the workspace's file as it is for as long as the block lasts, to be copied.

        It holds all that was committed before. Whoever writes waits for a moment at the beginning
        and goes on beside it; writing anew waits until the end. A caller that dies ends it.
        """

    def erasures(self, workspace: str) -> list[ErasureInLog]:
        """Every erasure that the log knows, oldest first."""

    def erased_hashes(self, workspace: str) -> list[str]:
        """Keyed hashes (see `pseudonyms`) of the ids whose rows are refused, if any are."""

    def refuse_erased(self, workspace: str, *, refuse: bool) -> None:
        """Whether rows of an erased id are refused (the default), or start a new customer."""

    def keep_since(self, workspace: str, rules: Sequence[KeptSince]) -> None:
        """Replace the rules of what is kept: rows that happened earlier are read by nobody."""

    def expiring(self, workspace: str, rules: Sequence[KeptSince]) -> dict[str, int]:
        """Rows per table that are read now and would not be under these rules."""

    def find_customers(
        self, workspace: str, text: str, *, reader: Reader = Reader(), limit: int = 20
    ) -> list[Found]:
        """Whom a text names exactly, but for blanks and capitals: by an id of hers of any kind, an
        order, a service contact or issue, a response, her telephone, address, number or name."""

    def timeline(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """The newest facts of a customer: ``occurred_at``, ``table``, ``seq``, ``what``,
        ``touchpoint``, ``channel``, in words, newest first.

        A table that cannot honour the reader's scope shows nothing.
        """

    def timeline_counts(self, workspace: str, asked: TimelineAsked) -> pa.Table:
        """Her facts by ``table`` and ``channel``: ``n``, ``first_at``, ``last_at``. The page's
        place and limit do not matter."""

    def rows_of(
        self,
        workspace: str,
        customer: int,
        tables: Mapping[str, Sequence[int] | None],
        *,
        columns: Sequence[str] = (),
        limit: int = 5_000,
        reader: Reader = Reader(),
    ) -> dict[str, pa.Table]:
        """Rows of a customer (her key after merges) in words, of several tables in one question.

        Args:
            tables: of the log, each with the rows that are wanted (`seq`), or None for all; ``ids``
                gives her ids.
            columns: those that are wanted beside ``seq`` and ``occurred_at``; none named is all.
                A few rows of a long table are read twice as fast without what is not shown.
            limit: of a table's rows, the newest.

        A table that cannot honour the reader's scope gives no rows.
        """

    def tend(self, workspace: str, *, always: bool = False) -> list[str]:
        """Make the derived tables anew whose inputs have moved on far, and name them.

        Reading is right without it, and slower the more has arrived since. Imports and intake go
        on meanwhile.
        """

    def limit_clusters(self, workspace: str, customers: int) -> None:
        """Let no more than so many known customers become one without a person's word."""

    def dead_letters(
        self,
        workspace: str,
        *,
        state: State = "waiting",
        code: str | None = None,
        source: str | None = None,
        before: int | None = None,
        limit: int = 50,
    ) -> list[DeadLetter]:
        """Events that intake refused, the newest first.

        Args:
            state: ``waiting``, ``replayed`` or ``dismissed``.
            before: only those with a smaller number: the last of a page leads to the next.
        """

    def dead_letters_naming(self, workspace: str, names: Sequence[str]) -> list[DeadLetter]:
        """Events that intake refused and that name one of `names`, in any state, the oldest first.

        A name counts as a whole word of what was sent, never as a part of a longer one.
        """

    def dead_letter_counts(self, workspace: str) -> list[DeadLetterCount]:
        """How many wait, by reason and source, the most first."""

    def replay_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> Replayed:
        """Read waiting events again, all or those of `numbers`; what is good now is taken.

        What is refused again waits on, with the reason that holds now.
        """

    def dismiss_dead_letters(self, workspace: str, numbers: Sequence[int] | None = None) -> int:
        """Put waiting events aside for good, all or those of `numbers`; returns how many.

        What they said is removed; that there was one, and why, stays.
        """

    def catalogue(self, workspace: str) -> list[Seen]:
        """Names of events and their properties as seen, the most frequent name first."""

    def blocked_counts(self, workspace: str) -> dict[str, int]:
        """How many events were left out since their name was blocked, by name."""

    def tell(self, workspace: str, topic: str, says: Mapping[str, Any]) -> None:
        """Tell the pages that listen to a topic, such as ``maps/trip``, where a server runs.

        It is no fault that nobody does: who was not told looks for herself.

        Args:
            says: JSON values, with their ``kind``.
        """
        ...

    def check(self) -> list[tuple[str, str, str]]:
        """For `zhiyin doctor`: (what, state ``ok`` or ``fault``, what was seen)."""

    def close(self) -> None:
        """Let go of the log."""
