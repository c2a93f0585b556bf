"""The public side and its moderation, holding real rows: the same looks as in test_accessible_pages."""

from django.urls import reverse
from django.utils import timezone

from requests_intake.models import Follow
from requests_intake.services.figures import figures_refresh
from requests_intake.services.following import follow_ask, follow_token
from requests_intake.services.moderation import publication_keep
from tests.journeys import test_accessible_pages
from tests.journeys.steps import NEXT, begin, say
from tests.requests_intake.public_side import open_version, release
from tests.requests_intake.test_moderation import BODY, with_photo
from tests.requests_intake.walk import to_state

look_at = test_accessible_pages.look_at  # a fixture


def test_the_public_side(world, make_page, look_at):
    requests = [to_state(world, state, may_be_public=True) for state in ("contacted", "callback", "closed")]
    photo = with_photo(requests[1])
    publics = [release(world, request, photo_ids=[photo.pk] if request == requests[1] else []) for request in requests]
    figures_refresh(at=timezone.now())
    page = make_page(width=360)
    page.goto("/neighbours/")
    page.wait_for_selector(".p-pin")
    look_at(page, "public list with its map", fingers=True)
    page.goto("/neighbours/?q=x")
    look_at(page, "public list, a word too short", fingers=True)
    for public in publics:
        page.goto(reverse("intake:public-one", args=[public.key]))
        look_at(page, f"a public request, {public.progress}", fingers=True)
    for path in ("/neighbours/figures/", "/neighbours/follow/"):
        page.goto(path)
        look_at(page, path, fingers=True)
    follow_ask(email="a@example.com", language="zh-hans", publication=publics[0], at=timezone.now())
    token = follow_token(Follow.objects.get().pk)
    for name in ("intake:follow-confirm", "intake:unfollow"):
        page.goto(reverse(name, args=[token]))
        look_at(page, name, fingers=True)


def test_similar_ones_while_reporting(world, make_page, look_at):
    release(world, world.submit(may_be_public=True).request)
    page = make_page(width=360)
    begin(page)
    page.wait_for_url("**/where/")
    page.eval_on_selector("[name=lng]", "e => { e.value = '121.905'; }")
    page.eval_on_selector("[name=lat]", "e => { e.value = '30.905'; }")
    page.click(NEXT)
    say(page, "槐安里北侧的路灯不亮了，晚上看不清。")
    page.wait_for_url("**/category/")
    page.check("input[name=category] >> nth=0")
    page.click(NEXT)
    page.wait_for_url("**/similar/")
    look_at(page, "similar", fingers=True)
    page.click("button[name=me_too] >> nth=0")
    page.wait_for_url("**/similar/?counted=*")
    look_at(page, "similar, counted", fingers=True)


def test_moderation(world, page_of, look_at):
    request = to_state(world, "callback", may_be_public=True, body=BODY)
    photo = with_photo(request)
    open_version(request)
    kept = open_version(world.submit(may_be_public=True).request)
    publication_keep(publication=kept, version=0, reason="words", actor=world.viewer("supervisor"), at=timezone.now())
    page = page_of("dispatcher", width=360)
    for path in ("/staff/moderation/", "/staff/moderation/?view=refused"):
        page.goto(path)
        look_at(page, path)
    for one in (request, kept.request):
        page.goto(reverse("intake:publication", args=[one.number]))
        look_at(page, f"moderation of {one.number}")
    page.goto(reverse("intake:cover", args=[request.number, photo.pk]))
    look_at(page, "covering a photo")
