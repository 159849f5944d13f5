"""What is otherwise in one version of a survey than in another."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import msgspec

from zhiyin.collect.surveys.definition import Survey

Part = Literal["survey", "page", "question", "ending"]
How = Literal["added", "removed", "changed", "moved"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One part of the document that is otherwise.

    Args:
        name: of a page or question, the number of an ending, blank of the whole.
        what: keys of it that were changed.
    """

    part: Part
    how: How
    name: str = ""
    what: tuple[str, ...] = ()


def differences(before: Survey, after: Survey) -> list[Difference]:
    """What was done to come from one version to the other, in the order of the later one."""
    found = list(_changed("survey", "", before, after, besides={"pages", "endings", "stale"}))
    found += _of_pages(before, after)
    found += _of_questions(before, after)
    count = max(len(before.endings), len(after.endings))
    for number in range(count):
        name = str(number + 1)
        if number >= len(before.endings):
            found.append(Difference("ending", "added", name))
        elif number >= len(after.endings):
            found.append(Difference("ending", "removed", name))
        else:
            found += _changed("ending", name, before.endings[number], after.endings[number])
    return found


def _of_pages(before: Survey, after: Survey) -> Iterator[Difference]:
    old, new = ({page.name: page for page in one.pages} for one in (before, after))
    yield from _listed("page", old, new, besides={"questions"})


def _of_questions(before: Survey, after: Survey) -> Iterator[Difference]:
    old, new = ({one.name: one for one in survey.questions()} for survey in (before, after))
    yield from _listed("question", old, new)


def _listed(
    part: Part,
    old: dict[str, Any],
    new: dict[str, Any],
    besides: set[str] | frozenset[str] = frozenset(),
) -> Iterator[Difference]:
    moved = _moved([name for name in old if name in new], [name for name in new if name in old])
    for name, one in new.items():
        if name not in old:
            yield Difference(part, "added", name)
            continue
        yield from _changed(part, name, old[name], one, besides=besides)
        if name in moved:
            yield Difference(part, "moved", name)
    yield from (Difference(part, "removed", name) for name in old if name not in new)


def _moved(old: list[str], new: list[str]) -> set[str]:
    """Names that do not stand in the longest stretches that both orders have."""
    blocks = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    stayed = {name for block in blocks for name in new[block.b : block.b + block.size]}
    return set(new) - stayed


def _changed(
    part: Part,
    name: str,
    old: msgspec.Struct,
    new: msgspec.Struct,
    besides: set[str] | frozenset[str] = frozenset(),
) -> Iterator[Difference]:
    what = tuple(
        key
        for key in type(new).__struct_fields__
        if key not in besides and getattr(old, key) != getattr(new, key)
    )
    if what:
        yield Difference(part, "changed", name, what)
