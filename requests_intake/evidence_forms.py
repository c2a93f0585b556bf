"""Forms that take evidence along."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext_lazy as _

from requests_intake.services.evidence import EVIDENCE_MAX, Evidence


class EvidenceForm(forms.Form):
    """A form with files; `views.evidence.take` fills `taken`: what it has, sent now or with the attempt before."""

    field_order = ("ground", "text")

    evidence = forms.Field(label=_("材料"), required=False, widget=forms.FileInput)
    taken: Sequence[Evidence] = ()
    most = EVIDENCE_MAX
