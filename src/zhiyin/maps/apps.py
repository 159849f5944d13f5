"""The Django application of the room."""

from django.apps import AppConfig


class MapsConfig(AppConfig):
    """Journey maps, their marks, and the audits of others' journeys."""

    name = "zhiyin.maps"
    label = "maps"

    def ready(self) -> None:
        """Say how the places of this room forget a customer."""
        from zhiyin.maps import forgetting

        forgetting.register_all()
