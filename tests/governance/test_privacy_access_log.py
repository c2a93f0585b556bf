"""The log of reading protected data."""

import datetime as dt

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from governance.errors import DomainError, constraint_errors
from governance.privacy.models import AccessLog
from governance.privacy.services import log_read
from tests.sql import assert_sql

AT = dt.datetime(2026, 11, 21, 2, tzinfo=dt.UTC)
pytestmark = pytest.mark.django_db


def log(**changes):
    values = {"user_id": None, "subject": "grid.task:1", "fields": ["phone", "name"], "purpose": "callback", "at": AT}
    return log_read(**values | changes)


def test_one_statement_writes_a_row_with_its_transaction():
    with assert_sql(1):
        row = log()
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_current_xact_id()::text::bigint")
        (running,) = cursor.fetchone()
    row.refresh_from_db()
    assert (row.subject_ref, row.fields, row.purpose, row.at) == ("grid.task:1", ["name", "phone"], "callback", AT)
    assert row.txid == running
    assert row.seal is None


def test_the_subject_may_be_an_object():
    row = log()
    assert log(subject=row).subject_ref == f"privacy.accesslog:{row.pk}"


def test_the_reader_must_exist():
    user = get_user_model()(password="!")
    user.save()
    assert log(user_id=user.pk).user_id == user.pk
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    with pytest.raises(IntegrityError, match="foreign key"), transaction.atomic():
        log(user_id=user.pk + 1)


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [({"purpose": ""}, "accesslog_purpose_given", "purpose"), ({"fields": []}, "accesslog_fields_given", "fields")],
)
def test_purpose_and_fields_are_required(change, code, field):
    log()
    with pytest.raises(DomainError) as caught, constraint_errors(), transaction.atomic():
        log(**change)
    assert (caught.value.code, caught.value.field) == (code, field)


def test_rows_are_never_changed_or_deleted_but_sealed_once():
    row = log()
    rows = AccessLog.objects.filter(pk=row.pk)
    for act in (
        lambda: rows.update(purpose="other"),
        lambda: rows.update(purpose="other", seal=1),
        lambda: rows.update(txid=1),
        lambda: rows.delete(),
    ):
        with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
            act()
    assert rows.update(seal=7) == 1
    for seal in (8, None):
        with pytest.raises(IntegrityError, match="only added"), transaction.atomic():
            rows.update(seal=seal)
    row.refresh_from_db()
    assert (row.purpose, row.seal) == ("callback", 7)
