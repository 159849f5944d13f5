"""The one exception that carries a sentence for a person.

Every error that a user can cause is a `Problem`: a stable code for programs, a
sentence that says what is wrong and where, and a hint that says what to do. Both
sentences are `Text`, so the command line, a page and the API show the same words
in the reader's language.
"""

from __future__ import annotations

from zhiyin.kernel.text import Text


class Problem(Exception):  # noqa: N818 - not always a fault of the program
    """Something that the person who asked can understand and mend.

    Args:
        code: stable, kebab-case, dotted by room: ``import.no-such-column``.
        message: what is wrong, and where.
        hint: what to do about it.
    """

    def __init__(self, code: str, message: Text, hint: Text | None = None) -> None:
        super().__init__(code)
        self.code = code
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message} {self.hint}" if self.hint else str(self.message)

    def as_dict(self) -> dict[str, str | None]:
        """The error as the command line and the API write it, in the current language."""
        return {
            "code": self.code,
            "message": str(self.message),
            "hint": str(self.hint) if self.hint else None,
        }
