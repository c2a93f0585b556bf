"""Encrypted fields, keys and blind indexes."""

import datetime as dt

import pytest
from django.core.exceptions import FieldError, ImproperlyConfigured, ValidationError
from django.core.serializers import serialize
from django.db import connection, models
from django.test.utils import isolate_apps

from governance.privacy.blind_index import blind_index, blind_matches
from governance.privacy.checks import check_field_keys
from governance.privacy.fields import EncryptedJSONField, EncryptedTextField
from governance.privacy.keys import DecryptionError, decrypt, encrypt

OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def sample(db):
    """A model with encrypted columns, whose table lives as long as the test."""
    with isolate_apps("governance.privacy"):

        class Sample(models.Model):  # noqa: DJ008
            name = EncryptedTextField(null=True, max_length=20)
            alias = EncryptedTextField(null=True)
            extra = EncryptedJSONField(null=True)

            class Meta:
                app_label = "privacy"

        with connection.schema_editor() as editor:
            editor.create_model(Sample)
        yield Sample


def stored(column: str) -> bytes:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM privacy_sample")
        return bytes(cursor.fetchone()[0])


@pytest.mark.parametrize("text", ["张三", "", "坪山街道 88 号 😀", "x" * 20])
def test_text_comes_back_and_is_not_in_the_database(sample, text):
    sample.objects.create(name=text)
    assert sample.objects.get().name == text
    assert isinstance(sample.objects.get().name, str)
    assert not text or text.encode() not in stored("name")


@pytest.mark.parametrize("value", [{"姓名": "张三", "tags": ["a", 1, None, True]}, [1, "二"], "三", 4, {}])
def test_json_comes_back_and_is_not_in_the_database(sample, value):
    sample.objects.create(extra=value)
    assert sample.objects.get().extra == value
    assert "张三".encode() not in stored("extra")


def test_none_stays_null(sample):
    sample.objects.create()
    assert sample.objects.filter(name__isnull=True, extra=None).count() == 1
    assert sample.objects.get().name is None


def test_the_same_text_is_stored_differently_each_time(sample):
    sample.objects.create(name="张三")
    first = stored("name")
    row = sample.objects.get()
    row.save()
    assert stored("name") != first
    assert sample.objects.get().name == "张三"


def test_bulk_writes_encrypt_too(sample):
    rows = sample.objects.bulk_create([sample(name=f"第{number}人", extra={"n": number}) for number in range(3)])
    for row in rows:
        row.name = f"改名{row.extra['n']}"
    sample.objects.bulk_update(rows, ["name"])
    assert [row.name for row in sample.objects.order_by("pk")] == ["改名0", "改名1", "改名2"]
    sample.objects.update(name="同名")
    assert set(sample.objects.values_list("name", flat=True)) == {"同名"}


def test_a_ciphertext_moved_to_another_column_does_not_open(sample):
    sample.objects.create(name="张三")
    assert sample.objects.get().name == "张三"
    with connection.cursor() as cursor:
        cursor.execute("UPDATE privacy_sample SET alias = name")
    with pytest.raises(DecryptionError, match=r"privacy_sample\.alias"):
        sample.objects.get()


def test_comparing_is_refused_with_advice(sample):
    sample.objects.create(name="张三")
    assert sample.objects.filter(name__isnull=False).exists()
    for lookup in ("name", "name__in", "name__contains", "extra__key"):
        with pytest.raises(FieldError, match="encrypted"):
            sample.objects.filter(**{lookup: ["张三"]}).exists()


def test_values_stay_out_of_repr_and_fixtures(sample):
    sample.objects.create(name="张三", extra={"phone": "13912342046", "all": ["13912342046"]})
    row = sample.objects.get()
    printed = repr(list(sample.objects.values())) + repr(vars(row)) + str(row.extra) + repr(row.extra["all"])
    assert "张三" not in printed
    assert "13912342046" not in printed
    assert f"{row.name}" == "张三"
    assert row.extra["phone"] == "13912342046"
    with pytest.raises(FieldError, match="not written"):
        serialize("json", [row])


