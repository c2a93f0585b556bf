"""Errors that a person is meant to read: raised by services, shown by pages and the API with the same words."""

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple

from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models
from django.utils.functional import Promise

Text = str | Promise


class DomainError(Exception):
    """A rule of the portal was not met.

    `code` is stable and meant for programs, `message` is a sentence for people (it may be a lazy translation and is
    turned into text only when shown), `field` names the input it belongs to, or None for the whole form.
    """

    def __init__(self, code: str, message: Text, field: str | None = None) -> None:
        super().__init__(code, message, field)
        self.code = code
        self.message = message
        self.field = field

    def __str__(self) -> str:
        return str(self.message)


class Forbidden(DomainError):
    """The actor may see the object but not do this to it. Pages answer 403."""


class StaleState(DomainError):
    """Somebody else was first. The message says what has happened meanwhile. Pages answer 409."""


class _Violation(NamedTuple):
    message: Text
    field: str | None


@contextmanager
def constraint_errors() -> Iterator[None]:
    """Turn a violated database constraint into the `DomainError` that its model declares.

    The error's code is the constraint's name and its message the constraint's `violation_error_message`. A constraint
    that declares no message of its own is a fault of the program and stays an `IntegrityError`.

    Put it *around* `transaction.atomic()`: PostgreSQL has given up the transaction by the time the error arrives, and
    deferred constraints speak only at its end.
    """
    try:
        yield
    except IntegrityError as error:
        name = violated_constraint(error)
        violation = _declared_violations().get(name)
        if violation is None:
            raise
        raise DomainError(name, violation.message, violation.field) from error


def fields_checked(row: models.Model, code: str, *, exclude: Collection[str] = ()) -> None:
    """Check the fields of a row that is not saved yet as forms would; the first fault becomes a `DomainError`.

    Its code is `code` with the field's name ("post_name"), its message the field's. `exclude`: fields that were checked
    otherwise, foreign keys above all: each would cost a statement.
    """
    try:
        row.clean_fields(exclude=exclude)
    except ValidationError as error:
        field, messages = next(iter(error.message_dict.items()))
        raise DomainError(f"{code}_{field}", messages[0], field=field) from error


def violated_constraint(error: IntegrityError) -> str:
    """Return the name of the constraint that PostgreSQL reports, or "" when it names none (NOT NULL)."""
    diagnostics = getattr(error.__cause__, "diag", None)
    return getattr(diagnostics, "constraint_name", None) or ""


@cache
def _declared_violations() -> dict[str, _Violation]:
    return {
        constraint.name: _Violation(constraint.violation_error_message, _single_field(constraint))
        for model in apps.get_models(include_auto_created=True)
        for constraint in model._meta.constraints
        if constraint.violation_error_message
        and constraint.violation_error_message != constraint.default_violation_error_message
    }


def _single_field(constraint: models.BaseConstraint) -> str | None:
    """Return the field a constraint speaks of when it is exactly one, so that the message can stand beside it."""
    names: set[str] = set()
    if isinstance(constraint, models.UniqueConstraint):
        # An expression, such as Lower("email"), speaks of the fields inside it.
        expressions: list[Any] = list(constraint.expressions)
        leaves = [leaf for expression in expressions for leaf in expression.flatten()]
        named = {leaf.name for leaf in leaves if isinstance(leaf, models.F)}  # type: ignore[attr-defined]
        names = named.union(constraint.fields)
    elif isinstance(constraint, models.CheckConstraint) and isinstance(constraint.condition, models.Q):
        names = constraint.condition.referenced_base_fields
    return next(iter(names)) if len(names) == 1 else None  # Never pop: Django keeps the set it hands out.
