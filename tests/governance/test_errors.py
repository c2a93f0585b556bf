"""Errors for people, and violated constraints that become them."""

import re

import pytest
from django.db import IntegrityError, connection, models, transaction
from django.db.models.functions import Lower
from django.test.utils import isolate_apps
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from governance import errors
from governance.errors import DomainError, Forbidden, StaleState, constraint_errors


@pytest.fixture
def ticket(db, monkeypatch):
    """A model with one constraint of each sort, whose table lives as long as the test."""
    with isolate_apps("governance.privacy") as apps:

        class Ticket(models.Model):  # noqa: DJ008
            number = models.IntegerField(default=1)
            code = models.CharField(max_length=10, default="a")
            opened = models.IntegerField(default=1)
            closed = models.IntegerField(default=2)

            class Meta:
                app_label = "privacy"
                constraints = [
                    models.UniqueConstraint(
                        fields=["number"], name="ticket_number", violation_error_message=_("这个编号已经用过")
                    ),
                    models.UniqueConstraint(Lower("code"), name="ticket_code", violation_error_message="code taken"),
                    models.CheckConstraint(
                        condition=models.Q(opened__lt=models.F("closed")),
                        name="ticket_order",
                        violation_error_message="closed before opened",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(closed__lt=100), name="ticket_limit", violation_error_message="too late"
                    ),
                    models.CheckConstraint(condition=models.Q(opened__gte=0), name="ticket_silent"),
                    models.UniqueConstraint(
                        fields=["opened", "closed"],
                        name="ticket_at_commit",
                        deferrable=models.Deferrable.DEFERRED,
                        violation_error_message="twice",
                    ),
                ]

        monkeypatch.setattr(errors, "apps", apps)
        errors._declared_violations.cache_clear()
        with connection.schema_editor() as editor:
            editor.create_model(Ticket)
        yield Ticket
    errors._declared_violations.cache_clear()


def create(model, **values):
    with constraint_errors(), transaction.atomic():
        return model.objects.create(**values)


@pytest.mark.parametrize(
    ("values", "code", "field", "message"),
    [
        ({"number": 1, "code": "b"}, "ticket_number", "number", "这个编号已经用过"),
        ({"number": 2, "code": "A"}, "ticket_code", "code", "code taken"),
        ({"number": 2, "code": "b", "opened": 5}, "ticket_order", None, "closed before opened"),
        ({"number": 2, "code": "b", "closed": 100}, "ticket_limit", "closed", "too late"),
    ],
)
def test_a_violated_constraint_speaks_its_message(ticket, values, code, field, message):
    create(ticket)
    with pytest.raises(DomainError) as caught:
        create(ticket, **values)
    assert (caught.value.code, caught.value.field, str(caught.value)) == (code, field, message)
    assert isinstance(caught.value.__cause__, IntegrityError)
    create(ticket, number=2, code="b", closed=3)


def test_a_constraint_without_message_stays_a_fault_of_the_program(ticket):
    with pytest.raises(IntegrityError, match="ticket_silent"):
        create(ticket, opened=-1)


def test_missing_values_and_other_errors_pass_through(ticket):
    with pytest.raises(IntegrityError, match="null value"):
        create(ticket, number=None)
    with pytest.raises(ZeroDivisionError), constraint_errors():
        1 / 0  # noqa: B018


def test_deferred_constraints_speak_too(ticket):
    create(ticket)
    ticket.objects.create(number=2, code="b")
    with pytest.raises(DomainError, match="twice"), constraint_errors():
        connection.check_constraints()


def test_the_transaction_around_can_go_on(ticket):
    with transaction.atomic():
        create(ticket)
        with pytest.raises(DomainError):
            create(ticket, code="b")
        assert ticket.objects.count() == 1


def test_our_own_models_are_in_the_map():
    errors._declared_violations.cache_clear()
    known = errors._declared_violations()
    assert "calendarday_date" in known
    assert "accesslog_purpose_given" in known
    assert not any(re.search("is violated", str(violation.message)) for violation in known.values())
    errors._declared_violations.cache_clear()
    assert errors._declared_violations() == known, "reading the models must not change them"


def test_messages_are_translated_when_shown():
    error = DomainError("x", _("没有找到"), "name")
    assert (error.code, error.field) == ("x", "name")
    assert error.message is not str(error.message)
    with override("zh-hans"):
        assert str(error) == "没有找到"


def test_kinds():
    assert issubclass(Forbidden, DomainError)
    assert issubclass(StaleState, DomainError)
    assert not issubclass(StaleState, Forbidden)
