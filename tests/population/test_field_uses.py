"""Every field of the registry says why it is kept. Nothing is collected that nobody gave a reason for."""

import pytest
from django.apps import apps

from population.field_uses import FIELD_USES, MODELS, TECHNICAL, uses_by_field
from population.models import Source
from population.models.settings import RegistrySettings

# Never in the registry, whatever an office asks for: PIPL art. 28, STANDARDS 4.2.
FORBIDDEN = ("religio", "politic", "party", "health", "illness", "crimin", "drug", "hiv", "nation", "ethnic", "score")


def _facts() -> set[tuple[str, str]]:
    return {
        (label, field.name)
        for label in MODELS
        for field in apps.get_model(label)._meta.local_concrete_fields
        if field.name not in TECHNICAL
    }


def test_every_field_has_its_reason_and_only_real_fields_have_one():
    declared = [(use.model, name) for use in FIELD_USES for name in use.fields.split()]
    assert len(declared) == len(set(declared)), "one purpose each"
    assert set(declared) == _facts()
    assert {use.model for use in FIELD_USES} == set(MODELS)


def test_every_table_of_collected_records_is_declared():
    """Rule: what says of itself where it comes from is of the registry, and so is declared here."""
    collected = {
        model._meta.label
        for model in apps.get_app_config("population").get_models()
        if {"source", "collected_at", "confirmed_at"} <= {field.name for field in model._meta.local_fields}
    }
    assert len(collected) > 4
    assert collected <= set(MODELS)


@pytest.mark.parametrize("use", FIELD_USES, ids=lambda use: f"{use.model} {use.fields}")
def test_a_use_says_everything(use):
    assert str(use.purpose)
    assert str(use.collector)
    assert set(use.sources) <= set(Source)
    assert use.sources
    assert [title for title in use.titles if str(title).isascii()] == [], "every field has a name that people read"
    settings = RegistrySettings()
    assert use.months(settings) == (getattr(settings, use.term) if use.term else None)
    assert use.term or "phone" not in use.fields, "what changes with people goes stale"


def test_what_must_never_be_kept_has_no_column():
    names = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_app_config("population").get_models()
        for field in model._meta.local_fields
    ]
    assert len(names) > 100
    assert [name for name in names if any(word in name.lower() for word in FORBIDDEN)] == []


def test_a_field_leads_to_its_use():
    assert "找得到本人" in str(uses_by_field()["population.Person", "phone"].purpose)


def test_the_page_tells_them_all_in_both_languages(client_of):
    page = client_of("head").get("/staff/registry/fields/").content.decode()
    assert [use for use in FIELD_USES if str(use.purpose) not in page] == []
    assert "12 个月" in page
    assert "还没有确认" in page, "numbers that nobody made their own are said to be so"
    english = (
        client_of("grid_worker").get("/staff/registry/fields/", headers={"accept-language": "en"}).content.decode()
    )
    assert "Every 12 months" in english
    assert client_of("stranger").get("/staff/registry/fields/").status_code in {403, 404}
