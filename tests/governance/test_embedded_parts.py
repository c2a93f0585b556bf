"""The supervisor's parts: what each refuses, and what it makes good after a crash."""

import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from governance.embedded import supervisor
from governance.embedded.binaries import binaries
from governance.embedded.errors import EmbeddedError
from governance.embedded.keys import installation_keys
from governance.embedded.places import Places, database_account, make_private, places
from governance.embedded.postgres import Cluster
from governance.embedded.processes import Child, held_by, only_one
from governance.embedded.testing import redis_of_worker


@pytest.fixture
def where(tmp_path: Path) -> Iterator[Places]:
    found = places(tmp_path / "var")
    yield found
    shutil.rmtree(found.state, ignore_errors=True)  # for root it lies outside of tmp_path


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The servers' programs, copied once for root."""
    found = places(tmp_path_factory.mktemp("programs") / "var")
    yield binaries(found).postgres
    shutil.rmtree(found.state, ignore_errors=True)


def cluster_in(where: Places, programs: Path) -> Cluster:
    return Cluster(
        programs=programs,
        data=where.state / "pg",
        sockets=where.sockets("run"),
        account=where.account,
        settings={"fsync": "off", "shared_buffers": "16MB", "max_connections": "20"},
    )


@pytest.fixture
def cluster(where: Places, programs: Path) -> Iterator[Cluster]:
    """No files yet."""
    found = cluster_in(where, programs)
    yield found
    found.stop()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, programs: Path) -> Iterator[Path]:
    """The files of a cluster that was made and stopped."""
    where = places(tmp_path_factory.mktemp("made") / "var")
    found = cluster_in(where, programs)
    found.start()
    found.stop()
    yield found.data
    shutil.rmtree(where.state, ignore_errors=True)


@pytest.fixture
def ready(cluster: Cluster, made: Path) -> Cluster:
    """A cluster that ran before: copied, for making one takes seconds."""
    shutil.copytree(made, cluster.data)
    if cluster.account:
        for path in (cluster.data, *cluster.data.rglob("*")):
            os.chown(path, cluster.account.pw_uid, cluster.account.pw_gid)
    return cluster


def test_a_cluster_knows_chinese_and_the_application_is_no_superuser(cluster: Cluster) -> None:
    cluster.start()
    assert cluster.alive()
    words = cluster.sql("SELECT cardinality(show_trgm('坪山街道路灯坏了'))", database="liren")
    assert int(words) > 5  # none at all in a cluster whose locale is plain C
    assert cluster.sql("SELECT rolsuper, rolcreatedb FROM pg_roles WHERE rolname = 'liren'") == "f|t"
    assert (
        cluster.sql("SELECT count(*) FROM pg_extension WHERE extname IN ('pg_trgm', 'btree_gist')", database="liren")
        == "2"
    )
    assert cluster.sql("SHOW listen_addresses") == ""


def test_a_cluster_starts_again_after_its_server_was_killed(ready: Cluster) -> None:
    ready.start()
    ready.sql("CREATE TABLE kept AS SELECT 7 AS n", database="liren")
    assert ready.pid is not None
    os.kill(ready.pid, 9)
    assert wait_for(lambda: not ready.alive())
    ready.start()
    assert ready.sql("SELECT n FROM kept", database="liren") == "7"


def test_a_running_server_of_a_killed_supervisor_is_taken_over(ready: Cluster) -> None:
    ready.start()
    first = ready.pid
    ready.start()
    assert ready.alive()
    assert ready.pid != first


def test_a_stale_pid_file_never_makes_us_signal_another_program(ready: Cluster) -> None:
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as stranger:
        (ready.data / "postmaster.pid").write_text(f"{stranger.pid}\n{ready.data}\n", encoding="utf-8")
        ready.start()
        assert ready.alive()
        assert stranger.poll() is None
        stranger.kill()


def test_files_of_another_major_version_are_refused_with_the_way_on(ready: Cluster) -> None:
    (ready.data / "PG_VERSION").write_text("15\n", encoding="ascii")
    with pytest.raises(EmbeddedError, match="made by PostgreSQL 15; this release brings 18") as refusal:
        ready.start()
    assert "pg_dump" in str(refusal.value)
    (ready.data / "PG_VERSION").write_text("18\n", encoding="ascii")
    ready.start()  # the same files, untouched
    assert ready.alive()


def test_a_crash_between_making_and_preparing_a_cluster_is_made_good(cluster: Cluster) -> None:
    cluster.make()
    assert not cluster.finished.exists()
    cluster.start()
    assert cluster.sql("SELECT 1", database="liren") == "1"


def test_the_second_holder_of_a_lock_is_told_who_holds_it(tmp_path: Path) -> None:
    path = tmp_path / "lock"
    with only_one(path, "held by {}".format):
        assert held_by(path) == os.getpid()
        with pytest.raises(EmbeddedError, match=f"held by {os.getpid()}"), only_one(path, "held by {}".format):
            pass
    assert held_by(path) is None
    with only_one(path, "held by {}".format):
        pass


