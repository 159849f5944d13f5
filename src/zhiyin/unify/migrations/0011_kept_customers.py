"""Segments that are kept lists of customers."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("unify", "0010_segments"),
    ]

    operations = [
        migrations.AlterField(
            model_name="segment",
            name="rule",
            field=models.TextField(
                blank=True, help_text="a filter over customers; blank: a kept list"
            ),
        ),
        migrations.CreateModel(
            name="KeptCustomer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.BigIntegerField(help_text="the log's key of an id of hers")),
                (
                    "segment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="kept",
                        to="unify.segment",
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("segment", "key"), name="kept_customer_once"),
                ],
            },
        ),
    ]
