"""What is reported about one component is listed on its page."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("requests_intake", "0060_category_matters")]
    operations = [
        AddIndexConcurrently(
            model_name="servicerequest",
            index=models.Index(
                fields=["component", "-submitted_at", "-id"],
                name="request_component",
                condition=Q(component__isnull=False),
            ),
        ),
    ]
