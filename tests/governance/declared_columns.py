"""The columns that could hold something about a person."""

from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.search import SearchVectorField
from django.db import models

from governance.privacy.fields import BlindIndexField, EncryptedJSONField, EncryptedTextField

WORDS = (models.CharField, models.TextField, models.JSONField, ArrayField)
ALWAYS = (
    BlindIndexField,
    EncryptedJSONField,
    EncryptedTextField,
    SearchVectorField,
    models.FileField,
    models.BinaryField,
    models.GenericIPAddressField,
)


def columns() -> dict[type[models.Model], list[str]]:
    """Every table, also those of libraries, with its columns of words (unless from a fixed list), files, addresses."""
    return {
        model: [
            field.name
            for field in model._meta.local_fields
            if isinstance(field, ALWAYS) or (isinstance(field, WORDS) and not field.choices)
        ]
        for model in apps.get_models(include_auto_created=True)
    }
