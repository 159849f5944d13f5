"""The Django application of the room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """What people say of events, and which of them are which touchpoint."""

    name = "zhiyin.collect"
    label = "collect"
