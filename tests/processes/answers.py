"""Answers in a data folder by the command line, and the figures that they make."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from tests.processes.conftest import zhiyin

MAPPING = """\
as: answers
source: desk
id: id
at: {column: at, timezone: UTC}
customer: who
touchpoint: place
questions:
  - {column: score, question: overall, metric: nps}
"""
FIGURES = ("score", "nps", "--by", "touchpoint")


def bring(data: Path, folder: Path, numbers: range) -> None:
    """Import one answer a number."""
    file, mapping = folder / f"answers-{numbers.start}.csv", folder / "answers.yaml"
    lines = [f"r{n},2026-01-{n % 28 + 1:02} 10:00,c{n},p{n % 3},{n * 7 % 11}" for n in numbers]
    file.write_text("\n".join(["id,at,who,place,score", *lines]) + "\n")
    mapping.write_text(MAPPING)
    done(data, "import", str(file), "--map", str(mapping))


def done(data: Path, *arguments: str) -> dict[str, Any]:
    """The document of a command that succeeds."""
    ended = zhiyin(data, *arguments)
    assert ended.returncode == 0, ended.stdout + ended.stderr
    return dict(json.loads(ended.stdout))


def figures(data: Path, to: Path) -> tuple[dict[str, Any], bytes]:
    """Scores by touchpoint, and the bytes of an export of every answer."""
    to.unlink(missing_ok=True)
    done(data, "export", "answers", "--format", "csv", "-o", str(to))
    scores = done(data, *FIGURES)
    del scores["as_of"]
    return scores, to.read_bytes()
