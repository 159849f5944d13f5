"""The Django application of the room."""

from django.apps import AppConfig


class MeasureConfig(AppConfig):
    """What people want the figures to be, and what they know of dates."""

    name = "zhiyin.measure"
    label = "measure"

    def ready(self) -> None:
        """Say how what this room keeps forgets a customer."""
        from zhiyin.measure import erasing

        erasing.register_all()
