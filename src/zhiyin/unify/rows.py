"""Rows of the relational store that say something of a customer, found by a holding's fields."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q, TextField
from django.db.models.functions import Cast

from zhiyin.kernel.holdings import Holding
from zhiyin.unify.subjects import Her


class ModelRows:
    """The rows of one model.

    Text fields hold an id or a contact of hers, whole; JSON fields hold one anywhere; integer
    fields hold a key of the log. A row with one of these is hers.

    Raises:
        LookupError: the holding names a field of another kind.
    """

    def __init__(self, holding: Holding) -> None:
        self.model: type[models.Model] = apps.get_model(holding.place)
        self.text: list[str] = []
        self.json: list[str] = []
        self.keys: list[str] = []
        for name in holding.fields:
            field = self.model._meta.get_field(name)
            if isinstance(field, models.JSONField):
                self.json.append(name)
            elif isinstance(field, models.CharField | models.TextField):
                self.text.append(name)
            elif isinstance(field, models.IntegerField):
                self.keys.append(name)
            else:
                message = f"{holding.place}.{name} is not text, JSON or a key of the log"
                raise LookupError(message)  # noqa: TRY004 - the declaration is wrong, not a type

    def of(self, her: Her) -> Iterator[models.Model]:
        """Her rows."""
        names = sorted(her.names)
        condition = Q(pk__in=[])
        for field in self.text:
            condition |= Q(**{f"{field}__in": names})
        for field in self.keys:
            condition |= Q(**{f"{field}__in": her.keys})
        for field in self.json:
            for name in names:
                # SQLite keeps JSON with escapes, PostgreSQL without.
                for form in {name, json.dumps(name)[1:-1]}:
                    condition |= Q(**{f"{field}_as_text__contains": form})
        rows = self.model._default_manager.annotate(
            **{f"{field}_as_text": Cast(field, TextField()) for field in self.json}
        ).filter(condition, **self._here(her))
        for row in rows.iterator():
            if self._is_hers(row, her):
                yield row

    def show(self, her: Her) -> list[dict[str, Any]]:
        """Her rows as JSON values, without the numbers of rows."""
        return [self._shown(row) for row in self.of(her)]

    def erase(self, her: Her) -> int:
        """Delete her rows."""
        hers = [row.pk for row in self.of(her)]
        self.model._default_manager.filter(pk__in=hers).delete()
        return len(hers)

    def _here(self, her: Her) -> dict[str, str]:
        if any(field.name == "workspace" for field in self.model._meta.get_fields()):
            field = self.model._meta.get_field("workspace")
            return {"workspace__slug" if field.is_relation else "workspace": her.workspace}
        return {}

    def _is_hers(self, row: models.Model, her: Her) -> bool:
        return (
            any(getattr(row, field) in her.names for field in self.text)
            or any(getattr(row, field) in her.keys for field in self.keys)
            or any(her.is_named_in(getattr(row, field)) for field in self.json)
        )

    def _shown(self, row: models.Model) -> dict[str, Any]:
        values = {
            field.name: getattr(row, field.attname)
            for field in self.model._meta.concrete_fields
            if not field.primary_key and not field.is_relation
        }
        shown: dict[str, Any] = json.loads(json.dumps(values, cls=DjangoJSONEncoder))
        return shown
