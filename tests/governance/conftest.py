"""Fixtures of the kernel's tests."""

import os
from pathlib import Path

import pytest
from django.conf import settings


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data, named by LIREN_DATA_DIR. It is not part of the product, so a clone may lack it."""
    folder = Path(settings.DATA_DIR)
    if not folder.is_dir():
        reason = f"the folder of real data is not at {folder} (set LIREN_DATA_DIR)"
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI must run this test, but {reason}")
        pytest.skip(reason)
    return folder
