"""A finding that a telephone sends five times is one."""

from io import BytesIO
from threading import Barrier
from uuid import uuid4

from governance.files.models import StoredFile
from governance.files.services import image_store
from governance.outbox.models import DomainEvent
from grid.models import Finding
from grid.services.findings import FindingDraft, finding_report
from tests.factories.world import EAST_GRID, MORNING
from tests.governance.file_samples import telephone_jpeg
from tests.governance.outbox_tools import run_in_threads
from tests.requests_intake.conftest import committed_world  # noqa: F401


def test_the_same_finding_sent_five_times_at_once_is_one(committed_world):  # noqa: F811
    key, together, worker = uuid4(), Barrier(5), committed_world.viewer("grid_worker")
    draft = FindingDraft(kind="matter", text="灯杆歪了", area_code=EAST_GRID)
    picture = telephone_jpeg()

    def send():
        file = image_store(upload=BytesIO(picture), owner_ref="", actor=worker, at=MORNING)
        together.wait(timeout=60)
        return finding_report(uuid=key, draft=draft, file_ids=[file.uuid], actor=worker, at=MORNING).pk

    assert len(set(run_in_threads(*[send] * 5))) == 1
    finding = Finding.objects.get()
    assert finding.photos.count() == 1
    assert StoredFile.objects.exclude(owner_ref="").count() == 1, "what the others sent along waits to expire"
    assert DomainEvent.objects.filter(name="grid.finding_reported").count() == 1
