"""Who wants which event: handlers register themselves in `<app>/handlers.py`."""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from django.core.exceptions import ImproperlyConfigured

# A handler takes one DomainEvent or, with batch=True, a list of them; its module names which.
HandlerFunction = Callable[[Any], None]
F = TypeVar("F", bound=HandlerFunction)


@dataclass(frozen=True)
class Handler:
    """One handler: `key` is stored with each delivery, so moving or renaming the function needs its old `key`."""

    key: str
    function: HandlerFunction
    batch: bool


_handlers: dict[str, Handler] = {}
_by_event: defaultdict[str, list[str]] = defaultdict(list)


def subscribe(name: str, *, batch: bool = False, key: str = "") -> Callable[[F], F]:
    """Have the decorated function called once for every event with this name; stack the decorator for several names.

    The function gets the `DomainEvent`, or with `batch=True` a list of up to 500 of them. It runs in a savepoint, in
    the transaction that marks the delivery done. It may touch the database only, loads the present state (deliveries
    have no order), and must do no harm when called again. Raising puts the delivery back for later.
    """

    def register(function: F) -> F:
        handler = Handler(key or f"{function.__module__}.{function.__qualname__}", function, batch)
        known = _handlers.setdefault(handler.key, handler)
        if known != handler:
            raise ImproperlyConfigured(f"Two different event handlers are called {handler.key}.")
        if handler.key not in _by_event[name]:
            _by_event[name].append(handler.key)
        return function

    return register


def handler_keys(name: str) -> tuple[str, ...]:
    """Return the keys of the handlers subscribed to an event name."""
    return tuple(_by_event.get(name, ()))


def handlers() -> dict[str, Handler]:
    """Return all handlers by key."""
    return dict(_handlers)


def subscribed_names() -> dict[str, tuple[str, ...]]:
    """Return event name -> handler keys, for the architecture test that looks for misspelt names."""
    return {name: tuple(keys) for name, keys in _by_event.items() if keys}
