from typing import Any

from django.db import migrations, models

import governance.privacy.fields


def encrypt_names(apps: Any, schema_editor: Any) -> None:
    """A resident's name moves from the readable column to the encrypted one."""
    residents = apps.get_model("access", "User").objects.filter(kind="resident")
    for user in residents.exclude(display_name="").only("pk", "display_name").iterator(chunk_size=500):
        residents.filter(pk=user.pk).update(private_name=user.display_name, display_name="")


def show_names(apps: Any, schema_editor: Any) -> None:
    """Back to the readable column."""
    residents = apps.get_model("access", "User").objects.filter(kind="resident")
    for user in residents.exclude(private_name=None).only("pk", "private_name").iterator(chunk_size=500):
        residents.filter(pk=user.pk).update(display_name=str(user.private_name), private_name=None)


class Migration(migrations.Migration):
    dependencies = [
        ("access", "0010_emergency"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="private_name",
            field=governance.privacy.fields.EncryptedTextField(max_length=40, null=True),
        ),
        migrations.RunPython(encrypt_names, show_names),
        migrations.AddConstraint(
            model_name="user",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "resident"), _negated=True), ("display_name", ""), _connector="OR"
                ),
                name="user_resident_name_private",
                violation_error_message="居民的称呼要加密存放",
            ),
        ),
    ]
