"""How reports show and forget a customer: her words, and her names in words about her."""

from __future__ import annotations

from typing import Any

import msgspec

from zhiyin.kernel.text import _
from zhiyin.reports import blocks, content, files
from zhiyin.reports.blocks import Block
from zhiyin.reports.marks import Part
from zhiyin.reports.models import Edition, Report
from zhiyin.unify.places import Eraser, register
from zhiyin.unify.subjects import Her


def register_all() -> None:
    """Called when the room starts."""
    register("model", "reports.Report", Eraser(show_words, erase_words))
    register(
        "model",
        "reports.Edition",
        Eraser(
            show_published,
            erase_published,
            _("a published report says that words were taken out; figures stay, which name nobody"),
        ),
    )
    register(
        "folder",
        "reports",
        Eraser(
            _nothing,
            erase_files,
            _("files are made again without her words; letters that went out are not reached"),
        ),
    )


# Reports that are being made


def show_words(her: Her) -> list[dict[str, Any]]:
    """Own words of reports that name her."""
    return [
        {"report": report.title, "text": block.text}
        for report in _reports(her)
        for block in _all_blocks(report)
        if isinstance(block, blocks.Words) and _names(block.text, her)
    ]


def erase_words(her: Her) -> int:
    """Put stars in the place of her names; returns how many blocks named her."""
    count = 0
    for report in _reports(her):
        given = blocks.read(report.blocks)
        kept = tuple(_without_names(block, her) for block in given)
        changed = sum(one != other for one, other in zip(given, kept, strict=True))
        if report.removed:
            (removed,) = blocks.read([report.removed["block"]])
            if _without_names(removed, her) != removed:
                report.removed, changed = {}, changed + 1
        if changed:
            count += changed
            report.blocks = blocks.write(kept)
            report.save(update_fields=["blocks", "removed"])
    return count


def _reports(her: Her) -> list[Report]:
    return list(Report.objects.filter(workspace__slug=her.workspace))


def _all_blocks(report: Report) -> list[Block]:
    given = list(blocks.read(report.blocks))
    return given + list(blocks.read([report.removed["block"]] if report.removed else []))


def _without_names(block: Block, her: Her) -> Block:
    if isinstance(block, blocks.Words):
        return msgspec.structs.replace(block, text=her.hidden_in(block.text))
    if isinstance(block, blocks.Figure):
        return msgspec.structs.replace(block, title=her.hidden_in(block.title))
    return block


# Reports that were published


def show_published(her: Her) -> list[dict[str, Any]]:
    """Her words in published reports, and words that name her."""
    found: list[dict[str, Any]] = []
    for edition in _editions(her):
        held = content.read(edition.content)
        said = [quote.text for quote in held.quotes() if _is_hers(quote, her)]
        said += [part.text for part in _parts(held) if _names(part.text, her)]
        found += [{"report": held.title, "edition": edition.number, "text": text} for text in said]
    return found


def erase_published(her: Her) -> int:
    """Take her words out of published reports, and her names; returns how many pieces changed."""
    count = 0
    for edition in _editions(her):
        changed, pieces = _forgotten(content.read(edition.content), her)
        if pieces:
            count += pieces
            edition.content = content.write(changed)
            edition.save(update_fields=["content"])
            files.clear(files.folder(edition, her.data))
    return count


def erase_files(her: Her) -> int:
    """Remove files that may say more than they should; returns how many.

    Those of editions that held her were removed with her words. What an erasure, or the removal
    of a report, left behind when it was cut off is found here.
    """
    known = {str(edition.pk): edition for edition in _editions(her)}
    count = 0
    for place in files.folders(her.workspace, her.data):
        edition = known.get(place.name)
        if edition is None or content.read(edition.content).erased:
            count += files.clear(place)
    return count


def _editions(her: Her) -> list[Edition]:
    found = Edition.objects.filter(report__workspace__slug=her.workspace)
    return list(found.select_related("report__workspace"))


def _parts(held: content.Content) -> list[Part]:
    return [
        part for block in held.blocks if isinstance(block, content.Words) for part in block.parts
    ]


def _is_hers(quote: content.Quote, her: Her) -> bool:
    return not quote.gone and (quote.key in her.keys or _names(quote.text, her))


def _forgotten(held: content.Content, her: Her) -> tuple[content.Content, int]:
    """The content without her, and how many pieces of it named or quoted her."""
    pieces = 0
    kept: list[content.Block] = []
    for block in held.blocks:
        if isinstance(block, content.Said):
            quotes = tuple(_quote(quote, her) for quote in block.quotes)
            pieces += sum(one != other for one, other in zip(quotes, block.quotes, strict=True))
            kept.append(msgspec.structs.replace(block, quotes=quotes))
        elif isinstance(block, content.Words):
            parts = tuple(_part(part, her) for part in block.parts)
            pieces += sum(one != other for one, other in zip(parts, block.parts, strict=True))
            kept.append(msgspec.structs.replace(block, parts=parts))
        else:
            kept.append(block)
    return msgspec.structs.replace(held, blocks=tuple(kept)), pieces


def _quote(quote: content.Quote, her: Her) -> content.Quote:
    if not _is_hers(quote, her):
        return quote
    if quote.key in her.keys:
        return content.erased(quote)
    return msgspec.structs.replace(quote, text=her.hidden_in(quote.text))


def _part(part: Part, her: Her) -> Part:
    runs = tuple(msgspec.structs.replace(run, text=her.hidden_in(run.text)) for run in part.runs)
    return msgspec.structs.replace(part, runs=runs)


# Names


def _names(text: str, her: Her) -> bool:
    return her.hidden_in(text) != text


def _nothing(_her: Her) -> list[dict[str, Any]]:
    return []
