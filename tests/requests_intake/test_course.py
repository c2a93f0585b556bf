"""Whoever decides reads what was asked, and the course tells the orders' steps too."""

import pytest
from django.urls import reverse

from requests_intake.models import WorkOrderTransition
from tests.requests_intake.walk import to_turn


def page(client, request):
    response = client.get(reverse("intake:request", args=[request.number]))
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize(
    ("turn", "who", "words", "buttons"),
    [
        ("returning", "dispatcher", ["不是我们的灯", "职责不符"], ["uphold_return", "refuse_return"]),
        ("disputed", "supervisor", ["条例第十二条，应由园林所承办"], ["hand_over"]),
        ("extension_asked", "supervisor", ["灯杆要从外地运来"], ["approve_extension", "refuse_extension"]),
        ("ledger_asked", "supervisor", ["要等整条路改造", "明年春天改造时一起换"], ["check_ledger", "refuse_ledger"]),
        ("ledger_checked", "district", ["采购灯杆", "核对过，等区里审定"], ["ledger", "decline_ledger"]),
        ("review", "supervisor", ["两盏灯都修好了。"], ["approve", "send_back"]),
    ],
)
def test_who_decides_reads_what_was_asked(world, client_of, turn, who, words, buttons):
    request = to_turn(world, turn)
    decides, waits = page(client_of(who), request), page(client_of("handler"), request)
    for text in words:
        assert text in decides
        assert text in waits
    for name in buttons:
        assert f"?turn={name}#turn" in decides
        assert f"?turn={name}#turn" not in waits


def test_a_reply_in_review_is_no_public_answer_yet(world, client_of):
    text = page(client_of("supervisor"), to_turn(world, "review"))
    assert "等审核的答复" in text
    assert "公开答复" not in text


@pytest.mark.parametrize(
    ("turn", "steps"),
    [
        ("designated", ["申请退单", "不是我们的灯", "不同意退单，指定承办", "就是你们的"]),
        ("returned", ["申请退单", "退单成立"]),
        ("disputed", ["提出派单异议"]),
        ("help_done", ["签收协办", "交协办结果"]),
        ("reported_in", ["报到"]),
        ("unextended", ["申请延期", "不同意延期", "能按时办"]),
    ],
)
def test_the_course_tells_the_orders_steps(world, client_of, turn, steps):
    text = page(client_of("dispatcher"), to_turn(world, turn))
    course = text.split('id="history"')[1].split("</section>")[0]
    for step in steps:
        assert step in course


def test_the_party_complained_about_reads_no_numbers_of_people(world, client_of):
    """An office that helps and is complained about: what offices wrote of people is masked for it."""
    request = to_turn(world, "help_done", kind="complaint")
    request.complained_organisation = world.organisations["parks"]
    request.save(update_fields=["complained_organisation"])
    given = WorkOrderTransition.objects.filter(order__request=request, name="give_result")
    given.update(text="已经告诉 13812345678")
    assert "13812345678" in page(client_of("dispatcher"), request)
    text = page(client_of("other_handler"), request)
    assert "已经告诉" in text
    assert "13812345678" not in text
