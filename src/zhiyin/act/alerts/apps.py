"""The Django application of alerts."""

from django.apps import AppConfig


class AlertsConfig(AppConfig):
    """Rules, what they watch, what fired, and who is told."""

    name = "zhiyin.act.alerts"
    label = "alerts"

    def ready(self) -> None:
        """Say who writes what is told of alerts, and how they forget a customer."""
        from zhiyin.act.alerts import forgetting, saying
        from zhiyin.act.channels import writing

        forgetting.register_all()
        writing.write_with(saying.FIRED, saying.to_a_team)
