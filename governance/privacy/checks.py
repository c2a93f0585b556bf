"""Start-up check: the field keys are usable before the first resident types a telephone number."""

from typing import Any

from django.core.checks import CheckMessage, Error
from django.core.exceptions import ImproperlyConfigured

from governance.privacy.keys import decrypt, encrypt


def check_field_keys(**_options: Any) -> list[CheckMessage]:
    """Encrypt and decrypt once."""
    try:
        decrypt(encrypt(b"", place="check"), place="check")
    except ImproperlyConfigured as error:
        return [Error(str(error), id="privacy.E001")]
    return []
