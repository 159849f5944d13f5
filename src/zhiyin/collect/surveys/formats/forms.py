"""Forms of answers and files, as other systems ask for them."""

from __future__ import annotations

from collections.abc import Iterable

from zhiyin.collect.surveys.definition import Question
from zhiyin.collect.surveys.formats.draft import Condition, Draft
from zhiyin.collect.surveys.validating import LONGEST_PATTERN, fits
from zhiyin.kernel.text import _


def pattern(regex: str, *, is_whole: bool = False, ignores_case: bool = False) -> str:
    """A regular expression as a pattern of the whole answer; blank where RE2 has no equal.

    Args:
        regex: as Perl, JavaScript and Java write it.
        is_whole: it is of the whole text; else of any part, unless it says ``^`` and ``$``.
    """
    body = regex
    if not is_whole:
        starts, ends = body.startswith("^"), body.endswith("$") and not body.endswith("\\$")
        if "|" in body and (starts or ends):
            # Of alternatives each has its own ends.
            starts = ends = False
            body = f"(?:{body})"
        body = body[1:] if starts else f"(?s:.*){body}"
        body = body[:-1] if ends else f"{body}(?s:.*)"
    if ignores_case:
        body = f"(?i:{body})"
    try:
        fits(body, "")
    except ValueError:
        return ""
    return body if regex and len(body) <= LONGEST_PATTERN else ""


def ask_file(
    draft: Draft,
    question: Question,
    element: str,
    *,
    known_as: Iterable[str],
    shown: Iterable[Condition],
) -> None:
    """Put a question for a file on the page."""
    draft.changed(element, _("It takes one picture or PDF here."))
    draft.ask(question, element, known_as=known_as, shown=shown)
