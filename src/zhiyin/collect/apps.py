"""The Django application of the room."""

from django.apps import AppConfig


class CollectConfig(AppConfig):
    """What people say of events, and which of them are which touchpoint."""

    name = "zhiyin.collect"
    label = "collect"

    def ready(self) -> None:
        """Say how what this room keeps in files forgets a customer."""
        from zhiyin.collect import erasing

        erasing.register_all()
