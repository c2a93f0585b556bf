"""Install the locked Python packages into .venv: `python3 scripts/install.py runtime|dev`.

Runs on the system's Python with nothing but the standard library. A stamp in .venv makes the second run free.
"""

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
STAMP = VENV / "liren-installed.json"
LOCKS = {
    "runtime": ROOT / "requirements" / "runtime.txt",
    "dev": ROOT / "requirements" / "dev.txt",
}
UV_LOCK = ROOT / "requirements" / "uv.txt"


def fail(message: str) -> None:
    """Stop with a message instead of a traceback."""
    sys.exit(f"\n{message}\n")


def digest(path: Path) -> str:
    """Fingerprint of a lock file together with the Python that it was installed for."""
    return hashlib.sha256(path.read_bytes() + sys.version.encode()).hexdigest()


def installed() -> dict[str, str]:
    """Fingerprints of what .venv holds; empty when nothing usable is there."""
    if not PYTHON.exists() or not STAMP.exists():
        return {}
    return json.loads(STAMP.read_text(encoding="utf-8"))


def make_venv() -> None:
    """Create .venv; Debian keeps the part of Python that does this in a package of its own."""
    if PYTHON.exists():
        return
    if subprocess.run([sys.executable, "-c", "import ensurepip"], capture_output=True, check=False).returncode:
        install = f"apt-get install -y --no-install-recommends python{sys.version_info[0]}.{sys.version_info[1]}-venv"
        if os.geteuid() or not shutil.which("apt-get"):
            fail(
                "This Python cannot make virtual environments: Debian and Ubuntu keep that in a package of its own.\n"
                f"Install it, then call make again:\n\n    sudo {install}"
            )
        print(f"Python lacks venv; installing it: {install}", flush=True)
        subprocess.run(["apt-get", "update", "-q"], check=True)
        subprocess.run(install.split(), check=True)
    print("Making .venv", flush=True)
    shutil.rmtree(VENV, ignore_errors=True)
    subprocess.run([sys.executable, "-m", "venv", str(VENV)], check=True)


def install(name: str) -> None:
    """Install one lock, every file checked against its hash."""
    make_venv()
    print(f"Installing {LOCKS[name].relative_to(ROOT)} into .venv", flush=True)
    uv = VENV / "bin" / "uv"
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "-q"]
    subprocess.run([*pip, "--require-hashes", "-r", str(UV_LOCK)], check=True)
    command = [str(uv), "pip", "install", "-q", "--python", str(PYTHON), "--require-hashes", "-r", str(LOCKS[name])]
    subprocess.run(command, check=True, env={**os.environ, "UV_LINK_MODE": os.environ.get("UV_LINK_MODE", "copy")})


def main() -> None:
    """Bring .venv up to the named lock; the development lock contains the runtime one."""
    name = sys.argv[1] if len(sys.argv) == 2 else ""
    if name not in LOCKS:
        fail("Usage: install.py runtime|dev")
    if sys.version_info < (3, 11):  # noqa: UP036  the system's Python may be an old one
        fail(
            f"Liren needs Python 3.11 or newer; {sys.executable} is {sys.version.split()[0]}.\n"
            "Name another one: make run PYTHON=python3.12"
        )
    wanted = {key: digest(LOCKS[key]) for key in (["runtime", "dev"] if name == "dev" else ["runtime"])}
    if wanted.items() <= installed().items():
        return
    try:
        install(name)
    except subprocess.CalledProcessError as error:
        fail(f"The installation stopped: {' '.join(map(str, error.cmd[:4]))} ... ended with {error.returncode}.")
    STAMP.write_text(json.dumps(wanted), encoding="utf-8")


if __name__ == "__main__":
    main()
