"""The Django application of the room."""

from django.apps import AppConfig


class UnifyConfig(AppConfig):
    """Matches to decide on, retention, receipts of erasure."""

    name = "zhiyin.unify"
    label = "unify"

    def ready(self) -> None:
        """Say how the places that this room knows forget a customer."""
        from zhiyin.unify import match_places, own_places

        own_places.register_all()
        match_places.register_all()
