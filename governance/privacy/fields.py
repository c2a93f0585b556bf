"""Model fields whose values are encrypted in the database.

The place (table and column) is bound into each value: a ciphertext copied into another column does not open. Renaming
the table or the column therefore needs a migration that encrypts anew. Values cannot be searched; keep a
`blind_index` beside them. They are not editable, so that no ModelForm or admin form takes them in unasked.
"""

import json
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, NoReturn

from django.core.exceptions import FieldError
from django.core.serializers.json import DjangoJSONEncoder
from django.core.validators import MaxLengthValidator
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.lookups import Exact
from psycopg2 import Binary

from governance.privacy.blind_index import blind_index, blind_matches
from governance.privacy.keys import decrypt, encrypt
from governance.privacy.private import PrivateText, private

__all__ = [
    "BlindIndexField",
    "EncryptedBytesField",
    "EncryptedJSONField",
    "EncryptedTextField",
    "blind_index",
    "blind_matches",
]

if TYPE_CHECKING:
    _Field = models.Field[Any, Any]
    _CharField = models.CharField[str, str]
    _Exact = Exact[Any]
else:
    _Field, _Exact, _CharField = models.Field, Exact, models.CharField


class _ExactNone(_Exact):
    """`field=None` means IS NULL, which needs no key; Django asks for "exact" first to find that out."""

    def __init__(self, lhs: Any, rhs: Any) -> None:
        if rhs is not None:
            raise FieldError(f"{lhs.target.name} is encrypted and cannot be compared; ask a blind_index beside it.")
        super().__init__(lhs, rhs)


class _EncryptedField(_Field):
    """What all encrypted fields share: bytes in the column, no lookups but isnull, no serialisation."""

    empty_strings_allowed = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["editable"] = False
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        name, path, args, kwargs = super().deconstruct()
        kwargs.pop("editable", None)
        return name, path, list(args), kwargs

    def get_internal_type(self) -> str:
        return "BinaryField"

    @property
    def _place(self) -> str:
        return f"{self.model._meta.db_table}.{self.column}"

    def _to_bytes(self, value: Any) -> bytes:
        raise NotImplementedError

    def _from_bytes(self, plain: bytes) -> Any:
        raise NotImplementedError

    def get_db_prep_value(self, value: Any, connection: BaseDatabaseWrapper, prepared: bool = False) -> Any:
        return None if value is None else Binary(encrypt(self._to_bytes(value), place=self._place))

    def from_db_value(self, value: Any, _expression: Any, _connection: BaseDatabaseWrapper) -> Any:
        return None if value is None else self._from_bytes(decrypt(bytes(value), place=self._place))

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name == "exact":
            return _ExactNone
        if lookup_name == "isnull":
            return super().get_lookup(lookup_name)
        raise FieldError(f"{self.name} is encrypted; {lookup_name!r} cannot look inside it.")

    def get_transform(self, lookup_name: str) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted; {lookup_name!r} cannot look inside it.")

    def value_to_string(self, _obj: models.Model) -> NoReturn:
        raise FieldError(f"{self.name} is encrypted and is not written to fixtures.")


class EncryptedTextField(_EncryptedField):
    """Text, encrypted. `max_length` limits the clear text, in characters, when the field is cleaned."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.max_length is not None:
            self.validators.append(MaxLengthValidator(self.max_length))

    def to_python(self, value: Any) -> str | None:
        """Return text, or None."""
        return value if value is None or isinstance(value, str) else str(value)

    def _to_bytes(self, value: Any) -> bytes:
        return str(value).encode()

    def _from_bytes(self, plain: bytes) -> PrivateText:
        return PrivateText(plain.decode())


class EncryptedJSONField(_EncryptedField):
    """Anything JSON can hold, encrypted as a whole."""

    def _to_bytes(self, value: Any) -> bytes:
        return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, separators=(",", ":")).encode()

    def _from_bytes(self, plain: bytes) -> Any:
        return private(json.loads(plain))


class EncryptedBytesField(_EncryptedField):
    """A piece of a file, encrypted. Write pieces of a few MB: each value is in memory as a whole, more than once."""

    def _to_bytes(self, value: Any) -> bytes:
        return bytes(value)

    def _from_bytes(self, plain: bytes) -> bytes:
        return plain


class BlindIndexField(_CharField):
    """The blind index of the encrypted text beside it (`of`), so that it can be made anew under a new key.

    `without` is a pattern of characters that are dropped before. For migrations it is a plain column of 64 characters.
    """

    def __init__(self, *args: Any, of: str = "", purpose: str = "", without: str = "", **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 64)
        super().__init__(*args, **kwargs)
        self.of, self.purpose, self.without = of, purpose, without

    def deconstruct(self) -> tuple[str, str, list[Any], dict[str, Any]]:
        """A plain column: keys and purposes are no matter of the table."""
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.CharField", list(args), kwargs

    def digest(self, value: str) -> str:
        """Return what is stored for a value, under the newest key."""
        return blind_index(self._bare(value), purpose=self.purpose)

    def digests(self, value: str) -> list[str]:
        """Return what may be stored for a value, under each key: search with `__in` these."""
        return blind_matches(self._bare(value), purpose=self.purpose)

    def _bare(self, value: str) -> str:
        return re.sub(self.without, "", value) if self.without else value


def encrypted_fields(model: type[models.Model]) -> Iterator["models.Field[Any, Any]"]:
    """Yield the encrypted fields of a model's own table."""
    return (field for field in model._meta.local_fields if isinstance(field, _EncryptedField))
