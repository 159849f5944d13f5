"""The Django application of the room."""

from django.apps import AppConfig


class ListenConfig(AppConfig):
    """What people say of how clauses are read, and what was learned from it."""

    name = "zhiyin.listen"
    label = "listen"

    def ready(self) -> None:
        """Say how the places of this room forget a customer."""
        from zhiyin.listen.themes import forgetting

        forgetting.register_all()
