from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0011_saved_view"),
    ]

    operations = [
        migrations.AddField(
            model_name="person",
            name="theme",
            field=models.CharField(
                blank=True,
                choices=[("light", "light"), ("dark", "dark")],
                default="",
                help_text="blank: the device's",
                max_length=10,
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="single_keys",
            field=models.CharField(
                blank=True,
                choices=[("off", "off")],
                default="",
                help_text="whether single keys do something on pages; blank: they do",
                max_length=10,
            ),
        ),
    ]
