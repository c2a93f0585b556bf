"""Two at once with one letter."""

from datetime import timedelta

from governance.errors import DomainError
from population.models import DwellingBinding
from population.services.bindings import binding_redeem
from tests.factories.residents import viewer_of
from tests.factories.world import MORNING
from tests.population.binding_support import NAME, TAIL, furnish
from tests.requests_intake.conftest import committed_world  # noqa: F401
from tests.requests_intake.racing import while_first_holds_its_locks


def test_two_accounts_with_one_letter_one_wins(committed_world):  # noqa: F811
    home = furnish(committed_world)
    code = home.code()

    def redeem(user):
        at = MORNING + timedelta(hours=1)
        return binding_redeem(code=code, name=NAME, tail=TAIL, actor=viewer_of(user), at=at)

    won, lost = while_first_holds_its_locks(lambda: redeem(home.user), lambda: redeem(home.other))
    assert won.user == home.user
    assert isinstance(lost, DomainError)
    assert "没有对上" in str(lost)
    assert DwellingBinding.objects.count() == 1
