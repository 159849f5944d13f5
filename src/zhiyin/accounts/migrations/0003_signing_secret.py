from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_write_keys"),
    ]

    operations = [
        migrations.AddField(
            model_name="writekey",
            name="signing_secret",
            field=models.CharField(
                blank=True,
                default="",
                help_text="of a key for signed webhooks, which takes nothing else",
                max_length=120,
            ),
        ),
    ]
