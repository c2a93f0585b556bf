"""The log of reading protected data."""

import datetime as dt
import secrets

import pytest
from django.contrib.auth import get_user_model
from django.db import IntegrityError, connection, transaction

from governance.errors import DomainError, constraint_errors
from governance.outbox.models import Seal
from governance.outbox.sealed_rows import salted_digest
from governance.outbox.sealing import sealed_models
from governance.privacy.models import AccessLog
from governance.privacy.services import log_read
from tests.governance.outbox_tools import with_rights
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
    assert row.seal_id is None


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


def seal_made(previous=""):
    return Seal.objects.create(
        kind="privacy.AccessLog", at=AT, count=1, previous=previous, digest=secrets.token_hex(32), manifest=b""
    )


def test_rows_are_never_changed_or_deleted_but_sealed_once():
    row, seal = log(), seal_made()
    rows = AccessLog.objects.filter(pk=row.pk)
    with with_rights("privacy_accesslog"):
        for act in (
            lambda: rows.update(purpose="other"),
            lambda: rows.update(purpose="other", seal=seal),
            lambda: rows.update(txid=1),
            lambda: rows.delete(),
        ):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                act()
        assert rows.update(seal=seal) == 1
        other = seal_made(seal.digest)
        for change in (other, None):
            with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
                rows.update(seal=change)
    row.refresh_from_db()
    assert (row.purpose, row.seal_id) == ("callback", seal.pk)


def test_the_sealer_knows_the_log_and_the_digest_covers_what_it_says():
    assert sealed_models()["privacy.AccessLog"] is AccessLog
    row = log()
    row.refresh_from_db()
    salt = row.digest.partition(":")[0]
    content = {name: getattr(row, name) for name in AccessLog.SEALED_FIELDS}
    assert row.digest == salted_digest(content, salt)
    for name in AccessLog.SEALED_FIELDS:
        assert row.digest != salted_digest(content | {name: "other"}, salt)
