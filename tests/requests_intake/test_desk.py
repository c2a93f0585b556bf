"""The desk beside a request: notes that stay inside, templates that fill, who is here, what is alike, the paper."""

import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from governance.errors import DomainError, Forbidden
from governance.notifications.models import Message
from governance.outbox import relay
from requests_intake import placeholders
from requests_intake.models import AnswerTemplate, Clock, InternalNote, ServiceRequest, StandIn, WorkOrder
from requests_intake.services.notes import NOTE_MAX, note_add
from requests_intake.services.reply_templates import reply_template_save
from requests_intake.services.standins import stand_in_end, stand_in_set
from tests.factories.world import IN_WEST, MORNING
from tests.requests_intake.walk import to_state
from tests.sql import assert_sql


def write(world, request, text, name="handler", key=None):
    return note_add(request=request, text=text, key=key or uuid.uuid4(), actor=world.viewer(name), at=MORNING)


def page(name, request, *more):
    return reverse(f"intake:{name}", args=[request.number, *more])


# --- notes ---------------------------------------------------------------------------------------------------------


def test_a_note_calls_colleagues_who_may_see_the_request(world):
    request = to_state(world, "contacted")
    note = write(world, request, "请@Second_Handler Person 看一下，@supervisor 知道一下，我自己 @handler")
    assert {person.staff_no for person in note.mentioned.all()} == {"second_handler", "supervisor", "handler"}
    relay.drain(MORNING)
    told = Message.objects.filter(kind="requests_intake.note_mentions").values_list("recipient_ref", flat=True)
    assert set(told) == {f"access.user:{world.people[name].pk}" for name in ("supervisor", "second_handler")}


def test_a_chinese_name_may_stand_against_the_next_word(world):
    request = to_state(world, "contacted")
    agent = world.people["agent"]
    agent.display_name = "何立新"
    agent.save()
    note = write(world, request, "请@何立新看一下")
    assert list(note.mentioned.all()) == [agent]


@pytest.mark.parametrize(
    "text", ["", " \n ", "长" * (NOTE_MAX + 1), "@无名氏 看", "@other_handler 看", "@administrator", "@甲" * 11]
)
def test_what_is_no_note(world, text):
    request = to_state(world, "contacted")
    with pytest.raises(DomainError) as refused:
        write(world, request, text)
    assert refused.value.field == "note"
    assert not InternalNote.objects.exists()


def test_only_who_sees_the_request_writes_and_one_press_is_one_note(world):
    request, key = to_state(world, "contacted"), uuid.uuid4()
    for stranger in ("other_handler", "administrator", "stranger"):
        with pytest.raises(Forbidden):
            write(world, request, "你好", name=stranger)
    assert write(world, request, "你好", key=key) == write(world, request, "你好", key=key)


def test_notes_stay_inside(world, client_of):
    request = to_state(world, "callback")
    write(world, request, "这句话居民永远看不到")
    assert "永远看不到" in client_of("handler").get(page("desk", request)).content.decode()
    for address in (reverse("intake:track", args=[request.track_token]), f"/t/{request.track_token}/receipt/"):
        assert "永远看不到" not in client_of().get(address).content.decode()
    for stranger in ("other_handler", "administrator"):
        assert client_of(stranger).get(page("desk", request)).status_code in (403, 404)
        assert client_of(stranger).post(page("note", request), {"note": "x"}).status_code in (403, 404)
    assert "永远看不到" not in client_of("handler").get(page("print", request)).content.decode()


def test_writing_a_note_in_the_browser(world, client_of):
    request = to_state(world, "contacted")
    client = client_of("handler")
    refused = client.post(page("note", request), {"note": "@无名氏 看看这个", "key": str(uuid.uuid4())})
    assert refused.status_code == 422
    html = refused.content.decode()
    assert "没有叫“无名氏”的同事" in html
    assert "看看这个" in html
    piece = client.post(page("note", request), {"note": "记一笔"}, headers={"HX-Request": "true"})
    assert "<html" not in piece.content.decode()
    assert "记一笔" in piece.content.decode()
    assert client.post(page("note", request), {"note": "再记一笔"})["Location"] == page("request", request)


# --- presence ------------------------------------------------------------------------------------------------------


def here(client, request, **values):
    html = client.post(page("presence", request), values).content.decode()
    return re.findall(r"</svg>([^<]+)</p>", html)


