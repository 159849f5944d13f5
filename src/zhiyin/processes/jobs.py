"""The jobs process: background work that survives a kill at any moment.

What is to be done stands in the relational store (`zhiyin.accounts.work`), asked for by people and
by the clock, and is done here. DBOS is the clock: it asks once for each time that comes.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from dbos import DBOS, DBOSConfig

from zhiyin import __version__
from zhiyin.kernel import server_log, tracing
from zhiyin.processes import locks, parent, places, prctl
from zhiyin.warehouse.remote import RemoteLog, socket_of

if TYPE_CHECKING:  # models are read after Django is set up, not before
    from zhiyin.accounts.running import Doing, Result, Running

REJECTS_DAYS = 30
"""How long a file of rejected rows is kept."""

MAIL_SECONDS = 3.0
"""How long a letter waits for the next look."""

ASKINGS_SECONDS = 3.0
"""How long a survey that is to be sent waits for the next look."""

WORK_SECONDS = 1.0
"""How long work waits for the next look."""

AT_ONCE = 2
"""Pieces of work done at a time: a long one leaves room for the short ones."""

BEHIND = 10
"""How far what nobody waits for steps back, as `nice` counts."""

STOP_SECONDS = 8.0
"""What a letter and pieces of work may use to stop, within the supervisor's patience. Work that
does not stop is begun again by the next process."""

_log = logging.getLogger("zhiyin.jobs")


def keep_house(_work: Running) -> Result:
    """What is done every night for the installation as a whole."""
    from zhiyin.accounts import mail, work
    from zhiyin.act.channels import outbox
    from zhiyin.api import once
    from zhiyin.collect import uploads
    from zhiyin.collect.reaching import forgetting

    return {
        "sessions": clear_expired_sessions(),
        "rejects": remove_old_rejects(),
        "uploads": uploads.remove_old(_data()),
        "letters": mail.remove_old(),
        "work": work.remove_old(),
        "answers": once.forget_old(),
        "askings": forgetting.forget_old(),
        "messages": outbox.remove_old(),
    }


def clear_expired_sessions() -> int:
    """Remove the sessions that have ended; returns how many."""
    from django.contrib.sessions.models import Session
    from django.utils import timezone

    from zhiyin.accounts import sessions

    sessions.forget_ended()
    count, _by_model = Session.objects.filter(expire_date__lt=timezone.now()).delete()
    return count


def remove_old_rejects() -> int:
    """Remove files of rejected rows that are older than `REJECTS_DAYS`; returns how many."""
    folder = _data() / "rejects"
    oldest = time.time() - REJECTS_DAYS * 24 * 3600
    old = [path for path in folder.glob("*.csv") if path.stat().st_mtime < oldest]
    for path in old:
        path.unlink(missing_ok=True)
    return len(old)


def end_what_is_kept(work: Running) -> Result:
    """Hide rows that their rule of retention no longer keeps, and write the log anew without what
    was erased or ended."""
    from zhiyin.unify import erasure, rules

    with _log_of_server() as log:
        ended = sum(rules.apply(work.workspace, log).values())
        gone = erasure.finish(work.workspace, log, _data(), even_if_idle=ended > 0)
    return {"ended": ended, "erasures": gone}


def tend_log(work: Running) -> Result:
    """Make the log's derived tables anew where they are due."""
    with _log_of_server() as log:
        is_there = work.workspace in log.workspaces()
        return {"tables": len(log.tend(work.workspace)) if is_there else 0}


def match_customers(work: Running) -> Result:
    """Bring the links by rules up to date.

    Where the model never compared the customers it is asked to: nobody waits for the night to see
    suggestions.
    """
    from zhiyin.accounts.work import ask
    from zhiyin.unify import matching, suggesting

    with _log_of_server() as log:
        if work.workspace not in log.workspaces():
            return {"linked": 0, "withdrawn": 0, "suggested": 0}
        done = matching.match(log, work.workspace)
    if not suggesting.was_run(work.workspace):
        ask(by=None, kind="suggest-merges", workspace=work.workspace)
    return {"linked": done.linked, "withdrawn": done.withdrawn, "suggested": done.suggested}


