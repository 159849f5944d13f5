"""One thing that is wrong with a survey."""

from __future__ import annotations

from dataclasses import dataclass

from zhiyin.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, where, and what to do.

    Args:
        place: into the document (RFC 6901), as ``/pages/0/questions/1/title/zh-Hans``.
        code: stable, for programs.
    """

    place: str
    code: str
    message: Text
    hint: Text

    def as_dict(self) -> dict[str, str]:
        """As the command line and the API write it, in the current language."""
        return {
            "place": self.place,
            "code": self.code,
            "message": str(self.message),
            "hint": str(self.hint),
        }