def test_who_is_here_is_told_to_those_who_see_the_request(world, client_of, time_machine):
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    request = to_state(world, "contacted")
    handler, supervisor = client_of("handler"), client_of("supervisor")
    assert here(handler, request, writing="1") == []
    assert here(supervisor, request) == ["Handler Person 正在写"]
    assert here(handler, request) == ["Supervisor Person 也在看"]
    with assert_sql(4):  # session, person, grants, the request
        assert here(supervisor, request) == ["Handler Person 也在看"]
    here(client_of("dispatcher"), request)
    assert here(supervisor, request) == ["Dispatcher Person、Handler Person 也在看"]  # one line, however many look
    assert client_of("other_handler").post(page("presence", request)).status_code == 404
    time_machine.shift(60)
    assert here(supervisor, request) == []


# --- templates -----------------------------------------------------------------------------------------------------


def save(world, name="handler", template=None, **values):
    given_values = {
        "title": "修好了", "text": "{编号} 由{承办单位}在{期限}前办好。", "text_en": "", "category_prefix": "",
        "organisation_id": world.organisations["lamps"].pk, "is_active": True,
    } | values  # fmt: skip
    return reply_template_save(template=template, actor=world.viewer(name), at=MORNING, **given_values)


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"text": "{电话} 打给您"}, "text"), ({"text": "{编号 没有关"}, "text"), ({"text": "}"}, "text"),
        ({"text_en": "{nummer}"}, "text_en"), ({"text": ""}, "text"), ({"title": ""}, "title"),
        ({"title": "长" * 41}, "title"), ({"text": "长" * 2001}, "text"), ({"text": "{}"}, "text"),
    ],
)  # fmt: skip
def test_an_unknown_place_is_refused_beside_its_field(world, values, field):
    save(world, title="好的")
    with pytest.raises(DomainError) as refused:
        save(world, **values)
    assert refused.value.field == field
    if "{电话}" in values.get("text", ""):
        assert "{电话}" in str(refused.value)
        assert "{承办单位}" in str(refused.value)


def test_each_office_writes_its_own_and_supervisors_those_of_all(world):
    kept = save(world)
    with pytest.raises(DomainError):
        save(world)  # the title is taken
    save(world, organisation_id=None, name="supervisor")
    for name, office in (("handler", None), ("handler", "parks"), ("other_handler", "lamps"), ("dispatcher", "lamps")):
        with pytest.raises(Forbidden):
            save(world, name=name, title="别的", organisation_id=world.organisations[office].pk if office else None)
    with pytest.raises(Forbidden):
        save(world, name="other_handler", template=kept, organisation_id=world.organisations["parks"].pk)


def test_a_template_is_offered_only_for_its_kind_and_step(world, client_of):
    request = to_state(world, "contacted")
    save(world, title="咨询用的", kind="enquiry")
    save(world, title="重办用的", state="rework")
    save(world, title="办理中的", state="in_progress", kind=request.kind)
    html = client_of("handler").get(page("desk", request)).content.decode()
    assert "办理中的" in html
    assert "咨询用的" not in html
    assert "重办用的" not in html
    hidden = AnswerTemplate.objects.get(title="重办用的")
    assert client_of("handler").get(page("template-use", request, hidden.pk)).status_code == 404
    WorkOrder.objects.filter(request=request).update(state="rework")
    assert "重办用的" in client_of("handler").get(page("desk", request)).content.decode()
    for values in ({"kind": "no"}, {"state": "closed"}):
        with pytest.raises(DomainError):
            save(world, title="不行的", **values)
    form = {"title": "表单存的", "text": "办好了", "kind": "help", "state": "signed", "is_active": "on"}
    office = str(world.organisations["lamps"].pk)
    assert client_of("handler").post(reverse("intake:template-new"), form | {"organisation": office}).status_code == 302
    kept = AnswerTemplate.objects.get(title="表单存的")
    assert (kept.kind, kept.state) == ("help", "signed")


def test_a_template_is_filled_and_may_still_be_changed(world, client_of):
    request = to_state(world, "contacted")
    save(world, text="{编号}：{承办单位}{经办人}，{期限}，{事项}，{地点}", text_en="{number} {office} {due}")
    save(world, title="别类的", category_prefix="02")
    save(world, title="停用的", is_active=False)
    client = client_of("handler")
    html = client.get(page("desk", request)).content.decode()
    assert "修好了" in html
    assert "别类的" not in html
    assert "停用的" not in html
    template = AnswerTemplate.objects.get(title="修好了")
    filled = client.get(page("template-use", request, template.pk)).context["text"]
    assert filled.startswith(f"{request.number_grouped}：市政设施所Handler Person，11月24日 18:00，路灯不亮，")
    ServiceRequest.objects.filter(pk=request.pk).update(language="en")
    filled = client.get(page("template-use", request, template.pk)).context["text"]
    assert filled == f"{request.number_grouped} Public Works Station 24 Nov 18:00"
    assert client_of("other_handler").get(page("template-use", request, template.pk)).status_code == 404
    assert client_of("supervisor").get(page("template-use", request, template.pk)).status_code == 403


