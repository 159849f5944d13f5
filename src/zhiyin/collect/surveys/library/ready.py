"""What a ready set is, and short ways to write one."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from zhiyin.collect.surveys.definition import Choice, Ending, Kind, Page, Question, Survey, Texts
from zhiyin.kernel.text import Text

LANGUAGES = ("en", "zh-Hans")


@dataclass(frozen=True, slots=True)
class Ready:
    """A survey to begin with.

    Args:
        name: as ``zhiyin survey create --from`` takes it.
        says: what it is for.
        source: whose construct it is, and where it was published.
    """

    name: str
    says: Text
    source: str
    survey: Survey

    def as_dict(self) -> dict[str, Any]:
        """As the command line and the API write it."""
        return {
            "name": self.name,
            "says": str(self.says),
            "source": self.source,
            "title": self.survey.title,
            "questions": sum(1 for _one in self.survey.questions()),
        }


def both(english: str, chinese: str) -> Texts:
    """A text in the languages of the library."""
    return {"en": english, "zh-Hans": chinese}


def choice(value: str, english: str, chinese: str, *, aspect: str = "") -> Choice:
    """One thing to choose."""
    return Choice(value, both(english, chinese), aspect=aspect)


def more(name: str = "why", *, shown_if: str = "") -> Question:
    """An open question for the customer's own words."""
    title = both("Would you tell us more?", "您愿意多说几句吗？")
    return Question(name, "comment", title, shown_if=shown_if)


def survey(title: Texts, *pages: Page, kind: Kind = "touchpoint") -> Survey:
    """A survey of these pages; the company is to be written in."""
    return Survey(
        title=title,
        pages=pages,
        language="en",
        languages=LANGUAGES,
        company=both("our company", "本公司"),
        kind=kind,
        endings=(Ending(both("Thank you!", "谢谢！")),),
    )