def suggest_merges(work: Running) -> Result:
    """Compare all customers by the model."""
    from zhiyin.unify import suggesting

    with _log_of_server() as log:
        if work.workspace not in log.workspaces():
            return {"records": 0, "compared": 0, "offered": 0}
        done = suggesting.suggest(log, work.workspace, progress=work.between)
    return {"records": done.records, "compared": done.compared, "offered": done.offered}


def fill_demo(work: Running) -> Result:
    """Put the demo company in, whole."""
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.demo import company

    plan = company.from_arguments(work.arguments)
    with _log_of_server() as log:
        log.create(work.workspace)
        done = company.put_in(
            log, work.workspace, plan, by=COMMAND_LINE, data=_data(), progress=work.between
        )
    return {"facts": done.facts_added}


def remove_demo(work: Running) -> Result:
    """Take the demo company out, one import after the other."""
    from zhiyin.accounts.audit import COMMAND_LINE
    from zhiyin.accounts.workspaces import settings_of
    from zhiyin.demo import filling, planned

    with _log_of_server() as log:
        plan = filling.plan_of(log, work.workspace)
        # One that was killed after its last import finds nothing left, and is done.
        if plan is None:
            return {"facts": 0}
        planned.remove(settings_of(work.workspace), plan, by=COMMAND_LINE)
        return {"facts": filling.remove(log, work.workspace, progress=work.between)}


def send_reports(work: Running) -> Result:
    """Publish and send the reports whose time has come."""
    from zhiyin.reports import sending

    with _log_of_server() as log:
        if work.workspace not in log.workspaces():
            return {"reports": 0, "letters": 0}
        reports, letters = sending.send_due(work.workspace, log, _data(), between=work.between)
    return {"reports": reports, "letters": letters}


def tell_owners(work: Running) -> Result:
    """Write to the owners of marks that have fallen due."""
    from zhiyin.maps import pin_letters

    return {"letters": pin_letters.tell_due(work.workspace, between=work.between)}


def tell_case_owners(work: Running) -> Result:
    """Tell who has cases that they are overdue."""
    from zhiyin.act.cases import letters

    return {"letters": letters.tell_overdue(work.workspace, between=work.between)}


def send_surveys(work: Running) -> Result:
    """Send the letters and messages to customers that are due."""
    from zhiyin.collect.reaching import sending

    with _log_of_server() as log:
        return sending.send_due(log, work.workspace, between=work.between).as_dict()


def watch_alerts(work: Running) -> Result:
    """Look at the alert rules: single rows, and figures whose day is over."""
    from zhiyin.act.alerts import watching
    from zhiyin.act.alerts.models import Rule

    if not Rule.objects.filter(workspace__slug=work.workspace, is_on=True).exists():
        return {"rules": 0, "alerts": 0}
    with _log_of_server() as log:
        if work.workspace not in log.workspaces():
            return {"rules": 0, "alerts": 0}
        return watching.watch(log, work.workspace, progress=work.between)


def tell_alerts(work: Running) -> Result:
    """Tell who is to be told of alerts now."""
    from zhiyin.act.alerts import telling

    if not telling.has_due(work.workspace):
        return {"letters": 0, "messages": 0}
    with _log_of_server() as log:
        return telling.tell(log, work.workspace, progress=work.between)


def send_messages(work: Running) -> Result:
    """Send what the outbox holds for robots of groups and for webhooks."""
    from zhiyin.act.channels import outbox

    if not outbox.has_due(work.workspace):
        return {"sent": 0, "later": 0, "dead": 0, "merged": 0}
    with _log_of_server() as log:
        return outbox.send_due(log, work.workspace, progress=work.between)


def ask_by_triggers(work: Running) -> Result:
    """Let the events that have come of age ask."""
    from zhiyin.collect.reaching import triggered

    if not triggered.active(work.workspace):
        return {"triggers": 0, "asked": 0, "withheld": 0}
    with _log_of_server() as log:
        return triggered.look_all(log, work.workspace, between=work.between)


