"""`zhiyin doctor`: stores, versions, disk, clock, processes; what to do about each fault."""

from __future__ import annotations

import os
import platform
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

import click

from zhiyin import __version__
from zhiyin.cli.session import Session
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.text import Text, _

if TYPE_CHECKING:
    from zhiyin.accounts.jobs import Job

LEAST_FREE_BYTES = 2_000_000_000
WRONG_BEFORE = datetime(2026, 1, 1, tzinfo=UTC)
"""A clock that shows an earlier time than this program's making is wrong."""

SECRET_DAYS = 365
"""Secrets of signed webhooks are to be changed after so long."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at."""

    what: str
    is_fine: bool
    seen: str
    advice: Text | None = None

    def as_dict(self) -> dict[str, Any]:
        """As ``--json`` writes it."""
        return {
            "what": self.what,
            "state": "ok" if self.is_fine else "fault",
            "seen": self.seen,
            "advice": str(self.advice) if self.advice and not self.is_fine else None,
        }


@click.command()
@click.pass_obj
def command(session: Session) -> None:
    """Look at stores, versions, disk and clock, and say what to do about each fault."""
    findings = [finding for look in LOOKS for finding in _looked(look, session)]
    is_fine = all(finding.is_fine for finding in findings)
    document = {"ok": is_fine, "findings": [finding.as_dict() for finding in findings]}
    session.say(document, lambda: "\n".join(_line(finding) for finding in findings))
    if not is_fine:
        sys.exit(1)


def _looked(look: Callable[[Session], list[Finding]], session: Session) -> list[Finding]:
    try:
        return look(session)
    except Problem as problem:
        name = look.__name__.strip("_").replace("_", " ")
        return [Finding(name, False, str(problem.message), problem.hint)]


def _line(finding: Finding) -> str:
    line = f"{'✓' if finding.is_fine else '✗'} {finding.what}: {finding.seen}"
    return line if finding.is_fine or not finding.advice else f"{line}\n  → {finding.advice}"


def _versions(_session: Session) -> list[Finding]:
    found = ", ".join(f"{name} {version(name)}" for name in ("django", "duckdb", "pyarrow"))
    seen = f"zhiyin {__version__}, Python {platform.python_version()}, {found}"
    return [Finding("versions", True, seen)]


def _folder(session: Session) -> list[Finding]:
    data = session.data
    if not data.is_dir():
        advice = _("Make it with: zhiyin --data {data} init", data=data)
        return [Finding("data folder", False, str(data), advice)]
    can_write = os.access(data, os.W_OK)
    free = shutil.disk_usage(data).free
    return [
        Finding(
            "data folder",
            can_write,
            str(data),
            _("Give this user the right to write in {data}.", data=data),
        ),
        Finding(
            "disk",
            free > LEAST_FREE_BYTES,
            f"{free / 1e9:.1f} GB",
            _("Make room: the log needs some gigabytes to work in."),
        ),
    ]


def _clock(_session: Session) -> list[Finding]:
    now = datetime.now(UTC)
    advice = _("Set the machine's clock; times of answers depend on it.")
    return [Finding("clock", now > WRONG_BEFORE, f"{now:%Y-%m-%d %H:%M:%S} UTC", advice)]


def _relational_store(session: Session) -> list[Finding]:
    session.start_django()
    from django.db import DatabaseError

    from zhiyin.accounts import relational

    advice = _("Bring it up to date with: zhiyin init")
    try:
        waiting = relational.waiting()
    except (DatabaseError, OSError) as error:
        return [Finding("relational store", False, str(error).strip(), advice)]
    seen = f"{relational.kind()}, {len(waiting)} migrations waiting"
    return [Finding("relational store", not waiting, seen, advice)]


def _permissions(session: Session) -> list[Finding]:
    data = session.data
    private = [path for path in (data, data / "secret-key") if path.exists()]
    open_to_others = [path for path in private if path.stat().st_mode & 0o077]
    seen = ", ".join(str(path) for path in open_to_others) or "0700"
    advice = _("Others on this machine can read it. Run: chmod go= {path}", path=seen)
    return [Finding("permissions", not open_to_others, seen, advice)] if private else []


