"""The Django application of the room."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    """Pages."""

    name = "zhiyin.web"
    label = "web"
