"""A real browser against a live server: Debian's Chromium, in Chinese, at the two widths, off the network.

`page_360` and `page_1280` are pages whose context is watched: a request that leaves the origin, a console error about
the content security policy or an uncaught script error fails the test at its end. A context and its page cost half a
second: tests hand them on, without cookies, stored words, history and routes.
"""

import os
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, WebError

from tests.factories import world as worlds

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--lang=zh-CN",
]
AXE_LOOKS = ["color-contrast", "target-size", "scrollable-region-focusable"]
AXE_TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here, and skip it where there is no browser: never in CI."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not Path(CHROMIUM).exists() and os.environ.get("CI") != "true":
                item.add_marker(pytest.mark.skip(reason=f"no {CHROMIUM}: apt-get install chromium fonts-noto-cjk"))


@pytest.fixture(scope="session", autouse=True)
def _orm_beside_the_browser() -> Iterator[None]:
    """Playwright runs an event loop in this thread, in which Django would refuse the ORM."""
    patch = pytest.MonkeyPatch()
    patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    yield
    patch.undo()


@pytest.fixture(scope="session")
def browser_type_launch_args() -> dict[str, Any]:
    """Debian's Chromium instead of a downloaded one."""
    return {"executable_path": CHROMIUM, "args": ARGUMENTS}


@pytest.fixture(scope="session")
def browser_context_args() -> dict[str, Any]:
    """A reader in China who asked for less motion."""
    return {"locale": "zh-CN", "timezone_id": "Asia/Shanghai", "reduced_motion": "reduce"}


@pytest.fixture
def world(transactional_db: None) -> Iterator[worlds.World]:
    """The test town, as the live server sees it."""
    yield worlds.build()
    worlds.forget()


