"""The description of the interface: complete, in English, and true of what is there."""

import json
import re

import pytest
from django.test import Client
from drf_spectacular.drainage import GENERATOR_STATS
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.validation import validate_schema

from tests.architecture.test_views_marked import patterns


@pytest.fixture(scope="module")
def schema():
    return SchemaGenerator().get_schema(request=None, public=True)


def test_it_is_written_without_a_warning(schema, capsys):
    GENERATOR_STATS.reset()
    validate_schema(SchemaGenerator().get_schema(request=None, public=True))
    assert not GENERATOR_STATS._warn_cache
    assert not GENERATOR_STATS._error_cache


def test_every_address_is_described(schema):
    routes = {
        "/" + re.sub(r"<\w+:(\w+)>", r"{\1}", route) for route, _view in patterns() if route.startswith("api/v1/")
    }
    assert routes - {"/api/v1/schema/"} == set(schema["paths"])
    assert len(schema["paths"]) >= 10


def test_every_operation_says_what_it_does_and_how_it_refuses(schema):
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            name = f"{method} {path}"
            assert len(operation["description"]) > 20, name
            assert operation["summary"], name
            assert operation["security"] == [{"token": []}], name
            assert {"400", "401", "403", "429"} <= set(operation["responses"]), name
            assert "404" in operation["responses"] or "{" not in path, name
            assert {"409", "422"} <= set(operation["responses"]) or method == "get", name


def test_it_is_open_to_all_and_needs_no_other_host(db):
    answer = Client(headers={"Accept": "application/vnd.oai.openapi+json"}).get("/api/v1/schema/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert json.loads(text)["openapi"].startswith("3.")
    assert not re.findall(r"https?://(?!localhost|testserver)[a-z]", text)