def test_editing_and_previewing_in_the_browser(world, client_of):
    client = client_of("handler")
    office = world.organisations["lamps"].pk
    sent = {"title": "修好了", "text": "{电话}", "organisation": office, "is_active": "on"}
    refused = client.post(reverse("intake:template-new"), sent)
    assert refused.status_code == 422
    assert "没有 {电话} 这样的位置" in refused.content.decode()
    seen = client.post(reverse("intake:template-new"), sent | {"text": "{编号} 好了", "preview": "1"})
    assert "20261116-000417-3 好了" in seen.content.decode()
    assert not AnswerTemplate.objects.exists()
    assert client.post(reverse("intake:template-new"), sent | {"text": "{编号} 好了"}).status_code == 302
    kept = AnswerTemplate.objects.get()
    assert client_of("other_handler").get(reverse("intake:template", args=[kept.pk])).status_code == 404
    changed = sent | {"text": "{number} 都好了", "is_active": ""}
    assert client.post(reverse("intake:template", args=[kept.pk]), changed).status_code == 302
    kept.refresh_from_db()
    assert (kept.text, kept.is_active) == ("{number} 都好了", False)


@given(st.text(max_size=80), st.dictionaries(st.sampled_from(sorted(placeholders.NAMES)), st.text(max_size=9)))
def test_what_is_known_is_filled_and_nothing_else_is_touched(text, values):
    if placeholders.unknown(text) == []:
        filled = placeholders.fill(text, dict.fromkeys(placeholders.NAMES, "X"))
        assert placeholders.unfilled(filled) == []
    if not set("{}｛｝") & set(text):
        assert placeholders.fill(text, values) == text
        assert placeholders.unknown(text) == []


# --- similar, paper ------------------------------------------------------------------------------------------------


def test_similar_ones_are_shown_within_the_scope_and_the_same_caller_only_to_some(world, client_of):
    words = "槐安里 7 号楼北侧的路灯不亮了，晚上老人走路看不清。"
    request = to_state(world, "contacted", body=words)
    alike = to_state(world, "accepted", body=words + "快修。")
    caller = to_state(world, "submitted", body="问一下社保怎么办。", lng=IN_WEST[0], lat=IN_WEST[1])
    desk = client_of("dispatcher").get(page("desk", request)).context["desk"]
    assert [one.request.pk for one in desk.similar] == [alike.pk]
    here, dispatcher = reverse("intake:request", args=[request.number]), client_of("dispatcher")
    assert f"{here}?turn=merge&amp;target={alike.number}" in dispatcher.get(page("desk", request)).content.decode()
    assert f'value="{alike.number}"' in dispatcher.get(f"{here}?turn=merge&target={alike.number}").content.decode()
    assert {one.pk for one in desk.caller.latest} == {alike.pk, caller.pk}
    assert client_of("supervisor").get(page("desk", request)).context["desk"].caller is None
    own = client_of("handler").get(page("desk", request)).context["desk"]
    assert (own.similar, own.caller) == ([], None)
    with assert_sql(15, at_most=True):
        client_of("dispatcher").get(page("desk", request))


def test_the_printed_order_is_masked_and_carries_number_and_code(world, client_of):
    request = to_state(world, "contacted")
    html = client_of("handler").get(page("print", request)).content.decode()
    assert request.number_grouped in html
    assert "<svg" in html
    assert "13912342046" not in html
    assert "周梅" not in html
    assert client_of("other_handler").get(page("print", request)).status_code == 404


# --- stand-ins -----------------------------------------------------------------------------------------------------


def arrange(world, substitute="second_handler", name="handler", office="lamps", **values):
    given_values = {"starts_at": MORNING, "ends_at": MORNING + timedelta(days=3)} | values
    return stand_in_set(
        substitute=world.people.get(substitute),
        organisation_id=world.organisations[office].pk,
        actor=world.viewer(name),
        at=MORNING,
        **given_values,
    )


