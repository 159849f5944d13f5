"""Readings as the command line and files write them."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from zhiyin.collect.exports.plain import safe
from zhiyin.kernel.documents import as_json
from zhiyin.kernel.durable import replace
from zhiyin.listen.reading import Clause, Reading

if TYPE_CHECKING:  # models are read after Django is set up, not before
    from zhiyin.listen.models import ClauseLabel, OwnModel

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


def rightness(model: OwnModel | None) -> dict[str, Any]:
    """How rightly a workspace's own texts are read; see `zhiyin.listen.rightness`."""
    held = model.figures if model else {}
    return {
        "learned_at": f"{model.learned_at:%Y-%m-%dT%H:%M:%SZ}" if model else None,
        "version": model.digest if model else "",
        "verbatims": held.get("verbatims", 0),
        "labels": held.get("labels", 0),
        **{name: held.get(name) for name in ("comments", "polarity", "aspect")},
    }


def label(one: ClauseLabel) -> dict[str, Any]:
    """What a person said that a clause means."""
    return {
        "row": one.verbatim,
        "start": one.starts,
        "end": one.ends,
        "polarity": one.polarity,
        "aspect": one.aspect or None,
        "told_polarity": one.told_polarity,
        "told_aspect": one.told_aspect or None,
        "told_probability": _short(one.told_probability),
        "drawn": one.drawn,
        "language": one.language,
        "by": one.said_by,
        "at": f"{one.said_at:%Y-%m-%dT%H:%M:%SZ}",
    }


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
