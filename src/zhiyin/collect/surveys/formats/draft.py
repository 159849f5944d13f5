"""A survey in the making, out of a file of another system: names, texts, conditions, and a record
of what became of each element.

Conditions are put into the filter language at the end, when all that they may name is known.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field

import msgspec

from zhiyin.collect.surveys import checking
from zhiyin.collect.surveys.conditions import FIELD, places
from zhiyin.collect.surveys.definition import (
    OTHER,
    Choice,
    Ending,
    Page,
    Question,
    Survey,
    Texts,
)
from zhiyin.collect.surveys.formats import markup
from zhiyin.collect.surveys.formats.brought import Brought, Fidelity, Outcome
from zhiyin.collect.surveys.formats.expressions import NoEqual
from zhiyin.collect.surveys.formats.scales import Listed
from zhiyin.collect.surveys.formats.translating import Find, Target, all_of
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Node, walk, write_node
from zhiyin.kernel.filters.tokens import KEYWORDS
from zhiyin.kernel.filters.tree import And, Not, Or
from zhiyin.kernel.text import Text, _

MOST_QUESTIONS = 2_000
MOST_CHOICES = 50_000
MOST_LANGUAGES = 50
MOST_CONDITIONS = 2_000
"""Of one file: a survey takes far fewer, and says so; more is a trap."""

_LETTERS = re.compile(r"\w+")


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of the file.

    Args:
        element: what it stands at, as the file calls it.
        says: as the file writes it.
        build: makes a filter of it; raises `NoEqual` where there is none.
    """

    element: str
    says: str
    build: Callable[[Find], Node]


def together(conditions: list[Condition]) -> Condition:
    """Several conditions of one element, which must all hold, as one."""
    if len(conditions) == 1:
        return conditions[0]
    return Condition(
        conditions[0].element,
        " and ".join(one.says for one in conditions),
        lambda find: all_of([one.build(find) for one in conditions]),
    )


@dataclass(slots=True)
class Asked:
    """A question with its conditions, those of its choices and rows by value."""

    question: Question
    shown: tuple[Condition, ...] = ()
    choices: Mapping[str, Condition] = field(default_factory=dict)
    rows: Mapping[str, Condition] = field(default_factory=dict)


@dataclass(slots=True)
class Sheet:
    """A page with its conditions."""

    name: str
    asked: list[Asked] = field(default_factory=list)
    shown: tuple[Condition, ...] = ()
    is_shuffled: bool = False


@dataclass(frozen=True, slots=True)
class Offer:
    """Choices of a question.

    Args:
        values: the file's value of each → ours.
    """

    choices: tuple[Choice, ...]
    values: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class Quoting:
    """How a file's texts quote answers.

    Args:
        pattern: of what stands for one.
        name: what it quotes: a question, as conditions of the file name it, or a field of the
            link, as we do (``field.name``); blank: something else.
    """

    pattern: re.Pattern[str]
    name: Callable[[re.Match[str]], str]