def test_a_busy_port_is_refused_with_another_one_to_try() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(EmbeddedError, match=f"PORT={port + 1}"):
            supervisor.require_free(supervisor.Address("127.0.0.1", port))
    supervisor.require_free(supervisor.Address("127.0.0.1", port))


@pytest.mark.parametrize("port", ["0", "65536", "http", "-1"])
def test_a_port_that_is_none_is_named(monkeypatch: pytest.MonkeyPatch, port: str) -> None:
    monkeypatch.setenv("PORT", "8003")
    assert supervisor.address().port == 8003
    monkeypatch.setenv("PORT", port)
    with pytest.raises(EmbeddedError, match="PORT must be"):
        supervisor.address()


def test_keys_are_made_once_and_for_the_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    first = installation_keys(path)
    assert installation_keys(path) == first == json.loads(path.read_text(encoding="utf-8"))
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert installation_keys(tmp_path / "other.json") != first


def test_a_folder_of_sockets_is_private(where: Places) -> None:
    assert stat.S_IMODE(where.sockets("run").stat().st_mode) == 0o700


def test_a_folder_of_sockets_with_a_long_path_moves_to_a_short_one(where: Places) -> None:
    deep = replace(where, state=where.state / ("x" * 90))
    assert len(str(deep.sockets("run"))) < 80
    deep.sockets("run").rmdir()


def test_a_private_folder_is_never_a_link(tmp_path: Path) -> None:
    make_private(tmp_path / "real", None)
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(EmbeddedError, match="somebody else"):
        make_private(tmp_path / "link", None)


def test_root_gets_an_account_for_the_database_and_others_none() -> None:
    account = database_account()
    assert (account is None) == (os.geteuid() != 0)


def test_a_child_is_started_again_with_growing_pauses(tmp_path: Path) -> None:
    child = Child(
        "x", [sys.executable, "-c", "raise SystemExit(3)"], environment={}, folder=tmp_path, log=tmp_path / "l"
    )
    pauses = []
    for _ in range(3):
        child.start()
        assert wait_for(lambda: (status := child.died()) is not None and status == 3)
        pauses.append(child.pause)
    assert pauses == [1, 2, 4]
    assert not child.revive()  # its pause is not over


def test_a_stopped_child_takes_its_children_along(tmp_path: Path) -> None:
    script = (
        "import subprocess, sys, time, signal; signal.signal(signal.SIGTERM, signal.SIG_IGN);"
        "p = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)']);"
        "print(p.pid, flush=True); time.sleep(60)"
    )
    log = tmp_path / "log"
    child = Child("x", [sys.executable, "-c", script], environment={}, folder=tmp_path, log=log, patience=0.5)
    child.start()
    assert wait_for(lambda: log.read_text(encoding="ascii").strip().isdigit())
    grandchild = int(log.read_text(encoding="ascii"))
    child.stop()
    assert wait_for(lambda: not running(grandchild))


def test_each_worker_has_a_valkey_database_of_its_own() -> None:
    url = "unix:///run/v.sock?db=0"
    numbers = [redis_of_worker(url, name) for name in ("", "gw0", "gw1", "gw11")]
    assert numbers == [f"unix:///run/v.sock?db={n}" for n in (1, 1, 2, 12)]


def running(pid: int) -> bool:
    """Whether a process exists and is no zombie."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def wait_for(condition: object, seconds: float = 15) -> bool:
    """Poll a condition until it holds; False when it never does."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.mark.parametrize("value", ["0", "false", "no", ""])
def test_a_portal_of_ones_own_never_runs_on_the_database_of_the_demo(where: Places, cluster: Cluster, value: str):
    one = supervisor.Supervisor(where)
    one.servers = SimpleNamespace(cluster=cluster)  # type: ignore[assignment]
    one.environment = {"LIREN_DEMO": value}
    one.keep_demo_apart()  # an empty folder
    supervisor.demo_logins(where).write_text("[]", encoding="utf-8")
    with pytest.raises(EmbeddedError, match="LIREN_VAR_DIR"):
        one.keep_demo_apart()
    one.environment = {"LIREN_DEMO": "1"}
    one.keep_demo_apart()


def test_new_keys_are_never_made_for_old_data(where: Places, monkeypatch: pytest.MonkeyPatch, capsys):
    for name in ("DATABASE_URL", "FIELD_KEYS", "LIREN_DEMO"):
        monkeypatch.delenv(name, raising=False)
    one, data = supervisor.Supervisor(where), where.state / "pg"
    one.never_new_keys_for_old_data()  # nothing there yet
    data.mkdir()
    (data / "old").touch()
    supervisor.secrets_file(where).touch()
    one.never_new_keys_for_old_data()
    assert data.exists()  # the keys are there: an ordinary start
    supervisor.secrets_file(where).unlink()
    monkeypatch.setenv("LIREN_DEMO", "0")
    with pytest.raises(EmbeddedError, match=r"secrets\.json is gone"):
        one.never_new_keys_for_old_data()
    assert data.exists()
    monkeypatch.setenv("LIREN_DEMO", "1")
    one.never_new_keys_for_old_data()
    (aside,) = where.state.glob("pg-without-keys-*")
    assert not data.exists()
    assert (aside / "old").exists()
    assert str(aside) in capsys.readouterr().out
