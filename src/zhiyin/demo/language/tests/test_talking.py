"""Calls and chats: who speaks, when, and what is true of it."""

from __future__ import annotations

import numpy as np
import pytest

from zhiyin.demo.language import Request, transcripts
from zhiyin.demo.language.texts import Kind, Language

from .asking import asked


@pytest.mark.parametrize("kind", ["call", "chat"])
@pytest.mark.parametrize("lang", ["zh", "en", "mixed"])
def test_a_conversation_goes_forward_and_holds_its_truth(lang: Language, kind: Kind) -> None:
    requests = asked(300, lang, kind=kind)
    held = transcripts(np.random.default_rng(1), requests)
    assert held == transcripts(np.random.default_rng(1), requests)
    for request, talk in zip(requests, held, strict=True):
        times = [turn.start_seconds for turn in talk.turns]
        assert times == sorted(times)
        assert times[-1] < talk.seconds
        said = [(c.aspect, c.polarity) for turn in talk.turns for c in turn.clauses]
        assert said[: len(request.aspects)] == [(a, p) for a, p, _ in request.aspects]
        for turn in talk.turns:
            assert turn.text.strip()
            assert all(0 <= c.start < c.end <= len(turn.text) for c in turn.clauses)
            assert turn.speaker == "customer" or not turn.clauses
        assert {turn.speaker for turn in talk.turns} - {"bot"} == {"agent", "customer"}


def test_only_a_chat_begins_with_the_robot() -> None:
    rng = np.random.default_rng(1)
    [call] = transcripts(rng, asked(1, "zh", kind="call"))
    [chat] = transcripts(rng, asked(1, "zh", kind="chat"))
    assert call.turns[0].speaker == "agent"
    assert chat.turns[0].speaker == "bot"


def test_the_customer_is_pleased_exactly_when_it_was_solved() -> None:
    for resolved in (True, False):
        requests = [
            Request("call", "zh", (("refund", -1, 0.8),), context={"resolved": resolved})
        ] * 60
        for talk in transcripts(np.random.default_rng(2), requests):
            last = [c for turn in talk.turns for c in turn.clauses][-1]
            assert (last.aspect, last.polarity) == ("hotline", 1 if resolved else -1)


def test_conversations_differ() -> None:
    talks = transcripts(np.random.default_rng(1), asked(500, "zh", kind="call"))
    assert len({tuple(t.text for t in talk.turns) for talk in talks}) == 500


def test_a_survey_comment_is_no_conversation() -> None:
    with pytest.raises(ValueError, match="write"):
        transcripts(np.random.default_rng(1), asked(1, "zh", kind="survey"))
