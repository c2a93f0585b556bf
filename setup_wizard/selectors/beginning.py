"""Whether this portal has begun."""

from governance.access.models import User, UserKind
from governance.errors import DomainError
from grid.district import district_code


def has_staff() -> bool:
    """Whether anybody has an account of staff. 1 SQL."""
    return User.objects.filter(kind=UserKind.STAFF).exists()


def has_district() -> bool:
    """Whether the portal knows its district; without SQL once a process has seen it, for a minute."""
    try:
        district_code()
    except DomainError:
        return False
    return True
