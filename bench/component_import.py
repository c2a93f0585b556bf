"""A table of 200,000 components: read, looked over and written by the jobs, then exported; time and memory.

    .venv/bin/python bench/component_import.py [--rows 200000] [--form csv]

Needs DATABASE_URL (a running `make run` is found by itself); works in a database of its own,
`liren_bench_component_import`. Seconds of wall and of this process's CPU (PostgreSQL's own is not in it), and the most
memory this process ever had. Four grids in a district; a tenth of the rows are faulty.
"""

import argparse
import io
import logging
import os
import resource
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.core.management import call_command
from django.utils import timezone

from bench import dataset

WEST, SOUTH, SIZE = 121.86, 30.86, 0.02
DISTRICT, COMMUNITY = "990105", "990105001001"
TITLES = ["种类代码", "标识码", "名称", "经度", "纬度", "主管单位名称", "初始日期", "几天检查一次"]


def main() -> None:
    """Furnish, run, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rows", type=int, default=200_000)
    parser.add_argument("--form", choices=("csv", "xlsx"), default="csv")
    asked = parser.parse_args()
    logging.disable(logging.CRITICAL)
    dataset.use_own_database(False, "liren_bench_component_import")
    call_command("migrate", interactive=False, verbosity=0)
    viewer = _furnish()
    file = _file(asked.rows, asked.form)
    print(f"{asked.rows:,} rows, {asked.form}, {len(file.getvalue()) / 1e6:.1f} MB; {_memory():.0f} MB before")
    _import(file, viewer)


def _import(file: io.BytesIO, viewer: Any) -> None:
    from grid.component_lists import Wanted
    from grid.component_tables import SHAPE
    from grid.models import Component
    from grid.services.component_exports import component_export_start
    from grid.services.component_imports import (
        component_import_map,
        component_import_start,
        component_import_take,
        counts_of,
    )

    now = timezone.now()
    make = {"file_name": "parts", "submission_key": uuid4(), "actor": viewer, "at": now}
    taken = _timed("take", lambda: component_import_take(upload=file, **make))
    known = {"component_import": taken, "actor": viewer, "at": now}
    job = component_import_map(seen=1, columns=SHAPE.proposed(taken.titles), datum="wgs84", **known)
    _timed("check", lambda: _run(job))
    print(counts_of(taken))
    job = component_import_start(seen=2, **known)
    _timed("write", lambda: _run(job))
    print(f"{Component.objects.count():,} components")
    for form in ("csv", "xlsx"):
        made = component_export_start(wanted=Wanted(), form=form, actor=viewer, at=now)
        _timed(f"export {form}", lambda made=made: _run(made.job))
        made.refresh_from_db()
        print(f"{len(made.content) / 1e6:.1f} MB")


def _run(job: Any) -> None:
    from governance.jobs.services import job_run

    done = job_run(job_id=job.pk, clock=timezone.now)
    if done is None or done.state != "done":
        raise SystemExit(f"{done}: {done.error if done else ''}")


def _furnish() -> Any:
    from governance.access.models import Grant, Role, User
    from governance.access.viewer import SYSTEM, viewer_for
    from grid.code_files import SHIPPED
    from grid.services import areas_load
    from grid.services.codes import code_list_load

    now = timezone.now()
    names = {DISTRICT: "澄湾区", COMMUNITY[:9]: "柳塘街道", COMMUNITY: "槐安社区"}
    features: list[dict[str, Any]] = [_feature(code, name, None) for code, name in names.items()]
    for number in range(4):
        west = WEST + number * SIZE
        ring = [[west, SOUTH], [west + SIZE, SOUTH], [west + SIZE, SOUTH + SIZE], [west, SOUTH + SIZE], [west, SOUTH]]
        features.append(_feature(f"{COMMUNITY}{number + 1:03}", "网格", {"type": "Polygon", "coordinates": [ring]}))
    areas_load(geojson={"type": "FeatureCollection", "features": features}, actor=SYSTEM, at=now)
    code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=SYSTEM, at=now)
    user = User.objects.create(email="bench@example.com", display_name="Bench")
    Grant.objects.create(
        user=user,
        role=Role.objects.get(key="operations_admin"),
        area_code=DISTRICT,
        starts_at=now,
        created_at=now,
    )
    return viewer_for(user, now)


def _feature(code: str, name: str, geometry: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": name}, "geometry": geometry}


def _file(rows: int, form: str) -> io.BytesIO:
    from governance.files.tables import table_csv, table_xlsx

    write = table_csv if form == "csv" else table_xlsx
    return io.BytesIO(write(TITLES, _rows(rows)))


def _rows(rows: int) -> Iterator[list[str]]:
    random = Random(7)
    kinds = ["01037", "01001", "01023", "02005", "03001"]
    for number in range(rows):
        lng = WEST + random.random() * SIZE * 4 if number % 10 else 100.0
        lat = SOUTH + random.random() * SIZE
        identity = f"{DISTRICT}01037{number:06}" if number % 2 else ""
        kind = "01037" if identity else kinds[number % 5]
        yield [kind, identity, f"路灯{number}", f"{lng:.7f}", f"{lat:.7f}", "市政设施所", "2026-01-05", "30"]


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
