"""Progress of long work as its owner sees it."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from governance.access.models import Grant, Role, User
from governance.access.viewer import Viewer, viewer_for
from governance.jobs import registry
from governance.jobs.models import Job, State
from governance.jobs.registry import Step, job_kind
from governance.jobs.services import job_start
from tests.governance.notice_support import AREA, AT, person
from tests.sql import assert_sql

KIND = "jobs_test.nothing"


@pytest.fixture(autouse=True)
def _kind() -> Iterator[None]:
    @job_kind(KIND, title="整理旧消息")
    def nothing(*, params: dict[str, Any], cursor: Any, limit: int, actor: Viewer, at: Any) -> Step:
        return Step(0)

    yield
    registry.unregister(KIND)


def staff(name: str) -> User:
    user = person(name)
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="handler"),
        area_code=AREA,
        starts_at=AT - timedelta(days=1),
        reason="test",
        created_at=AT,
    )
    return user


def job_of(user: User, **fields: Any) -> Job:
    job = job_start(kind=KIND, params={}, actor=viewer_for(user, AT), at=AT)
    Job.objects.filter(pk=job.pk).update(**fields)
    return Job.objects.get(pk=job.pk)


def signed_in(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


@pytest.mark.django_db
def test_running_job_shows_how_far_it_is_and_asks_again() -> None:
    wang = staff("wang")
    job = job_of(wang, state=State.RUNNING, done=500, total=1203)
    url = reverse("jobs:show", args=[job.public_id])
    client = signed_in(wang)
    client.get(url)
    with assert_sql(4):  # session, person, grants, job
        page = client.get(url).content.decode()
    assert "整理旧消息" in page
    assert "做了 500 条，共 1,203 条" in page
    assert 'hx-trigger="every 2s"' in page
    assert 'value="500" max="1203"' in page

    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert part.startswith('<div id="job"')
    assert part[part.index("<progress") : part.index("</progress>")] in page


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("state", "words"), [(State.DONE, "已完成"), (State.FAILED, "没有做完"), (State.CANCELLED, "已取消")]
)
def test_ended_job_asks_no_more(state: str, words: str) -> None:
    wang = staff("wang")
    job = job_of(wang, state=state, finished_at=AT, error="RuntimeError" if state == State.FAILED else "")
    page = signed_in(wang).get(reverse("jobs:show", args=[job.public_id])).content.decode()
    assert words in page
    assert "every 2s" not in page
    assert "jobs/" + str(job.public_id) + "/cancel" not in page
    assert ("RuntimeError" in page) == (state == State.FAILED)


@pytest.mark.django_db
def test_job_of_somebody_else_is_not_there() -> None:
    wang, li = staff("wang"), staff("li")
    job = job_of(wang)
    show, cancel = reverse("jobs:show", args=[job.public_id]), reverse("jobs:cancel", args=[job.public_id])
    assert signed_in(li).get(show).status_code == 404
    assert signed_in(li).post(cancel).status_code == 404
    assert Job.objects.get().state == State.QUEUED
    assert signed_in(wang).get(show).status_code == 200


@pytest.mark.django_db
def test_owner_cancels_by_post_and_hears_when_it_is_too_late() -> None:
    wang = staff("wang")
    job = job_of(wang)
    cancel, client = reverse("jobs:cancel", args=[job.public_id]), signed_in(wang)
    assert client.get(cancel).status_code == 405
    assert "已取消" in client.post(cancel, follow=True).content.decode()
    assert "已经结束" in client.post(cancel, follow=True).content.decode()


@pytest.mark.django_db
def test_running_job_says_that_it_is_stopping() -> None:
    wang = staff("wang")
    job = job_of(wang, state=State.RUNNING)
    page = signed_in(wang).post(reverse("jobs:cancel", args=[job.public_id]), follow=True).content.decode()
    assert "正在停下来" in page
    assert Job.objects.get().state == State.RUNNING
