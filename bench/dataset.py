"""A database of its own with the demo district's reference data and as many requests as wanted, loaded by COPY.

Unless told otherwise nine in a hundred are open. Every twentieth speaks of a sand pit, every thousandth of a pylon. The rows obey every constraint of the schema; texts are short and many are alike,
which favours nobody: both sides of every comparison read the same rows.
"""

import io
import random
import secrets
from datetime import datetime, timedelta

import psycopg2
from django.conf import settings
from django.core.management import call_command
from django.db import connection, connections, transaction
from django.utils import timezone

from governance.privacy.keys import encrypt
from governance.worktime import Duration, Unit, add, calendar_current
from requests_intake.pieces import area_pieces, pieces
from requests_intake.services.rollups import rollups_recount

SEED = 20261121
NAME = "liren_bench"
OPEN_SHARE = 0.09
CHUNK = 20_000


def use_own_database(keep: bool, name: str = NAME) -> bool:
    """Point Django at a database of this name, made anew unless `keep`; return whether it holds data already."""
    parameters = connection.get_connection_params() | {"dbname": "postgres"}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    server = psycopg2.connect(**parameters)
    server.autocommit = True
    with server.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name])
        exists = cursor.fetchone() is not None
        if exists and not keep:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
        if not exists or not keep:
            cursor.execute(f"CREATE DATABASE {name}")
    server.close()
    connections.close_all()
    settings.DATABASES["default"]["NAME"] = name
    connection.settings_dict["NAME"] = name
    return exists and keep


def build(count: int, open_count: int | None = None) -> None:
    """Migrate, load the reference data, copy `count` requests with orders, histories and clocks."""
    from demo.loading.people import load_people
    from demo.loading.reference import load_reference

    settings.VAR_DIR = settings.VAR_DIR / "bench"  # the logins of the running demo stay as they are
    call_command("migrate", interactive=False, verbosity=0)
    at = timezone.now()
    with transaction.atomic():
        reference = load_reference(at)
        people = load_people(reference.organisations, at)
    Copier(reference, people, at).copy(count, int(count * OPEN_SHARE) if open_count is None else open_count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


class Copier:
    """Writes rows as text for COPY."""

    def __init__(self, reference, people, at: datetime) -> None:
        from demo.territory import territory
        from requests_intake.models import Clock, RequestTransition, ServiceRequest, WorkOrder

        self.random = random.Random(SEED)
        self.at = at
        self.grids = [grid.code for grid in territory().grids]
        self.categories = [c for c in reference.categories.values() if len(c.code) == 6 and not c.stop_text]
        self.policies = {key: policy.pk for key, policy in reference.policies.items()}
        self.offices = [office.pk for office in reference.organisations.values()]
        self.people = [person.pk for person in people.values()]
        self.calendar = calendar_current()
        models = {"request": ServiceRequest, "order": WorkOrder, "transition": RequestTransition, "clock": Clock}
        self.defaults = {
            name: {
                field.column: as_text(field.get_default())
                for field in models[name]._meta.concrete_fields
                if not field.null and not field.primary_key and field.column not in columns
            }
            for name, _table, columns in TABLES
            if name in models
        }
        # one ciphertext for all: what it costs to read does not depend on what it says
        table = ServiceRequest._meta.db_table
        self.token = "\\\\x" + encrypt(secrets.token_urlsafe(16).encode(), place=f"{table}.track_token").hex()

    def copy(self, count: int, open_count: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP INDEX request_words")  # built in one go afterwards
            cursor.execute(f"ALTER TABLE {TABLES[0][1]} DISABLE TRIGGER rollup_insert")  # as are the roll-ups
        for start in range(1, count + 1, CHUNK):
            buffers = {name: io.StringIO() for name, _table, _columns in TABLES}
            for pk in range(start, min(start + CHUNK, count + 1)):
                self.one(pk, pk > count - open_count, buffers)
            for name, table, columns in TABLES:
                buffers[name].seek(0)
                names = [*columns, *self.defaults.get(name, {})]
                with connection.cursor() as cursor:
                    cursor.copy_expert(f"COPY {table} ({', '.join(names)}) FROM STDIN", buffers[name])
        with connection.cursor() as cursor:
            for _name, table, columns in TABLES:
                if "id" in columns:
                    cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), max(id)) FROM {table}")
            cursor.execute("SELECT setval('requests_intake_number_seq', %s)", [count + 1])
            cursor.execute("CREATE INDEX request_words ON requests_intake_requestwords USING gin (words)")
            cursor.execute(f"ALTER TABLE {TABLES[0][1]} ENABLE TRIGGER rollup_insert")
        rollups_recount(at=self.at, repair=True)

    def one(self, pk: int, is_open: bool, buffers) -> None:
        from requests_intake.numbers import number_for

        choose = self.random.choice
        category = choose(self.categories)
        days = self.random.uniform(0, 12) if is_open else self.random.uniform(8, 365)
        submitted = self.at - timedelta(days=days)
        due = add(submitted, Duration(7, Unit.NATURAL_DAY), self.calendar)
        number = number_for(submitted.date(), pk)
        state = choose(("submitted", "accepted", "dispatched", "in_progress", "callback")) if is_open else "closed"
        dispatched = state not in ("submitted", "accepted")
        office = choose(self.offices) if dispatched else None
        signed = state in ("in_progress", "callback", "closed")
        handler = choose(self.people) if signed else None
        closed = submitted + timedelta(days=self.random.uniform(1, 7)) if state == "closed" else None
        area = choose(self.grids)
        title = choose(TITLES) + choose(PLACES)
        rare = "旁边有沙坑。" if pk % 20 == 0 else "上面是铁塔。" if pk % 1000 == 1 else ""
        body, address = title + "。请尽快派人来看看，谢谢。" * 3 + rare, f"{pk % 90} 号楼"
        late = due + timedelta(days=7) if state == "callback" else due
        row = (
            pk, number, number[-4:], f"{pk:064x}", self.token, f"bench-{pk}", choose(KINDS), "web", category.pk,
            title, body, "zh-hans", "f", area, "address", address, "f", state,
            office, office, handler, self.policies[category.policy_key], submitted, submitted + timedelta(hours=2),
            due, due, None if state == "closed" else late, submitted, submitted if dispatched else None, None, None,
            closed, "closed" if closed else "", 0, "",
        )  # fmt: skip
        write(buffers["request"], row + self.later("request"))
        words = sorted(pieces(title, body, address) | area_pieces(area))
        write(buffers["words"], (pk, " ".join(f"'{word}'" for word in words)))
        for step, name in enumerate(
            ("submit", "accept", "dispatch", "signed")[: 4 if signed else 3 if dispatched else 1]
        ):
            write(
                buffers["transition"],
                (
                    pk * 4 + step, pk, name, "", state, submitted + timedelta(minutes=step), None, "staff", None, "", "t",
                    *self.later("transition"),
                ),
            )  # fmt: skip
        if dispatched:
            order = {"dispatched": "dispatched", "in_progress": "in_progress", "callback": "replied", "closed": "done"}
            done = order[state] in ("replied", "done")
            write(
                buffers["order"],
                (pk, pk, office, "lead", order[state], "", handler, area, submitted, due, due, None if done else due, submitted if signed else None, None, None, closed, *self.later("order")),
            )  # fmt: skip
        if is_open:
            kind = "rate" if state == "callback" else "answer"
            warn = submitted + (due - submitted) * 0.75
            write(
                buffers["clock"],
                (pk, pk, None, kind, submitted, min(warn, late), late, late, None, 0, None, *self.later("clock")),
            )

    def later(self, name: str) -> tuple:
        """Values of columns that came after this benchmark: what the model gives a new row."""
        return tuple(self.defaults[name].values())


