"""Throttles slow robots down, speak in words, and let everybody through when the cache is gone."""

import pytest
from django.core.cache import cache
from django.http import HttpResponse
from django.test import RequestFactory, override_settings

from governance.web.cache import ForgivingRedisCache
from governance.web.throttle import client_address, seconds_to_wait, throttle

DEAD = {"default": {"BACKEND": "governance.web.cache.ForgivingRedisCache", "LOCATION": "unix:///nowhere/valkey.sock"}}


@throttle("sample", limit=3, seconds=600)
def view(request):
    return HttpResponse("ok")


def post(rf: RequestFactory, address: str = "10.1.2.3"):
    return view(rf.post("/", REMOTE_ADDR=address))


@pytest.mark.django_db
def test_the_fourth_press_waits_and_reads_why(rf: RequestFactory):
    assert [post(rf).status_code for _ in range(4)] == [200, 200, 200, 429]
    refused = post(rf)
    assert 0 < int(refused.headers["Retry-After"]) <= 600
    words = refused.content.decode()
    assert "您写的没有丢" in words
    assert "分钟再送" in words or "秒再送" in words


def test_looking_and_other_people_are_not_counted(rf: RequestFactory):
    for _ in range(3):
        post(rf)
    assert view(rf.get("/", REMOTE_ADDR="10.1.2.3")).status_code == 200
    assert post(rf, "10.1.2.4").status_code == 200


def test_one_home_is_one_ipv6_network(rf: RequestFactory):
    first = client_address(rf.get("/", REMOTE_ADDR="2001:db8:1:2:aaaa::1"))
    assert first == client_address(rf.get("/", REMOTE_ADDR="2001:db8:1:2:bbbb::2"))
    assert first != client_address(rf.get("/", REMOTE_ADDR="2001:db8:1:3::1"))


def test_only_our_own_proxy_is_believed(rf: RequestFactory):
    request = rf.get("/", REMOTE_ADDR="10.0.0.1", headers={"x-forwarded-for": "1.2.3.4, 5.6.7.8"})
    assert client_address(request) == "10.0.0.1"
    with override_settings(SECURE_PROXY_SSL_HEADER=("HTTP_X_FORWARDED_PROTO", "https")):
        assert client_address(request) == "5.6.7.8"


def test_the_cache_holds_no_addresses(rf: RequestFactory, monkeypatch: pytest.MonkeyPatch):
    keys: list[str] = []
    original = cache.incr
    monkeypatch.setattr(cache, "incr", lambda key, *args: keys.append(key) or original(key, *args))
    seconds_to_wait(rf.post("/", REMOTE_ADDR="10.1.2.3"), "sample", 3, 600)
    assert len(keys) == 1
    assert "10.1.2.3" not in keys[0]


def test_a_counter_by_own_key(rf: RequestFactory):
    request = rf.post("/")
    waits = [seconds_to_wait(request, "by-number", 1, 60, by=lambda _request: "number:1") for _ in range(2)]
    assert waits[0] == 0
    assert waits[1] > 0
    assert seconds_to_wait(request, "by-number", 1, 60, by=lambda _request: "number:2") == 0


@override_settings(CACHES=DEAD)
def test_a_dead_cache_lets_everybody_through(rf: RequestFactory):
    assert [post(rf).status_code for _ in range(6)] == [200] * 6


@override_settings(CACHES=DEAD)
def test_a_dead_cache_is_an_empty_one_and_is_asked_once(monkeypatch: pytest.MonkeyPatch):
    from structlog.testing import capture_logs

    monkeypatch.setattr(ForgivingRedisCache, "logged_at", float("-inf"))
    attempts = []
    monkeypatch.setattr(
        "redis.connection.UnixDomainSocketConnection._connect",
        lambda self, *args: attempts.append(1) or (_ for _ in ()).throw(ConnectionRefusedError()),
    )
    with capture_logs() as logs:
        assert cache.get("a", "missing") == "missing"
        assert cache.get_many(["a"]) == {}
        assert cache.add("a", 1) is True
        assert cache.set_many({"a": 1}) == ["a"]
        assert cache.get_or_set("a", 7) == 7
        assert "a" not in cache
        cache.set("a", 1)
        with pytest.raises(ValueError, match="not found"):
            cache.incr("a")
    assert len(attempts) <= 2  # then it is left alone for a moment
    assert [line["event"] for line in logs] == ["cache_unreachable"]
