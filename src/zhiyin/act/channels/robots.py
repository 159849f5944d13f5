"""What robots of chat groups answer: a status of HTTP, and in the body a code that is 0 if all went
well."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any

from zhiyin.act.channels.message import Verdict
from zhiyin.act.channels.retries import wait_of
from zhiyin.kernel.outbound import Reply

MINUTE = 60.0


def judged(
    reply: Reply,
    codes: Collection[str],
    *,
    too_many: Collection[int],
    gone: Collection[int],
    later: Collection[int] = (),
) -> Verdict:
    """What a robot's answer means.

    Args:
        codes: names of the field that holds the code; the first that is there counts.
        too_many: codes that say that it was asked too often.
        gone: codes that say that the robot is no more.
        later: codes of trouble that passes.
    """
    if reply.status == 429 or reply.status >= 500:
        return Verdict("later", str(reply.status), wait_of(reply))
    if reply.status == 410:
        return Verdict("gone", "410")
    code, said = _code_of(reply, codes)
    if code is None:
        # Without its word nobody knows who has answered: a proxy, a page of a sign-in.
        return Verdict("failed", f"{reply.status} {said}".strip())
    if code == 0:
        return Verdict("sent", said)
    told = f"{code} {said}".strip()
    if code in too_many:
        return Verdict("later", told, MINUTE)
    if code in gone:
        return Verdict("gone", told)
    return Verdict("later" if code in later else "failed", told)


def _code_of(reply: Reply, names: Collection[str]) -> tuple[int | None, str]:
    try:
        held: Any = json.loads(reply.body)
    except ValueError:
        return None, ""
    if not isinstance(held, dict):
        return None, ""
    said = next((held[name] for name in ("errmsg", "msg", "StatusMessage") if name in held), "")
    code = next((held[name] for name in names if name in held), None)
    if isinstance(code, bool) or not isinstance(code, int):
        return None, str(said)[:200]
    return code, str(said)[:200]
