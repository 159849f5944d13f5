"""`zhiyin listen`: what texts say, and how rightly it is read."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from zhiyin.cli import teaching, weighing
from zhiyin.cli.bar import bar
from zhiyin.cli.columns import table
from zhiyin.cli.session import Session
from zhiyin.cli.themes import themes
from zhiyin.cli.versions import versions
from zhiyin.kernel.figures import count
from zhiyin.kernel.text import _
from zhiyin.listen.words import POLARITIES

if TYPE_CHECKING:
    from zhiyin.listen.evaluating import Evaluation
    from zhiyin.listen.reading import Reader, Reading

FILE = click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
TEXT = click.option("--text", required=True, metavar="COLUMN", help="The column of the texts.")


@click.group()
def command() -> None:
    """Read what customers mean, in Chinese and English, on this machine."""


@command.command()
@FILE
@TEXT
@click.option("--lang", "lang", metavar="CODE", help="All texts are in this language.")
@click.option(
    "--aspects",
    "aspects",
    default="ours",
    show_default=True,
    metavar="ours | workspace | INDUSTRY",
    help="Whose aspects are told: all of ours, the workspace's, or a starter's.",
)
@click.option(
    "-o",
    "--output",
    "output",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="OUT",
    help="Write there, in JSON, or with .csv a row for each clause.",
)
@click.pass_obj
def analyse(
    session: Session, file: Path, text: str, lang: str | None, aspects: str, output: Path | None
) -> None:
    """Say of every text in FILE what it is about, and whether it praises, clause by clause.

    FILE is CSV, a workbook, JSON, Parquet or SPSS.
    """
    rows = _rows(session, file, [text])
    texts = [cells[0] or "" for _line, cells in rows]
    reader = _reader(session, aspects)
    with bar(session) as progress:
        found = reader.read_all(texts, progress)
    from zhiyin.listen import documents

    read = documents.texts([line for line, _cells in rows], texts, found, language=lang)
    document = {"file": str(file), "text": text, "n": len(read), "texts": read}
    if output is None:
        session.say(document, lambda: _summary(found))
        return
    documents.write(document, output)
    told = {"file": str(output), "n": len(read)}
    session.say(
        told, lambda: str(_("{n} texts written to {file}.", n=count(len(read)), file=output))
    )


@command.command()
@FILE
@TEXT
@click.option("--label", required=True, metavar="COLUMN", help="The column of the labels.")
@click.option(
    "--train",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    metavar="N",
    help="Learn from so many rows, drawn by lot, and read the others.",
)
@click.option("--seed", type=int, default=0, show_default=True, metavar="S", help="Of the lot.")
@click.option(
    "--most", type=click.IntRange(1), metavar="N", help="Read so many at most (default: all)."
)
@click.pass_obj
def evaluate(
    session: Session,
    file: Path,
    text: str,
    label: str,
    train: int,
    seed: int,
    most: int | None,
) -> None:
    """Say how rightly the texts in FILE are read, of which the polarity is known.

    Labels are negative, neutral, positive and mixed, or 1 and 0, or 5 to 1 stars. What is told
    is the likeliest of the labels that occur.
    """
    rows = _rows(session, file, [text, label])
    from zhiyin.listen import evaluating

    with bar(session) as progress:
        found = evaluating.evaluate(
            _reader(session, "ours"),
            [(cells[0], cells[1]) for _line, cells in rows],
            train=train,
            seed=seed,
            most=most,
            progress=progress,
        )
    asked = {"file": str(file), "text": text, "label": label, "train": train, "seed": seed}
    session.say(found.as_dict() | asked, lambda: _told(found))


@command.command()
@click.pass_obj
def read(session: Session) -> None:
    """Read now what customers wrote and nobody has read yet.

    A server does it by itself, every minute.
    """
    workspace = session.workspace.slug
    from zhiyin.listen import keeping

    with bar(session) as progress:
        done = keeping.read(session.log, workspace, progress=progress)
    found = keeping.state(session.log, workspace)
    session.say(
        {"n": done, **found.as_dict()},
        lambda: str(_("{n} verbatims read.", n=count(done))),
    )


@command.command()
@click.pass_obj
def status(session: Session) -> None:
    """Say how many verbatims are read, and by what."""
    workspace = session.workspace.slug
    from zhiyin.listen import keeping

    found = keeping.state(session.log, workspace)
    session.say(
        found.as_dict(),
        lambda: str(
            _(
                "{read} of {n} verbatims are read, {now} of them by the present version {version}.",
                read=count(found.read),
                n=count(found.verbatims),
                now=count(found.up_to_date),
                version=found.version,
            )
        ),
    )


for _one in (
    weighing.apart, weighing.first, teaching.learn, teaching.rightness, teaching.say,
    teaching.unsay, teaching.labels, versions,
):  # fmt: skip
    command.add_command(_one)
command.add_command(themes)


@command.command()
@click.argument("query", default="")
@click.option(
    "--meaning",
    "by_meaning",
    is_flag=True,
    help="What says the same as QUERY, in whatever words and language, nearest first.",
)
@click.option("--where", metavar="FILTER", help="In it is a clause for which this holds.")
@click.option("--from", "start", metavar="DAY", help="The first day.")
@click.option("--to", "end", metavar="DAY", help="The day after the last day.")
@click.option("--limit", type=click.IntRange(1, 1000), default=20, show_default=True,
              help="So many at most.")  # fmt: skip
@click.pass_obj
def search(
    session: Session, query: str, by_meaning: bool, where: str | None, start: str | None,
    end: str | None, limit: int,
) -> None:  # fmt: skip
    """Find what customers said, the newest first: all words of QUERY stand in it, in any case, “in
    quotes” a phrase.

    A filter reads like: aspect = 'refund' and polarity = 'negative'.
    """
    workspace = session.workspace
    from zhiyin.collect import tail
    from zhiyin.kernel.filters import parse
    from zhiyin.kernel.periods import read_day
    from zhiyin.listen.searching import Search, Wanted

    wanted = Wanted(
        "" if by_meaning else query,
        query if by_meaning else "",
        parse(where) if where else None,
        read_day(start or "", _("The first day")),
        read_day(end or "", _("The day after the last")),
    )
    found = Search(session.log, workspace, wanted)
    n, customers = found.count()
    shown = found.page(limit=limit)
    ids = tail.ids_of(session.log, workspace.slug, (one.customer for one in shown))
    said = [one.as_dict(ids.get(one.customer), sees_it=True) for one in shown]
    session.say(
        {
            "query": query, "meaning": by_meaning, "where": where, "n": n, "customers": customers,
            "verbatims": said,
        },
        lambda: _listed(n, customers, said),
    )  # fmt: skip


def _listed(n: int, customers: int, said: list[dict[str, Any]]) -> str:
    head = _("{n} verbatims of {customers} customers.", n=count(n), customers=count(customers))
    lines = [f"{one['at'][:16].replace('T', ' ')}  {' '.join(one['text'].split())}" for one in said]
    return "\n".join([str(head), *lines])


def _rows(
    session: Session, file: Path, names: list[str]
) -> list[tuple[int, tuple[str | None, ...]]]:
    session.start_django()
    from zhiyin.collect.files import columns

    return columns.read(file, names, session.data)


def _reader(session: Session, aspects: str) -> Reader:
    session.start_django()
    from zhiyin.listen import learned, subjects
    from zhiyin.listen.reading import Reader

    if aspects == "ours":
        chosen = subjects.ours()
    elif aspects == "workspace":
        chosen = subjects.of_workspace(session.workspace.slug)
    else:
        chosen = subjects.of_starter(aspects)
    return Reader(learned.of(chosen))


def _summary(found: list[Reading]) -> str:
    """How many texts are of each polarity, and what clauses are about."""
    polarity: dict[str, int] = {}
    about: dict[str, list[int]] = {}
    for one in found:
        polarity[one.polarity] = polarity.get(one.polarity, 0) + 1
        for clause in one.clauses:
            if clause.aspects:
                counts = about.setdefault(clause.aspects[0].key, [0, 0])
                counts[0] += 1
                counts[1] += clause.polarity == "negative"
    heads: list[Any] = [_("polarity"), _("texts")]
    rows = [[str(POLARITIES[name]), count(n)] for name, n in sorted(polarity.items())]
    parts = [table(heads, rows, "1")]
    if about:
        ranked = sorted(about.items(), key=lambda one: -one[1][0])
        parts.append(
            table(
                [_("aspect"), _("clauses"), _("negative")],
                [[key, count(n), count(bad)] for key, (n, bad) in ranked],
                "12",
            )
        )
    return "\n\n".join(parts)


def _told(found: Evaluation) -> str:
    sure = found.accuracy
    said = [
        str(
            _(
                "Right in {share} of {n} texts ({low} to {high}); macro F1 {f1}.",
                share=f"{sure.value:.1%}",
                n=count(int(sure.n)),
                low=f"{sure.low:.1%}",
                high=f"{sure.high:.1%}",
                f1=f"{found.macro_f1:.3f}",
            )
        ),
        str(
            _(
                "Learned from {n} labels. Probabilities are {error} from right on average.",
                n=count(found.trained),
                error=f"{found.calibration_error:.3f}",
            )
        ),
    ]
    rows = [
        [
            str(POLARITIES[one.name]),
            count(one.n),
            count(one.told),
            f"{one.recall.value:.3f}" if one.recall else "–",
            f"{one.precision.value:.3f}" if one.precision else "–",
            f"{one.f1:.3f}",
        ]
        for one in found.labels
    ]
    heads = [_("label"), _("texts"), _("told"), _("recall"), _("precision"), _("F1")]
    return "\n".join([*said, "", table(heads, rows, "12345")])
