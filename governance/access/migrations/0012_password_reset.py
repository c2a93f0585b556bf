"""A password that an administrator took away, among the changes of an account."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("access", "0011_private_names")]

    operations = [migrations.AddField("accountchange", "password_reset", models.BooleanField(default=False))]
