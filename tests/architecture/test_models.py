"""Rules of the tables."""

import re

import pytest
from django.apps import apps
from django.db import models
from django.db.migrations.autodetector import MigrationAutodetector
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.state import ProjectState
from django.utils import translation

from tests.architecture.tree import PACKAGES

OWN = [model for model in apps.get_models(include_auto_created=True) if model.__module__.startswith(PACKAGES)]
# Machinery that no form fills: a violation is a fault of the program, and `constraint_errors` lets it be loud.
SILENT = {
    "files_draft_expires": "only the files service sets owner and expiry, together",
    "recording_draft_expires": "as above",
    "recording_state_fits": "only the worker that encodes them anew sets a state",
    "heartbeat_is_one_row": "only the beat's own task writes this row",
    "outbox_delivery_done_has_time": "only the relay settles deliveries",
    "outbox_delivery_once": "only publish makes deliveries",
    "outbox_delivery_pending_has_next": "only the relay settles deliveries",
    "outbox_delivery_state": "only the relay settles deliveries",
    "outbox_seal_not_empty": "only the sealer makes seals",
}
CODE = re.compile(r"[a-z0-9]+([_.-][a-z0-9]+)*")


def test_there_are_models():
    """Rule: the tests below look at tables. Reason: a walk over nothing is always green."""
    assert len(OWN) > 10


@pytest.mark.parametrize("model", OWN, ids=lambda model: model._meta.label)
def test_constraints_speak_to_people(model: type[models.Model]):
    """Rule: every constraint carries its own violation_error_message; those of machinery are listed with a reason.

    Reason: `constraint_errors` turns a violation into the sentence beside the field; without one the person reads 500.
    """
    silent = [
        constraint.name
        for constraint in model._meta.constraints
        if constraint.violation_error_message in {None, "", constraint.default_violation_error_message}
    ]
    assert [name for name in silent if name not in SILENT] == []


def test_silent_constraints_exist_and_are_silent():
    """Rule: the list above names constraints that need it. Reason: a list of exceptions must not outlive them."""
    silent = {
        constraint.name
        for model in OWN
        for constraint in model._meta.constraints
        if constraint.violation_error_message in {None, "", constraint.default_violation_error_message}
    }
    assert set(SILENT) <= silent


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


def test_migrations_say_what_models_say():
    """Rule: no model differs from its migrations. Reason: the tables of an office would lack what the code expects."""
    loader = MigrationLoader(None)
    with translation.override(None):
        found = MigrationAutodetector(loader.project_state(), ProjectState.from_apps(apps)).changes(graph=loader.graph)
    own = {app.label for app in apps.get_app_configs() if app.name.startswith(PACKAGES)}
    assert not loader.detect_conflicts()
    assert {label: changes for label, changes in found.items() if label in own} == {}
