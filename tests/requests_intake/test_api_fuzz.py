"""Schemathesis sends what the description allows and what it does not: no server error, no answer that is not in it.

Bounded and with fixed seeds: a few hundred calls through the whole stack of middlewares, with a real token.
"""

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.db import close_old_connections
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from governance.wsgi import application
from requests_intake.actions import ACTIONS
from tests.requests_intake.conftest import town_with
from tests.requests_intake.programs import issue
from tests.requests_intake.walk import to_state, to_turn

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
EXAMPLES = 12
OPERATIONS = [
    ("GET", "requests/"),
    ("POST", "requests/"),
    ("GET", "requests/{number}/"),
    ("POST", "requests/{number}/contact/"),
    ("GET", "requests/{number}/transitions/"),
    ("POST", "requests/{number}/transitions/{name}/"),
    ("POST", "requests/{number}/supplements/"),
    ("POST", "attachments/"),
    ("GET", "results/"),
    ("GET", "catalogue/"),
    ("GET", "organisations/"),
    ("GET", "areas/"),
]


def _called(world):
    """Token, and numbers of requests in many states."""
    requests = [to_state(world, state) for state in ("submitted", "accepted", "signed", "callback", "closed")]
    requests += [to_turn(world, turn) for turn in ("disputed", "helped")]
    return issue(world, "dispatcher").secret, [request.number for request in requests]


@pytest.fixture(scope="module")
def _town(django_db_setup, django_db_blocker):
    """The town with these requests, made once: what the calls of a test change in them is undone after it."""
    with town_with(django_db_blocker, _called) as town:
        yield town


@pytest.fixture
def called(_town, world):
    """The token and the numbers."""
    return _town[2]


@pytest.fixture(scope="module", autouse=True)
def _one_connection():
    """A server gives up its connection after a request; here the transaction of the test lives in it."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture(scope="module")
def described(_one_connection):
    """The description as the portal hands it out."""
    return schemathesis.openapi.from_wsgi("/api/v1/schema/", application)


def test_the_operations_below_are_all_there_are(described):
    assert {(one.ok().method.upper(), one.ok().path) for one in described.get_all_operations()} == {
        (method, f"/api/v1/{path}") for method, path in OPERATIONS
    }


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_no_input_is_a_server_error(called, described, settings_of_calls, method, path):
    secret, numbers = called
    operation = described[f"/api/v1/{path}"][method]
    tried = []

    @given(data=st.data())
    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        verbosity=Verbosity.quiet,
        suppress_health_check=list(HealthCheck),
    )
    def call(data):
        mode = data.draw(st.sampled_from([GenerationMode.POSITIVE, GenerationMode.POSITIVE, GenerationMode.NEGATIVE]))
        case = data.draw(operation.as_strategy(generation_mode=mode))
        if "{number}" in path and data.draw(st.integers(0, 3)):  # else hardly any call would get past 404
            case.path_parameters["number"] = data.draw(st.sampled_from(numbers))
        if "{name}" in path and data.draw(st.integers(0, 3)):
            case.path_parameters["name"] = data.draw(st.sampled_from(sorted(ACTIONS)))
        response = case.call(headers={"Authorization": f"Bearer {secret}"})
        case.validate_response(response, checks=CHECKS)
        tried.append(response.status_code)

    call()
    assert len(tried) >= EXAMPLES // 2
    assert not {status for status in tried if status >= 500}


@pytest.fixture
def settings_of_calls(settings):
    """More calls a minute than any office makes."""
    settings.API_PER_MINUTE = 1_000_000
