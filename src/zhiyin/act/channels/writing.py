"""Who writes the words of a message: the room that it is about, at the moment when it is sent."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from zhiyin.accounts.workspaces import Settings
from zhiyin.act.channels.message import Message
from zhiyin.act.channels.models import Delivery
from zhiyin.kernel.text import _
from zhiyin.warehouse.log import Log

if TYPE_CHECKING:
    from collections.abc import Mapping

Abouts = Sequence["Mapping[str, Any]"]
Writer = Callable[[Log, Settings, Abouts], "Words | None"]
"""From what messages are about, one or several, their words in the language of the moment; None
where there is nothing left to tell. It is handed to whole groups: personal data in it is masked."""

TEST = "channel.test"

_WRITERS: dict[str, Writer] = {}


class Words:
    """What a message says.

    Args:
        title, lines, link, link_text, data: as in `Message`.
    """

    def __init__(
        self,
        title: str,
        lines: Sequence[str] = (),
        *,
        link: str = "",
        link_text: str = "",
        data: Mapping[str, Any] | None = None,
    ) -> None:
        self.title = title
        self.lines = tuple(lines)
        self.link = link
        self.link_text = link_text
        self.data = dict(data or {})


def write_with(kind: str, writer: Writer) -> None:
    """Have a room write the messages of a kind; called when the room starts."""
    _WRITERS[kind] = writer


def written(log: Log, settings: Settings, held: Delivery, abouts: Abouts) -> Message | None:
    """A delivery's message, in the language of the moment; None where nothing is left to tell."""
    writer = _test if held.kind == TEST else _WRITERS.get(held.kind)
    words = writer(log, settings, abouts) if writer else None
    if words is None:
        return None
    return Message(
        id=held.name,
        kind=held.kind,
        at=held.made_at.replace(tzinfo=None).isoformat() + "Z",
        title=words.title,
        lines=words.lines,
        link=words.link,
        link_text=words.link_text,
        data={"workspace": settings.slug, **words.data},
    )


def _test(_log: Log, settings: Settings, abouts: Abouts) -> Words:
    by = str(abouts[0].get("by", ""))
    return Words(
        str(_("A test of Zhiyin in {workspace}", workspace=settings.name)),
        [str(_("{person} looks whether messages arrive here. Nothing is to be done.", person=by))],
    )
