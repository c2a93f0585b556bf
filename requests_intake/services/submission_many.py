"""Many requests at once, by the rules and the rows of a single one: what a batch of the hotline is filed with."""

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction

from governance.access.viewer import Viewer
from governance.errors import DomainError, constraint_errors
from requests_intake.models import ServiceRequest
from requests_intake.services.filing import Checked, file_many
from requests_intake.services.submission import checked
from requests_intake.services.submission_data import Submission, Submitted

Outcome = Submitted | DomainError


def requests_submit_many(*, submissions: Sequence[Submission], actor: Viewer, at: datetime) -> list[Outcome]:
    """File many requests in one transaction; return for each, in order, what became of it. About ten SQL a thousand.

    A refused one is its `DomainError` and stops no other; a key that was filed before, or earlier in the list, returns
    that request as a repeat. Photos are not taken. Of two callers with the same keys at once the second gets a
    `DomainError` of the whole call (the unique key) and may ask again.
    """
    with constraint_errors(), transaction.atomic():
        filed = {
            request.submission_key: Submitted(request, request.track_token, is_repeat=True)
            for request in ServiceRequest.objects.filter(submission_key__in=[one.submission_key for one in submissions])
        }
        refused: dict[int, DomainError] = {}
        fresh: dict[str, Checked] = {}
        for position, submission in enumerate(submissions):
            if submission.submission_key in filed or submission.submission_key in fresh:
                continue
            try:
                fresh[submission.submission_key] = checked(submission, actor, at)
            except DomainError as error:
                refused[position] = error
        new = dict(zip(fresh, file_many(list(fresh.values()), actor=actor, at=at), strict=True))
    return _outcomes(submissions, refused, filed, new)


def _outcomes(
    submissions: Sequence[Submission],
    refused: dict[int, DomainError],
    filed: dict[str, Submitted],
    new: dict[str, Submitted],
) -> list[Outcome]:
    outcomes: list[Outcome] = []
    seen: set[str] = set()
    for position, submission in enumerate(submissions):
        key = submission.submission_key
        if position in refused:
            outcomes.append(refused[position])
        elif key in filed:
            outcomes.append(filed[key])
        else:
            outcomes.append(Submitted(new[key].request, new[key].token, is_repeat=key in seen))
        seen.add(key)
    return outcomes
