"""What residents see of themselves and the desks that answer them, holding real rows, read by axe and measured.

Also by keyboard alone, and without a script.
"""

from uuid import uuid4

import pytest
from django.conf import settings
from django.urls import reverse

from population.models import BindingCode, Correction
from population.services.corrections import correction_propose, correction_refuse
from tests.factories.residents import signed_in, viewer_of
from tests.factories.world import MORNING
from tests.journeys.steps import is_wider_than_screen, small_targets
from tests.journeys.test_accessible_pages import DESK, NARROWEST, PHONE, show
from tests.population.binding_support import HOME, NAME, TAIL, furnish


@pytest.fixture
def read(axe):
    """`read(page, path)` opens a page and notes what is wrong with it; all of it is told when the test ends."""
    faults = []

    def look(page, path=None, *, fingers=False):
        if path is not None:
            assert page.goto(path).status == 200, path
        for size in (DESK, PHONE, NARROWEST) if fingers else (DESK, PHONE):
            show(page, size)
            if is_wider_than_screen(page):
                faults.append(f"{page.url}: scrolls sideways at {size['width']}")
        show(page, PHONE)
        faults.extend(f"{page.url}: {violation}" for violation in axe(page))
        if fingers:
            faults.extend(f"{page.url}: too small for a finger: {target}" for target in small_targets(page))

    yield look
    assert not faults, "\n".join(faults)


def signed_in_page(make_page, live_server, user, **options):
    page = make_page(width=360, **options)
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": signed_in(user).cookies[name].value, "url": live_server.url}])
    return page


def test_a_resident_and_the_desk(world, make_page, page_of, live_server, read):
    home = furnish(world)
    mine, clerk = signed_in_page(make_page, live_server, home.user), page_of("clerk", width=360)
    read(clerk, reverse("population:bindings"))
    read(clerk, reverse("population:person-binding", args=[home.person.public_id]))
    clerk.click("form[action$='/letter/'] button")
    clerk.wait_for_url("**/letter/")
    read(clerk)
    code = clerk.inner_text(".p-code").strip()
    read(clerk, reverse("population:bindings") + "?view=codes")
    read(mine, reverse("population:my-home"), fingers=True)
    mine.focus("[name=code]")  # from here on with the keyboard alone
    for words in (code, NAME, "000000"):
        mine.keyboard.type(words)
        mine.keyboard.press("Tab")
    mine.keyboard.press("Enter")
    mine.wait_for_selector(".lr-error, .lr-errors")
    read(mine, fingers=True)
    assert BindingCode.objects.get().tries == 1
    mine.fill("[name=tail]", TAIL)
    mine.press("[name=tail]", "Enter")
    mine.wait_for_selector("text=绑定好了")
    read(mine, fingers=True)
    read(mine, reverse("population:my-record"), fingers=True)
    for kind in ("fields", "moved_out", "moved_in"):
        read(mine, reverse("population:my-correction-new", args=[kind]), fingers=True)
    mine.fill("[name=date]", "x")
    mine.press("[name=date]", "Enter")
    mine.wait_for_selector("text=请写搬到了哪里")
    read(mine, fingers=True)
    made = [
        correction_propose(
            kind="fields", values={"phone": phone}, words="换号了", submission_key=uuid4(),
            actor=viewer_of(home.user), at=MORNING,
        )
        for phone in ("13900001111", "13900001112")
    ]  # fmt: skip
    correction_refuse(correction=made[0], answer="打不通", actor=world.viewer("head"), at=MORNING)
    for one in made:
        read(mine, reverse("population:my-correction", args=[one.public_id]), fingers=True)
    read(clerk, reverse("population:corrections"))
    read(clerk, reverse("population:correction", args=[made[1].public_id]))
    clerk.click("button:has-text('打开看清')")
    clerk.wait_for_selector("text=13900001112")
    read(clerk)
    clerk.click("button[name=refuse]")
    clerk.wait_for_selector("text=请写明为什么不改")
    read(clerk)
    read(clerk, reverse("population:corrections") + "?done=1")
    assert Correction.objects.get(state="open") == made[1]


def test_a_home_is_bound_and_chosen_without_a_script(world, make_page, live_server):
    home = furnish(world)
    page = signed_in_page(make_page, live_server, home.user, java_script_enabled=False)
    page.goto(reverse("population:my-home"))
    for name, words in (("code", home.code()), ("name", NAME), ("tail", TAIL)):
        page.fill(f"[name={name}]", words)
    page.click("button:has-text('核对并绑定')")
    assert "槐安里7幢 1单元 301室" in page.inner_text("main")
    page.goto(reverse("intake:start"))
    page.check("[name=kind][value=help]")
    page.click("main form .lr-actions button")
    page.click(f"button[value='{home.registry.dwellings[HOME].public_id}']")
    page.wait_for_url("**/what/")