class Draft:
    """What is known so far.

    Args:
        language: in which the survey was written first.
        others: the languages that it is translated into.
        quoting: how the file's texts quote answers.
    """

    def __init__(
        self, language: str, others: Iterable[str] = (), *, quoting: Quoting | None = None
    ) -> None:
        self.language = language
        known = [code for code in dict.fromkeys(others) if code and code != language]
        self.others = known[:MOST_LANGUAGES]
        self.sheets: list[Sheet] = []
        self.endings: list[tuple[Ending, tuple[Condition, ...]]] = []
        self._targets: dict[str, Target] = {}
        self._folded: dict[str, Target] = {}
        self._notes: list[Fidelity] = []
        self._names: set[str] = set()
        self._lacking: dict[str, list[str]] = {code: [] for code in self.others}
        self._quoting = quoting
        self._asked_on: dict[str, int] = {}
        self._counts: Counter[str] = Counter()

    # What became of the file

    def note(self, element: str, outcome: Outcome, note: Text | None = None) -> None:
        """Say what became of an element, once."""
        found = Fidelity(element, outcome, note)
        if found not in self._notes[-50:]:
            self._notes.append(found)

    def lost(self, element: str, note: Text) -> None:
        """Say that an element has no equal."""
        self.note(element, "lost", note)

    def changed(self, element: str, note: Text) -> None:
        """Say that an element is otherwise here."""
        self.note(element, "changed", note)

    def idle(self, element: str, keys: Iterable[str]) -> None:
        """Say which settings of an element have no equal."""
        named = ", ".join(keys)
        if named:
            self.lost(element, _("No equal here: {what}.", what=named[:300]))

    # Names and texts

    def name(self, wanted: str, element: str = "") -> str:
        """A name for a page or question that nothing else has."""
        plain = "_".join(_LETTERS.findall(wanted)).strip("_")[:50] or "q"
        if not re.match(r"[^\W\d]", plain):
            plain = f"q_{plain}"
        if plain.lower() in KEYWORDS or plain == FIELD:
            plain = f"{plain}_"
        found, number = plain, 1
        while found.casefold() in self._names:
            number += 1
            found = f"{plain}_{number}"
        self._names.add(found.casefold())
        if element and found != wanted:
            self.changed(element, _("Its name is {name} here.", name=found))
        return found

    def texts(self, given: Mapping[str, str], element: str, *, instead: str = "") -> Texts:
        """Texts by language, as plain lines; in the survey's own language there is always one.

        Args:
            instead: where the file has none at all; blank: there may be none.
        """
        found: Texts = {}
        for code, text in given.items():
            clean = markup.plain(text)
            if clean.text:
                found.setdefault(code, self._piped(clean.text, element))
            if clean.lost:
                self.lost(element, _("Not words: {what}.", what=", ".join(clean.lost)))
        if not found:
            return dict.fromkeys((self.language, *self.others), instead) if instead else {}
        if self.language not in found:
            other, text = next(iter(found.items()))
            self.changed(
                element,
                _("It has no text in {language}: that in {other} stands there.",
                  language=self.language, other=other),
            )  # fmt: skip
            found = {self.language: text} | found
        for code in self.others:
            if code not in found:
                self._lacking[code].append(element)
        return found

    def _piped(self, text: str, element: str) -> str:
        """A text whose quoted answers are piped here, where they were given on a page before.

        What cannot be quoted here stays as it is written, in braces that are no piping.
        """
        if self._quoting is None:
            return text

        def one(found: re.Match[str]) -> str:
            name = self._quoting.name(found) if self._quoting else ""
            target = self._targets.get(name) or self._folded.get(name.casefold())
            if target is not None and self._is_asked_before(target):
                return f"{{{target.column}}}"
            if name.startswith(f"{FIELD}."):
                return f"{{{name}}}"
            self.changed(element, _("Its text quotes an answer: write it anew."))
            return found[0].replace("{", "{{")

        return self._quoting.pattern.sub(one, text)

    def _is_asked_before(self, target: Target) -> bool:
        page = self._asked_on.get(target.question.name, len(self.sheets))
        return not target.choice and page < len(self.sheets) - 1

    def offer(self, listed: Iterable[Listed], element: str, *, other: str = "") -> Offer:
        """Choices or rows with values of their own.

        Args:
            other: the file's value of the choice that is typed, which is not listed; blank: none.
        """
        choices: list[Choice] = []
        values: dict[str, str | None] = {other: OTHER} if other else {}
        taken: set[str] = {OTHER} if other else set()
        counts = Counter[str]()
        for one in listed:
            plain = value = " ".join(one.value.split())[:90] or "choice"
            while value.casefold() in taken:
                # Where it was left off: of many that are called the same, each is tried once.
                counts[plain] += 1
                value = f"{plain}_{counts[plain] + 1}"
            taken.add(value.casefold())
            values.setdefault(one.value, value)
            choices.append(Choice(value, self.texts(one.label, element, instead=value)))
            self._count("choices", 1, MOST_CHOICES)
        return Offer(tuple(choices), values)

    def rows(self, listed: Iterable[Listed], element: str) -> Offer:
        """Rows of a matrix: their values stand in names."""
        plain = [
            Listed("_".join(_LETTERS.findall(one.value))[:40] or "row", one.label) for one in listed
        ]
        return self.offer(plain, element)

    # Pages and questions

    def page(
        self, wanted: str, shown: Iterable[Condition] = (), *, is_shuffled: bool = False
    ) -> Sheet:
        """Begin a page."""
        sheet = Sheet(self.name(wanted or "page"), [], tuple(shown), is_shuffled)
        self.sheets.append(sheet)
        return sheet

    def ask(
        self,
        question: Question,
        element: str,
        *,
        known_as: Mapping[str, Target] | Iterable[str] = (),
        shown: Iterable[Condition] = (),
        choices: Mapping[str, Condition] | None = None,
        rows: Mapping[str, Condition] | None = None,
    ) -> None:
        """Put a question on the last page.

        Args:
            known_as: how conditions of the file name it; names alone mean the whole question.
        """
        self._count("questions", 1, MOST_QUESTIONS)
        if not self.sheets:
            self.page("page")
        self._asked_on[question.name] = len(self.sheets) - 1
        self.sheets[-1].asked.append(Asked(question, tuple(shown), choices or {}, rows or {}))
        targets = (
            known_as
            if isinstance(known_as, Mapping)
            else {name: Target(question.name, question) for name in known_as}
        )
        for name, target in targets.items():
            self._targets.setdefault(name, target)
            self._folded.setdefault(name.casefold(), target)
        self.note(element, "kept")

    def say(self, wanted: str, texts: Texts, more: Texts, shown: Iterable[Condition] = ()) -> None:
        """Put words alone on the last page, where there are any."""
        if texts or more:
            title, rest = (texts, more) if texts else (more, {})
            self.ask(
                Question(self.name(wanted), "statement", title, rest), wanted, shown=shown
            )  # fmt: skip

    def _count(self, what: str, more: int, most: int) -> None:
        self._counts[what] += more
        if self._counts[what] > most:
            raise Problem(
                "survey.file-too-large",
                _("The file has more than {most} questions, or choices in all.", most=most),
                _("Take out what is not needed, or make two files of it."),
            )

    # The end

    def finish(self, survey: Survey) -> Brought:
        """The survey whole, with its pages, endings and languages.

        Args:
            survey: its title and settings; what else it has is not looked at.
        """
        known: dict[str, bool] = {}
        pages = [self._finished(sheet, known) for sheet in self.sheets]
        endings = []
        for ending, conditions in self.endings:
            says = self._written(conditions, known)
            if conditions and not says:
                continue
            endings.append(msgspec.structs.replace(ending, shown_if=says))
        made = msgspec.structs.replace(
            survey,
            pages=tuple(page for page in pages if page.questions),
            endings=tuple(endings),
            language=self.language,
            languages=tuple(self._spoken()),
        )
        return Brought(made, (*self._said(), *_to_mend(made)), self._targets)

    def _finished(self, sheet: Sheet, known: dict[str, bool]) -> Page:
        shown = self._written(sheet.shown, known)
        found: list[Question] = []
        before = dict(known)
        for asked in sheet.asked:
            earlier = before if sheet.is_shuffled else known
            question = asked.question
            found.append(
                msgspec.structs.replace(
                    question,
                    shown_if=self._written(asked.shown, earlier),
                    choices=self._conditional(question.choices, asked.choices, earlier),
                    rows=self._conditional(question.rows, asked.rows, earlier),
                )
            )
            known[question.name] = True
        return Page(sheet.name, tuple(found), shown, sheet.is_shuffled)

    def _conditional(
        self, listed: tuple[Choice, ...], shown: Mapping[str, Condition], known: dict[str, bool]
    ) -> tuple[Choice, ...]:
        return tuple(
            msgspec.structs.replace(one, shown_if=self._written((shown[one.value],), known))
            if one.value in shown
            else one
            for one in listed
        )

    def _written(self, conditions: Iterable[Condition], known: Mapping[str, bool]) -> str:
        """What several conditions say together; those that cannot be said are noted."""
        nodes: list[Node] = []
        for one in conditions:
            try:
                node = one.build(self._find)
                _look_behind(node, known)
            except NoEqual as error:
                self.lost(
                    one.element,
                    _("Its condition {says} has no equal here and is left out. {why}",
                      says=one.says[:200], why=error.note),
                )  # fmt: skip
            else:
                if node not in nodes:
                    nodes.append(node)
        return write_node(all_of(nodes)) if nodes else ""

    def _find(self, name: str) -> Target:
        found = self._targets.get(name) or self._folded.get(name.casefold())
        if found is None:
            raise NoEqual(_("It names {name}, which is not asked here.", name=name[:60]))
        return found

    def _spoken(self) -> list[str]:
        for code in self.others:
            if self._lacking[code]:
                self.changed(
                    code,
                    _("{count} texts are lacking in this language ({where}): it is not offered"
                      " until it is named in languages.",
                      count=len(self._lacking[code]), where=_some(self._lacking[code])),
                )  # fmt: skip
        return [code for code in self.others if not self._lacking[code]]

    def _said(self) -> list[Fidelity]:
        """Each element with all that was said of it; *kept* only where nothing else was."""
        by_element: dict[str, list[Fidelity]] = {}
        for one in self._notes:
            by_element.setdefault(one.element, []).append(one)
        found: list[Fidelity] = []
        for notes in by_element.values():
            others = [one for one in notes if one.outcome != "kept"]
            found += others or notes[:1]
        return found


def _some(elements: list[str]) -> str:
    named = list(dict.fromkeys(elements))
    return ", ".join(named[:5]) + (" …" if len(named) > 5 else "")


def _look_behind(node: Node, known: Mapping[str, bool]) -> None:
    for part in walk(node):
        if isinstance(part, And | Or | Not):
            continue
        first = part.column.partition(".")[0]
        if first != FIELD and first not in known:
            raise NoEqual(_("It names {name}, which comes later.", name=first))


def _to_mend(survey: Survey) -> list[Fidelity]:
    """The faults that are left; of far too many conditions it is not asked what they reach."""
    if sum(1 for _place in places(survey)) > MOST_CONDITIONS:
        note = _(
            "It has more than {most} conditions: too many to be checked.", most=MOST_CONDITIONS
        )
        return [Fidelity("/pages", "changed", note)]
    return [
        Fidelity(
            fault.place,
            "changed",
            _("To be mended before it is published: {what} {hint}",
              what=fault.message, hint=fault.hint),
        )
        for fault in checking.faults(survey)
    ]  # fmt: skip
