"""The jobs process: background work that survives a kill at any moment.

DBOS keeps every workflow and the steps that it has done in a store, so one that is cut off
goes on where it was. Housekeeping is scheduled here; rooms add their own workflows.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from dbos import DBOS, DBOSConfig

from zhiyin import __version__
from zhiyin.kernel import server_log
from zhiyin.processes import locks, parent, places
from zhiyin.warehouse.remote import RemoteLog, socket_of

REJECTS_DAYS = 30
"""How long a file of rejected rows is kept."""

MAIL_SECONDS = 3.0
"""How long a letter waits for the next look."""

_log = logging.getLogger("zhiyin.jobs")


@DBOS.step()
def clear_expired_sessions() -> int:
    """Remove the sessions that have ended; returns how many."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from zhiyin.accounts import sessions

    sessions.forget_ended()
    count, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return count


@DBOS.step()
def remove_old_rejects() -> int:
    """Remove files of rejected rows that are older than `REJECTS_DAYS`; returns how many."""
    folder = _data() / "rejects"
    oldest = time.time() - REJECTS_DAYS * 24 * 3600
    old = [path for path in folder.glob("*.csv") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


@DBOS.step()
def remove_old_mail() -> int:
    """Remove letters that were sent, or given up, long ago; returns how many."""
    from zhiyin.accounts import mail

    return mail.remove_old()


@DBOS.step()
def workspaces_of_the_store() -> list[str]:
    """The workspaces that the night looks after."""
    from zhiyin.accounts.workspaces import slugs

    return slugs()


@DBOS.step()
def end_what_is_kept_no_longer(workspace: str) -> int:
    """Hide rows that their rule of retention no longer keeps; returns how many."""
    from zhiyin.unify import rules

    with _log_of_server() as log:
        return sum(rules.apply(workspace, log).values())


@DBOS.step()
def get_rid_of_bytes(workspace: str, even_if_idle: bool) -> int:
    """Write the log anew without what was erased or ended; returns the erasures that are done.

    Nothing about a customer is among the arguments: this store keeps them.
    """
    from zhiyin.unify import erasure

    with _log_of_server() as log:
        return erasure.finish(workspace, log, _data(), even_if_idle=even_if_idle)


def _data() -> Path:
    return Path(os.environ["ZHIYIN_DATA"])


def _log_of_server() -> RemoteLog:
    """The log as the server holds it. Jobs never open its files: the server starts without them."""
    return RemoteLog(socket_of(_data()))


@contextmanager
def _alone(workspace: str) -> Iterator[None]:
    """What goes wrong in one workspace is written down and keeps nothing from the others."""
    try:
        yield
    except Exception:
        _log.exception("workspace %s", workspace)


@DBOS.workflow()
def keep_house(_scheduled_at: datetime, _context: Any) -> None:
    """What is done every night."""
    sessions, rejects = clear_expired_sessions(), remove_old_rejects()
    _log.info(
        "removed %d ended sessions, %d old files of rejected rows, %d old letters",
        sessions, rejects, remove_old_mail(),
    )  # fmt: skip
    for workspace in workspaces_of_the_store():
        with _alone(workspace):
            ended = end_what_is_kept_no_longer(workspace)
            erased = get_rid_of_bytes(workspace, even_if_idle=ended > 0)
            _log.info("%s: %d rows ended, %d erasures done", workspace, ended, erased)


@DBOS.step()
def tend_log() -> int:
    """Make the log's derived tables anew where they are due; returns how many were made."""
    from zhiyin.accounts import workspaces

    with _log_of_server() as log:
        there = set(log.workspaces())
        return sum(len(log.tend(slug)) for slug in workspaces.slugs() if slug in there)


@DBOS.workflow()
def tend(_scheduled_at: datetime, _context: Any) -> None:
    """What is done every ten minutes."""
    if made := tend_log():
        _log.info("made %d derived tables anew", made)


@DBOS.step()
def match_step(slug: str, suggest: bool) -> int:
    """Bring the links by rules of a workspace up to date, and the model's suggestions with
    `suggest`, or where there never were any; returns how many of both are new. May run twice."""
    from zhiyin.unify import matching, suggesting

    with _log_of_server() as log:
        if slug not in log.workspaces():
            return 0
        done = matching.match(log, slug)
        if suggest or not suggesting.was_run(slug):
            return done.linked + suggesting.suggest(log, slug).offered
        return done.linked


def _match(suggest: bool) -> None:
    for slug in workspaces_of_the_store():
        with _alone(slug):
            if found := match_step(slug, suggest):
                _log.info("workspace %s: %d links and suggestions", slug, found)


@DBOS.workflow()
def match_customers(_scheduled_at: datetime, _context: Any) -> None:
    """What is done every five minutes: equal values in what has come since. The first time all
    customers are compared by the model too: nobody waits for the night to see suggestions."""
    _match(suggest=False)


@DBOS.workflow()
def suggest_merges(_scheduled_at: datetime, _context: Any) -> None:
    """What is done every night: all customers compared by the model."""
    _match(suggest=True)


def send_mail(done: threading.Event) -> None:
    """Send letters as they come, until told to stop.

    No workflow: the letters themselves are the list of what is still to be done.
    """
    from django.db import close_old_connections

    from zhiyin.accounts import mail

    while not done.wait(MAIL_SECONDS):
        close_old_connections()
        try:
            if sent := mail.send_waiting():
                _log.info("sent %d letters", sent)
        except Exception:
            _log.exception("the letters")


def configuration(data: Path) -> DBOSConfig:
    """Where the work is written down: beside the relational store."""
    url = os.environ.get("ZHIYIN_DATABASE_URL")
    store = (
        url.replace("postgres://", "postgresql://", 1) if url else f"sqlite:///{data}/jobs.sqlite3"
    )
    return {
        "name": "zhiyin",
        "system_database_url": store,
        # A workflow that an earlier release began is taken up by this one.
        "application_version": __version__,
        "executor_id": "zhiyin-jobs",
        "log_level": "WARNING",
        "enable_otlp": False,
    }


def main(data: Path) -> int:
    """Work until told to stop."""
    parent.follow()
    os.environ["ZHIYIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhiyin.settings"
    import django

    django.setup()
    done = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda _signal, _frame: done.set())
    DBOS(config=configuration(data))
    DBOS.launch()
    DBOS.apply_schedules(
        [
            {
                "schedule_name": "keep-house",
                "workflow_fn": keep_house,
                "schedule": "17 3 * * *",
                "context": None,
            },
            {
                "schedule_name": "tend-log",
                "workflow_fn": tend,
                "schedule": "*/10 * * * *",
                "context": None,
            },
            {
                "schedule_name": "match-customers",
                "workflow_fn": match_customers,
                "schedule": "*/5 * * * *",
                "context": None,
            },
            {
                "schedule_name": "suggest-merges",
                "workflow_fn": suggest_merges,
                "schedule": "41 4 * * *",
                "context": None,
            },
        ]
    )
    lock = locks.take(places.jobs_lock(data), f"process {os.getpid()}\n")
    if lock is None:
        return 1
    with lock:
        post = threading.Thread(target=send_mail, args=(done,), name="mail")
        post.start()
        done.wait()
        post.join(30)
        DBOS.destroy(workflow_completion_timeout_sec=5)
    return 0


if __name__ == "__main__":
    server_log.begin("jobs")
    # With a handler of its own DBOS writes no lines in its own form.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    sys.exit(main(Path(sys.argv[1])))
