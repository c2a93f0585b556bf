"""Of which body a program made a request, so that a key cannot stand for two."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("requests_intake", "0019_publication_moved")]

    operations = [
        migrations.CreateModel(
            name="InterfaceEntry",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("body_digest", models.CharField(max_length=64)),
                (
                    "request",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="requests_intake.servicerequest",
                    ),
                ),
            ],
        ),
    ]
