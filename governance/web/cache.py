"""A cache that may be lost: connection errors read as misses, so a dead Valkey slows pages and breaks none."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

log = structlog.get_logger("liren.cache")

REST_SECONDS = 2.0  # after a failure, do without the cache for so long instead of waiting for it again and again
LOG_SECONDS = 60.0


def _forgiving(method_name: str, missing: Callable[..., Any]) -> Callable[..., Any]:
    original = getattr(RedisCache, method_name)

    @wraps(original)
    def call(self: "ForgivingRedisCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() < self.rests_until:
            return missing(*args, **kwargs)
        try:
            return original(self, *args, **kwargs)
        except (RedisConnectionError, RedisTimeoutError) as error:
            self.rest(error)
            return missing(*args, **kwargs)

    return call


def _missing_number(key: str, *_args: Any, **_kwargs: Any) -> int:
    raise ValueError(f"Key '{key}' not found")  # what every Django cache raises for a key that is not there


class ForgivingRedisCache(RedisCache):
    """Django's Redis cache, except that a lost server is an empty cache. Logged at most once a minute."""

    rests_until = 0.0
    logged_at = float("-inf")

    def rest(self, error: Exception) -> None:
        """Leave the server alone for a moment and say so, rarely."""
        now = time.monotonic()
        self.rests_until = now + REST_SECONDS
        if now - type(self).logged_at >= LOG_SECONDS:
            type(self).logged_at = now
            log.warning("cache_unreachable", error=type(error).__name__)

    get = _forgiving("get", lambda key, default=None, version=None: default)
    get_many = _forgiving("get_many", lambda *args, **kwargs: {})
    has_key = _forgiving("has_key", lambda *args, **kwargs: False)
    add = _forgiving("add", lambda *args, **kwargs: True)  # an empty cache takes it: nobody waits for a lock
    set = _forgiving("set", lambda *args, **kwargs: None)
    set_many = _forgiving("set_many", lambda data, *args, **kwargs: list(data))
    touch = _forgiving("touch", lambda *args, **kwargs: False)
    delete = _forgiving("delete", lambda *args, **kwargs: False)
    delete_many = _forgiving("delete_many", lambda *args, **kwargs: None)
    incr = _forgiving("incr", _missing_number)
    clear = _forgiving("clear", lambda *args, **kwargs: False)
