"""The daily digest: one letter a person and day, however often and wherever this runs."""

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from governance.notifications.models import Message, State
from governance.notifications.notices import DIGEST
from governance.notifications.nudging import nudge

AT_MOST = 500  # letters a call; the next call goes on

# The unique key of letter and day lets one worker write it; whoever comes second gets nothing back and moves no line.
# Lines that come after the letter of the day wait for the next one.
_INSERT = """
WITH due AS (
    SELECT DISTINCT line.user_id
    FROM notifications_message line
    LEFT JOIN notifications_noticepreference own ON own.user_id = line.user_id
    LEFT JOIN notifications_noticepreference common ON common.user_id IS NULL
    WHERE line.state = 'digest' AND line.digest_id IS NULL
      AND coalesce(own.digest_at, common.digest_at, time '08:00') <= %(now)s
      AND NOT EXISTS (
          SELECT FROM notifications_message told
          WHERE told.dedupe_key = 'digest/' || line.user_id || '/' || %(today)s
      )
    ORDER BY line.user_id
    LIMIT %(most)s
), letters AS (
    INSERT INTO notifications_message
        (kind, channel, recipient_ref, user_id, subject_ref, area_code, context, dedupe_key,
         state, attempts, error, language, not_before, next_at, created_at)
    SELECT %(kind)s, 'email', 'access.user:' || user_id, user_id, 'access.user:' || user_id, '', '{}',
           'digest/' || user_id || '/' || %(today)s, 'queued', 0, '', '', %(at)s, %(at)s, %(at)s
    FROM due
    ON CONFLICT (dedupe_key) DO NOTHING
    RETURNING id, user_id
)
UPDATE notifications_message line SET digest_id = letters.id
FROM letters
WHERE line.user_id = letters.user_id AND line.state = 'digest' AND line.digest_id IS NULL
RETURNING line.digest_id
"""


def digests_create(*, at: datetime) -> int:
    """Write today's letters for whom it is time; return how many. Nobody without lines gets one. 2 SQL.

    Lines of people who have no mailbox any more go back to the queue, to be sent as if they had chosen nothing.
    """
    local = timezone.localtime(at)
    values: dict[str, Any] = {
        "at": at,
        "now": local.time(),
        "today": local.date().isoformat(),
        "most": AT_MOST,
        "kind": DIGEST.key,
    }
    with transaction.atomic():
        lines = Message.objects.filter(state=State.DIGEST, digest__isnull=True)
        lines.filter(Q(user__email__isnull=True) | Q(user__email="") | Q(user__is_active=False)).update(
            state=State.QUEUED, next_at=at
        )
        with connection.cursor() as cursor:
            cursor.execute(_INSERT, values)
            letters = {letter for (letter,) in cursor.fetchall()}
        if letters:
            nudge()
    return len(letters)