def _mail(session: Session) -> list[Finding]:
    session.start_django()
    from django.db import DatabaseError

    from zhiyin.accounts import mail

    try:
        given_up = mail.given_up()
    except DatabaseError:
        return []  # a fault of the store, found above
    if not mail.is_set_up():
        return [Finding("mail", True, str(_("no server is set up: invitations are links")))]
    trouble = mail.trouble()
    advice = _("Check ZHIYIN_MAIL_URL, and whether this machine may reach that server.")
    refused = _("Look at the server's messages; whoever waits for a letter can be sent another.")
    return [
        Finding("mail", not trouble, trouble or "ok", advice),
        Finding("letters given up", not given_up, str(given_up), refused),
    ]


def _work(session: Session) -> list[Finding]:
    session.start_django()
    from django.db import DatabaseError

    from zhiyin.accounts import jobs, work

    try:
        failed = [jobs.seen(one) for one in work.failures().order_by("pk")]
        late = [jobs.seen(one) for one in work.late().order_by("pk")]
    except DatabaseError:
        return []
    again = _("Look at the page of jobs, which says why and runs it again; or: zhiyin jobs")
    nobody = _("See that the server runs, and what the jobs process says.")
    return [
        Finding("failed jobs", not failed, _named(failed), again),
        Finding("jobs that wait for too long", not late, _named(late), nobody),
    ]


def _named(found: Sequence[Job]) -> str:
    return "; ".join(f"{one.workspace or '*'}/{one.kind} {one.number}" for one in found) or "–"


def _proxies(_session: Session) -> list[Finding]:
    """Zhiyin speaks no TLS itself: who says https has a proxy, which alone knows who asks."""
    from django.conf import settings

    if not settings.ZHIYIN_PUBLIC_URL.startswith("https:"):
        return []
    said = os.environ.get("ZHIYIN_PROXIES", "")
    advice = _(
        "Name the proxy that speaks TLS in ZHIYIN_PROXIES, such as 127.0.0.1:"
        " without it everybody seems to come from one address."
    )
    return [Finding("proxies", bool(said), said or "–", advice)]


def _fonts(_session: Session) -> list[Finding]:
    """Without one, Chinese comes out of the printer as boxes."""
    from zhiyin.reports import printing

    known = printing.has_chinese()
    advice = _("Build the package anew, which fetches its fonts, or install Noto Sans CJK.")
    return [Finding("fonts of reports", known, printing.FAMILY if known else "–", advice)]


def _keys(session: Session) -> list[Finding]:
    session.start_django()
    from django.db import DatabaseError

    from zhiyin.accounts import keys

    try:
        old = keys.old_secrets(SECRET_DAYS)
    except DatabaseError:
        return []
    seen = ", ".join(f"{key.workspace.slug}/{key.source}" for key in old) or "–"
    advice = _(
        "Make a new key with `zhiyin key create --webhook`, have the sender use it, revoke the old."
    )
    return [Finding(f"secrets older than {SECRET_DAYS} days", not old, seen, advice)]


def _log(session: Session) -> list[Finding]:
    advice = _("Stop the server, start it again, and look at its messages.")
    checked = session.log.check()
    if not checked:
        return [Finding("log", False, "–", _("Bring it up to date with: zhiyin init"))]
    return [Finding(what, state == "ok", seen, advice) for what, state, seen in checked]


def _sources(session: Session) -> list[Finding]:
    session.start_django()
    from django.db import DatabaseError

    from zhiyin.accounts.workspaces import settings_of, slugs
    from zhiyin.collect import health

    advice = _("Look at the source itself; the page of data health shows its hours and days.")
    # Stores that cannot be read are faults of their own, found above.
    sound = {what for what, state, _seen in session.log.check() if state == "ok"}
    try:
        known = [slug for slug in slugs() if f"log {slug}" in sound]
    except DatabaseError:
        return []
    found = []
    for slug in known:
        silent = health.silent_now(session.log, settings_of(slug))
        seen = "; ".join(f"{gap.source}: {gap.hours} h" for gap in silent) or "–"
        found.append(Finding(f"silent sources {slug}", not silent, seen, advice))
    return found


def _server(session: Session) -> list[Finding]:
    from zhiyin.processes import locks, places

    by = locks.holder(places.serve_lock(session.data))
    return [Finding("server", True, by or str(_("not running")))]


LOOKS: tuple[Callable[[Session], list[Finding]], ...] = (
    _versions,
    _folder,
    _clock,
    _permissions,
    _relational_store,
    _mail,
    _work,
    _proxies,
    _fonts,
    _keys,
    _log,
    _sources,
    _server,
)
