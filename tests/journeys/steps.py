"""What people do in the browser, as words of the tests."""

import io
import re
from collections.abc import Callable
from typing import Any

from PIL import Image
from playwright.sync_api import Page

from governance.notifications.tasks import run_send_due
from requests_intake.models import Category
from requests_intake.questions import Option, Question, QuestionKind, raw_of
from requests_intake.selectors.catalogue import catalogue_forget
from tests.factories.world import PASSWORD

NEXT = "#step-form .lr-actions button >> nth=0"

# Everything that can be pressed and is smaller than a finger; links inside a sentence may be.
_SMALL_TARGETS = """() => {
  const least = 44;
  const targets = new Set([...document.querySelectorAll("a[href], button, input, select, textarea, summary")]
    .filter(e => e.type !== "hidden" && e.checkVisibility() && !e.closest(".lr-vh, .lr-skip"))
    .filter(e => !(e.tagName === "A" && getComputedStyle(e).display === "inline"))
    .map(e => ["radio", "checkbox", "file"].includes(e.type) ? e.closest("label") ?? e : e));
  return [...targets].map(e => [e, e.getBoundingClientRect()])
    .filter(([, box]) => box.width < least - .5 || box.height < least - .5)
    .map(([e, box]) => `${e.outerHTML.slice(0, 120)} ${box.width.toFixed(0)} x ${box.height.toFixed(0)}`);
}"""


def asking(world: Any) -> Category:
    """Let the lamps' category ask: a choice with a notice and a stopper, and a line that hangs on it."""
    lamp = world.categories["lamp"]
    what = Question(
        "lit",
        QuestionKind.ONE,
        "全黑吗？",
        "Is it all dark?",
        required=True,
        options=(
            Option("yes", "是", "Yes"),
            Option("no", "否", "No", notice="那就不急。", notice_en="Then it can wait."),
            Option(
                "wire",
                "电线露着",
                "A bare wire",
                notice="请马上打 110。",
                notice_en="Call 110.",
                stops=True,
                phone="110",
            ),
        ),
    )
    pole = Question(
        "pole", QuestionKind.LINE, "灯杆编号", "Number", required=True, only_if="lit", only_if_codes=("yes",)
    )
    Category.objects.filter(pk=lamp.pk).update(questions=raw_of([what, pole]))
    catalogue_forget()
    lamp.refresh_from_db()
    return lamp


def jpeg(colour: tuple[int, int, int] = (70, 110, 150), size: tuple[int, int] = (900, 600)) -> bytes:
    """A photo with a position in its metadata, lying on its side."""
    file = io.BytesIO()
    exif = Image.Exif()
    exif[0x0112] = 6
    exif.get_ifd(0x8825).update({1: "N", 2: (30.0, 54.0, 0.0), 3: "E", 4: (121.0, 54.0, 0.0)})
    Image.new("RGB", size, colour).save(file, "JPEG", exif=exif)
    return file.getvalue()


def upload(page: Page, field: str, *files: tuple[str, str, bytes]) -> None:
    page.set_input_files(field, [{"name": name, "mimeType": kind, "buffer": data} for name, kind, data in files])


def begin(page: Page, kind: str = "help") -> None:
    page.goto("/report/")
    page.check(f"input[name=kind][value={kind}]")
    page.click("main form button.lr-btn")


def skip_where(page: Page) -> None:
    page.wait_for_url("**/where/")
    page.click("button[name=skip]")
    page.wait_for_url("**/what/")


def say(page: Page, words: str) -> None:
    """Type and go on; a page that says it was too quick keeps the words and is sent again, as people would."""
    page.wait_for_url("**/what/")
    page.fill("[name=body]", words)
    page.click(NEXT)
    while page.url.endswith("/what/"):
        assert page.input_value("[name=body]") == words
        page.click(NEXT)


def sign_in(page: Page, world: Any, name: str) -> None:
    page.goto("/staff/sign-in/")
    page.fill("input[type=email]", world.people[name].email)
    page.fill("input[type=password]", PASSWORD)
    page.click("main form button.lr-btn")
    page.wait_for_url(re.compile(r"/staff/(?!sign-in)"))


def sign_up_in_browser(page: Page, settings: Any, phone: str = "13812345678", **fields: str) -> Page:
    """Make an account; the code is read on the demo's page of messages, as people who try the portal do."""
    settings.LIREN_MESSAGE_PAGE = True
    page.goto("/account/sign-up/")
    page.fill("[name=phone]", phone)
    for name, value in fields.items():
        page.fill(f"[name={name}]", value)
    page.click("main form .lr-actions button")
    page.wait_for_url("**/account/phone/code/")
    run_send_due()
    other = page.context.new_page()
    other.goto("/messages/?channel=sms")
    found = re.search(r"验证码 (\d{6})", other.inner_text("#sent"))
    other.close()
    assert found is not None
    page.fill("[name=code]", found[1])
    page.click("main form .lr-actions button >> nth=0")
    page.wait_for_url(re.compile(r"/(my|account)/$"))
    return page


def until(page: Page, condition: Callable[[], bool]) -> None:
    """Wait for something that only the server knows."""
    for _attempt in range(400):
        if condition():
            return
        page.wait_for_timeout(50)
    raise AssertionError("it did not happen")


def is_wider_than_screen(page: Page) -> bool:
    return bool(page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1"))


def small_targets(page: Page) -> list[str]:
    """What a finger may miss."""
    return list(page.evaluate(_SMALL_TARGETS))
