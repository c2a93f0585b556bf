"""Two at once for the last seat, with real connections."""

from datetime import timedelta

from governance.errors import DomainError
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.racing import while_first_holds_its_locks
from tests.requests_intake.test_appointments import NINE, book, open_window, phone


def test_no_seat_is_given_twice(committed_world):
    """Eight people press at once for two seats; then somebody waits for the last seat while it is being taken."""
    window = open_window(committed_world)

    def press(number):
        def run():
            try:
                return book(window, phone=phone(number)).seat
            except DomainError as error:
                return error.code

        return run

    results = run_in_threads(*(press(number) for number in range(8)))
    assert sorted(one for one in results if isinstance(one, int)) == [0, 1]
    assert [one for one in results if not isinstance(one, int)] == ["slot_full"] * 6
    ten = NINE + timedelta(hours=1)
    book(window, ten, phone=phone(20))
    first, second = while_first_holds_its_locks(
        lambda: book(window, ten, phone=phone(21)), lambda: book(window, ten, phone=phone(22))
    )
    assert first.seat == 1
    assert second.code == "slot_full"
