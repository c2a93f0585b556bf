"""An index for "what changed since?", built while the portal is in use: the table has grown."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("requests_intake", "0020_interface_entry")]

    operations = [
        AddIndexConcurrently(
            model_name="requesttransition",
            index=models.Index(fields=["at", "request"], name="request_transition_since"),
        ),
    ]
