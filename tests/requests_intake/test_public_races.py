"""Two at once on the public side: one moderator wins, neighbours are counted once, news go out once."""

from datetime import timedelta
from threading import Barrier

from governance.errors import StaleState
from governance.outbox.models import DomainEvent
from requests_intake.models import Follow, MeToo, ModerationStep, Publication, PublicReason, PublicState
from requests_intake.publication import automatic_words
from requests_intake.services.following import area_news, follow_ask, follow_confirm
from requests_intake.services.me_too import me_too_add
from requests_intake.services.moderation import publication_keep, publication_release
from tests.factories.world import EAST
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.public_side import LATER, open_version, release
from tests.requests_intake.racing import while_first_holds_its_locks


def test_of_two_moderators_one_wins_and_the_other_is_told(committed_world):
    waiting = open_version(committed_world.submit(may_be_public=True).request)
    desk, supervisor = committed_world.viewer("dispatcher"), committed_world.viewer("supervisor")

    def first():
        return publication_release(
            publication=waiting,
            version=0,
            words=automatic_words(waiting.request, None),
            photo_ids=[],
            reason="",
            answer_id=None,
            actor=desk,
            at=LATER,
        )

    def second():
        return publication_keep(publication=waiting, version=0, reason=PublicReason.WORDS, actor=supervisor, at=LATER)

    released, refused = while_first_holds_its_locks(first, second)
    assert released.state == PublicState.RELEASED
    assert isinstance(refused, StaleState)
    assert "Dispatcher Person" in str(refused)
    assert Publication.objects.get().state == PublicState.RELEASED
    assert ModerationStep.objects.count() == 1


def test_one_person_pressing_eight_times_counts_once(committed_world):
    public = release(committed_world, committed_world.submit(may_be_public=True).request)
    together = Barrier(8)

    def press(person):
        def run():
            together.wait(timeout=60)
            return me_too_add(publication=public, person=person, at=LATER)

        return run

    counted = run_in_threads(*[press("cookie:1")] * 7, press("cookie:2"))
    assert sum(counted) == 2
    public.refresh_from_db()
    assert (public.me_too_count, MeToo.objects.count()) == (2, 2)


def test_two_runs_of_the_news_at_once_tell_once(committed_world):
    follow_ask(email="a@example.com", language="zh-hans", area_code=EAST, at=LATER - timedelta(hours=1))
    follow_confirm(follow=Follow.objects.get(), at=LATER - timedelta(hours=1))
    release(committed_world, committed_world.submit(may_be_public=True).request)
    together = Barrier(2)

    def run():
        together.wait(timeout=60)
        return area_news(at=LATER + timedelta(days=1))

    assert sorted(run_in_threads(run, run)) == [0, 1]
    assert DomainEvent.objects.filter(name="requests_intake.area_news_due").count() == 1
