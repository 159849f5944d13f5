"""The Django application of the room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """What people say of events, and which of them are which touchpoint."""

    name = "zhiyin.collect"
    label = "collect"

    def ready(self) -> None:
        """Say how this room's files forget a customer, and what snapshots follow."""
        from django.db.models.signals import post_delete, post_save

        from zhiyin.collect import erasing
        from zhiyin.collect.surveys import snapshot
        from zhiyin.collect.widgets import snapshot as widgets

        erasing.register_all()
        post_save.connect(snapshot.follow, sender="accounts.Workspace")
        for sender in ("accounts.Workspace", "unify.Segment"):
            post_save.connect(widgets.follow, sender=sender)
        for sender in ("unify.Segment", "unify.KeptCustomer"):
            post_delete.connect(widgets.follow, sender=sender)
