"""What a text says, clause by clause: about what, whether it praises, how it feels, what is wanted.

A clause is judged by itself. A text is judged as a whole and by its clauses, half and half: long
texts tell a story around what they judge, and their clauses find it; short ones are one clause.
Of a conversation the customer's own words are read, and no others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from zhiyin.kernel.progress import Progress, unseen
from zhiyin.listen import clauses, language, speakers
from zhiyin.listen.classifier import UNSEEN, Classifier, softmax
from zhiyin.listen.columns import Floats
from zhiyin.listen.embedding import Points
from zhiyin.listen.learned import MARKS, Learned
from zhiyin.listen.own import Own
from zhiyin.listen.seeds import MIXED, NEGATIVE, NEUTRAL, NONE, POSITIVE

ALSO = 0.25
"""The probability from which a further aspect is told of a clause."""

AROUND = 0.3
"""How much of what a whole text is about is said of each clause: 「照顾得好」 is about the crew
where the text is."""

SURER = 1.4
"""What the logits of a text of several clauses are multiplied by: clauses that agree make it
surer than any of them is. Found on kinds of goods on which it is not tested."""


FORM = 2
"""One more with every change of what is read of a text with the same models."""

AT_ONCE = 128
"""Texts read between two tellings of how far it is."""


def parts(texts: Sequence[str], progress: Progress) -> Iterator[Sequence[str]]:
    """Many texts, so many at a time; `progress` hears how far they are."""
    for at in range(0, len(texts), AT_ONCE):
        progress(at, len(texts))
        yield texts[at : at + AT_ONCE]
    progress(1, 1)


@dataclass(frozen=True, slots=True)
class Aspect:
    """What a clause is about, and how probably."""

    key: str
    probability: float


@dataclass(frozen=True, slots=True)
class Clause:
    """A stretch of a text that says one thing.

    Attributes:
        start: where it begins in the text, in characters; `end` is behind its last.
        polarity: the likeliest of negative, neutral, positive and mixed.
        probability: of that polarity.
        probabilities: of each polarity; they sum to one.
        aspects: the likeliest first; none where it judges no single thing.
        emotion: anger, worry, disappointment, joy, thanks, or "".
        intent: complain, ask, praise, suggest, leave, or "".
        effort: high, low, or "".
        urgency: urgent, or "".
        point: where what it means lies (`meanings`); None without an embedder.
    """

    start: int
    end: int
    polarity: str
    probability: float
    probabilities: dict[str, float]
    aspects: tuple[Aspect, ...]
    emotion: str
    intent: str
    effort: str
    urgency: str
    point: bytes | None


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; `clauses` are in the order in which they stand."""

    language: str
    polarity: str
    probability: float
    probabilities: dict[str, float]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class Looked:
    """Texts cut into clauses, with what the model of polarity makes of each.

    Attributes:
        spans: of the clauses of each text.
        stretches: the words of the clauses of all texts, one text's after the other's; then the
            texts that are not one clause.
        clauses: how many of the stretches are clauses.
        whole: of each text, which stretch it is as a whole.
        points: of the stretches; None without an embedder.
        seen: what the models' columns make of the stretches.
        heat: logits of the stretches by polarity.
        judged: logits of each text, from itself and its clauses.
        about: logits of the clauses by aspect.
    """

    spans: list[list[clauses.Span]]
    stretches: list[str]
    clauses: int
    whole: NDArray[np.int64]
    points: Points | None
    seen: Any
    heat: Floats
    judged: Floats
    about: Floats

    @property
    def seen_whole(self) -> Any:
        """What the columns make of each text as a whole."""
        return self.seen[self.whole]

    def place(self, text: int, start: int) -> int | None:
        """Which stretch is the clause of a text that begins there; None where none does."""
        at = sum(len(held) for held in self.spans[:text])
        starts = [span.start for span in self.spans[text]]
        return at + starts.index(start) if start in starts else None


