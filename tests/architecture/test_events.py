"""Publishers and consumers of events agree."""

import ast
import inspect
import textwrap

from governance.outbox.events import declared
from governance.outbox.subscriptions import handlers, subscribed_names
from governance.outbox.telling import told, told_keys


def test_subscribed_events_exist():
    """Rule: a handler subscribes to a declared event. Reason: names are strings; a misspelt one is never called."""
    assert sorted(set(subscribed_names()) - set(declared())) == []


def test_events_carry_the_name_of_their_app():
    """Rule: an event is called <app>.<past tense> and its app publishes it. Reason: the trail is read by that name."""
    assert declared(), "no events are declared"
    from django.apps import apps

    labels = {config.label for config in apps.get_app_configs()}
    assert sorted(name for name in declared() if name.partition(".")[0] not in labels) == []


def test_handlers_read_only_declared_keys():
    """Rule: what a handler reads from the payload is among the keys of every event it subscribes to.

    Reason: publisher and consumer may not import each other, so nothing else notices a renamed key.
    """
    names_of: dict[str, set[str]] = {}
    for name, keys in subscribed_names().items():
        for key in keys:
            names_of.setdefault(key, set()).add(name)
    wrong = []
    for key, handler in handlers().items():
        known = [set(declared()[name].keys) for name in names_of.get(key, ()) if name in declared()]
        missing = _keys_read(handler.function) - set.intersection(*known) if known else set()
        wrong += [f"{key} reads payload[{name!r}]" for name in sorted(missing)]
    assert wrong == []


def _keys_read(function: object) -> set[str]:
    return _payload_keys(textwrap.dedent(inspect.getsource(inspect.unwrap(function))))  # type: ignore[arg-type]


def _payload_keys(source: str) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Subscript(value=ast.Attribute(attr="payload"), slice=ast.Constant(value=str(key))):
                found.add(key)
            case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="payload"), attr="get"), args=arguments):
                found |= {str(part.value) for part in arguments[:1] if isinstance(part, ast.Constant)}
    return found


def test_the_reader_of_keys_reads():
    """Rule: the test above can fail. Reason: a reader that sees nothing is always green."""
    assert _payload_keys("def f(event):\n    return event.payload['a'], event.payload.get('b', 1)") == {"a", "b"}


def test_every_event_and_key_has_words():
    """Rule: `<app>/trail.py` says in words what an event and the keys of its payload are called, and invents none.

    Reason: those who review the trail read it in sentences; a code tells them nothing.
    """
    real = {name: event for name, event in declared().items() if ".test_" not in name}
    assert sorted(set(real) - set(told())) == []
    assert sorted(set(told()) - set(declared())) == []
    assert sorted({key for event in real.values() for key in event.keys} - told_keys()) == []
