"""People and pages that the tests of the web layer share."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from governance.access.models import Grant, Role, User


@pytest.fixture(autouse=True)
def _chinese() -> Any:
    """The process starts each test in the source language."""
    with translation.override("zh-hans"):
        yield


@pytest.fixture
def staff(db: None) -> User:
    """A dispatcher of the whole district."""
    user = User.objects.create_user("chen@example.com", display_name="陈晓青")
    now = timezone.now()
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="dispatcher"),
        area_code="990105",
        starts_at=now - timedelta(days=1),
        reason="test",
        created_at=now,
    )
    return user


@pytest.fixture
def staff_client(staff: User) -> Client:
    client = Client()
    client.force_login(staff)
    return client
