"""Accounts of residents, as bindings need them."""

from allauth.account.models import EmailAddress

from governance.access.models import User, UserKind, UserPhone
from governance.accounts.services import phone_indexes
from governance.text import mobile_number


def can_be_reached(user: User) -> bool:
    """Whether the person proved a telephone number or an address of theirs. 1-2 SQL."""
    proved = UserPhone.objects.filter(user=user, verified_at__isnull=False).exists()
    return proved or EmailAddress.objects.filter(user=user, verified=True).exists()


def account_with(contact: str) -> User | None:
    """Return the living account of a resident who signs in with this mobile number or e-mail address. 1 SQL."""
    people = User.objects.filter(kind=UserKind.RESIDENT, is_active=True)
    if "@" in contact:
        proved = EmailAddress.objects.filter(email__iexact=contact.strip(), verified=True)
        return people.filter(pk__in=proved.values("user_id")).order_by("pk").first()
    number = mobile_number(contact)
    if not number:
        return None
    phones = UserPhone.objects.filter(number_index__in=phone_indexes(number), verified_at__isnull=False)
    return people.filter(pk__in=phones.values("user_id")).order_by("pk").first()
