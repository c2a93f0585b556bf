"""Who decides over an account that holds nothing."""

from governance.access import areas
from governance.access.models import User


def home_of(user: User) -> str:
    """Where the person's office lies: whoever gives grants there decides over an account without any.

    Of somebody without an office, whoever gives them in the whole territory.
    """
    if user.organisation is not None:
        return user.organisation.area_code
    return next((code for code, _name in areas.children("")), "")
