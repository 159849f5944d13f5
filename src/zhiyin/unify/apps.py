"""The Django application of the room."""

from django.apps import AppConfig


class UnifyConfig(AppConfig):
    """Matches to decide on, retention, receipts of erasure."""

    name = "zhiyin.unify"
    label = "unify"
