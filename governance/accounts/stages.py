"""Steps between the first word and being signed in."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.stages import EmailVerificationStage


class EmailStage(EmailVerificationStage):
    """Asks for the code in the e-mail, except from people who signed up with a telephone and left no e-mail."""

    def handle(self) -> Any:
        """Skip the step for somebody known by a verified number and without any address."""
        user = self.login.user
        if user is not None and not EmailAddress.objects.filter(user_id=user.pk).exists():
            phone = get_adapter(self.request).get_phone(user)
            if phone is not None and phone[1]:
                return None, True
        if user is None and not self.login.email:  # somebody who signed up again with a known number
            return None, True
        return super().handle()
