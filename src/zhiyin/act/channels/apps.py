"""The Django application of the ways out to teams."""

from django.apps import AppConfig


class ChannelsConfig(AppConfig):
    """Robots of chat groups and webhooks, with their outbox."""

    name = "zhiyin.act.channels"
    label = "channels"
