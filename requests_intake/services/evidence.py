"""Evidence: received while a form is filled in, kept for it seven days, then given to what it proves."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from governance.access.viewer import Viewer
from governance.errors import DomainError
from governance.files.models import StoredFile
from governance.files.services import file_store, files_adopt
from governance.refs import ref_of
from governance.text import clean_text
from requests_intake.models import Exclusion, LedgerEntry, Objection

EVIDENCE_MAX = 6
NAME_MAX = 100


@dataclass(frozen=True, slots=True)
class Evidence:
    """A file that somebody has sent, under the name it came with."""

    file: StoredFile
    name: str


def evidence_receive(*, upload: Any, actor: Viewer, at: datetime) -> Evidence:
    """Keep a photo, PDF or Excel file for its form. Raises `DomainError` on "evidence", naming the file."""
    name = clean_text(getattr(upload, "name", None) or "", multiline=False)[-NAME_MAX:]
    try:
        stored = file_store(upload=upload, owner_ref="", actor=actor, at=at)
    except DomainError as fault:
        said = {"name": name, "why": fault.message}
        raise DomainError(fault.code, _("“%(name)s”：%(why)s") % said, field="evidence") from fault
    return Evidence(stored, name or str(stored.get_kind_display()))


def evidence_attach(
    *, owner: Exclusion | LedgerEntry | Objection, evidence: Sequence[Evidence], actor: Viewer, at: datetime
) -> None:
    """Give received files to what they prove. Raises `DomainError` on "evidence" for more than six, or one gone."""
    if len(evidence) > EVIDENCE_MAX:
        raise DomainError("too_many_files", _("最多放 %(most)s 份") % {"most": EVIDENCE_MAX}, field="evidence")
    names = {one.file.pk: one.name for one in evidence}
    with transaction.atomic():
        try:
            files = files_adopt(files=list(names), owner_ref=ref_of(owner), actor=actor, at=at)
        except DomainError as gone:
            raise DomainError(gone.code, _("有材料已过期或不在了，请重新放。"), field="evidence") from gone
        for position, file in enumerate(files):
            owner.files.create(file=file, file_name=names[file.pk], position=position)