def test_no_form_takes_it_in_unasked(sample):
    assert not sample._meta.get_field("name").editable
    from django.forms import modelform_factory

    assert set(modelform_factory(sample, fields="__all__").base_fields) == set()


def test_max_length_counts_clear_characters(sample):
    field = sample._meta.get_field("name")
    assert field.clean("字" * 20, None) == "字" * 20
    with pytest.raises(ValidationError):
        field.clean("字" * 21, None)


def test_a_new_key_in_front_encrypts_and_the_old_one_still_opens(sample, settings):
    settings.FIELD_KEYS = [OLD]
    sample.objects.create(name="张三")
    under_old = stored("name")
    settings.FIELD_KEYS = [NEW, OLD]
    row = sample.objects.get()
    assert row.name == "张三"
    row.save()
    assert stored("name")[:4] != under_old[:4]
    settings.FIELD_KEYS = [NEW]
    assert sample.objects.get().name == "张三"


def test_a_missing_key_is_named_by_its_id(sample, settings):
    settings.FIELD_KEYS = [OLD]
    sample.objects.create(name="张三")
    key_id = stored("name")[:4].hex()
    settings.FIELD_KEYS = [NEW]
    with pytest.raises(DecryptionError, match=key_id) as caught:
        sample.objects.get()
    assert "FIELD_KEYS" in str(caught.value)


def test_an_altered_value_is_refused():
    sealed = encrypt("张三".encode(), place="a.b")
    assert decrypt(sealed, place="a.b").decode() == "张三"
    for position in (5, 17, len(sealed) - 1):
        altered = bytearray(sealed)
        altered[position] ^= 1
        with pytest.raises(DecryptionError, match="altered"):
            decrypt(bytes(altered), place="a.b")
    with pytest.raises(DecryptionError):
        decrypt(b"", place="a.b")


@pytest.mark.parametrize("keys", [[], [b"short"], [b"k" * 16]])
def test_unusable_keys_are_refused_with_words(settings, keys):
    assert check_field_keys() == []
    settings.FIELD_KEYS = keys
    with pytest.raises(ImproperlyConfigured, match="32 bytes"):
        encrypt(b"x", place="a.b")
    assert [error.id for error in check_field_keys()] == ["privacy.E001"]


def test_blind_index_compares_telephones_by_number():
    same = ["13912342046", "+86 139-1234-2046", "0086 13912342046", " １３９１２３４２０４６ ", "(139) 1234 2046"]
    assert len({blind_index(phone, purpose="phone") for phone in same}) == 1
    assert blind_index("13912342047", purpose="phone") != blind_index(same[0], purpose="phone")
    assert blind_index("+8675584622222", purpose="phone") == blind_index("0755-84622222", purpose="phone")
    assert blind_index("+44 13912342046", purpose="phone") != blind_index(same[0], purpose="phone")


def test_blind_index_tells_purposes_apart_and_folds_case():
    index = blind_index("Zhang@Example.com", purpose="email")
    assert index == blind_index("zhang@example.com ", purpose="email")
    assert index != blind_index("zhang@example.com", purpose="other")
    assert len(index) == 64
    assert blind_index("11010519491231002x", purpose="id") == blind_index("11010519491231002X", purpose="id")


def test_a_digest_is_found_under_the_key_it_was_made_with(settings):
    settings.FIELD_KEYS = [OLD]
    index = blind_index("13912342046", purpose="phone")
    settings.FIELD_KEYS = [NEW, OLD]
    newest, older = blind_matches("+86 139 1234 2046", purpose="phone")
    assert (newest, older) == (blind_index("13912342046", purpose="phone"), index)
    settings.FIELD_KEYS = [NEW]
    assert blind_matches("13912342046", purpose="phone") == [newest] != [index]


def test_dates_in_json_are_written_as_iso(sample):
    sample.objects.create(extra={"on": dt.date(2026, 11, 12)})
    assert sample.objects.get().extra == {"on": "2026-11-12"}
