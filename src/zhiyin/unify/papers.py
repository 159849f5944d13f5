"""The readable forms of an export and of a receipt: one page each, with nothing beside it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from django.template.loader import render_to_string
from django.utils import translation

from zhiyin.kernel.ids import called
from zhiyin.kernel.text import Text, _, best_language, in_language
from zhiyin.unify import labels

REASONS: dict[str, Text] = {
    "request": _("the customer asked"),
    "withdrawn": _("consent withdrawn"),
    "not_needed": _("no longer needed"),
    "unlawful": _("should not have been held"),
}


def everything(document: Mapping[str, Any], company: str, language: str) -> str:
    """An export as a page in the customer's language, else in `language`."""
    code = best_language(document["language"] or language)
    with in_language(code), translation.override(code):
        parts = [
            _part(str(labels.TABLES[table]), rows) for table, rows in document["facts"].items()
        ]
        parts += [
            _part(str(labels.ELSEWHERE.get(place, place)), rows)
            for place, rows in document["elsewhere"].items()
        ]
        context = {
            **document,
            "ids": [{**one, "kind": called(one["kind"])} for one in document["ids"]],
            "company": company,
            "html_language": _html(code),
            "parts": parts,
        }
        return render_to_string("unify/everything.html", context)


def receipt(document: Mapping[str, Any], language: str) -> str:
    """A receipt as a page."""
    code = best_language(language)
    with in_language(code), translation.override(code):
        places = [
            {**one, "note": str(_(one["note"])) if one["note"] else ""}
            for one in document["places"]
        ]
        context = {
            "receipt": document,
            "reason": REASONS[document["reason"]],
            "html_language": _html(code),
            "places": [one for one in places if one["rows"] or one["note"]],
            "empty": [one["place"] for one in places if not (one["rows"] or one["note"])],
        }
        return render_to_string("unify/receipt.html", context)


def _part(title: str, rows: list[dict[str, Any]]) -> dict[str, Any]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    return {
        "title": title,
        "heads": [labels.column(name) for name in names],
        "rows": [[_cell(row.get(name)) for name in names] for row in rows],
    }


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(_("yes") if value else _("no"))
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _html(code: str) -> str:
    return "zh-CN" if code == "zh-hans" else "en"
