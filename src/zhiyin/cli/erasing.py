"""`zhiyin erase` and `zhiyin customer-export`: a customer's rights, from the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import _, language

if TYPE_CHECKING:
    from zhiyin.unify.models import Erasure

REASONS = ("request", "withdrawn", "not_needed", "unlawful")


@click.command()
@click.argument("customer", metavar="ID", required=False)
@click.option("--kind", metavar="KIND", help="Which kind of id it is, where several read the same.")
@click.option(
    "--reason", type=click.Choice(REASONS), default="request", help="Why (default: request)."
)
@click.option("--now", "at_once", is_flag=True, help="Get rid of the bytes now, not in the night.")
@click.option(
    "--receipt", "number", metavar="NUMBER", help="Show the receipt of an earlier erasure again."
)
@click.option(
    "--verify", type=click.Path(path_type=Path), metavar="FILE", help="Check a receipt's signature."
)
@click.option(
    "--page", type=click.Path(path_type=Path), metavar="FILE", help="Write the receipt as a page."
)
@click.pass_obj
def erase(
    session: Session,
    customer: str | None,
    kind: str | None,
    reason: str,
    at_once: bool,
    number: str | None,
    verify: Path | None,
    page: Path | None,
) -> None:
    """Erase a customer, and give a signed receipt.

    Nobody reads anything about the customer from then on; the last bytes go by the stated time
    that the receipt names. ID is any id of the customer; ids that were merged with it go too.
    """
    if sum(one is not None for one in (customer, number, verify)) != 1:
        raise click.UsageError(str(_("Give either ID, --receipt NUMBER or --verify FILE.")))
    session.start_django()
    if verify is not None:
        _verify(session, verify)
        return
    found = _found(session, number) if number else _erased(session, str(customer), kind, reason)
    if at_once:
        found = _finished(session, found)
    from zhiyin.unify import papers, receipts

    document = receipts.document(found, session.data)
    if page is not None:
        page.write_text(papers.receipt(document, language()), encoding="utf-8")
    session.say(document, lambda: in_words(document))


def _erased(session: Session, customer: str, kind: str | None, reason: str) -> Erasure:
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import erasure

    return erasure.erase(
        by=COMMAND_LINE,
        log=session.log,
        data=session.data,
        workspace=session.workspace.slug,
        name=customer,
        kind=kind,
        reason=reason,
    )


def _finished(session: Session, found: Erasure) -> Erasure:
    from zhiyin.unify import erasure

    erasure.finish(found.workspace.slug, session.log, session.data)
    found.refresh_from_db()
    return found


def _found(session: Session, number: str) -> Erasure:
    from zhiyin.unify.models import Erasure

    slug = session.workspace.slug
    found = Erasure.objects.filter(workspace__slug=slug, number__startswith=number)[:2]
    if len(found) != 1:
        raise Problem(
            "rights.no-such-receipt",
            _("There is no receipt of this number in this workspace."),
            _("A number may be shortened, as long as it names one receipt."),
        )
    return found[0]


def _verify(session: Session, file: Path) -> None:
    from zhiyin.unify import receipts

    try:
        document: Any = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise Problem(
            "rights.no-receipt",
            _("{file} cannot be read as a receipt.", file=file),
            _("A receipt is the JSON that zhiyin erase writes, whole and unchanged."),
        ) from error
    verdict = receipts.verify(document, session.data)
    if not verdict.is_valid:
        raise Problem(
            "rights.changed-receipt",
            _("The signature does not fit: the receipt was changed after it was signed."),
            _("Ask for the receipt again: zhiyin erase --receipt NUMBER"),
        )
    whose = (
        _("The receipt is whole, and this installation signed it.")
        if verdict.is_ours
        else _("The receipt is whole. Another installation signed it, with key {key}.",
               key=verdict.fingerprint)
    )  # fmt: skip
    session.say(
        {"valid": True, "ours": verdict.is_ours, "key": verdict.fingerprint}, lambda: str(whose)
    )


def in_words(document: dict[str, Any]) -> str:
    """A receipt for a terminal."""
    rows = sum(place["rows"] for place in document["places"])
    lines = [
        _("Receipt {number}", number=document["number"]),
        _("Erased: {rows} rows, unreadable since {at}.", rows=f"{rows:,}",
          at=document["unreadable_at"] or "–"),
        _("The last bytes are gone since {at}.", at=document["bytes_gone_at"])
        if document["bytes_gone_at"]
        else _("The last bytes go by {at}.", at=document["bytes_gone_by"]),
        *(f"  {one['place']}: {one['rows']:,}" for one in document["places"] if one["rows"]),
    ]  # fmt: skip
    return "\n".join(str(line) for line in lines)


@click.command()
@click.argument("customer", metavar="ID")
@click.option("--kind", metavar="KIND", help="Which kind of id it is, where several read the same.")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    metavar="FILE",
    help="Where to write it: .json, or .html for a page that can be read.",
)
@click.pass_obj
def export(session: Session, customer: str, kind: str | None, output: Path | None) -> None:
    """Write everything that is held about one customer."""
    session.start_django()
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.unify import exporting, papers

    workspace = session.workspace
    document = exporting.everything(
        by=COMMAND_LINE,
        log=session.log,
        data=session.data,
        workspace=workspace.slug,
        name=customer,
        kind=kind,
    )
    if output is None:
        session.say(document, lambda: json.dumps(document, ensure_ascii=False, indent=2))
        return
    if output.suffix in (".html", ".htm"):
        output.write_text(papers.everything(document, workspace.name, workspace.language), "utf-8")
    else:
        output.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", "utf-8")
    facts = sum(map(len, document["facts"].values()))
    session.say(
        {"file": str(output), "facts": facts, "ids": document["ids"]},
        lambda: str(_("{facts} facts written to {file}.", facts=f"{facts:,}", file=output)),
    )
