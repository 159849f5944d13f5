"""Stale translations: the text that they translate was changed, and they were not.

A survey's `stale` names them by language. It is worked out when a draft is saved, out of the draft
before; a translation is mended by writing it anew, or accepted as it is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec.structs import replace

from zhiyin.collect.surveys import texts
from zhiyin.collect.surveys.definition import Survey, Texts
from zhiyin.collect.surveys.fault import Fault
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _

Stale = dict[str, tuple[str, ...]]
"""Names of texts (`texts.Spoken.name`) by language."""


def compared(before: Survey, after: Survey, published: Survey | None = None) -> Survey:
    """`after` with what is stale in it; what it says of that itself does not count.

    Args:
        before: the draft that it takes the place of.
        published: the newest version, in which nothing is stale: what stands there together fits.
    """
    earlier, fitting = _by_name(before), _by_name(published) if published else {}
    source = after.language
    found: dict[str, tuple[str, ...]] = {}
    for language in after.spoken()[1:]:
        was_stale = set(before.stale.get(language, ()))
        if language == before.language:
            # What was stale in the new source does not fit what it was made of.
            was_stale |= set(before.stale.get(source, ()))
        names = [
            one.name
            for one in texts.of(after)
            if one.texts.get(language, "").strip()
            and not _fits(fitting.get(one.name), one.texts, source, language)
            and _is_left(earlier.get(one.name), one, source, language, was_stale)
        ]
        if names:
            found[language] = tuple(names)
    return replace(after, stale=found)


def cleaned(survey: Survey) -> Survey:
    """The survey without names of what is not there: of a draft that nothing comes before."""
    known = {one.name: one.texts for one in texts.of(survey)}
    found = {
        language: tuple(name for name in names if known.get(name, {}).get(language, "").strip())
        for language, names in survey.stale.items()
        if language in survey.spoken()[1:]
    }
    return replace(survey, stale={language: names for language, names in found.items() if names})


def accepted(survey: Survey, language: str, names: Collection[str] = ()) -> Survey:
    """The survey with translations that hold as they are.

    Args:
        names: of texts; without any, all that are stale in the language.

    Raises:
        Problem: ``survey.not-stale``.
    """
    held = survey.stale.get(language, ())
    wrong = next((name for name in names if name not in held), None)
    if wrong is not None or not held:
        raise Problem(
            "survey.not-stale",
            _("Nothing is stale in {language}.", language=language[:40])
            if wrong is None
            else _("{name} is not stale in {language}.", name=wrong[:80], language=language[:40]),
            _("`zhiyin survey check` names what is."),
        )
    left = tuple(name for name in held if names and name not in names)
    rest = {code: kept for code, kept in survey.stale.items() if code != language}
    return replace(survey, stale=rest | ({language: left} if left else {}))


def faults(survey: Survey) -> Iterator[Fault]:
    """What is stale in a language that is promised."""
    places = {one.name: one.place for one in texts.of(survey)}
    for language, names in survey.stale.items():
        for name in names:
            if name in places and language in survey.spoken()[1:]:
                yield Fault(
                    f"{places[name]}/{language}", "survey.stale-translation",
                    _("The text in {source} was changed, and {name} in {language} was not.",
                      source=survey.language, name=name, language=language),
                    _("Write the translation anew, or accept it as it is:"
                      " zhiyin survey accept KEY --language {language} --text {name}",
                      language=language, name=name),
                )  # fmt: skip


def _by_name(survey: Survey) -> dict[str, Texts]:
    return {one.name: one.texts for one in texts.of(survey)}


def _fits(then: Texts | None, now: Texts, source: str, language: str) -> bool:
    """Whether the text and its translation stand in the published version together."""
    return then is not None and all(then.get(code) == now.get(code) for code in (source, language))


def _is_left(
    then: Texts | None, now: texts.Spoken, source: str, language: str, was_stale: set[str]
) -> bool:
    """Whether the translation was left as it was, and is stale because of that."""
    if then is None or then.get(language) != now.texts.get(language):
        return False
    return now.name in was_stale or then.get(source) != now.texts.get(source)
