"""The Django application of cases."""

from django.apps import AppConfig


class CasesConfig(AppConfig):
    """What was taken, by whom, until when, and what became of it."""

    name = "zhiyin.act.cases"
    label = "cases"

    def ready(self) -> None:
        """Say how the places of this room forget a customer."""
        from zhiyin.act.cases import forgetting

        forgetting.register_all()
