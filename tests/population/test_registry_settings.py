"""The office's numbers for the registry: when a record is due for a check."""

from datetime import datetime, timedelta

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from population.models import Dwelling, RegistrySettings, due_before, registry_settings
from population.models.settings import registry_settings_forget

MOMENTS = st.datetimes(datetime(2015, 1, 1), datetime(2030, 12, 31)).map(timezone.make_aware)


@pytest.mark.django_db
def test_without_a_row_the_numbers_are_those_liren_comes_with() -> None:
    found = registry_settings()
    numbers = (found.dwelling_months, found.person_months, found.entity_months, found.binding_days)
    assert numbers == (12, 12, 24, 30)
    assert found.is_confirmed is False


@pytest.mark.django_db
def test_the_numbers_are_read_once_and_again_after_a_change() -> None:
    RegistrySettings.objects.create(pk=1, dwelling_months=6)
    assert registry_settings().dwelling_months == 6
    with CaptureQueriesContext(connection) as sql:
        assert registry_settings().dwelling_months == 6
    assert len(sql) == 0

    RegistrySettings.objects.update(dwelling_months=9)
    registry_settings_forget()
    assert registry_settings().dwelling_months == 9


@pytest.mark.django_db
@pytest.mark.parametrize("values", [{"pk": 2}, {"dwelling_months": 0}, {"person_months": 121}, {"binding_days": 366}])
def test_there_is_one_row_with_numbers_in_bounds(values: dict[str, int]) -> None:
    with pytest.raises(IntegrityError):
        RegistrySettings.objects.create(**({"pk": 1} | values))


@given(at=MOMENTS, months=st.integers(1, 60), around=st.integers(-4 * 86_400, 4 * 86_400))
def test_a_record_is_due_exactly_when_it_is_so_many_months_old(at: datetime, months: int, around: int) -> None:
    border = due_before(at, months)
    confirmed_at = border + timedelta(seconds=around)
    is_due = Dwelling(confirmed_at=confirmed_at).months_old(at) >= months
    assert is_due == (confirmed_at < border)
