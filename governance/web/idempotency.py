"""One press, one row: a form carries a key, and the created row keeps it in a unique column `submission_key`."""

from collections.abc import Callable
from typing import TypeVar
from uuid import UUID

from django.db import IntegrityError, models, transaction

Row = TypeVar("Row", bound=models.Model)


def once(queryset: models.QuerySet[Row], key: UUID) -> Row | None:
    """Return the row that an earlier press of the same button created, or None."""
    return queryset.filter(submission_key=key).order_by("pk").first()


def create_once(queryset: models.QuerySet[Row], key: UUID, create: Callable[[], Row]) -> tuple[Row, bool]:
    """Return (row, created): `create` runs unless the key has a row, and loses quietly to a press that was faster.

    `create` must store `submission_key=key`, which the table keeps unique. Other integrity errors are raised.
    """
    if (row := once(queryset, key)) is not None:
        return row, False
    try:
        with transaction.atomic():
            return create(), True
    except IntegrityError:
        if (faster := once(queryset, key)) is None:
            raise
        return faster, False
