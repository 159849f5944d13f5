"""What a text says, clause by clause: about what, whether it praises, how it feels, what is wanted.

A clause is judged by itself. A text is judged as a whole and by its clauses, half and half: long
texts tell a story around what they judge, and their clauses find it; short ones are one clause.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from zhiyin.listen import clauses, language
from zhiyin.listen.classifier import UNSEEN, Classifier, Floats, softmax
from zhiyin.listen.embedding import Points
from zhiyin.listen.learned import MARKS, Learned
from zhiyin.listen.seeds import MIXED, NEGATIVE, NEUTRAL, NONE, POSITIVE

ALSO = 0.25
"""The probability from which a further aspect is told of a clause."""

AROUND = 0.3
"""How much of what a whole text is about is said of each clause: 「照顾得好」 is about the crew
where the text is."""

SURER = 1.4
"""What the logits of a text of several clauses are multiplied by: clauses that agree make it
surer than any of them is. Found on kinds of goods on which it is not tested."""


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


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says; `clauses` are in the order in which they stand."""

    language: str
    polarity: str
    probability: float
    probabilities: dict[str, float]
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True)
class _Looked:
    """Texts cut into pieces, with what the model of polarity makes of each.

    Attributes:
        spans: of each text.
        pieces: the clauses of all texts, one text's after the other's.
        points: of the pieces; None without an embedder.
        heat: logits of the pieces by polarity.
        wholes: the texts without the white space around them.
        whole_points: of `wholes`.
        judged: logits of each text, from itself and its clauses.
    """

    spans: list[list[clauses.Span]]
    pieces: list[str]
    points: Points | None
    heat: Floats
    wholes: list[str]
    whole_points: Points | None
    judged: Floats


class Reader:
    """Reads texts with models that were learned."""

    def __init__(self, learned: Learned) -> None:
        self._learned = learned
        self.polarities = learned.polarity.classes

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """One reading a text, in their order; a blank text has no clauses and is neutral."""
        seen = self._look(texts)
        polarity = self._learned.polarity
        likely = softmax(seen.heat)
        aspects = self._aspects(seen)
        marks = {
            kind: _likeliest(self._learned.marks[kind], seen.pieces, seen.points) for kind in MARKS
        }
        made, at = [], 0
        for row, held in enumerate(seen.spans):
            found = tuple(
                self._clause(
                    span,
                    likely[at + place],
                    aspects[at + place],
                    {kind: named[at + place] for kind, named in marks.items()},
                )
                for place, span in enumerate(held)
            )
            judged = _with_mixed(polarity, seen.judged[row], likely[at : at + len(held)])
            made.append(Reading(language.of(texts[row]), *_told(polarity, judged), found))
            at += len(held)
        return made

    def _aspects(self, seen: _Looked) -> Floats:
        """Pieces by aspects; what a whole text is about is told by each of its clauses a little."""
        model = self._learned.aspect
        heat = model.scores(seen.pieces, seen.points)
        of_wholes = model.scores(seen.wholes, seen.whole_points)
        text = np.repeat(np.arange(len(seen.spans)), [len(held) for held in seen.spans])
        return softmax(heat + AROUND * of_wholes[text])

    def judge(self, texts: Sequence[str]) -> tuple[Floats, Points | None]:
        """Logits of texts by `polarities`, as `read` has them but for mixed; and their points."""
        seen = self._look(texts)
        return seen.judged, seen.whole_points

    def _look(self, texts: Sequence[str]) -> _Looked:
        spans = [clauses.split(text) for text in texts]
        pieces = [text[a:b] for text, held in zip(texts, spans, strict=True) for a, b in held]
        # What is one clause is its whole text; only others are looked at as a whole, too.
        wholes = [
            text[held[0].start : held[-1].end] if held else ""
            for text, held in zip(texts, spans, strict=True)
        ]
        embedder = self._learned.embedder
        points = None if embedder is None else embedder.embed([*pieces, *wholes])
        of_pieces = None if points is None else points[: len(pieces)]
        of_wholes = None if points is None else points[len(pieces) :]
        polarity = self._learned.polarity
        heat = polarity.scores(pieces, of_pieces)
        judged = polarity.scores(wholes, of_wholes)
        at = 0
        for row, held in enumerate(spans):
            judged[row] = _judged(polarity, judged[row], heat[at : at + len(held)])
            at += len(held)
        return _Looked(spans, pieces, of_pieces, heat, wholes, of_wholes, judged)

    def _clause(
        self, span: clauses.Span, likely: Floats, aspects: Floats, marks: dict[str, str]
    ) -> Clause:
        return Clause(
            span.start,
            span.end,
            *_told(self._learned.polarity, likely),
            self._subjects(aspects),
            emotion=marks["emotion"],
            intent=marks["intent"],
            effort=marks["effort"],
            urgency=marks["urgency"],
        )

    def _subjects(self, likely: Floats) -> tuple[Aspect, ...]:
        classes = self._learned.aspect.classes
        best = int(likely.argmax())
        return tuple(
            Aspect(classes[at], float(likely[at]))
            for at in np.argsort(-likely)
            if classes[at] != NONE and (at == best or likely[at] >= ALSO)
        )


def _likeliest(model: Classifier, texts: Sequence[str], points: Points | None) -> list[str]:
    return [model.classes[at] for at in model.scores(texts, points).argmax(axis=1)]


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
