"""See to it that browser tests can run: Debian's Chromium and a font with Chinese characters.

As root on Debian they are installed; elsewhere the missing ones are named. Under CI=true a missing one is an error,
so that the browser tests can never be skipped unseen.
"""

import os
import shutil
import subprocess
import sys

FONT_CHECK = ["fc-list", ":lang=zh-cn", "family"]


def missing() -> list[str]:
    """Debian packages that are still needed."""
    packages = []
    if not os.path.exists("/usr/bin/chromium"):
        packages.append("chromium")
    if not shutil.which("fc-list"):
        packages += ["fontconfig", "fonts-noto-cjk"]
    elif not subprocess.run(FONT_CHECK, capture_output=True, check=False).stdout.strip():
        packages.append("fonts-noto-cjk")
    return packages


def main() -> int:
    """Install what is missing when that is possible without asking; 1 if a CI run would have to skip tests."""
    packages = missing()
    if packages and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"Installing for the browser tests: {' '.join(packages)}", flush=True)
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        for command in (["apt-get", "update", "-q"], install):
            environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
            subprocess.run(command, check=False, env=environment, stdout=subprocess.DEVNULL)
        packages = missing()
    if not packages:
        return 0
    print(
        f"\nBrowser tests need: {' '.join(packages)}\n"
        f"    sudo apt-get install --no-install-recommends {' '.join(packages)}\n"
        "Without them the tests in tests/journeys are skipped.\n",
        flush=True,
    )
    return 1 if os.environ.get("CI") == "true" else 0


if __name__ == "__main__":
    sys.exit(main())
