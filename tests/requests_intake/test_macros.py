"""Macros: what is kept, who may run it, what becomes of each step."""

import uuid
from datetime import timedelta

import pytest
from django.urls import reverse

from governance.errors import DomainError, Forbidden
from governance.outbox.models import DomainEvent
from requests_intake.models import AnswerTemplate, InternalNote, Macro, ServiceRequest
from requests_intake.services.macros import macro_delete, macro_run, macro_save
from tests.factories.world import MORNING
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql

pytestmark = pytest.mark.django_db
NOON = MORNING + timedelta(hours=2)


@pytest.fixture(autouse=True)
def _clock(time_machine):
    time_machine.move_to(NOON, tick=False)


def saved(world, by="dispatcher", steps=None, **more):
    office = world.organisations["lamps"].pk
    chosen = steps or {"accept": {}, "dispatch": {"organisation": office, "instruction": "先看现场"}}
    values = {"macro": None, "name": "受理，派市政", "is_shared": False} | more
    return macro_save(steps=chosen, actor=world.viewer(by), at=NOON, **values)


def ran(macro, request, world, name="dispatcher", key=None):
    key = key or uuid.uuid4()
    return macro_run(macro=macro, request=request, key=key, actor=world.viewer(name), at=NOON)


def test_steps_are_taken_in_their_order_by_the_services_of_the_pages(world):
    request = to_state(world, "submitted")
    macro = saved(world, steps={"dispatch": {"organisation": world.organisations["lamps"].pk}, "accept": {}})
    assert [one["step"] for one in macro.steps] == ["accept", "dispatch"]
    assert [one.is_done for one in ran(macro, request, world)] == [True, True]
    request.refresh_from_db()
    assert (request.state, request.organisation) == ("dispatched", world.organisations["lamps"])
    names = list(request.transitions.order_by("pk").values_list("name", flat=True))
    assert names == ["submit", "accept", "dispatch"]
    assert DomainEvent.objects.filter(name="requests_intake.dispatched").count() == 1


def test_the_first_step_that_is_refused_ends_it_and_what_was_done_stays(world):
    request = to_state(world, "submitted")
    office = world.organisations["lamps"]
    macro = saved(world)
    type(office).objects.filter(pk=office.pk).update(is_active=False)
    accepted, sent = ran(macro, request, world)
    assert accepted.is_done
    assert (sent.is_done, bool(sent.problem)) == (False, True)
    assert ServiceRequest.objects.get(pk=request.pk).state == "accepted"
    again = ran(macro, request, world)
    assert [(one.is_done, bool(one.problem)) for one in again] == [(False, True), (False, False)]


def test_pressed_twice_it_writes_one_note_and_answers_by_template_once(world):
    request = to_state(world, "contacted")
    template = AnswerTemplate.objects.create(title="修好", text="{编号} 修好了，{承办单位}", changed_at=MORNING)
    macro = saved(world, by="handler", steps={"reply": {"template": template.pk}, "note": {"text": "按模板答的"}})
    key = uuid.uuid4()
    assert all(one.is_done for one in ran(macro, request, world, "handler", key))
    assert not any(one.is_done for one in ran(macro, request, world, "handler", key))
    assert InternalNote.objects.count() == 1
    assert ServiceRequest.objects.get(pk=request.pk).state in {"callback", "review"}


def test_a_template_that_does_not_fit_or_is_not_filled_stops_it(world):
    request = to_state(world, "contacted")
    template = AnswerTemplate.objects.create(title="咨询用", text="好", kind="enquiry", changed_at=MORNING)
    macro = saved(world, by="handler", steps={"reply": {"template": template.pk}})
    assert "答复模板停用了" in ran(macro, request, world, "handler")[0].problem
    assert ServiceRequest.objects.get(pk=request.pk).state == "in_progress"


@pytest.mark.parametrize(("values", "field"), [({"name": "  "}, "name"), ({"name": "长" * 41}, "name")])
def test_what_is_missing_is_said_beside_its_field(world, values, field):
    with pytest.raises(DomainError) as refused:
        saved(world, **values)
    assert refused.value.field == field
    saved(world)
    with pytest.raises(DomainError) as refused:
        saved(world)
    assert refused.value.code == "macro_name"
    with pytest.raises(DomainError):
        macro_save(macro=None, name="空的", steps={}, is_shared=False, actor=world.viewer("dispatcher"), at=NOON)


