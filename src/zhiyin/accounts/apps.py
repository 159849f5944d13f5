"""The Django application of the room."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Workspaces, people, roles, audit."""

    name = "zhiyin.accounts"
    label = "accounts"
