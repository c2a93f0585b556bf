"""Command line: `python -m governance.embedded run|test|stop|reset-demo`."""

import sys

from governance.embedded.errors import EmbeddedError
from governance.embedded.places import places
from governance.embedded.supervisor import Supervisor, reset_demo, stop_running
from governance.embedded.testing import run_tests


def main(arguments: list[str]) -> int:
    """Run one sub-command and return the exit status."""
    match arguments:
        case ["run"]:
            return Supervisor(places()).run()
        case ["stop"]:
            return stop_running(places())
        case ["reset-demo"]:
            return reset_demo(places())
        case ["test", *rest]:
            return run_tests(rest)
    print(__doc__)
    return 2


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except EmbeddedError as error:
        sys.exit(f"\n{error}\n")