def fetch_verbatims(work: Running) -> Result:
    """Fetch from the sources of verbatims whose time has come."""
    from zhiyin.collect.sources import fetching

    if not fetching.due(work.workspace).exists():
        return {"sources": 0, "added": 0, "rejected": 0, "failed": 0}
    with _log_of_server() as log:
        return fetching.fetch_due(log, work.workspace, data=_data(), between=work.between)


def listen(work: Running) -> Result:
    """Read the verbatims that came in, or all of them where another version reads now.

    A hundred thousand keep every core busy for an hour or more: whoever opens a page goes before.
    """
    return _behind_others(_read_verbatims, work)


def learn(work: Running) -> Result:
    """Learn from what a workspace has, because somebody asks; then all is read anew."""
    return _behind_others(_learn, work)


def _behind_others(do: Callable[[Running], Result], work: Running) -> Result:
    with ThreadPoolExecutor(1, "listen", initializer=_step_back) as apart:
        return apart.submit(_and_close, do, work).result()


def _and_close(do: Callable[[Running], Result], work: Running) -> Result:
    """The thread's own connection goes with it."""
    from django.db import connection

    try:
        return do(work)
    finally:
        connection.close()


def _read_verbatims(work: Running) -> Result:
    from zhiyin.listen import keeping

    with _log_of_server() as log:
        if work.workspace not in log.workspaces():
            return {"verbatims": 0}
        keeping.learn_if_due(log, work.workspace, progress=work.between)
        return {"verbatims": keeping.read(log, work.workspace, progress=work.between)}


def _learn(work: Running) -> Result:
    from zhiyin.listen import keeping

    with _log_of_server() as log:
        figures = keeping.learn(log, work.workspace, progress=work.between).figures
    return {"labels": figures["labels"], "comments": figures["comments"]["n"]}


def look_for_themes(work: Running) -> Result:
    """Look for what many say and nobody named, where a day has passed or all was read anew."""
    return _behind_others(_look_for_themes, work)


def _look_for_themes(work: Running) -> Result:
    from zhiyin.accounts.workspaces import settings_of
    from zhiyin.listen.themes import looking

    with _log_of_server() as log:
        is_there = work.workspace in log.workspaces()
        if not is_there or not looking.is_due(log, settings_of(work.workspace)):
            return {"themes": 0, "new": 0}
        done = looking.look(log, work.workspace, _data(), progress=work.between)
    return {"themes": done.themes, "new": done.new}


def _step_back() -> None:
    """Let others go before this thread, and those that it begins. It cannot be taken back."""
    if sys.platform == "linux":  # elsewhere a thread has no priority of its own
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), BEHIND)


def try_import(work: Running) -> Result:
    """Read and count a file that was uploaded."""
    from zhiyin.collect import bringing

    with _log_of_server() as log:
        return bringing.try_out(work, log, _data())


def import_file(work: Running) -> Result:
    """Import a file that was uploaded."""
    from zhiyin.collect import bringing

    with _log_of_server() as log:
        return bringing.bring_in(work, log, _data())


DOING: dict[str, Doing] = {
    "keep-house": keep_house,
    "end-what-is-kept": end_what_is_kept,
    "tend-log": tend_log,
    "match-customers": match_customers,
    "suggest-merges": suggest_merges,
    "fill-demo": fill_demo,
    "remove-demo": remove_demo,
    "send-reports": send_reports,
    "tell-owners": tell_owners,
    "tell-case-owners": tell_case_owners,
    "send-surveys": send_surveys,
    "watch-alerts": watch_alerts,
    "tell-alerts": tell_alerts,
    "send-messages": send_messages,
    "ask-by-triggers": ask_by_triggers,
    "fetch-verbatims": fetch_verbatims,
    "listen": listen,
    "learn": learn,
    "look-for-themes": look_for_themes,
    "try-import": try_import,
    "import-file": import_file,
}
"""What does each kind of work. Each ends as if it had run once, wherever it is cut off."""


