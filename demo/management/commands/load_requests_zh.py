"""Feed 4,326 real messages of citizens (2017 to 2020) through the intake service, as records of the past.

    manage.py load_requests_zh [--limit N]

Private, with their dates, without notices and without clocks that call: see `Submission.received_at`. A message that
is in already is left alone, so an interrupted run goes on. Category and place are only what the words give: the
likeliest item where the words name one, no place (the messages speak of another city). Read from LIREN_DATA_DIR.
"""

import csv
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from governance.access.viewer import SYSTEM
from governance.text import clean_text
from requests_intake.models import Category, Channel
from requests_intake.services.submission import LONG_BODY_MAX, Submission
from requests_intake.services.submission_many import requests_submit_many
from requests_intake.suggestion import categories_for
from requests_intake.upstream.moments import moment_of

STEP = 500
ASKS = ("咨询", "请问", "能不能", "是否", "什么时候", "何时", "如何", "怎么办理", "求问")
KINDS = (("举报", "tip_off"), ("投诉", "complaint"), ("建议", "suggestion"))


class Command(BaseCommand):
    """`manage.py load_requests_zh`: only where LIREN_DEMO is on, and the messages are there."""

    help = "Feed the citizens' messages of LIREN_DATA_DIR as private requests of the past (needs LIREN_DEMO=1)."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many messages, in the order of the file."""
        parser.add_argument("--limit", type=int, default=0, help="only the first N messages")

    def handle(self, *args: Any, limit: int, **options: Any) -> None:
        """File in steps of 500, each a transaction of its own; report."""
        if not settings.LIREN_DEMO:
            raise CommandError("LIREN_DEMO is not set: these messages are for trying out, never for a real portal.")
        path = Path(settings.DATA_DIR) / "requests_zh" / "messages.csv"
        if not path.is_file():
            raise CommandError(f"There is no {path}; set LIREN_DATA_DIR.")
        start, seen, tally = time.perf_counter(), 0, Counter[str]()
        skipped: Counter[str] = Counter()
        by_category: Counter[int | None] = Counter()
        for step in _steps(path, limit):
            good = []
            for row in step:
                submission = submission_of(row)
                if isinstance(submission, str):
                    skipped[submission] += 1
                else:
                    good.append(submission)
            for submission, outcome in zip(
                good, requests_submit_many(submissions=good, actor=SYSTEM, at=timezone.now()), strict=True
            ):
                if isinstance(outcome, Exception):
                    skipped[str(outcome)] += 1
                elif outcome.is_repeat:
                    tally["known before"] += 1
                else:
                    tally["filed"] += 1
                    by_category[submission.category_id] += 1
            seen += len(step)
            self.stdout.write(f"{seen:>6} messages, {time.perf_counter() - start:5.1f} s")
        self._report(tally, skipped, by_category)

    def _report(self, tally: Counter[str], skipped: Counter[str], by_category: Counter[int | None]) -> None:
        names = {category.pk: f"{category.code} {category.name}" for category in Category.objects.all()}
        self.stdout.write(", ".join(f"{count} {what}" for what, count in tally.items()) or "nothing filed")
        for reason, count in skipped.most_common():
            self.stdout.write(f"  {count:>6} skipped: {reason}")
        for pk, count in by_category.most_common():
            self.stdout.write(f"  {count:>6} {names.get(pk or 0, '------ no item named in the words')}")


def submission_of(row: dict[str, str]) -> Submission | str:
    """Return a message as a submission, or the reason why it is skipped."""
    received = moment_of(row["time"])
    body = clean_text(row["detail"])
    title = clean_text(row["title"], multiline=False)
    if received is None:
        return "the date is not understood"
    if not body and not title:
        return "no words"
    likely = categories_for(f"{title} {body}").categories
    return Submission(
        kind=kind_of(title, body),
        body=(body or title)[:LONG_BODY_MAX],
        title=title,
        submission_key=f"requests_zh:{row['id']}",
        category_id=likely[0].pk if likely else None,
        channel=Channel.WEB,
        received_at=received,
    )


def kind_of(title: str, body: str) -> str:
    """What sort of matter the words say it is."""
    for word, kind in KINDS:
        if word in title or word in body[:40]:
            return kind
    return "enquiry" if any(word in title for word in ASKS) else "help"


def _steps(path: Path, limit: int) -> Iterator[list[dict[str, str]]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        step: list[dict[str, str]] = []
        for number, row in enumerate(csv.DictReader(file), start=1):
            if limit and number > limit:
                break
            step.append(row)
            if len(step) == STEP:
                yield step
                step = []
        if step:
            yield step
