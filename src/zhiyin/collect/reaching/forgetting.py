"""Whom an asking was to is forgotten some time after its last letter: the log says who was asked.

What stays lets a letter that is found later still be answered with *no more*, and a list that is
read again ask nobody twice.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from zhiyin.collect.models import Asking

KEPT = timedelta(days=30)


def forget_old(now: datetime | None = None) -> int:
    """Take names, addresses and fields out of askings that are over; returns of how many."""
    before = (now or timezone.now()) - KEPT
    # The last moment of one that is over is when its letter, or reminder, was sent or due.
    over = Asking.objects.filter(is_over=True, is_in_log=True, due_at__lt=before)
    return over.exclude(customer="", address="").update(
        customer="", address="", fields={}, about_id="", trouble=""
    )
