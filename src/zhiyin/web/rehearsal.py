"""What the first visitor after a start would wait for, done once beside it.

The first page of figures loads libraries and turns a hundred questions into SQL, which takes
seconds; the second finds them in memory. So the web process builds that page for nobody.
"""

from __future__ import annotations

import logging
import threading
import time

from django.db import connections

from zhiyin.accounts import workspaces
from zhiyin.kernel.errors import Problem
from zhiyin.warehouse.log import Log
from zhiyin.web import overview_page, sources
from zhiyin.web.log import the_log

PATIENCE_SECONDS = 120.0
PAUSE_SECONDS = 0.5

_log = logging.getLogger("zhiyin.web")


def begin() -> None:
    """Rehearse in a thread that ends with the process."""
    threading.Thread(target=_persist, name="rehearsal", daemon=True).start()


def rehearse(log: Log) -> None:
    """Build the overview of the first workspace that has answers.

    One is enough: libraries and SQL are the same for all.

    Raises:
        Problem: ``log.gone`` while the log process is not there.
    """
    for slug in workspaces.slugs():
        settings = workspaces.settings_of(slug)
        sources.counted(log, settings)
        page = overview_page.build(log, settings, {}, scope=None, sees_it=True)
        if page.step is not None:
            return


def _persist() -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    try:
        while time.monotonic() < until:
            try:
                return rehearse(the_log())
            except Problem as problem:
                if problem.code != "log.gone":
                    raise
            time.sleep(PAUSE_SECONDS)
    except Exception:
        # Whoever opens the page meets the same fault, and is told.
        _log.exception("the rehearsal of the first page failed")
    finally:
        connections.close_all()
