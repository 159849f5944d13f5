"""Readings as the command line and files write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from zhiyin.collect.exports.plain import safe
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.durable import replace
from zhiyin.listen.reading import Clause, Reading

CLAUSE_COLUMNS = (
    "row", "language", "text_polarity", "text_probability", "start", "end", "clause", "aspect",
    "aspect_probability", "polarity", "probability", "emotion", "intent", "effort", "urgency",
)  # fmt: skip


def texts(
    lines: Sequence[int],
    said: Sequence[str],
    found: Sequence[Reading],
    *,
    language: str | None = None,
) -> list[dict[str, Any]]:
    """Each text with what it says.

    Args:
        lines: where each stands in its file.
        language: of all texts, where somebody said so; None tells what was found.
    """
    return [
        {
            "row": line,
            "text": text,
            "language": language or one.language,
            "polarity": one.polarity,
            "probability": _short(one.probability),
            "clauses": [clause(part, text) for part in one.clauses],
        }
        for line, text, one in zip(lines, said, found, strict=True)
    ]


def clause(part: Clause, text: str) -> dict[str, Any]:
    """One clause; what it does not show is None."""
    first = part.aspects[0] if part.aspects else None
    return {
        "start": part.start,
        "end": part.end,
        "text": text[part.start : part.end],
        "aspect": first.key if first else None,
        "aspect_probability": _short(first.probability) if first else None,
        "aspects": [
            {"key": one.key, "probability": _short(one.probability)} for one in part.aspects
        ],
        "polarity": part.polarity,
        "probability": _short(part.probability),
        "probabilities": {name: _short(share) for name, share in part.probabilities.items()},
        "emotion": part.emotion or None,
        "intent": part.intent or None,
        "effort": part.effort or None,
        "urgency": part.urgency or None,
    }


def _short(share: float) -> float:
    return round(share, 4)


def write(document: Mapping[str, Any], path: Path) -> None:
    """The document in a file: JSON, or CSV with a row for each clause."""
    if path.suffix.lower() != ".csv":
        replace(path.absolute(), (as_json(document) + "\n").encode())
        return
    held = io.StringIO()
    out = csv.writer(held, lineterminator="\n")
    out.writerow(CLAUSE_COLUMNS)
    for text in document["texts"]:
        for part in text["clauses"]:
            row = part | {
                "row": text["row"],
                "language": text["language"],
                "text_polarity": text["polarity"],
                "text_probability": text["probability"],
                "clause": safe(part["text"]),
            }
            out.writerow([row[name] for name in CLAUSE_COLUMNS])
    replace(path.absolute(), ("\ufeff" + held.getvalue()).encode())
