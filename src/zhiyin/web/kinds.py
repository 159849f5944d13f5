"""What kinds of facts are called on pages."""

from __future__ import annotations

from zhiyin.kernel.text import Text, _

KINDS: dict[str, Text] = {
    "events": _("Events"),
    "answers": _("Answers"),
    "responses": _("Responses"),
    "exposures": _("Invitations"),
    "verbatims": _("Verbatims"),
    "orders": _("Orders"),
    "order_lines": _("Lines of orders"),
    "refunds": _("Refunds"),
    "costs": _("Costs"),
    "service_contacts": _("Requests for service"),
    "traits": _("What is known of customers"),
    "consents": _("Consents"),
    "assignments": _("Assignments"),
}