class Reader:
    """Reads texts with models that were learned.

    Args:
        learned: from the seeds.
        own: what a workspace's labels add to them.
    """

    def __init__(self, learned: Learned, own: Own | None = None) -> None:
        self._learned = learned
        self._own = own or Own()
        self.polarities = learned.polarity.classes
        self.aspects = learned.aspect.classes

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in their order; a blank text has no clauses and is neutral."""
        seen = self.look(texts)
        polarity = self._learned.polarity
        likely = softmax(seen.heat[: seen.clauses])
        about = self._about(seen)
        marks = {kind: self._mark(kind, seen) for kind in MARKS}
        points = self._points(seen)
        made, at = [], 0
        for row, held in enumerate(seen.spans):
            found = tuple(
                Clause(
                    span.start,
                    span.end,
                    *_told(polarity, likely[at + place]),
                    about[at + place],
                    emotion=marks["emotion"][at + place],
                    intent=marks["intent"][at + place],
                    effort=marks["effort"][at + place],
                    urgency=marks["urgency"][at + place],
                    point=points[at + place],
                )
                for place, span in enumerate(held)
            )
            judged = _with_mixed(polarity, seen.judged[row], likely[at : at + len(held)])
            made.append(Reading(language.of(texts[row]), *_told(polarity, judged), found))
            at += len(held)
        return made

    def read_all(self, texts: Sequence[str], progress: Progress = unseen) -> list[Reading]:
        """As `read`, of however many texts, telling how far it is."""
        return [one for part in parts(texts, progress) for one in self.read(part)]

    def look(self, texts: Sequence[str]) -> Looked:
        """What the models make of texts, before the likeliest is told."""
        heard = [speakers.heard(text) for text in texts]
        spans = [held for held, _words in heard]
        said = [text[a:b] for text, held in zip(texts, spans, strict=True) for a, b in held]
        n, places, at = len(said), [], 0
        for held, words in heard:
            # What is one clause is its whole text; only others are looked at as a whole, too.
            places.append(at if len(held) == 1 else len(said))
            if len(held) != 1:
                said.append(words)
            at += len(held)
        embedder = self._learned.embedder
        points = None if embedder is None else embedder.embed(said)
        seen = self._learned.columns.of(said, points)
        polarity = self._learned.polarity
        heat = polarity.scores(said, points, seen)
        whole = np.array(places, np.int64)
        judged, at = heat[whole], 0
        for row, held in enumerate(spans):
            judged[row] = _judged(polarity, judged[row], heat[at : at + len(held)])
            at += len(held)
        own = self._own
        about = own.aspect.among(
            self.aspects, self._around(said, points, seen, spans, whole), seen[:n]
        )
        judged = own.comments.among(self.polarities, judged, seen[whole])
        heat = own.comments.among(self.polarities, heat, seen)
        heat = own.polarity.among(self.polarities, heat, seen)
        return Looked(spans, said, n, whole, points, seen, heat, judged, about)

    def _around(
        self,
        said: Sequence[str],
        points: Points | None,
        seen: Any,
        spans: Sequence[Sequence[clauses.Span]],
        whole: NDArray[np.int64],
    ) -> Floats:
        """Logits of clauses by aspect; what its text is about is told by it, too, a little."""
        heat = self._learned.aspect.scores(said, points, seen)
        times = np.array([len(held) for held in spans], np.int64)
        made: Floats = heat[: times.sum()] + AROUND * heat[np.repeat(whole, times)]
        return made

    def _about(self, seen: Looked) -> list[tuple[Aspect, ...]]:
        """What each clause is about, the likeliest first."""
        model = self._learned.aspect
        likely = softmax(seen.about)
        best = likely.argmax(axis=1)
        told: list[list[int]] = [[at] for at in best.tolist()]
        for row, at in zip(*np.nonzero(likely >= ALSO), strict=True):
            if at != best[row]:
                told[row].append(int(at))
        return [
            tuple(
                Aspect(model.classes[at], float(likely[row, at]))
                for at in sorted(held, key=lambda at, row=row: -likely[row, at])  # type: ignore[misc]
                if model.classes[at] != NONE
            )
            for row, held in enumerate(told)
        ]

    def _points(self, seen: Looked) -> Sequence[bytes | None]:
        """Where the meaning of each clause lies."""
        space, n = self._learned.space, seen.clauses
        if space is None or seen.points is None:
            return [None] * n
        return space.of(seen.stretches[:n], seen.points[:n])

    def _mark(self, kind: str, seen: Looked) -> list[str]:
        """The likeliest of a kind, of each clause."""
        model = self._learned.marks[kind]
        heat = model.scores(seen.stretches[: seen.clauses], None, seen.seen[: seen.clauses])
        return [model.classes[at] for at in heat.argmax(axis=1).tolist()]


def _judged(model: Classifier, whole: Floats, heat: Floats) -> Floats:
    """Logits of a text: the mean of its own and of those of its clauses, in which a clause counts
    the less the surer it is that it judges nothing."""
    if not len(heat):
        nothing: Floats = np.where(np.array(model.classes) == NEUTRAL, 0.0, UNSEEN)
        return nothing
    says = 1 - softmax(heat)[:, model.classes.index(NEUTRAL)] + 1e-6
    made: Floats = (whole + (heat * says[:, None]).sum(axis=0) / says.sum()) / 2
    return made * SURER if len(heat) > 1 else made


def _with_mixed(model: Classifier, judged: Floats, likely: Floats) -> Floats:
    """Probabilities of a text: mixed as far as praise and blame in its clauses weigh the same."""
    made: Floats = softmax(judged[None])[0]
    if len(likely) > 1:
        place = model.classes.index
        praise, blame = (likely[:, place(name)].sum() for name in (POSITIVE, NEGATIVE))
        says = 1 - likely[:, place(NEUTRAL)].mean()
        both = 2 * min(praise, blame) / max(praise + blame, 1e-9) * says
        made *= 1 - both
        made[place(MIXED)] += both
    return made


def _told(model: Classifier, likely: Floats) -> tuple[str, float, dict[str, float]]:
    best = int(likely.argmax())
    every = {name: float(share) for name, share in zip(model.classes, likely, strict=True)}
    return model.classes[best], float(likely[best]), every
