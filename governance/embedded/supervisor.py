"""`make run`: starts everything in order, keeps it running, stops everything in order."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from governance.embedded.errors import EmbeddedError, say
from governance.embedded.keys import installation_keys, write_private
from governance.embedded.places import Places
from governance.embedded.preparation import Preparation
from governance.embedded.processes import (
    Child,
    adopt_orphans,
    end_group,
    end_leftovers,
    held_by,
    only_one,
    reap_strangers,
    rotate,
)
from governance.embedded.servers import DATA, Servers, child_environment, marker

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
HEALTHY_WITHIN = (
    120  # seconds until web, worker and beat must answer; migration and seeding come before and count apart
)
QUEUES = "default,outbox,messages,heavy"


@dataclass(frozen=True)
class Address:
    """Where the web server listens, and how it is reached from this machine."""

    host: str
    port: int

    @property
    def local(self) -> str:
        """Address for our own health check."""
        host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104
        return f"http://{host}:{self.port}"

    @property
    def bind(self) -> str:
        """Form that the web server wants."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


def address() -> Address:
    """HOST and PORT of the environment; 127.0.0.1:8000 without them."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        raise EmbeddedError(f"PORT must be a number from 1 to 65535, not {text!r}.")
    return Address(os.environ.get("HOST") or "127.0.0.1", int(text))


def require_free(where: Address) -> None:
    """Refuse before anything starts when another program listens there."""
    family = socket.AF_INET6 if ":" in where.host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((where.host, where.port))
        except OSError as error:
            raise EmbeddedError(
                f"Liren cannot listen on {where.host}, port {where.port}: {error.strerror}.\n"
                f"If another program uses that port, choose one: make run PORT={where.port + 1}"
            ) from None


class Supervisor:
    """One run of the whole stack of a clone."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.address = address()
        self.stopping = threading.Event()
        self.began = time.monotonic()
        self.children: list[Child] = []
        self.servers: Servers | None = None
        self.environment: dict[str, str] = {}

    def run(self) -> int:
        """Start, watch, stop; returns the exit status."""
        with only_one(self.places.run / "supervisor.lock", self.already_running):
            for number in STOP_SIGNALS:
                signal.signal(number, self.on_signal)
            adopt_orphans()
            try:
                self.start()
                self.watch()
            finally:
                self.stop()
        return 0

    def already_running(self, pid: str) -> str:
        """Said by a second start in the same clone."""
        state = read_state(self.places)
        where = f" at {state['url']}" if state else ""
        return f"Liren already runs in this clone{where} (process {pid}). Stop it with `make stop`."

    def on_signal(self, *_: object) -> None:
        """Ctrl-C, SIGTERM or a closed terminal."""
        if self.stopping.is_set():
            say("Still stopping; one moment")
        self.stopping.set()

    def start(self) -> None:
        """Servers, database schema and demo, then web, worker and beat; returns when all are healthy."""
        left = end_leftovers(marker(self.places, "run")["LIREN_EMBEDDED"])
        if left:
            say(f"Ended {left} processes that an earlier run had left behind")
        require_free(self.address)
        self.never_new_keys_for_old_data()
        self.start_servers()
        self.keep_demo_apart()
        self.prepare()
        if self.stopping.is_set():
            return
        self.children = [self.web(), self.worker(), self.beat()]
        for child in self.children:
            rotate(child.log)
            child.start()
        self.wait_until_healthy()
        if not self.stopping.is_set():
            self.announce()

    def never_new_keys_for_old_data(self) -> None:
        """Where the keys of our own database are gone: put the demo's files aside, refuse to touch an office's."""
        data = self.places.state / DATA["run"]
        given = any(os.environ.get(name) for name in ("DATABASE_URL", "FIELD_KEYS"))
        if given or secrets_file(self.places).exists() or not data.exists():
            return
        gone = f"{secrets_file(self.places)} is gone, and with it the keys of the database in {data}."
        if not is_on(os.environ.get("LIREN_DEMO", "1")):
            raise EmbeddedError(f"{gone}\nPut the file back from its backup: without it nobody can read that database.")
        aside = data.with_name(f"{data.name}-without-keys-{datetime.now(UTC):%Y%m%d-%H%M%S}")
        data.rename(aside)
        say(f"{gone}\nA new demo begins; the old files are kept in {aside} until you delete them.")

    def start_servers(self) -> None:
        """PostgreSQL, Valkey, and what the children need to know."""
        keys = installation_keys(secrets_file(self.places))  # before there is data that needs them
        self.servers = Servers(self.places, "run")
        self.servers.start()
        ours = bool(self.servers.cluster)
        given = keys | {
            # Somebody's own database is seeded only when they ask for it.
            "LIREN_DEMO": "1" if ours else "0",
            "PUBLIC_URL": self.address.local,
            "DJANGO_SETTINGS_MODULE": "governance.settings.dev",
            "ALLOWED_HOSTS": ",".join(dict.fromkeys(["localhost", "127.0.0.1", "[::1]", self.address.host])),
        }
        shared = {name: os.environ.get(name) or value for name, value in given.items()} | self.servers.environment
        write_state(self.places, self.address.local, shared)
        here = {"LIREN_VAR_DIR": str(self.places.var), "PYTHONUNBUFFERED": "1"}
        self.environment = child_environment(self.places, shared, here, marker(self.places, "run"))

    def keep_demo_apart(self) -> None:
        """Refuse to run a portal of one's own on the database that holds the demo, rather than mix the two."""
        ours = self.servers is not None and self.servers.cluster is not None
        if ours and not self.has_demo() and demo_logins(self.places).exists():
            raise EmbeddedError(
                f"{self.places.var} holds the demo district. For an empty portal name a folder of its own; "
                "nothing of the demo is touched:\n  LIREN_DEMO=0 LIREN_VAR_DIR=var-office make run"
            )

    def prepare(self) -> None:
        """Bring database and static files up to this release, unless they are."""
        cluster = self.servers.cluster if self.servers else None
        preparation = Preparation(self.places, cluster, self.environment["LIREN_DEMO"])
        if preparation.done():
            return
        fingerprint = preparation.fingerprint()
        preparation.forget()
        if self.step("prepare", [sys.executable, self.places.root / "manage.py", "prepare"]):
            preparation.remember(fingerprint)

    def step(self, name: str, command: list[str | Path]) -> bool:
        """Run a command to its end; a stop signal ends it early, and then this is False."""
        process = subprocess.Popen(
            list(map(str, command)), cwd=self.places.root, env=self.environment, start_new_session=True
        )
        while process.poll() is None:
            if self.stopping.wait(0.05):
                process.terminate()
                with contextlib.suppress(subprocess.TimeoutExpired):
                    process.wait(10)
                end_group(process.pid)
                process.wait()
                return False
        if process.returncode:
            raise EmbeddedError(f"The step {name!r} failed with {process.returncode}; see above.")
        return True

    def child(self, name: str, *command: str, patience: float) -> Child:
        """A supervised Python process of the application."""
        return Child(
            name,
            [sys.executable, "-m", *command],
            environment=self.environment,
            folder=self.places.root,
            log=self.places.logs / f"{name}.log",
            patience=patience,
        )

    def web(self) -> Child:
        """Gunicorn; the control socket it would open in the home folder stays shut."""
        options = ["--preload", "--workers", "2", "--worker-class", "gthread", "--threads", "4"]
        options += ["--bind", self.address.bind, "--no-control-socket", "--graceful-timeout", "10"]
        return self.child("web", "gunicorn", "governance.wsgi:application", *options, patience=15)

    def worker(self) -> Child:
        """The Celery worker; what it cannot finish in time is a row and is taken up again."""
        options = ["-Q", QUEUES, "--concurrency", "2", "--loglevel", "INFO"]
        options += ["--without-gossip", "--without-mingle"]
        return self.child("worker", "celery", "-A", "governance.celery", "worker", *options, patience=30)

    def beat(self) -> Child:
        """Celery's clock; its own pid file is off, since a stale one would keep it from starting."""
        return self.child("beat", "celery", "-A", "governance.celery", "beat", "--pidfile=", patience=10)

    def wait_until_healthy(self) -> None:
        """Return when /healthz is 200 and its heartbeat is one of this run's."""
        began = time.monotonic()
        while not self.stopping.wait(0.1):
            for child in self.children:
                status = child.died()
                if status is not None:
                    raise EmbeddedError(f"{child.name} ended with {status} while starting:\n{child.last_lines()}")
            waited = time.monotonic() - began
            answer = health(self.address.local)
            if answer.get("status") == "ok" and answer.get("heartbeat_age", waited) < waited:
                return
            if waited > HEALTHY_WITHIN:
                raise EmbeddedError(f"Not healthy after {HEALTHY_WITHIN} s: {answer}. See {self.places.logs}.")

    def announce(self) -> None:
        """Say where it is and who can sign in."""
        say(f"\nLiren runs at {self.address.local}/ (healthy after {time.monotonic() - self.began:.1f} s)")
        logins = demo_logins(self.places)
        if not self.has_demo():
            self.announce_set_up()
        elif logins.exists():
            say(f"Staff sign in at {self.address.local}/staff/sign-in/ with one of the demo accounts:")
            for row in json.loads(logins.read_text(encoding="utf-8")):
                say(f"  {row['role']:<16} {row['email']:<32} {row['password']:<20} {row['name']}")
        say(f"Logs: {self.places.logs}. Ctrl-C stops everything.")

    def has_demo(self) -> bool:
        """Whether this run shows the demo district."""
        return is_on(self.environment["LIREN_DEMO"])

    def announce_set_up(self) -> None:
        """Say how a portal begins that has nobody yet."""
        command = [sys.executable, str(self.places.root / "manage.py"), "setup_link"]
        told = subprocess.run(
            command, cwd=self.places.root, env=self.environment, capture_output=True, text=True, check=False
        )
        if link := told.stdout.strip():
            say(f"This portal is empty. Set it up within a day at\n  {link}")
        else:
            say(f"Staff sign in at {self.address.local}/staff/sign-in/")

    def watch(self) -> None:
        """Start again what dies, until asked to stop."""
        while not self.stopping.wait(0.5):
            if self.servers:
                self.servers.revive()
            reap_strangers({child.process.pid for child in self.known() if child.process})
            for child in self.children:
                status = child.died()
                if status is not None:
                    say(f"{child.name} ended with {status}; starting it again in {child.pause} s ({child.log})")
                if child.revive():
                    say(f"{child.name} started again")

    def known(self) -> list[Child]:
        """Every process that is waited for by name."""
        return [*self.children, *([self.servers.valkey] if self.servers and self.servers.valkey else [])]

    def stop(self) -> None:
        """Web, worker, beat, Valkey, PostgreSQL; then nothing of this run is left."""
        if self.children or self.servers:
            say("\nStopping")
        for child in self.children:
            child.stop()
        if self.servers:
            self.servers.stop()
        end_leftovers(marker(self.places, "run")["LIREN_EMBEDDED"])
        reap_strangers(set())
        state_file(self.places).unlink(missing_ok=True)


