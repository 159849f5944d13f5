"""What is known of each customer: the bases `customers` and `current_traits`, and reading them.

Every column is a sum, an earliest, a latest or the value at the latest, so what the base says of
an id and what the tail says of it can be put together, and so can the ids of one customer. Rows
that were replaced or taken back after the base was made cannot be taken out of it: the ids that
they are about are counted anew from the facts.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import duckdb

from zhiyin.warehouse.customers import COUNTS, CustomerColumn, Wanted, column
from zhiyin.warehouse.engines.duckdb import forgotten
from zhiyin.warehouse.engines.duckdb.layout import quoted
from zhiyin.warehouse.engines.duckdb.marks import Marks
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

PRESENT_IN = ("exposures", "traits")
"""Tables that say that there is such a customer, and not that she did anything."""

INPUTS = (
    "events", "orders", "refunds", "service_contacts", "answers", "verbatims", "exposures",
)  # fmt: skip

_BASE: dict[str, tuple[str, str, str]] = {
    # column: (table, or blank for all in which she does something; how it is made; how merged)
    "first_at": ("", "min(occurred_at)", "min"),
    "last_at": ("", "max(occurred_at)", "max"),
    "events": ("events", "count(*)", "sum"),
    "last_event_at": ("events", "max(occurred_at)", "max"),
    "orders": ("orders", "count(*)", "sum"),
    "first_order_at": ("orders", "min(occurred_at)", "min"),
    "last_order_at": ("orders", "max(occurred_at)", "max"),
    "refunds": ("refunds", "count(*)", "sum"),
    "contacts": ("service_contacts", "count(*)", "sum"),
    "last_contact_at": ("service_contacts", "max(occurred_at)", "max"),
    "answers": ("answers", "count(*) FILTER (answer_state = {answered})", "sum"),
    "last_answer_at": ("answers", "max(occurred_at) FILTER (answer_state = {answered})", "max"),
    "verbatims": ("verbatims", "count(*)", "sum"),
    **{
        name: ("answers", made.replace("{metric}", f"{{{metric}}}"), merged)
        for metric in ("nps", "csat", "ces")
        for name, made, merged in (
            (
                metric,
                "arg_max(score, occurred_at) FILTER (metric = {metric} AND score IS NOT NULL)",
                f"arg_max({metric}, {metric}_at)",
            ),
            (
                f"{metric}_at",
                "max(occurred_at) FILTER (metric = {metric} AND score IS NOT NULL)",
                "max",
            ),
        )
    },
}

_SCORES = {
    f"last_{metric}{end}": f"{metric}{end}"
    for metric in ("nps", "csat", "ces")
    for end in ("", "_at")
}


def make(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, marks: Mapping[str, int]
) -> None:
    """Both bases, of the ids that have a name."""
    upto = {table: f"f.seq <= {mark}" for table, mark in marks.items()}
    parts = [_of_facts(workspace, t, tuple(_BASE), upto[t]) for t in (*INPUTS, "traits")]
    connection.execute(
        f"CREATE OR REPLACE TABLE {workspace.sql}.customers AS"
        f" SELECT key{_merged(tuple(_BASE))} FROM ({' UNION ALL '.join(parts)}) p"
        f" WHERE key IN (SELECT key FROM {workspace.sql}.ids) GROUP BY key ORDER BY key"
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {workspace.sql}.current_traits AS"
        " SELECT name, customer_key, arg_max(value, (occurred_at, seq)) AS value,"
        " max(occurred_at) AS occurred_at, arg_max(seq, (occurred_at, seq)) AS seq"
        f" FROM {workspace.sql}.traits f WHERE {upto['traits']}"
        f" AND {live(workspace, 'traits', 'f')}"
        " GROUP BY name, customer_key ORDER BY name, customer_key"
    )


def form(
    workspace: Workspace,
    wanted: Wanted,
    marks: Marks,
    *,
    merged: str | None,
    from_facts: bool,
    keys: Sequence[int] | None = None,
) -> tuple[str, set[str]]:
    """SQL of the table of customers, and the reading forms of facts that it is made from.

    Args:
        merged: the table (key, customer) of ids that are somebody else's.
        from_facts: from the facts alone, as whoever asks may see them; else from the bases.
        keys: all ids of the customers that are asked about; None is everybody.
    """
    only = None if keys is None else ", ".join(str(int(key)) for key in keys) or "-1"
    columns = [column(name) for name in wanted.columns]
    forms = {"ids"}
    base = _base_columns(columns)
    if from_facts:
        forms.update((*INPUTS, "traits"))
        every = [_of_form(workspace, table, base) for table in (*INPUTS, "traits")]
        people = (
            f"SELECT key AS customer{_merged(base)} FROM ({' UNION ALL '.join(every)}) p"
            " WHERE key IN (SELECT key FROM ids) GROUP BY 1"
        )
    else:
        people = _people(workspace, marks, base, merged, only)
    picked, joins = ["b.customer"], []
    for place, one in enumerate(columns):
        written, made = _picked(one, wanted, f"j{place}")
        picked.append(f"{written} AS {quoted(one.name)}")
        if made is not None:
            body, needs = made
            if one.form == "trait" and not from_facts:
                body, needs = _trait(workspace, one, marks, merged, only), set()
            forms.update(needs)
            joins.append(f" LEFT JOIN ({body}) j{place} ON j{place}.customer = b.customer")
    return f"SELECT {', '.join(picked)} FROM ({people}) b{''.join(joins)}", forms


def _base_columns(columns: Sequence[CustomerColumn]) -> tuple[str, ...]:
    wanted = set()
    for one in columns:
        if one.form in ("base", "since"):
            name = _SCORES.get(one.of, one.of)
            wanted.add(name)
            if name in ("nps", "csat", "ces"):
                wanted.add(f"{name}_at")
    return tuple(name for name in _BASE if name in wanted)


def _people(
    workspace: Workspace,
    marks: Marks,
    base: tuple[str, ...],
    merged: str | None,
    only: str | None,
) -> str:
    """One row per customer with these columns of the base, the tail and the merges in it.

    Nearly all customers stand in the base with all that is known of them: only those with rows
    in the tail, and those of several ids, are added up.
    """
    dirty = _dirty(workspace, marks)
    kept = _kept(workspace, dirty, "key", only)
    held = (
        f"SELECT {', '.join(('key', *base))} FROM ("
        f"SELECT *, key AS customer_key FROM {workspace.sql}.customers) t WHERE {kept}"
    )
    tail = _tail(workspace, marks, base, dirty, only)
    plain = f"SELECT key AS customer{''.join(f', {name}' for name in base)}"
    if marks.tables and not tail and merged is None:
        return f"{plain} FROM ({held})"
    several = [f"SELECT key FROM ({' UNION ALL '.join(tail)})"] if tail else []
    if merged is not None:
        several += [f"SELECT key FROM {merged}", f"SELECT customer FROM {merged}"]
    owner = "coalesce(c.customer, p.key)" if merged else "p.key"
    join = f" LEFT JOIN {merged} c ON c.key = p.key" if merged else ""
    if only is not None or not marks.tables:
        parts = [*([held] if marks.tables else []), *tail]
        together = " UNION ALL ".join(parts or [f"{held} LIMIT 0"])
        return f"SELECT {owner} AS customer{_merged(base)} FROM ({together}) p{join} GROUP BY 1"
    added = " UNION ALL ".join([f"{held} AND t.key IN (FROM several)", *tail])
    return (
        f"WITH several AS MATERIALIZED ({' UNION '.join(several)})"
        f" {plain} FROM ({held} AND t.key NOT IN (FROM several))"
        f" UNION ALL SELECT {owner} AS customer{_merged(base)} FROM ({added}) p{join} GROUP BY 1"
    )


def _tail(
    workspace: Workspace, marks: Marks, base: tuple[str, ...], dirty: str, only: str | None
) -> list[str]:
    """SQL for the ids of each table that has rows beside those of the base, added up."""
    named = f"SELECT key FROM {workspace.sql}.ids"
    found = []
    for table in (*INPUTS, "traits"):
        if not workspace.rows.get(table) or not (dirty or marks.has_tail(table)):
            continue
        # Every table may bring a customer whom the base does not have.
        after = [f"f.seq > {marks.of(table)}"]
        if dirty:
            after.append(f"f.customer_key IN ({dirty})")
        hers = f" AND f.customer_key IN ({only})" if only else ""
        rows = _of_facts(workspace, table, base, f"({' OR '.join(after)}){hers}")
        found.append(f"SELECT * FROM ({rows}) WHERE key IN ({named})")
    return found


def _merged(base: Sequence[str]) -> str:
    """The columns of the base, each added up as it is; with a comma before each."""
    written = [""]
    for name in base:
        how = _BASE[name][2]
        if how == "sum":
            written.append(f"coalesce(sum({name}), 0)::BIGINT AS {name}")
        elif how in ("min", "max"):
            written.append(f"{how}({name}) AS {name}")
        else:
            written.append(f"{how} AS {name}")
    return ", ".join(written)


def _of_facts(workspace: Workspace, table: str, base: Sequence[str], condition: str) -> str:
    return (
        f"SELECT customer_key AS key{_made(workspace, table, base)} FROM {workspace.sql}.{table} f"
        f" WHERE {condition} AND {live(workspace, table, 'f')} GROUP BY 1"
    )


def _of_form(workspace: Workspace, table: str, base: Sequence[str]) -> str:
    return f"SELECT customer AS key{_made(workspace, table, base)} FROM {quoted(table)} GROUP BY 1"


def _made(workspace: Workspace, table: str, base: Sequence[str]) -> str:
    codes = {
        "answered": _code(workspace, "answer_state", "answered"),
        **{metric: _code(workspace, "metric", metric) for metric in ("nps", "csat", "ces")},
    }
    written = []
    for name in base:
        of, made, how = _BASE[name]
        if of == table or (not of and table not in PRESENT_IN):
            written.append(f", {made.format(**codes)} AS {name}")
        elif how == "sum":
            written.append(f", 0::BIGINT AS {name}")
        elif name in ("nps", "csat", "ces"):
            written.append(f", NULL::DOUBLE AS {name}")
        else:
            written.append(f", NULL::TIMESTAMP AS {name}")
    return "".join(written)


def _picked(
    one: CustomerColumn, wanted: Wanted, alias: str
) -> tuple[str, tuple[str, set[str]] | None]:
    """How a column is written, and the query (with the forms that it reads) that is joined."""
    at = _instant(wanted.at)
    if one.form == "base":
        return f"b.{_SCORES.get(one.of, one.of)}", None
    if one.form == "since":
        return f"(date_diff('second', b.{one.of}, {at}) // 86400)::BIGINT", None
    if one.form == "key":
        return "b.customer", None
    if one.form == "trait":
        return f"{alias}.value", (_trait_of_form(one), {"traits", "words"})
    if one.form == "open":
        return f"coalesce({alias}.n, 0)::BIGINT", (_OPEN, {"service_contacts"})
    since = "" if one.days is None else _since(wanted.at, one.days)
    if one.form == "spent":
        return f"coalesce({alias}.n, 0)::DECIMAL(18, 4)", _spent(wanted.currency, since)
    if one.form == "did":
        word = f"name IN (SELECT code FROM words WHERE domain = 'name' AND word = {_text(one.of)})"
        body = f"SELECT customer, count(*) AS n FROM events WHERE {word}{since} GROUP BY 1"
        return f"coalesce({alias}.n, 0)::BIGINT", (body, {"events", "words"})
    return f"coalesce({alias}.n, 0)::BIGINT", _counted(one.of, since)


def _counted(counted: str, since: str) -> tuple[str, set[str]]:
    table = COUNTS[counted]
    number, more, forms = "count(*)", "", {table}
    if counted == "sessions":
        number = "count(DISTINCT session)"
    if counted == "answers":
        more = (
            " AND answer_state IN (SELECT code FROM words"
            " WHERE domain = 'answer_state' AND word = 'answered')"
        )
        forms.add("words")
    body = f"SELECT customer, {number} AS n FROM {quoted(table)} WHERE true{more}{since} GROUP BY 1"
    return body, forms


_OPEN = (
    "SELECT customer, count(*) AS n FROM (SELECT customer, coalesce(issue, id) AS issue"
    " FROM service_contacts GROUP BY ALL"
    " HAVING arg_max(coalesce(is_resolved, false), (occurred_at, seq)) = false) o GROUP BY 1"
)


def _spent(currency: str, since: str) -> tuple[str, set[str]]:
    money = (
        "currency IN (SELECT code FROM words WHERE domain = 'currency'"
        f" AND word = {_text(currency)}){since}"
    )
    body = (
        "SELECT customer, sum(amount) AS n FROM ("
        f"SELECT customer, amount FROM orders WHERE {money}"
        f" UNION ALL SELECT customer, -amount FROM refunds WHERE {money}) m GROUP BY 1"
    )
    return body, {"orders", "refunds", "words"}


def _trait_of_form(one: CustomerColumn) -> str:
    return (
        "SELECT customer, arg_max(value, (occurred_at, seq)) AS value FROM traits WHERE name IN"
        f" (SELECT code FROM words WHERE domain = 'name' AND word = {_text(one.of)}) GROUP BY 1"
    )


def _trait(
    workspace: Workspace,
    one: CustomerColumn,
    marks: Marks,
    merged: str | None,
    only: str | None,
) -> str:
    """Each customer's present value of a trait: the base's, or a later one in the tail."""
    code = _code(workspace, "name", one.of)
    dirty = _dirty(workspace, marks)
    parts = []
    if marks.tables:
        kept = _kept(workspace, dirty, "customer_key", only)
        parts.append(
            "SELECT customer_key AS key, value, occurred_at, seq"
            f" FROM {workspace.sql}.current_traits t WHERE name = {code} AND {kept}"
        )
    after = [f"f.seq > {marks.of('traits')}"]
    if dirty:
        after.append(f"f.customer_key IN ({dirty})")
    hers = f" AND f.customer_key IN ({only})" if only else ""
    parts.append(
        f"SELECT customer_key AS key, value, occurred_at, seq FROM {workspace.sql}.traits f"
        f" WHERE name = {code} AND ({' OR '.join(after)}){hers}"
        f" AND {live(workspace, 'traits', 'f')}"
    )
    owner = "coalesce(c.customer, t.key)" if merged else "t.key"
    join = f" LEFT JOIN {merged} c ON c.key = t.key" if merged else ""
    return (
        f"SELECT {owner} AS customer, arg_max(value, (occurred_at, seq)) AS value"
        f" FROM ({' UNION ALL '.join(parts)}) t{join} GROUP BY 1"
    )


def _kept(workspace: Workspace, dirty: str, key: str, only: str | None) -> str:
    """The condition on alias ``t`` of those rows of a base that still hold."""
    parts = list(forgotten.readable(workspace, "ids", "t"))
    if dirty:
        parts.append(f"t.{key} NOT IN ({dirty})")
    if only:
        parts.append(f"t.{key} IN ({only})")
    return " AND ".join(parts) or "true"


def _dirty(workspace: Workspace, marks: Marks) -> str:
    """SQL for the ids with rows in the base that were replaced, or taken back, since it was made.

    Blank where there are none. A row is replaced no longer when the import that replaced it is
    taken back.
    """
    if not marks.tables:
        return ""
    undone = [str(b) for b, at in workspace.undone.items() if at >= marks.made_at]
    parts = []
    for table in (*INPUTS, "traits"):
        conditions = []
        if undone:
            conditions.append(f"f.batch IN ({', '.join(undone)})")
        if workspace.superseded.get(table):
            back = f" OR batch IN ({', '.join(undone)})" if undone else ""
            conditions.append(
                f"f.seq IN (SELECT seq FROM {workspace.sql}.superseded WHERE tbl = '{table}'"
                f" AND (superseded_at >= {_instant(marks.made_at)}{back}))"
            )
        if conditions:
            parts.append(
                f"SELECT customer_key FROM {workspace.sql}.{table} f"
                f" WHERE f.seq <= {marks.of(table)} AND ({' OR '.join(conditions)})"
            )
    return " UNION ".join(parts)


def _since(at: datetime, days: int) -> str:
    start = at - timedelta(days=days)
    return f" AND occurred_at >= {_instant(start)} AND occurred_at < {_instant(at)}"


def _code(workspace: Workspace, domain: str, word: str) -> str:
    known = workspace.words.get(domain, [])
    return str(known.index(word)) if word in known else "-1"


def _instant(at: datetime) -> str:
    return f"TIMESTAMP '{at.isoformat(sep=' ')}'"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
