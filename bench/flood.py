"""A flood of wrong passwords on the staff entrance: do real people still get in, and how long do they wait?

    .venv/bin/python bench/flood.py --url http://127.0.0.1:8000 --login EMAIL PASSWORD [--seconds 10] [--attackers 8]

Needs a running portal on this machine (`make run`) and one of its logins. Attackers come from addresses of their own
(127.1.0.x) and try, in turn, that very account, other accounts that exist by their look, and invented ones. The real
person comes twice, with the right password and a short pause between two sign-ins: in the browser in which they have
signed in before (127.2.0.1), and in a new one each time (127.2.0.2). The floor is the first of them without a flood,
measured just before. Afterwards the person is still let in from a fresh address: nobody was locked out by others.
"""

import argparse
import http.client
import random
import re
import sys
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from statistics import median
from urllib.parse import urlencode, urlsplit

SEED = 20261128
PAGE = "/staff/sign-in/"
PAUSE = 0.25  # seconds between two sign-ins of the real person
DEVICE = "liren_device"  # the cookie of a browser in which somebody has signed in
TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass
class Tally:
    """What one side met: answers by status, seconds of each try."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


class Visitor:
    """A browser at one address of this machine."""

    def __init__(self, url: str, address: str) -> None:
        parts = urlsplit(url)
        self.place = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.address = address
        self.device = ""

    def ask(self, method: str, data: dict[str, str] | None = None, cookie: str = "") -> tuple[int, str, str]:
        """(status, cookies set, body) of one request on a connection of its own."""
        connection = http.client.HTTPConnection(*self.place, timeout=30, source_address=(self.address, 0))
        headers = {
            "Cookie": "; ".join(filter(None, [cookie, self.device])),
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection.request(method, PAGE, urlencode(data) if data else None, headers)
        answer = connection.getresponse()
        body = answer.read().decode()
        connection.close()
        cookies = "; ".join(value.partition(";")[0] for key, value in answer.getheaders() if key == "Set-Cookie")
        return answer.status, cookies, body

    def sign_in(self, email: str, password: str) -> int:
        """Open the page, send the form: 302 is in, 200 wrong, 429 too often."""
        status, cookie, body = self.ask("GET")
        if status == 429:
            return status
        found = TOKEN.search(body)
        if not found:
            raise SystemExit("the sign-in page has no form")
        data = {"email": email, "password": password, "csrfmiddlewaretoken": found.group(1)}
        status, cookies, _body = self.ask("POST", data, cookie)
        self.device = next((one for one in cookies.split("; ") if one.startswith(DEVICE)), self.device)
        return status


def person(url: str, login: tuple[str, str], seconds: float, address: str, *, own_browser: bool) -> Tally:
    """The real person, signing in again and again."""
    tally, visitor, end = Tally(), Visitor(url, address), time.monotonic() + seconds
    if own_browser:
        visitor.sign_in(*login)
    while time.monotonic() < end:
        began = time.perf_counter()
        tally.statuses[visitor.sign_in(*login)] += 1
        tally.seconds.append(time.perf_counter() - began)
        if not own_browser:
            visitor.device = ""
        time.sleep(PAUSE)
    return tally


def attacker(url: str, login: tuple[str, str], number: int, stop: threading.Event, tally: Tally) -> None:
    """One address that never stops."""
    chance, visitor = random.Random(SEED + number), Visitor(url, f"127.1.0.{number + 1}")
    role, _at, host = login[0].partition("@")
    while not stop.is_set():
        email = chance.choice([login[0], f"{role[:4]}{chance.randrange(99)}@{host}", f"x{chance.random()}@example.com"])
        began = time.perf_counter()
        tally.statuses[visitor.sign_in(email, str(chance.random()))] += 1
        tally.seconds.append(time.perf_counter() - began)


def main() -> None:
    """Floor, flood, afterwards."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--login", nargs=2, required=True, metavar=("EMAIL", "PASSWORD"))
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--attackers", type=int, default=8)
    options = parser.parse_args()
    login, half = (options.login[0], options.login[1]), options.seconds / 2
    floor = person(options.url, login, half, "127.2.0.1", own_browser=True)
    stop, tallies = threading.Event(), [Tally() for _ in range(options.attackers)]
    threads = [
        threading.Thread(target=attacker, args=(options.url, login, number, stop, tally), daemon=True)
        for number, tally in enumerate(tallies)
    ]
    for thread in threads:
        thread.start()
    time.sleep(options.seconds / 2)  # the worst moment of a flood is not its first
    own = person(options.url, login, options.seconds, "127.2.0.1", own_browser=True)
    new = person(options.url, login, options.seconds, "127.2.0.2", own_browser=False)
    stop.set()
    for thread in threads:
        thread.join()
    after = person(options.url, login, 1, "127.2.0.3", own_browser=False)
    flood = Counter[int]()
    for tally in tallies:
        flood += tally.statuses
    print(f"{'who':28}{'tries':>7}{'in':>6}{'wrong':>7}{'429':>6}{'median ms':>11}{'slowest':>9}")
    rows = [("own browser, quiet", floor), ("own browser, in the flood", own), ("new browser, in the flood", new)]
    rows.append(("new browser, afterwards", after))
    rows.append((f"{options.attackers} attackers", Tally(flood, [one for tally in tallies for one in tally.seconds])))
    for name, tally in rows:
        print(
            f"{name:28}{tally.statuses.total():>7}{tally.statuses[302]:>6}{tally.statuses[200]:>7}"
            f"{tally.statuses[429]:>6}{median(tally.seconds) * 1000:>11.0f}{max(tally.seconds) * 1000:>9.0f}"
        )
    # in a new browser one may have to press again, but not for long
    kept_out = [
        name for name, tally in rows if tally in (floor, own, after) and tally.statuses[302] < len(tally.seconds)
    ]
    kept_out += [] if new.statuses[302] else ["new browser, in the flood"]
    if kept_out or flood[302]:
        sys.exit(f"kept out: {kept_out}; attackers in: {flood[302]}")


if __name__ == "__main__":
    main()