def test_whose_it_is_and_who_may_do_its_steps(world):
    macro = saved(world)
    request = to_state(world, "submitted")
    for name, steps in (("handler", {"accept": {}}), ("dispatcher", {"sign": {}}), ("dispatcher", {"nonsense": {}})):
        with pytest.raises(Forbidden):
            saved(world, by=name, steps=steps)
    with pytest.raises(Forbidden):
        saved(world, is_shared=True)  # a dispatcher writes no templates of all
    with pytest.raises(Forbidden):
        ran(macro, request, world, "handler")
    with pytest.raises(Forbidden):
        macro_delete(macro=macro, actor=world.viewer("handler"))
    Macro.objects.filter(pk=macro.pk).update(owner=None)
    shared = Macro.objects.get(pk=macro.pk)
    with pytest.raises(Forbidden):
        macro_delete(macro=shared, actor=world.viewer("dispatcher"))
    assert ran(shared, request, world)[0].is_done
    with pytest.raises(Forbidden):
        ran(shared, request, world, "handler")


# --- pages ---------------------------------------------------------------------------------------------------------


def test_kept_by_the_form_read_before_it_runs_and_told_step_by_step(world, client_of):
    client = client_of("dispatcher")
    office = str(world.organisations["lamps"].pk)
    new = reverse("intake:macro-new")
    answer = client.post(new, {"name": "", "organisation": office})
    assert (answer.status_code, set(answer.context["form"].errors)) == (422, {"name"})
    assert f'value="{office}" selected' in answer.content.decode()
    lamp = world.categories["lamp"].pk
    form = {"name": "常派市政", "accept": "on", "category": lamp, "organisation": office, "instruction": "先看现场"}
    assert client.post(new, form).status_code == 302
    macro = Macro.objects.get()
    assert macro.steps == [
        {"step": "accept", "values": {"category": lamp}},
        {"step": "dispatch", "values": {"organisation": int(office), "instruction": "先看现场"}},
    ]
    listed = client.get(reverse("intake:macros")).content.decode()
    assert "派给：市政设施所（先看现场）" in listed

    request = to_state(world, "submitted")
    assert "常派市政" in client.get(reverse("intake:desk", args=[request.number])).content.decode()
    address = reverse("intake:macro-run", args=[request.number, macro.pk])
    shown = client.get(address)
    assert "派给：市政设施所" in shown.content.decode()
    assert ServiceRequest.objects.get(pk=request.pk).state == "submitted"
    done = client.post(address, {"key": str(shown.context["form"]["key"].value())}).content.decode()
    assert done.count("做好了") == 2
    assert ServiceRequest.objects.get(pk=request.pk).state == "dispatched"
    assert "常派市政" not in client.get(reverse("intake:desk", args=[request.number])).content.decode()
    assert "没有做成" in client.post(address, {"key": str(uuid.uuid4())}).content.decode()


def test_nobody_else_sees_or_changes_it(world, client_of):
    macro = saved(world)
    request = to_state(world, "submitted")
    handler = client_of("handler")
    assert "受理，派市政" not in handler.get(reverse("intake:macros")).content.decode()
    for name, args in (
        ("intake:macro", [macro.pk]),
        ("intake:macro-run", [request.number, macro.pk]),
    ):
        assert handler.get(reverse(name, args=args)).status_code == 404
    assert handler.post(reverse("intake:macro-delete", args=[macro.pk])).status_code == 404
    assert "派给" not in handler.get(reverse("intake:macro-new")).content.decode()
    assert client_of("dispatcher").post(reverse("intake:macro-delete", args=[macro.pk])).status_code == 302
    assert not Macro.objects.exists()


def test_the_list_costs_the_same_for_one_and_for_many(world, client_of):
    client = client_of("dispatcher")
    for number in range(8):
        saved(world, name=f"第 {number} 组")
    with assert_sql(6, at_most=True):
        client.get(reverse("intake:macros"))