def test_the_orders_of_who_is_away_are_among_ones_own(world, client_of, time_machine):
    time_machine.move_to(MORNING + timedelta(hours=1), tick=False)
    request = to_state(world, "contacted")
    client = client_of("second_handler")
    mine = reverse("intake:orders") + "?q=handler:me"
    assert client.get(mine).context["page"].rows == []
    kept = arrange(world)
    assert [row.request_id for row in client.get(mine).context["page"].rows] == [request.pk]
    stand_in_end(stand_in=kept, actor=world.viewer("handler"), at=MORNING + timedelta(hours=1))
    assert client.get(mine).context["page"].rows == []
    assert WorkOrder.objects.get().handler == world.people["handler"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"substitute": "other_handler"}, "substitute"), ({"substitute": "supervisor"}, "substitute"),
        ({"substitute": "nobody"}, "substitute"), ({"substitute": "handler"}, "substitute"),
        ({"ends_at": None}, "ends_at"), ({"ends_at": MORNING}, "ends_at"),
    ],
)  # fmt: skip
def test_nobody_sees_more_by_standing_in(world, values, field):
    with pytest.raises(DomainError) as refused:
        arrange(world, **values)
    assert refused.value.field == field
    for name, office in (("handler", "parks"), ("dispatcher", "lamps")):
        with pytest.raises(Forbidden):
            arrange(world, name=name, office=office)


def test_one_at_a_time_and_only_ones_own(world):
    kept = arrange(world)
    with pytest.raises(DomainError, match="已经安排了代班"):
        arrange(world, starts_at=MORNING + timedelta(days=1))
    with pytest.raises(Forbidden):
        stand_in_end(stand_in=kept, actor=world.viewer("second_handler"), at=MORNING)
    stand_in_end(stand_in=kept, actor=world.viewer("handler"), at=MORNING)
    assert not StandIn.objects.exists()  # it had not begun


def test_reminders_and_the_arrangement_itself_reach_the_substitute(world, time_machine):
    from requests_intake.services.escalation import deadline_sweep

    to_state(world, "contacted")
    arrange(world, ends_at=MORNING + timedelta(days=30))
    moment = Clock.objects.get(kind="answer").warn_at + timedelta(minutes=1)
    time_machine.move_to(moment, tick=False)
    deadline_sweep(at=moment)
    relay.drain(moment)
    second = f"access.user:{world.people['second_handler'].pk}"
    kinds = set(Message.objects.filter(recipient_ref=second).values_list("kind", flat=True))
    assert kinds >= {"requests_intake.deadline", "requests_intake.stand_in"}


def test_arranging_in_the_browser(world, client_of, time_machine):
    time_machine.move_to(MORNING, tick=False)
    client, address = client_of("handler"), reverse("intake:stand-ins")
    sent = {"organisation": world.organisations["lamps"].pk, "starts_at": "2026-11-18", "ends_at": "2026-11-17"}
    refused = client.post(address, sent | {"substitute": world.people["second_handler"].pk})
    assert refused.status_code == 422
    assert "要晚于开始" in refused.content.decode()
    good = sent | {"substitute": world.people["second_handler"].pk, "ends_at": "2026-11-20"}
    assert client.post(address, good).status_code == 302
    kept = StandIn.objects.get()
    assert (kept.ends_at - kept.starts_at).days == 3
    assert "我替 Handler Person" in client_of("second_handler").get(address).content.decode()
    assert client_of("second_handler").post(reverse("intake:stand-in-end", args=[kept.pk])).status_code == 404
    assert client.post(reverse("intake:stand-in-end", args=[kept.pk])).status_code == 302


# --- the party complained about --------------------------------------------------------------------------------------


def test_whoever_is_complained_about_learns_nothing_here_either(world, client_of):
    request = to_state(world, "contacted", body="我叫周梅，电话 13912342046，街道的人态度很差。", kind="complaint")
    write(world, request, "周梅就住在七号楼")
    ServiceRequest.objects.filter(pk=request.pk).update(complained_organisation=world.organisations["street"])
    request.refresh_from_db()
    complained, others = client_of("dispatcher"), client_of("handler")
    bulk = f"{reverse('intake:bulk')}?action=merge&pick={request.number}"
    for address in (page("desk", request), page("print", request), bulk):
        html = complained.get(address).content.decode()
        assert "七号楼" not in html
        assert "13912342046" not in html
        assert "周*" not in html
    assert "七号楼" in others.get(page("desk", request)).content.decode()
    assert "周*" in others.get(page("print", request)).content.decode()
    with pytest.raises(Forbidden):
        write(world, request, "谁投诉的？", name="dispatcher")
    with pytest.raises(DomainError):
        write(world, request, "@dispatcher 来看")
