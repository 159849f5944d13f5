"""A log in a fresh folder, as the log's own tests have it."""

from zhiyin.warehouse.tests.conftest import data, log, owner, served

__all__ = ["data", "log", "owner", "served"]