def as_text(value):
    """A default as COPY reads it."""
    return {True: "t", False: "f"}.get(value, value) if isinstance(value, bool) else value


def write(buffer, row) -> None:
    """Append one line in COPY's text form."""
    buffer.write("\t".join(r"\N" if cell is None else str(cell) for cell in row) + "\n")


KINDS = ("enquiry", "enquiry", "help", "help", "complaint", "suggestion")
TITLES = (
    "楼道灯不亮",
    "下水道堵了",
    "夜里施工太吵",
    "占道停车",
    "电梯常坏",
    "垃圾没人清",
    "想问居住证怎么办",
    "健身器材松了",
)
PLACES = ("，三号楼", "，北门口", "，桥东路", "，菜场边", "，小学门口", "，二单元", "，河边步道", "")
TABLES = (
    (
        "request",
        "requests_intake_servicerequest",
        [
            "id",
            "number",
            "number_tail",
            "track_digest",
            "track_token",
            "submission_key",
            "kind",
            "channel",
            "category_id",
            "title",
            "body",
            "language",
            "may_be_public",
            "area_code",
            "place_kind",
            "address",
            "is_outside_district",
            "state",
            "probable_organisation_id",
            "organisation_id",
            "handler_id",
            "policy_id",
            "submitted_at",
            "accept_due_at",
            "original_due_at",
            "due_at",
            "next_due_at",
            "accepted_at",
            "dispatched_at",
            "contacted_at",
            "replied_at",
            "closed_at",
            "ended_as",
            "rework_count",
            "urgent_remark",
        ],
    ),
    (
        "order",
        "requests_intake_workorder",
        [
            "id",
            "request_id",
            "organisation_id",
            "role",
            "state",
            "instruction",
            "handler_id",
            "area_code",
            "dispatched_at",
            "original_due_at",
            "due_at",
            "next_due_at",
            "signed_at",
            "contacted_at",
            "replied_at",
            "done_at",
        ],
    ),
    (
        "transition",
        "requests_intake_requesttransition",
        [
            "id",
            "request_id",
            "name",
            "from_state",
            "to_state",
            "at",
            "actor_id",
            "actor_kind",
            "organisation_id",
            "text",
            "is_public",
        ],
    ),
    (
        "clock",
        "requests_intake_clock",
        [
            "id",
            "request_id",
            "order_id",
            "kind",
            "started_at",
            "warn_at",
            "due_at",
            "original_due_at",
            "stopped_at",
            "level",
            "next_at",
        ],
    ),
    ("words", "requests_intake_requestwords", ["request_id", "words"]),
)
