"""The Django application of the room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """What people say of events, and which of them are which touchpoint."""

    name = "zhiyin.collect"
    label = "collect"

    def ready(self) -> None:
        """Say how this room's files forget a customer, and that surveys follow the zone."""
        from django.db.models.signals import post_save

        from zhiyin.collect import erasing
        from zhiyin.collect.surveys import snapshot

        erasing.register_all()
        post_save.connect(snapshot.follow, sender="accounts.Workspace")
