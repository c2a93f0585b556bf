"""The command that queues what came before there was a public side."""

import pytest
from django.core.management import call_command

from requests_intake.models import Publication


@pytest.mark.django_db
def test_earlier_requests_are_queued_by_a_command(world, capsys):
    agreed = [world.submit(may_be_public=True).request for _number in range(2)]
    world.submit()
    for _time in range(2):
        call_command("open_publications")
    assert set(Publication.objects.values_list("request_id", flat=True)) == {request.pk for request in agreed}
    assert capsys.readouterr().out.splitlines() == [
        "2 public versions opened or refreshed",
        "0 public versions opened or refreshed",
    ]
