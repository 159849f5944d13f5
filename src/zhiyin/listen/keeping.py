"""What customers said, read in the order in which it came and kept with the log.

A few texts are read and kept at a time: a reading that is cut off goes on where it was, and one of
another version takes the place of the earlier one text by text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import labels, learned, own_learning, subjects
from zhiyin.listen.embedding import Remembering
from zhiyin.listen.models import OwnModel
from zhiyin.listen.reading import FORM, Reader, Reading
from zhiyin.listen.subjects import Subjects
from zhiyin.warehouse.findings import Finding
from zhiyin.warehouse.log import Log

AT_ONCE = 32
"""Texts read and kept at a time: some of them are letters of a page."""

MOST_REMEMBERED = 20_000
"""Clauses whose points are held in memory while texts are read: 30 MB."""


@dataclass(frozen=True, slots=True)
class State:
    """How far a workspace's verbatims are read.

    Attributes:
        version: that reads now; verbatims that another version read are read again.
        verbatims: that have a text.
        read: by any version.
        up_to_date: by this one.
    """

    version: str
    verbatims: int
    read: int
    up_to_date: int

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "version": self.version,
            "verbatims": self.verbatims,
            "read": self.read,
            "up_to_date": self.up_to_date,
        }


def version(workspace: str) -> str:
    """What reads a workspace's verbatims now, in a word: readings by one version are alike."""
    return _version(workspace, subjects.of_workspace(workspace))


def state(log: Log, workspace: str) -> State:
    """How far the verbatims of a workspace are read."""
    reads = version(workspace)
    held = log.readings(workspace, reads)
    return State(reads, held.verbatims, held.read, held.read_by_this)


def learn(log: Log, workspace: str, *, progress: Progress = unseen) -> OwnModel:
    """Learn from what a workspace has; see `own_learning.learn`."""
    held = log.readings(workspace, "")
    return own_learning.learn(log, workspace, verbatims=held.verbatims, progress=progress)


def learn_if_due(log: Log, workspace: str, *, progress: Progress = unseen) -> bool:
    """Learn where enough was said since it was last done; returns whether it was."""
    is_due = own_learning.is_due(workspace, log.readings(workspace, "").verbatims)
    if is_due:
        learn(log, workspace, progress=progress)
    return is_due


def read(log: Log, workspace: str, *, progress: Progress = unseen) -> int:
    """Read what this version has not read; returns how many verbatims.

    Args:
        progress: hears how many are read, of how many; what it raises ends the reading, and what
            was read until then is kept.
    """
    told = subjects.of_workspace(workspace)
    version = _version(workspace, told)
    held = log.readings(workspace, version)
    waiting = held.verbatims - held.read_by_this
    if not waiting:
        log.end_reading(workspace, version)  # where it was cut off behind the last text
        return 0
    reader, done = _reader(workspace, told), 0
    for part in _unread(log, workspace, version):
        progress(done, max(waiting, done + len(part)))
        found = reader.read([text for _seq, text in part])
        seqs = [seq for seq, _text in part]
        said = labels.of(workspace, seqs)
        findings = labels.followed(_findings(seqs, found), said)
        log.keep_findings(workspace, version, seqs, findings)
        done += len(part)
    log.end_reading(workspace, version)
    progress(done, done)
    return done


def _version(workspace: str, told: Subjects) -> str:
    taught = own_learning.digest(workspace)
    return "-".join([str(FORM), learned.version(told), *([taught] if taught else [])])


def _reader(workspace: str, told: Subjects) -> Reader:
    """One for many texts: what many write alike is looked at once."""
    models = learned.of(told)
    if models.embedder is not None:
        models = replace(models, embedder=Remembering(models.embedder, most=MOST_REMEMBERED))
    return Reader(models, own_learning.of(workspace))


def _unread(log: Log, workspace: str, version: str) -> Iterator[list[tuple[int, str]]]:
    after = -1
    while part := log.unread(workspace, version, after=after, limit=AT_ONCE):
        yield part
        after = part[-1][0]


def _findings(seqs: Sequence[int], found: Sequence[Reading]) -> list[Finding]:
    return [
        Finding(
            seq,
            place,
            one.start,
            one.end,
            language=reading.language,
            polarity=one.polarity,
            probability=one.probability,
            aspect=one.aspects[0].key if one.aspects else None,
            emotion=one.emotion or None,
            intent=one.intent or None,
            effort=one.effort or None,
            urgency=one.urgency or None,
            point=one.point,
        )
        for seq, reading in zip(seqs, found, strict=True)
        for place, one in enumerate(reading.clauses)
    ]
