"""Looking for a colleague on a form: by words, then one of those found."""

from typing import Any, Self
from uuid import UUID

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from governance.access.models import User
from governance.access.permissions import Capability
from governance.access.selectors import people_search
from governance.access.viewer import Viewer
from governance.web.forms import Hinted


class FindPerson(forms.Form):
    """Somebody is looked for by words and chosen from those found; the button `find` of the page saves nothing."""

    CAPABILITY: str = Capability.GIVE_GRANT  # whoever holds it anywhere finds colleagues here

    user_words = forms.CharField(
        label=_("给谁"),
        required=False,
        max_length=60,
        help_text=_("写姓名、工号或邮箱，按“查找”，再从下面选一位"),
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
    )
    user = forms.ChoiceField(
        label=_("选一位"), widget=forms.RadioSelect, error_messages={"required": _("请先查找，再选一位")}
    )

    def __init__(self, data: QueryDict | None = None, *, viewer: Viewer, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.viewer = viewer
        self.found = self._people()
        choices = [(str(p.public_id), Hinted(p.display_name, _about(p))) for p in self.found]
        self.fields["user"].choices = choices  # type: ignore[attr-defined]

    @property
    def searched(self) -> bool:
        """Whether somebody was looked for."""
        return bool((self["user_words"].value() or "").strip())

    def without_judgement(self) -> Self:
        """Show what was typed, with no complaint yet: somebody is still being looked for. A single find is chosen."""
        self._errors = ErrorDict()
        self.cleaned_data = {}
        if len(self.found) == 1:
            typed: Any = self.data.copy()  # type: ignore[attr-defined]
            typed["user"] = str(self.found[0].public_id)
            self.data = typed
        return self

    def chosen(self) -> User:
        """Return the one who was chosen, of a valid form."""
        return next(person for person in self.found if str(person.public_id) == self.cleaned_data["user"])

    def _people(self) -> list[User]:
        """Those the words find, and the one chosen before even if the words have changed since."""
        found = people_search(viewer=self.viewer, words=self["user_words"].value() or "", capability=self.CAPABILITY)
        chosen = _as_uuid(self["user"].value())
        if chosen and chosen not in {person.public_id for person in found}:
            found = [*User.objects.filter(public_id=chosen, is_active=True).select_related("organisation"), *found]
        return found


def _about(person: User) -> str:
    parts = [person.organisation.label if person.organisation else "", person.staff_no, person.email or ""]
    return " · ".join(part for part in parts if part)


def _as_uuid(value: Any) -> UUID | None:
    try:
        return UUID(str(value))
    except ValueError:
        return None
