"""Rules of the tables."""

import re

import pytest
from django.apps import apps
from django.db import models

from tests.architecture.tree import PACKAGES

OWN = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith(PACKAGES)]
CODE = re.compile(r"[a-z0-9]+([_.-][a-z0-9]+)*")


def test_there_are_models():
    """Rule: the tests below look at tables. Reason: a walk over nothing is always green."""
    assert len(OWN) > 10


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_constraints_speak_to_people(model: type[models.Model]):
    """Rule: every constraint carries its own violation_error_message.

    Reason: `constraint_errors` turns a violation into the sentence beside the field; without one the person reads 500.
    """
    silent = [
        constraint.name
        for constraint in model._meta.constraints
        if not constraint.violation_error_message
        or constraint.violation_error_message == constraint.default_violation_error_message
    ]
    assert silent == []


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_choices_are_stored_as_codes(model: type[models.Model]):
    """Rule: a choice is stored as a short ASCII code. Reason: words change with the language and the office."""
    wrong = [
        (field.name, value)
        for field in model._meta.local_fields
        for value, _ in field.flatchoices
        if not isinstance(value, int) and value is not None and not CODE.fullmatch(str(value))
    ]
    assert wrong == []


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_area_codes_are_compared_byte_by_byte(model: type[models.Model]):
    """Rule: an `area_code` column is collated "C". Reason: only then is "inside my area" a range of an index."""
    wrong = [
        field.name
        for field in model._meta.local_fields
        if field.name.endswith("area_code") and getattr(field, "db_collation", None) != "C"
    ]
    assert wrong == []
