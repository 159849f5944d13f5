"""What tables and columns of the log are called on a page that a customer reads."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

TABLES: dict[str, Text] = {
    "events": _("What you did"),
    "answers": _("Answers to questions"),
    "responses": _("Surveys that you filled in"),
    "exposures": _("Surveys that you were asked"),
    "verbatims": _("What you said in your own words"),
    "orders": _("Orders"),
    "order_lines": _("Lines of orders"),
    "refunds": _("Money given back"),
    "costs": _("What was spent on you"),
    "service_contacts": _("Requests for service"),
    "traits": _("What is known of you"),
    "consents": _("Consent that you gave or withdrew"),
    "assignments": _("Groups that you were put into"),
    "identities": _("Why ids are taken for you"),
}

ELSEWHERE: dict[str, Text] = {
    "refusals": _("What was sent about you and could not be taken in"),
    "rejects": _("Rows of files about you that could not be taken in"),
    "unify.MatchSuggestion": _("Whether two ids may both be yours"),
    "accounts.AuditEntry": _("What people who work here did with your record"),
    "unify.Erasure": _("Erasures that were asked for"),
}
"""What is held outside the tables, by its place."""

COLUMNS: dict[str, Text] = {
    "id": _("Id"),
    "source": _("Source"),
    "occurred_at": _("When (UTC)"),
    "received_at": _("Received (UTC)"),
    "role": _("Role"),
    "unit": _("Organisation unit"),
    "about_kind": _("About"),
    "about_id": _("Its id"),
    "experienced_at": _("Experienced (UTC)"),
    "name": _("Name"),
    "touchpoint": _("Touchpoint"),
    "channel": _("Channel"),
    "session": _("Visit"),
    "properties": _("Details"),
    "survey": _("Survey"),
    "question": _("Question"),
    "score": _("Score"),
    "choice": _("Choice"),
    "answer_state": _("State"),
    "text": _("Text"),
    "language": _("Language"),
    "status": _("Status"),
    "amount": _("Amount"),
    "currency": _("Currency"),
    "product": _("Product"),
    "quantity": _("Quantity"),
    "reason": _("Reason"),
    "value": _("Value"),
    "purpose": _("Purpose"),
    "is_given": _("Given"),
    "evidence": _("How it is known"),
    "arm": _("Group"),
    "other": _("Other id"),
    "action": _("Action"),
    "device": _("Device"),
    "agent": _("Agent"),
    "issue": _("Issue"),
}


def column(name: str) -> str:
    """The label of a column; a dimension is called as it was declared."""
    found = COLUMNS.get(name)
    return str(found) if found is not None else name.removeprefix("d_").replace("_", " ")