class Watch:
    """What a context must not do; `faults` says what it did."""

    def __init__(self, context: BrowserContext, origin: str) -> None:
        self.origin = urlsplit(origin).netloc
        self.faults: list[str] = []
        self.axe_runs = False
        self.heard = {"request": self.on_request, "console": self.on_console, "weberror": self.on_error}
        for event, hear in self.heard.items():
            context.on(event, hear)  # type: ignore[call-overload]

    def on_request(self, request: Request) -> None:
        """Note a request to another host."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.origin:
            self.faults.append(f"request to {request.url}")

    def on_console(self, message: ConsoleMessage) -> None:
        """Note a violation of the content security policy."""
        if message.type == "error" and "Content Security Policy" in message.text and not self.axe_runs:
            self.faults.append(message.text)

    def on_error(self, error: WebError) -> None:
        """Note a script error that nobody caught."""
        self.faults.append(f"script error: {error.error}")

    def end(self, context: BrowserContext) -> None:
        """Another test has the context from now on."""
        for event, hear in self.heard.items():
            context.remove_listener(event, hear)


class Watches:
    """The watches of a test: `nonet(context)` begins one, or returns the one that context has."""

    def __init__(self, origin: str) -> None:
        self.origin = origin
        self.of: dict[BrowserContext, Watch] = {}

    def __call__(self, context: BrowserContext) -> Watch:
        """Watch a context."""
        if context not in self.of:
            self.of[context] = Watch(context, self.origin)
        return self.of[context]

    def faults(self) -> list[str]:
        """What all watched contexts did."""
        return [fault for watch in self.of.values() for fault in watch.faults]


@pytest.fixture
def nonet(live_server: Any) -> Iterator[Watches]:
    """Watch a context: `nonet(context)`. The faults of all watched contexts fail the test at its end."""
    watches = Watches(live_server.url)
    yield watches
    for context, watch in watches.of.items():
        watch.end(context)
    assert not watches.faults(), "\n".join(watches.faults())


@pytest.fixture(scope="session")
def idle_pages() -> defaultdict[str, list[Page]]:
    """Pages that no test has at the moment, by the options of their contexts."""
    return defaultdict(list)


@pytest.fixture
def make_page(
    browser: Browser,
    browser_context_args: dict[str, Any],
    idle_pages: defaultdict[str, list[Page]],
    nonet: Watches,
    live_server: Any,
) -> Iterator[Callable[..., Page]]:
    """Open a watched page in a context of its own: `make_page(width=360, java_script_enabled=False)`."""
    lent: list[tuple[str, Page]] = []

    def make(*, width: int = 1280, height: int | None = None, **options: Any) -> Page:
        size = {"width": width, "height": height or (740 if width < 600 else 800)}
        options = {**browser_context_args, "base_url": live_server.url, **options}
        kind = repr(sorted(options.items()))
        if idle_pages[kind]:
            page = idle_pages[kind].pop()
            page.set_viewport_size(size)  # type: ignore[arg-type]
        else:
            page = browser.new_context(viewport=size, **options).new_page()  # type: ignore[arg-type]
        lent.append((kind, page))
        nonet(page.context)
        return page

    yield make
    for kind, page in lent:
        if page.is_closed():
            page.context.close()
            continue
        forget_all(page)
        idle_pages[kind].append(page)


def forget_all(page: Page) -> None:
    """Leave a page as if it had just been opened."""
    context = page.context
    for other in context.pages:
        if other != page:
            other.close()
    context.clear_cookies()
    page.unroute_all()
    if urlsplit(page.url).scheme == "http":
        page.evaluate("sessionStorage.clear(), localStorage.clear()")
    context.set_offline(True)  # what the page would send as it is left would meet the next test's rows
    page.goto("about:blank")
    context.set_offline(False)
    session = context.new_cdp_session(page)
    session.send("Page.resetNavigationHistory")
    session.detach()


@pytest.fixture
def page_of(make_page: Callable[..., Page], world: Any, live_server: Any) -> Callable[..., Page]:
    """Open a watched page in which somebody of the town is signed in: `page_of("handler", width=360)`.

    The session is made by the server; how people sign in is another test's matter.
    """

    def opened(name: str, **options: Any) -> Page:
        client = Client()
        client.force_login(world.people[name])
        key = client.cookies[settings.SESSION_COOKIE_NAME].value
        page = make_page(**options)
        page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": key, "url": live_server.url}])
        return page

    return opened


@pytest.fixture
def page_360(make_page: Callable[..., Page]) -> Page:
    """A telephone."""
    return make_page(width=360)


@pytest.fixture
def page_1280(make_page: Callable[..., Page]) -> Page:
    """An office screen."""
    return make_page(width=1280)


@pytest.fixture
def axe(nonet: Watches) -> Callable[..., list[str]]:
    """`axe(page)` lists the violations of WCAG 2.2 AA and good practice: rule, help text, the elements.

    `axe(page, looks=True)` asks only what depends on size and colour, of a page that was read whole in another size.
    """
    source = Axe().axe_script
    # Only its rule about turned screens, which is not among these tags, would read the style sheets once more.
    options = {
        "runOnly": {"type": "tag", "values": AXE_TAGS},
        "resultTypes": ["violations"],
        "preload": {"assets": ["media"]},
    }

    def violations(page: Page, *, looks: bool = False) -> list[str]:
        wanted = options | {"runOnly": {"type": "rule", "values": AXE_LOOKS}} if looks else options
        watch = nonet(page.context)
        watch.axe_runs = True  # it sets inline styles of its own, which our policy blocks and reports
        if not page.evaluate("'axe' in window"):
            page.evaluate(source)  # half a megabyte: once a document
        found = page.evaluate("options => axe.run(options).then(results => results.violations)", wanted)
        page.evaluate("1")  # lets the reports that are still on their way arrive
        watch.axe_runs = False
        return [
            f"{entry['id']}: {entry['help']}\n"
            + "\n".join(f"    {' '.join(map(str, node['target']))}  {node['html'][:160]}" for node in entry["nodes"])
            for entry in found
        ]

    return violations
