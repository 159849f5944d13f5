"""The room as Django knows it: it has a page of its own."""

from __future__ import annotations

from django.apps import AppConfig


class ApiConfig(AppConfig):
    """Named here so that its templates are found."""

    name = "zhiyin.api"
    label = "api"
