"""A table of people: read, looked over, written and taken back by the jobs, beside parsing it and COPY; time, memory.

    .venv/bin/python bench/people_import.py [--rows 20000] [--form csv] [--undo]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own,
`liren_bench_people_import`. Seconds of wall and of this process's CPU (PostgreSQL's own is not in it), and the most
memory this process ever had. One community; three to a dwelling; a tenth of the rows are faulty.
"""

import argparse
import csv
import io
import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from bench import dataset

COMMUNITY = "990105001001"
TITLES = ["姓名", "性别", "出生日期", "证件号码", "电话", "住址", "居住类型", "与户主的关系", "从哪天起住"]
ENTRANCES, FLOORS, DOORS = 4, 18, 4
SURNAMES, GIVEN = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗", "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰"


def main() -> None:
    """Furnish, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--form", choices=("csv", "xlsx"), default="csv")
    parser.add_argument("--undo", action="store_true")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    dataset.use_own_database(False, "liren_bench_people_import")
    call_command("migrate", interactive=False, verbosity=0)
    viewer = _furnish(asked.rows)
    file = _file(asked.rows, asked.form)
    print(f"{asked.rows:,} rows, {asked.form}, {len(file.getvalue()) / 1e6:.1f} MB; {_memory():.0f} MB before")
    _timed("parse + COPY", lambda: _floor(file))
    _import(file, viewer, asked.undo)


def _floor(file: io.BytesIO) -> None:
    """What no import can be faster than: the rows read, and written to one table without keys."""
    from population.import_tables import PEOPLE

    out = io.StringIO()
    writer = csv.writer(out)
    columns = PEOPLE.proposed(TITLES)
    for line, values, _faults in PEOPLE.rows_of(file, columns):
        writer.writerow([line, *(values.get(key, "") for key in columns)])
    out.seek(0)
    with connection.cursor() as cursor:
        names = ", ".join(f"c{number} text" for number in range(len(columns) + 1))
        cursor.execute(f"CREATE TEMP TABLE floor ({names})")
        cursor.copy_expert("COPY floor FROM STDIN WITH CSV", out)
        cursor.execute("DROP TABLE floor")


def _import(file: io.BytesIO, viewer: Any, undoes: bool) -> None:
    from population.import_tables import PEOPLE
    from population.models import Person
    from population.services.imports import (
        Reading,
        counts_of,
        import_map,
        import_start,
        import_take,
        import_undo_start,
    )

    now = timezone.now()
    make = {"kind": "people", "file_name": "people", "submission_key": uuid4(), "actor": viewer, "at": now}
    taken = _timed("take", lambda: import_take(upload=file, **make))
    known = {"registry_import": taken, "actor": viewer, "at": now}
    reading = Reading(columns=PEOPLE.proposed(taken.titles), rule="fill")
    job = import_map(seen=1, reading=reading, **known)
    _timed("check", lambda: _run(job))
    print(counts_of(taken))
    job = import_start(seen=2, **known)
    _timed("write", lambda: _run(job))
    print(f"{Person.objects.count():,} people")
    taken.refresh_from_db()
    if undoes:
        job = import_undo_start(registry_import=taken, actor=viewer, at=timezone.now())
        _timed("take back", lambda: _run(job))
        print(f"{Person.objects.count():,} people")


def _run(job: Any) -> None:
    from governance.jobs.services import job_run

    done = job_run(job_id=job.pk, clock=timezone.now)
    if done is None or done.state != "done":
        raise SystemExit(f"{done}: {done.error if done else ''}")


def _furnish(rows: int) -> Any:
    """An office, and buildings with room for all: rows only, no service runs."""
    from governance.access.models import Grant, Role, User
    from governance.access.viewer import viewer_for
    from population.models import Building, Compound, Dwelling, Entrance, StandardAddress

    now = timezone.now()
    user = User.objects.create(email="bench@example.com", display_name="Bench")
    role = Role.objects.get(key="community_head")
    Grant.objects.create(user=user, role=role, area_code=COMMUNITY, starts_at=now, created_at=now)
    compound = Compound.objects.create(name="槐安里", area_code=COMMUNITY)
    collected = {"source": "door", "collected_at": now, "confirmed_at": now, "changed_at": now}
    for number in range(1, _buildings(rows) + 1):
        text = f"槐安里{number}幢"
        address = StandardAddress.objects.create(
            text=text, estate="槐安里", building=f"{number}幢", area_code=COMMUNITY, search_text=text
        )
        building = Building.objects.create(
            address=address, compound=compound, area_code=COMMUNITY, floors_above=FLOORS, changed_at=now
        )
        for place in range(1, ENTRANCES + 1):
            entrance = Entrance.objects.create(building=building, name=f"{place}单元", position=place)
            Dwelling.objects.bulk_create(
                Dwelling(
                    building=building,
                    entrance=entrance,
                    floor=floor,
                    door=f"{floor}{door:02}",
                    area_code=COMMUNITY,
                    **collected,
                )
                for floor in range(1, FLOORS + 1)
                for door in range(1, DOORS + 1)
            )
    return viewer_for(user, now)


def _buildings(rows: int) -> int:
    return rows // (3 * ENTRANCES * FLOORS * DOORS) + 1


def _file(rows: int, form: str) -> io.BytesIO:
    from governance.files.tables import table_csv, table_xlsx

    write = table_csv if form == "csv" else table_xlsx
    return io.BytesIO(write(TITLES, _rows(rows)))


def _rows(rows: int) -> Iterator[list[str]]:
    from governance.text.check_digits import id_check_character

    random = Random(7)
    relations = ["户主", "配偶", "子"]
    for number in range(rows):
        home, place = divmod(number, 3)
        home, door = divmod(home, DOORS)
        home, floor = divmod(home, FLOORS)
        building, entrance = divmod(home, ENTRANCES)
        address = f"槐安里{building + 1}幢{entrance + 1}单元{floor + 1}{door + 1:02}室"
        born = date(1940, 1, 1) + timedelta(days=random.randrange(28_000))
        body = f"110105{born:%Y%m%d}{number % 1000:03}"
        if number % 10 == 9:
            address = address.replace("槐安里", "不知道")
        name = random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)
        phone = f"139{number:08}"
        document = body + id_check_character(body) if number % 4 else ""
        yield [
            name,
            "男" if number % 2 else "女",
            born.isoformat(),
            document,
            phone,
            address,
            "户籍",
            relations[place],
            "2018-05-01",
        ]


def _timed(name: str, act: Callable[[], Any]) -> Any:
    began, cpu = time.perf_counter(), time.process_time()
    answer = act()
    took, busy = time.perf_counter() - began, time.process_time() - cpu
    print(f"{name:14}{took:9.1f} s{busy:9.1f} s CPU{_memory():9.0f} MB at most", flush=True)
    return answer


def _memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main()
