"""The one district that a portal serves: where a request without a known place goes."""

from functools import lru_cache
from time import monotonic

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from governance.errors import DomainError
from grid.models import Area, Level

_CACHE_SECONDS = 60


@lru_cache(maxsize=2)
def _code(bucket: int) -> str:
    code = (
        Area.objects.valid_on(timezone.localdate())
        .filter(level=Level.DISTRICT)
        .order_by("code")
        .values_list("code", flat=True)
        .first()
    )
    if code is None:
        raise DomainError("no_district", _("这个门户还没有设置所在的区，请联系管理员"))
    return str(code)


def district_code() -> str:
    """Return the six-digit code of the district; kept in the process for a minute.

    Raises `DomainError` while the portal is empty.
    """
    return _code(int(monotonic() // _CACHE_SECONDS))


def district_forget() -> None:
    """Forget the kept code (after loading a territory, and in tests)."""
    _code.cache_clear()
