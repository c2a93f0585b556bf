"""What a container's health check calls: `python -m governance.health.probe http://web:8000 database`.

Ends with 0 when the portal says that all named parts are alive. Needs no Django: it runs every few seconds.
"""

import json
import os
import sys
import urllib.error
import urllib.request


def probe(address: str, parts: list[str], host: str) -> bool:
    """Whether /healthz answers there and calls these parts alive; asked under `host`, a name that the portal has."""
    request = urllib.request.Request(f"{address}/healthz", headers={"Host": host} if host else {})  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - an address from our own compose file
            found = json.load(answer)
    except urllib.error.HTTPError as error:  # 503 says which part is not alive
        if error.code != 503:
            return False
        found = json.load(error)
    except (OSError, ValueError):
        return False
    return all(found["parts"].get(part) == "ok" for part in parts)


if __name__ == "__main__":
    sys.exit(not probe(sys.argv[1], sys.argv[2:], os.environ.get("ALLOWED_HOSTS", "").split(",")[0]))