@DBOS.workflow()
def by_the_clock(_scheduled_at: datetime, kind: str) -> None:
    """Ask for work whose time has come."""
    ask_for(kind)


@DBOS.step()
def ask_for(kind: str) -> None:
    """Write the work down, where the same does not wait already."""
    from django.db import close_old_connections

    from zhiyin.accounts import work

    close_old_connections()
    work.ask_by_the_clock(kind)


def work_on(done: threading.Event) -> None:
    """Do what is asked for, one piece after the other, until told to stop."""
    from django.db import close_old_connections

    from zhiyin.accounts import running

    while not done.is_set():
        close_old_connections()
        try:
            held = running.run_next(DOING, done)
        except Exception:
            _log.exception("background work")
            held = None
        if held is None:
            done.wait(WORK_SECONDS)


def _data() -> Path:
    return Path(os.environ["ZHIYIN_DATA"])


def _log_of_server() -> RemoteLog:
    """The log as the server holds it. Jobs never open its files: the server starts without them."""
    return RemoteLog(socket_of(_data()))


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


def look_for_askings(done: threading.Event) -> None:
    """Ask for the sending of surveys and of messages where any are due, until told to stop."""
    from django.db import close_old_connections

    from zhiyin.accounts import work
    from zhiyin.accounts.models import Work
    from zhiyin.accounts.workspaces import slugs
    from zhiyin.act.channels import outbox
    from zhiyin.collect.reaching import sending

    kinds = {"send-surveys": sending.has_due, "send-messages": outbox.has_due}
    while not done.wait(ASKINGS_SECONDS):
        close_old_connections()
        try:
            for slug in slugs():
                for kind, has_due in kinds.items():
                    asked = Work.objects.filter(workspace=slug, kind=kind)
                    if not asked.filter(state__in=work.OPEN).exists() and has_due(slug):
                        work.ask(by=None, kind=kind, workspace=slug)
        except Exception:
            _log.exception("the askings")


def configuration(data: Path) -> DBOSConfig:
    """Where the clock writes down which times have come: beside the relational store."""
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


def run(data: str) -> int:
    """The whole process; returns its exit status."""
    prctl.take_name("zhiyin-jobs")
    server_log.begin("jobs")
    tracing.begin("jobs")
    # With a handler of its own DBOS writes no lines in its own form.
    logging.getLogger("dbos").addHandler(logging.NullHandler())
    return main(Path(data))


def prepare() -> None:
    """Read the models."""
    import django

    django.setup()


def main(data: Path) -> int:
    """Work until told to stop."""
    parent.follow()
    os.environ["ZHIYIN_DATA"] = str(data)
    os.environ["DJANGO_SETTINGS_MODULE"] = "zhiyin.settings"
    prepare()
    done = threading.Event()
    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, lambda _signal, _frame: done.set())
    DBOS(config=configuration(data))
    DBOS.launch()
    from zhiyin.accounts.kinds import KINDS

    DBOS.apply_schedules(
        [
            {
                "schedule_name": name,
                "workflow_fn": by_the_clock,
                "schedule": kind.schedule.cron,
                "context": name,
            }
            for name, kind in KINDS.items()
            if kind.schedule is not None
        ]
    )
    lock = locks.take(places.jobs_lock(data), f"process {os.getpid()}\n")
    if lock is None:
        return 1
    with lock:
        threads = [
            threading.Thread(target=send_mail, args=(done,), name="mail"),
            threading.Thread(target=look_for_askings, args=(done,), name="askings", daemon=True),
        ]
        threads += [
            threading.Thread(target=work_on, args=(done,), name=f"work-{number}", daemon=True)
            for number in range(AT_ONCE)
        ]
        for thread in threads:
            thread.start()
        done.wait()
        until = time.monotonic() + STOP_SECONDS
        for thread in threads:
            thread.join(max(0.0, until - time.monotonic()))
        DBOS.destroy(workflow_completion_timeout_sec=5)
    return 0


if __name__ == "__main__":
    sys.exit(run(*sys.argv[1:]))
