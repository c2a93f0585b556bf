"""Fill an empty portal with the fictional district. Once: a portal that has areas is left alone."""

import gc
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction
from django.utils import timezone

from demo.histories import histories
from demo.job_kinds import REGISTER
from demo.loading.articles import load_articles
from demo.loading.assessments import load_assessments
from demo.loading.checks import load_checks
from demo.loading.components import load_components
from demo.loading.duty import load_duty
from demo.loading.grants import load_grants
from demo.loading.looks import load_looks
from demo.loading.patrols import load_patrols
from demo.loading.people import load_people
from demo.loading.person_requests import load_person_requests
from demo.loading.photos import paint
from demo.loading.posts import load_posts
from demo.loading.publications import load_publications
from demo.loading.reference import load_reference
from demo.loading.registry import load_registry
from demo.loading.reply_templates import load_reply_templates
from demo.loading.requests import load_requests
from demo.loading.supervision import load_supervision
from demo.loading.tasks import load_tasks
from demo.loading.windows import load_appointments, load_windows
from demo.registry.district import district
from demo.schedule import TOTAL
from demo.staff import staff_by_role
from governance.access.models import User
from governance.access.viewer import viewer_for
from governance.jobs.services import job_start
from grid.models import Area


class Command(BaseCommand):
    """`manage.py seed_demo`: only where LIREN_DEMO is on."""

    help = "Fill an empty portal with the fictional demo district (needs LIREN_DEMO=1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many requests the past year has brought, and how much of the register is told."""
        parser.add_argument("--requests", type=int, default=TOTAL, help=f"how many requests (default {TOTAL:,})")
        parser.add_argument(
            "--registry", type=float, default=0, help="share of the register (up to 1) to load at once, not by a job"
        )

    def handle(self, *args: Any, requests: int, registry: float, **options: Any) -> None:
        """Load everything in one transaction, so that a stopped seed leaves nothing behind."""
        if not settings.LIREN_DEMO:
            raise CommandError("LIREN_DEMO is not set: demo data never goes into a real portal.")
        if Area.objects.exists():
            return
        at = timezone.now()
        # half a million rows, all of them needed to the end: looking through them takes a third of the time
        gc.disable()
        try:
            with _second_process() as other, transaction.atomic():
                told = other.submit(histories, at, requests)
                reference = load_reference(at)
                people = load_people(reference.organisations, at)
                load_articles(reference.organisations, people, at)
                load_reply_templates(people, at)
                paint()
                load_requests(reference, people, told.result(), at)
                load_publications(at)
                load_duty(people, at)
                load_posts(people, at)
                load_grants(people, at)
                load_assessments(people, at)
                load_components(reference.organisations, people, at)
                load_patrols(people, at)
                load_tasks(reference.organisations, people, at)
                load_supervision(people, at)
                load_checks(people, at)
                load_looks(at)
                load_person_requests(people, at)
                load_appointments(load_windows(reference.organisations, at), at)
                if registry:
                    load_registry(district(timezone.localdate(at), registry), reference.organisations, people, at)
                else:
                    _later(people, at)
        finally:
            gc.enable()


def _second_process() -> ProcessPoolExecutor:
    """Tells the histories while this one loads what they lie in; a fresh one, without our database connection."""
    return ProcessPoolExecutor(1, mp_context=get_context("spawn"))


def _later(people: dict[str, User], at: datetime) -> None:
    """Have a worker load the whole register: it takes a minute, and the portal need not wait for it."""
    owner = next(person for person in staff_by_role("administrator") if person.is_demo_login)
    job_start(kind=REGISTER, params={"share": 1.0}, actor=viewer_for(people[owner.key], at), at=at)
