"""Finding a customer by what somebody has in hand: an id, an order, a telephone, a name.

The table `finder` holds no text, only a hash of each text in one form, in the order of the
hashes: one block is read to find one customer among millions.
"""

from __future__ import annotations

from collections.abc import Mapping

import duckdb

from zhiyin.warehouse.engines.duckdb import forgotten
from zhiyin.warehouse.engines.duckdb.marks import Marks, row_of
from zhiyin.warehouse.engines.duckdb.reading import live
from zhiyin.warehouse.engines.duckdb.timeline import NUMBERED
from zhiyin.warehouse.engines.duckdb.workspace import Workspace

IDS = 255
"""The number of the table of ids among those of `timeline.NUMBERED`."""

COLUMNS: tuple[tuple[str, str, str], ...] = (
    ("orders", "id", "order"),
    ("service_contacts", "id", "contact"),
    ("service_contacts", "issue", "contact"),
    ("responses", "id", "response"),
)
"""Table, column of ids in it, and what one who searches calls it."""

INPUTS = ("orders", "service_contacts", "responses", "traits")

PHONES = frozenset({
    "phone", "phone_number", "phonenumber", "mobile", "mobile_phone", "tel", "telephone",
    "手机", "手机号", "手机号码", "电话", "联系电话",
})  # fmt: skip
NAMED = frozenset({
    "email", "e-mail", "mail", "email_address", "邮箱", "电子邮箱", "邮件",
    "name", "full_name", "fullname", "first_name", "firstname", "last_name", "lastname",
    "given_name", "family_name", "nickname", "姓名", "名字", "昵称",
    "loyalty_number", "member_no", "member_number", "membership_number", "card_number",
    "会员号", "会员卡号", "卡号", "openid", "unionid", "passport", "username",
})  # fmt: skip
"""Traits by which somebody is looked for, in small letters."""


def in_one_form(sql: str) -> str:
    """SQL for a text as it is compared: without blanks around it, in small letters."""
    return f"lower(trim(nfc_normalize({sql})))"


def digits(sql: str) -> str:
    """SQL for a telephone number as it is compared: its digits, without the code of China."""
    bare = f"regexp_replace({sql}, '[^0-9]', '', 'g')"
    return f"regexp_replace({bare}, '^(00)?86(1[0-9]{{10}})$', '\\2')"


def make(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, marks: Mapping[str, int]
) -> None:
    """The base: everything up to the marks, in the order of the hashes."""
    source = " UNION ALL ".join(
        f"SELECT {_hash(text)} AS hash, {key} AS customer_key, {number}::UTINYINT AS tbl,"
        f" {seq} AS seq, {batch} AS batch FROM {table}"
        f" WHERE {order} <= {marks[name]} AND {text} IS NOT NULL AND {condition}"
        for name, table, text, key, number, seq, batch, order, condition in _sources(workspace)
    )
    connection.execute(
        f"CREATE OR REPLACE TABLE {workspace.sql}.finder AS SELECT * FROM ({source}) ORDER BY hash"
    )


def find(
    connection: duckdb.DuckDBPyConnection, workspace: Workspace, marks: Marks, text: str, limit: int
) -> list[tuple[int, str]]:
    """(key, by what) of whoever the text names exactly, each key once, ids before all else."""
    wanted = _forms(connection, text)
    if not wanted:
        return []
    hashes = ", ".join(str(number) for _form, number in wanted)
    texts = ", ".join(_quoted(form) for form, _number in wanted)
    names = {number: table for table, number in NUMBERED.items()}
    parts = []
    if marks.tables:
        void = [
            f"NOT (t.tbl = {NUMBERED[table]} AND NOT ({condition}))"
            for table in INPUTS
            if (condition := live(workspace, table, "t")) != "true"
        ]
        gone = forgotten.readable(workspace, "ids", "t")
        parts.append(
            f"SELECT customer_key, tbl FROM {workspace.sql}.finder t"
            f" WHERE hash IN ({hashes}) AND {' AND '.join((*void, *gone)) or 'true'}"
        )
    for name, table, form, key, number, _seq, _batch, order, condition in _sources(workspace):
        if not marks.has_tail(name):
            continue
        alive = "true" if name == "ids" else live(workspace, name, "f")
        parts.append(
            f"SELECT {key} AS customer_key, {number}::UTINYINT AS tbl FROM {table}"
            f" WHERE {order} > {marks.of(name)} AND {form} IN ({texts})"
            f" AND {condition} AND {alive}"
        )
    if not parts:
        return []
    rows = connection.execute(
        f"SELECT customer_key, max(tbl) FROM ({' UNION ALL '.join(parts)}) found"
        f" GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT {int(limit)}"
    ).fetchall()
    called = {NUMBERED[table]: what for table, _column, what in COLUMNS}
    called |= {IDS: "id", NUMBERED["traits"]: "trait"}
    return [(int(key), called.get(number, names.get(number, ""))) for key, number in rows]


def _sources(
    workspace: Workspace,
) -> list[tuple[str, str, str, str, int, str, str, str, str]]:
    """Input, FROM, SQL of the text, of the key, number, SQL of seq, batch, order, and condition."""
    sql = workspace.sql
    found = [
        ("ids", f"{sql}.ids f", in_one_form("f.id"), "f.key", IDS, "-1::BIGINT", "-1::INTEGER",
         "f.key", "true"),
        *(
            (table, f"{sql}.{table} f", in_one_form(f"f.{column}"), "f.customer_key",
             NUMBERED[table], "f.seq", "f.batch", "f.seq", "true")
            for table, column, _what in COLUMNS
        ),
    ]  # fmt: skip
    words = workspace.words.get("name", [])
    for known, form in ((PHONES, digits), (NAMED, in_one_form)):
        codes = [str(code) for code, word in enumerate(words) if word.lower() in known]
        if codes:
            found.append(
                ("traits", f"{sql}.traits f", form("f.value"), "f.customer_key",
                 NUMBERED["traits"], "f.seq", "f.batch", "f.seq",
                 f"f.name IN ({', '.join(codes)})")
            )  # fmt: skip
    return found


def _forms(connection: duckdb.DuckDBPyConnection, text: str) -> list[tuple[str, int]]:
    """The forms in which the text may stand in the base, each with its hash."""
    row = row_of(
        connection,
        f"SELECT plain, {_hash('plain')}, number, {_hash('number')} FROM (SELECT"
        f" {in_one_form('t')} AS plain, {digits('t')} AS number FROM (SELECT ?::VARCHAR AS t))",
        [text],
    )
    if row is None:
        return []
    plain, plain_hash, number, number_hash = row
    found = [(plain, int(plain_hash))] if plain else []
    # Words with a few digits in them are no telephone number.
    if len(number) >= 7 and len(number) >= len(text.strip()) / 2 and number != plain:
        found.append((number, int(number_hash)))
    return found


def _hash(sql: str) -> str:
    return f"md5_number_lower({sql})"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"
