"""What the pages of import call tables, what a column may be, and how a file is written."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

TABLES: dict[str, Text] = {
    "answers": _("answers to questions"),
    "events": _("events: what customers did"),
    "orders": _("orders"),
    "order_lines": _("lines of orders"),
    "refunds": _("refunds"),
    "costs": _("costs"),
    "service_contacts": _("service contacts"),
    "traits": _("traits: what is known of customers"),
    "verbatims": _("verbatims, without scores"),
    "exposures": _("invitations to surveys, and what became of them"),
    "assignments": _("customers put into groups"),
    "consents": _("consents"),
    "identities": _("which ids are one customer"),
    "responses": _("filled-in surveys"),
}
"""What the rows of a file are; `responses` are made of answers."""

COUNTED: dict[str, Text] = {
    "answers": _("answers"),
    "events": _("events"),
    "orders": _("orders"),
    "order_lines": _("lines of orders"),
    "refunds": _("refunds"),
    "costs": _("costs"),
    "service_contacts": _("service contacts"),
    "traits": _("traits"),
    "verbatims": _("verbatims"),
    "exposures": _("invitations"),
    "assignments": _("assignments"),
    "consents": _("consents"),
    "identities": _("statements about ids"),
    "responses": _("filled-in surveys"),
}
"""Facts of each table of the log, as they are counted."""

ROLES: dict[str, Text] = {
    "": _("– leave out"),
    "id": _("id of the row"),
    "at": _("when it happened"),
    "experienced_at": _("when it was experienced"),
    "customer": _("customer"),
    "role": _("role of the customer"),
    "unit": _("organisation unit"),
    "about": _("what it is about: an order, a flight…"),
    "nps": _("question: NPS, 0–10"),
    "csat": _("question: satisfaction (CSAT), 1–5"),
    "ces": _("question: effort (CES)"),
    "rating": _("question: another rating"),
    "choice": _("question: a choice of options"),
    "text": _("question: answered in words"),
    "dimension": _("dimension: figures are broken down by it"),
    "trait": _("trait of the customer"),
    "property": _("property of the event"),
    "touchpoint": _("touchpoint"),
    "channel": _("channel"),
    "session": _("session"),
    "survey": _("survey"),
    "version": _("version of the survey"),
    "invitation": _("id of the invitation"),
    "started_at": _("when the survey was begun"),
    "last_at": _("when the survey was last touched"),
    "ended_at": _("when the survey was ended"),
    "device": _("device"),
    "language": _("language"),
    "mode": _("how the survey was filled in"),
    "flags": _("quality flags"),
    "arm": _("group or arm"),
    "kind": _("kind: relationship, journey or touchpoint"),
    "weight": _("weight"),
    "status": _("status"),
    "amount": _("amount of money"),
    "currency": _("currency"),
    "order_id": _("id of the order"),
    "product": _("product"),
    "category": _("category"),
    "quantity": _("quantity"),
    "reason": _("reason"),
    "cost_kind": _("kind of cost"),
    "queue": _("queue"),
    "skill": _("skill"),
    "agent": _("agent"),
    "team": _("team"),
    "is_offered": _("offered to an agent: yes or no"),
    "is_answered": _("answered: yes or no"),
    "is_abandoned": _("abandoned: yes or no"),
    "wait_seconds": _("seconds of waiting"),
    "talk_seconds": _("seconds of talk"),
    "hold_seconds": _("seconds on hold"),
    "wrap_up_seconds": _("seconds of wrap-up"),
    "transfers": _("number of transfers"),
    "issue": _("id of the customer's issue"),
    "is_resolved": _("resolved: yes or no"),
    "resolved_by_word_of": _("who says that it is resolved"),
    "is_reopened": _("reopened: yes or no"),
    "cost": _("cost"),
    "value": _("value"),
    "response": _("id of the filled-in survey"),
    "question": _("question"),
    "purpose": _("purpose"),
    "is_given": _("given: yes or no"),
    "evidence": _("how it is known"),
    "assignment": _("name of the assignment"),
    "assigned_by": _("who assigned it"),
    "other": _("the other id"),
    "action": _("what was done"),
    "linked_by": _("who says that they are one"),
    "name": _("its name"),
}
"""What a column of a file may be."""

OF_TABLE: dict[tuple[str, str], Text] = {
    ("events", "name"): _("name of the event"),
    ("traits", "name"): _("name of the trait"),
    ("verbatims", "text"): _("what was said"),
}
"""Where a word says something else in one table."""

KINDS_OF_FILE: dict[str, Text] = {
    "csv": _("text with delimiters"),
    "xlsx": _("Excel workbook"),
    "json": _("JSON Lines"),
    "parquet": _("Parquet"),
    "spss": _("SPSS file"),
    "xes": _("event log (XES)"),
}

DELIMITERS: dict[str, Text] = {
    ",": _("comma"),
    "\t": _("tab"),
    ";": _("semicolon"),
    "|": _("bar"),
}

ENCODINGS: dict[str, str] = {
    "utf-8": "UTF-8",
    "gb18030": "GB18030 (GBK)",
    "big5": "Big5",
    "utf-16": "UTF-16",
    "windows-1252": "Windows-1252",
    "shift_jis": "Shift JIS",
}

LOOKS: dict[str, Text] = {
    "empty": _("empty"),
    "int": _("whole numbers"),
    "float": _("numbers"),
    "time": _("dates or times"),
    "bool": _("yes or no"),
    "text": _("text"),
}
"""What the cells of a column look like."""

PARTS: dict[str, Text] = {
    "touchpoint": _("of a touchpoint"),
    "relationship": _("of the relationship as a whole"),
    "journey": _("of a journey"),
}
"""What a question is about."""

KINDS: dict[str, Text] = {
    "text": _("words"),
    "int": _("whole numbers"),
    "float": _("numbers"),
    "time": _("dates or times"),
    "bool": _("yes or no"),
}
"""What the values of a dimension are."""


def table(name: str) -> str:
    """What the rows of a table are."""
    found = TABLES.get(name)
    return str(found) if found else name


def role(name: str, table: str) -> str:
    """What a column of a file of `table` is."""
    found = OF_TABLE.get((table, name)) or ROLES.get(name)
    return str(found) if found else name
