"""The Django application of the room."""

from django.apps import AppConfig


class ReportsConfig(AppConfig):
    """Reports, what was published of them, and to whom it is sent."""

    name = "zhiyin.reports"
    label = "reports"

    def ready(self) -> None:
        """Say how the places of this room forget a customer, and what its letters carry."""
        from zhiyin.accounts import mail
        from zhiyin.reports import forgetting, letters

        forgetting.register_all()
        mail.attach_with(letters.attachments)