def is_on(value: str) -> bool:
    """Whether a switch of the environment is on."""
    return value.strip().lower() not in {"", "0", "false", "no", "off"}


def secrets_file(places: Places) -> Path:
    """Where an installation keeps its keys."""
    return places.var / "secrets.json"


def demo_logins(places: Places) -> Path:
    """Where the seed writes who can sign in."""
    return places.run / "demo_logins.json"


def health(local: str) -> dict[str, Any]:
    """Answer of /healthz; empty while nobody answers. Never through a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{local}/healthz", timeout=5) as answer:
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        with contextlib.suppress(ValueError):
            return json.loads(error.read())
        return {"status": error.code}
    except (OSError, ValueError):
        return {}


def state_file(places: Places) -> Path:
    """Where a running supervisor tells other programs how to reach its servers."""
    return places.run / "embedded.json"


def read_state(places: Places) -> dict[str, Any] | None:
    """What a running supervisor wrote."""
    try:
        return json.loads(state_file(places).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None


def write_state(places: Places, url: str, environment: dict[str, str]) -> None:
    """Let `manage.py` in a second terminal attach."""
    state = {"pid": os.getpid(), "url": url, "environment": environment}
    write_private(state_file(places), json.dumps(state, indent=2) + "\n")


def stop_running(places: Places) -> int:
    """`make stop`: end the supervisor of this clone, or what a killed one left behind."""
    lock = places.run / "supervisor.lock"
    pid = held_by(lock)
    if pid:
        os.kill(pid, signal.SIGTERM)
        deadline = time.monotonic() + 180
        while held_by(lock) == pid:
            if time.monotonic() > deadline:
                raise EmbeddedError(f"Process {pid} has not stopped within three minutes.")
            time.sleep(0.1)
        say("Stopped")
        return 0
    left = end_leftovers(marker(places, "run")["LIREN_EMBEDDED"])
    if (places.state / "pg" / "postmaster.pid").exists() and not os.environ.get("DATABASE_URL"):
        Servers(places, "run").stop()
    state_file(places).unlink(missing_ok=True)
    say(f"Liren was not running; ended {left} left-over processes" if left else "Liren was not running")
    return 0


def reset_demo(places: Places) -> int:
    """Throw the demo's database and files away and seed it anew. Refused for a database of somebody's own."""
    if os.environ.get("DATABASE_URL"):
        raise EmbeddedError("DATABASE_URL names a database of your own; reset-demo only touches the built-in one.")
    supervisor = Supervisor(places)
    with only_one(places.run / "supervisor.lock", supervisor.already_running):
        for number in STOP_SIGNALS:
            signal.signal(number, supervisor.on_signal)
        try:
            end_leftovers(marker(places, "run")["LIREN_EMBEDDED"])
            supervisor.start_servers()
            cluster = supervisor.servers and supervisor.servers.cluster
            if cluster:
                Preparation(places, cluster, "").forget()
                cluster.drop_database("liren")
                cluster.create_database("liren")
            shutil.rmtree(places.var / "files", ignore_errors=True)
            shutil.rmtree(places.var / "mail", ignore_errors=True)
            demo_logins(places).unlink(missing_ok=True)
            supervisor.prepare()
        finally:
            supervisor.stop()
    return 0
