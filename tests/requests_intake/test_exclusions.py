"""Exclusion from the appraisal: evidence, three people, an answered resident, and what the rates say afterwards."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from governance.dashboards.periods import period_at
from governance.errors import DomainError, Forbidden, StaleState
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake.models import Exclusion, ServiceRequest
from requests_intake.selectors.metrics import three_rates
from requests_intake.selectors.rollups import total, totals
from requests_intake.services.evidence import evidence_receive
from requests_intake.services.exclusions import exclusion_ask, exclusion_check, exclusion_decide
from tests.factories.world import DISTRICT, MORNING, add_person
from tests.governance.file_samples import telephone_jpeg
from tests.requests_intake.walk import to_state


@pytest.fixture(autouse=True)
def _morning(time_machine):
    time_machine.move_to(MORNING + timedelta(hours=2), tick=False)


def paper():
    return SimpleUploadedFile("证明.jpg", telephone_jpeg(), "image/jpeg")


def received(world, upload):
    return evidence_receive(upload=upload, actor=world.viewer("handler"), at=MORNING)


def ask(world, request, **changes):
    evidence = [received(world, paper())]
    values = {"ground": "excessive", "text": "要求给整栋楼换新灯", "evidence": evidence, "at": MORNING}
    return exclusion_ask(request=request, actor=world.viewer("handler"), **values | changes)


def checked(world, request):
    made = ask(world, request)
    return exclusion_check(exclusion=made, is_upheld=True, text="属实", actor=world.viewer("supervisor"), at=MORNING)


def test_three_people_exclude_and_the_rates_follow(world):
    request = to_state(world, "closed")
    period = period_at("7", MORNING)
    assert three_rates([DISTRICT], period.start, period.end).valid == 1
    made = checked(world, request)
    exclusion_decide(exclusion=made, is_granted=True, text="", actor=world.viewer("district"), at=MORNING)
    request = ServiceRequest.objects.get(pk=request.pk)
    assert request.excluded_at == MORNING
    assert request.state == "closed"  # nothing was taken from the resident
    assert three_rates([DISTRICT], period.start, period.end).valid == 0
    today = MORNING.date()
    assert total(totals([DISTRICT], ["excluded"], today, today + timedelta(days=1)), "excluded") == 1
    names = list(request.transitions.filter(is_public=False).values_list("name", flat=True))
    assert names[-3:] == ["ask_exclusion", "check_exclusion", "exclude"]
    relay.drain()
    told = {
        kind: set(Message.objects.filter(kind=f"requests_intake.{kind}").values_list("user__display_name", flat=True))
        for kind in ("exclusion_asked", "exclusion_checked", "exclusion_decided")
    }
    assert world.people["supervisor"].display_name in told["exclusion_asked"]
    assert told["exclusion_checked"] == {world.people["district"].display_name}
    assert world.people["handler"].display_name in told["exclusion_decided"]


def test_nobody_decides_their_own_and_nobody_twice(world):
    request = to_state(world, "closed")
    made = ask(world, request)
    with pytest.raises(Forbidden):
        exclusion_check(exclusion=made, is_upheld=True, text="", actor=world.viewer("handler"), at=MORNING)
    with pytest.raises(StaleState):  # not checked yet
        exclusion_decide(exclusion=made, is_granted=True, text="", actor=world.viewer("district"), at=MORNING)
    exclusion_check(exclusion=made, is_upheld=True, text="", actor=world.viewer("supervisor"), at=MORNING)
    with pytest.raises(StaleState):
        exclusion_check(exclusion=made, is_upheld=False, text="不对", actor=world.viewer("supervisor"), at=MORNING)
    with pytest.raises(Forbidden):
        exclusion_decide(exclusion=made, is_granted=True, text="", actor=world.viewer("supervisor"), at=MORNING)
    both = add_person(world, "both", "district_viewer", DISTRICT, world.organisations["street"])
    Exclusion.objects.update(checked_by=both)
    with pytest.raises(Forbidden, match="核对过"):
        exclusion_decide(exclusion=made, is_granted=True, text="", actor=world.viewer("both"), at=MORNING)


def test_whoever_was_not_answered_is_not_excluded(world):
    made = checked(world, to_state(world, "contacted"))
    with pytest.raises(DomainError, match="还没有得到答复"):
        exclusion_decide(exclusion=made, is_granted=True, text="", actor=world.viewer("district"), at=MORNING)
    with pytest.raises(DomainError) as wordless:
        exclusion_decide(exclusion=made, is_granted=False, text=" ", actor=world.viewer("district"), at=MORNING)
    assert wordless.value.field == "text"
    exclusion_decide(exclusion=made, is_granted=False, text="证据不足", actor=world.viewer("district"), at=MORNING)
    assert ServiceRequest.objects.get().excluded_at is None
    assert ask(world, made.request).state == "asked"  # refused: it may be asked again, with better evidence


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"evidence": []}, "evidence"),
        ({"ground": "why"}, "ground"),
        ({"text": ""}, "text"),
    ],
)
def test_what_an_application_needs(world, changes, field):
    request = to_state(world, "closed")
    with pytest.raises(DomainError) as refused:
        ask(world, request, **changes)
    assert refused.value.field == field
    assert not Exclusion.objects.exists()


def test_the_pages_from_application_to_decision(world, client_of):
    request = to_state(world, "closed")
    page = reverse("intake:exclusion", args=[request.number])
    handler = client_of("handler")
    sent = {"ground": "excessive", "text": "要求过高"}
    bare = handler.post(page, sent)
    assert bare.status_code == 422
    assert "要求过高" in bare.content.decode()
    late = handler.post(page, {"ground": "", "text": "要求过高", "evidence": paper()})
    assert late.status_code == 422
    kept = [one.file.pk for one in late.context["form"].taken]
    assert handler.post(page, sent | {"kept": kept, f"name-{kept[0]}": "证明.jpg"}).status_code == 302
    assert "证明.jpg" in handler.get(page).content.decode()
    assert handler.get(page).context["form"] is None  # it is with others now
    listed = client_of("supervisor").get(reverse("intake:exclusions")).content.decode()
    assert page in listed
    assert client_of("supervisor").post(page, {"answer": "yes", "text": "属实"}).status_code == 302
    district = client_of("district")
    assert page in district.get(reverse("intake:exclusions")).content.decode()
    assert district.post(page, {"answer": "no", "text": ""}).status_code == 422
    assert district.post(page, {"answer": "yes", "text": ""}).status_code == 302
    assert ServiceRequest.objects.get().excluded_at is not None
    assert client_of("stranger").get(page).status_code in (403, 404)
    assert "已剔除" in client_of("supervisor").get(reverse("intake:request", args=[request.number])).content.decode()
