"""The registry with many people in it: what finding somebody and the building view cost, in time and in buffers.

    .venv/bin/python bench/registry.py [--people 1000000] [--rounds 5] [--keep]

Works in a database of its own for each size (`liren_bench_registry_<people>`) and writes
`var/bench-registry-<people>.json`; where the figures of another size lie there, too, it prints the ratios (targets:
1.3x in milliseconds, 1.5x in buffers from 100,000 to 1,000,000; a search below 60 ms). Milliseconds are CPU of this
process and of its database process, the least of the rounds, for a supervisor of one sub-district of three: queries
with decrypting, without templates. `sql` (wall) and `buffers` are sums of EXPLAIN ANALYZE over the SELECTs.

The rows are made by SQL from a seed. They obey the foreign keys and exclusions of the schema, which are taken off in
this database because checking them a million times is not what is measured. Names are drawn from 30,000 that differ by
how common they are, one in five hundred people has the same, and have their real blind indexes; so have the number and
the telephone that are looked for. All names share one ciphertext: what it costs to open does not depend on what it says.
"""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings.dev")

import django

django.setup()

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.core.management import call_command
from django.db import connection
from django.db.models import Count
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench import dataset
from bench.lists import cpu

SEED = 20261128
INNER, PAGE = 10, 50
PER_BUILDING, PER_DWELLING, PER_ENTITY = 36, 2.4, 15
FLOORS, ENTRANCES, DOORS = 6, 3, 2
NAMES, COMMON = 30_000, "王秀英"
RARE, NUMBER, PHONE = "诸葛一凡", "990105198001010012", "16412345678"


def main() -> None:
    """Build, measure, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--keep", action="store_true", help="use the data of the last run")
    options = parser.parse_args()
    logging.disable(logging.WARNING)
    began = time.perf_counter()
    folder = Path(settings.VAR_DIR)
    if not dataset.use_own_database(options.keep, name=f"{dataset.NAME}_registry_{options.people}"):
        build(options.people)
        print(f"{options.people:,} people in {time.perf_counter() - began:.0f} s")
    figures = measured(asked(), options.rounds)
    path = folder / f"bench-registry-{options.people}.json"
    path.write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    report(figures, options.people, folder)


def build(people: int) -> None:
    """Migrate, load the territory and its staff, then places, people and entities for so many people."""
    from demo.loading.people import load_people
    from demo.loading.reference import load_reference

    settings.VAR_DIR = settings.VAR_DIR / "bench"  # the logins of the running demo stay as they are
    call_command("migrate", interactive=False, verbosity=0)
    at = timezone.now()
    load_people(load_reference(at).organisations, at)
    dwellings = int(people / PER_DWELLING)
    _places(-(-dwellings // PER_BUILDING), at)
    _unchecked()
    _names()
    for model, values, source in _bulk(people, dwellings):
        _insert(model, values, source)
    _known_person()
    _entities(people // PER_ENTITY, at)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def _places(count: int, at: Any) -> None:
    """Buildings of six floors with three entrances, twenty to an estate, spread over the sixty grids."""
    from demo.loading.copying import copy_in
    from demo.territory import territory
    from population import models
    from population.normalising import normalise

    grids = [grid.code for grid in territory().grids]
    names = [estate.name for estate in territory().estates]
    estates = [
        models.Compound(
            name=f"{names[n % len(names)]}{n // len(names) + 1}期", kind="estate", area_code=grids[n % len(grids)]
        )
        for n in range(-(-count // 20))
    ]
    copy_in(estates)
    addresses = []
    for n in range(count):
        estate, building = estates[n // 20], f"{n % 20 + 1}幢"
        text = f"澄湾区{estate.name}{building}"
        row = models.StandardAddress(text=text, estate=estate.name, building=building, area_code=estate.area_code)
        row.search_text = normalise(text)
        addresses.append(row)
    copy_in(addresses)
    buildings = [
        models.Building(
            address_id=row.pk,
            compound_id=estates[n // 20].pk,
            area_code=row.area_code,
            floors_above=FLOORS,
            changed_at=at,
        )
        for n, row in enumerate(addresses)
    ]
    copy_in(buildings)
    copy_in(
        [
            models.Entrance(building_id=row.pk, name=f"{number}单元", position=number)
            for row in buildings
            for number in range(1, ENTRANCES + 1)
        ]
    )


def _unchecked() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT conrelid::regclass, quote_ident(conname) FROM pg_constraint "
            "WHERE contype IN ('f', 'x') AND conrelid::regclass::text LIKE 'population_%'"
        )
        for table, name in cursor.fetchall():
            cursor.execute(f"ALTER TABLE {table} DROP CONSTRAINT {name}")


def _names() -> None:
    """A table of names with their blind indexes."""
    from demo.people import name_pool
    from population.models import Person

    pool, chance = name_pool(), Random(SEED)
    given = [name for group, names in pool.items() if group != "surnames" for name in names]
    found = [COMMON]
    while len(found) < NAMES:
        found.append(chance.choice(pool["surnames"]).split()[0] + chance.choice(given) + chance.choice("一二三四五"))
    index: Any = Person._meta.get_field("name_index")
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE bench_name (n integer PRIMARY KEY, digest text)")
        text = ",".join(f"({n},'{index.digest(name)}')" for n, name in enumerate(found))
        cursor.execute(f"INSERT INTO bench_name VALUES {text}")
        cursor.execute("SELECT setseed(0.20261128)")


def _bulk(people: int, dwellings: int) -> list[tuple[Any, dict[str, str], str]]:
    """(model, column -> SQL, FROM) of dwellings, households, people and where they live."""
    from population import models

    seen = {
        "source": "'door'",
        "collected_at": "now() - interval '4 years'",
        "confirmed_at": "now() - random() * interval '700 days'",
    }
    changed = {"public_id": "gen_random_uuid()", "changed_at": "now()"}
    dwelling = {
        **seen, **changed, "building_id": "e.building_id", "entrance_id": "e.id", "floor": "f", "door": "f || '0' || d",
        "area_code": "b.area_code", "occupancy": "CASE WHEN random() < 0.3 THEN 'let' ELSE 'owner' END",
    }  # fmt: skip
    doors = (
        "population_entrance e JOIN population_building b ON b.id = e.building_id "
        f"CROSS JOIN generate_series(1, {FLOORS}) f CROSS JOIN generate_series(1, {DOORS}) d ORDER BY e.id, f, d"
    )
    household = {**changed, "dwelling_id": "d.id", "area_code": "d.area_code", "formed_on": "date '2018-05-01'"}
    person = {
        **seen, **changed, "name": _sealed("name", COMMON), "name_index": "n.digest", "sex": "(1 + p.g % 2)::text",
        "birth_date": _sealed("birth_date", "1980-01-01"), "birth_year": "1940 + p.g % 80", "document_kind": "'111'",
        "document_number": _sealed("document_number", NUMBER), "document_index": "encode(sha256(('d' || p.g)::bytea), 'hex')",
        "phone": _sealed("phone", PHONE), "phone_index": "encode(sha256(('p' || p.g)::bytea), 'hex')", "home_id": "h.dwelling_id",
        "area_code": "h.area_code",
    }  # fmt: skip
    # every household gets its people in turn; one in five hundred has the common name
    living = (
        f"(SELECT g, CASE WHEN g % 500 = 0 THEN 0 ELSE 1 + floor(power(random(), 2) * {NAMES - 1})::int END AS name "
        f"FROM generate_series(0, {people - 1}) g) AS p JOIN bench_name n ON n.n = p.name JOIN (SELECT dwelling_id, "
        f"area_code, row_number() OVER (ORDER BY id) - 1 AS place FROM population_household) h "
        f"ON h.place = p.g % {dwellings}"
    )
    residency = {
        **seen, "public_id": "gen_random_uuid()", "person_id": "p.id", "household_id": "h.id", "dwelling_id": "h.dwelling_id",
        "area_code": "h.area_code", "kind": "'registered'", "from_date": "date '2018-05-01'",
        "relation": "CASE WHEN row_number() OVER (PARTITION BY h.id ORDER BY p.id) = 1 THEN '0' ELSE '8' END",
    }  # fmt: skip
    homes = "population_person p JOIN population_household h ON h.dwelling_id = p.home_id"
    return [
        (models.Dwelling, dwelling, doors),
        (models.Household, household, f"(SELECT * FROM population_dwelling ORDER BY id LIMIT {dwellings}) d"),
        (models.Person, person, living),
        (models.Residency, residency, homes),
    ]


def _sealed(column: str, value: str) -> str:
    from governance.privacy.keys import encrypt

    return f"'\\x{encrypt(value.encode(), place=f'population_person.{column}').hex()}'::bytea"


def _insert(model: Any, values: dict[str, str], source: str) -> None:
    """INSERT ... SELECT; a column that is not told and may not be empty gets what the model gives a new row."""
    with connection.cursor() as cursor:
        for field in model._meta.concrete_fields:
            if field.column not in values and not (field.null or field.primary_key or field.has_db_default()):
                values[field.column] = cursor.mogrify(
                    "%s", [field.get_db_prep_save(field.get_default(), connection)]
                ).decode()
        columns = ", ".join(f'"{column}"' for column in values)
        cursor.execute(
            f"INSERT INTO {model._meta.db_table} ({columns}) SELECT {', '.join(values.values())} FROM {source}"
        )


def _known_person() -> None:
    """One person in the middle has a rare name, and a number and a telephone that can be asked for."""
    from population.models import Person

    index: Any = Person._meta.get_field
    middle = Person.objects.order_by("pk")[Person.objects.count() // 2]
    for name, value in (("name", RARE), ("document_number", NUMBER), ("phone", PHONE)):
        column = {"document_number": "document_index"}.get(name, f"{name}_index")
        setattr(middle, name, value)
        setattr(middle, column, index(column).digest(value))
    middle.save()


def _entities(count: int, at: Any) -> None:
    from demo.loading.copying import copy_in
    from population.models import Building, LegalEntity
    from population.normalising import normalise

    chance = Random(SEED)
    houses = list(Building.objects.order_by("pk").values_list("pk", "area_code"))
    rows = []
    for n in range(count):
        word = "".join(chance.sample("春和顺兴德福泰安祥瑞康宁吉庆丰润昌盛鼎恒源聚益民乐佳悦诚信", 3))
        name = f"澄湾{word}{chance.choice(('便利店', '面馆', '信息科技有限公司', '物流有限公司', '理发店'))}{n}"
        building, area = houses[n * 7 % len(houses)]
        seen = {"source": "door", "collected_at": at, "confirmed_at": at, "changed_at": at}
        row = LegalEntity(name=name, kind="trader", building_id=building, area_code=area, **seen)
        row.search_text = normalise(name)
        rows.append(row)
    copy_in(rows)


def asked() -> dict[str, Callable[[], object]]:
    """What is measured."""
    from demo.staff import staff_by_role
    from governance.access.models import User
    from governance.access.viewer import viewer_for
    from population.models import Building, LegalEntity, Person

    viewer = viewer_for(User.objects.get(email=staff_by_role("supervisor")[0].email), timezone.now())
    seen = Building.objects.visible_to(viewer).order_by("pk").select_related("address")
    building = seen[seen.count() // 2]
    entity = LegalEntity.objects.visible_to(viewer).order_by("pk")[10]
    estate, house = building.address.estate, building.address.building
    index: Any = Person._meta.get_field

    def people(column: str, value: str, *order: str) -> object:
        found = Person.objects.visible_to(viewer).filter(**{f"{column}__in": index(column).digests(value)})
        there = found.filter(merged_into=None).select_related("home__building__address", "home__entrance")
        return list(there.order_by(*(order or ("id",)))[: PAGE + 1])

    return {
        "name, one in 500": lambda: people("name_index", COMMON),
        "the same in order of area": lambda: people("name_index", COMMON, "area_code", "id"),
        "name, rare": lambda: people("name_index", RARE),
        "name, not there": lambda: people("name_index", "恐龙"),
        "number": lambda: people("document_index", NUMBER),
        "telephone": lambda: people("phone_index", PHONE),
        "dwelling by address": lambda: _dwelling(f"{estate}{house}", "301", viewer),
        "dwelling, a letter wrong": lambda: _dwelling(f"{estate[:1]}栖{estate[2:]}{house}", "301", viewer),
        "entity by name": lambda: _entity(entity.name, viewer),
        "building view": lambda: _building(building),
    }


def _dwelling(address: str, door: str, viewer: Any) -> object:
    """The buildings alike, then the door in them."""
    from population.models import Building, Dwelling
    from population.selectors.addresses import address_search

    texts = [match.text for match in address_search(address)]
    there = Building.objects.visible_to(viewer).filter(address__text__in=texts)
    doors = Dwelling.objects.standing().filter(building__in=list(there.order_by("id")), door=door)
    return list(doors.select_related("building__address", "entrance").order_by("id")[:40])


def _entity(name: str, viewer: Any) -> object:
    """The names alike, the best first."""
    from population.models import LegalEntity
    from population.normalising import normalise

    words = normalise(name)
    alike = LegalEntity.objects.visible_to(viewer).filter(search_text__trigram_word_similar=words, closed_on=None)
    ranked = alike.annotate(score=TrigramWordSimilarity(words, "search_text"))
    return list(ranked.select_related("building__address").order_by("-score", "id")[:20])


def _building(building: Any) -> object:
    """Entrances, doors, and how many live behind each."""
    from population.models import Dwelling, Residency

    entrances = list(building.entrances.order_by("position", "id"))
    doors = list(Dwelling.objects.standing().filter(building=building).order_by("entrance", "floor", "door", "id"))
    living = Residency.objects.current().filter(dwelling__building=building, is_main=True).order_by()
    return entrances, doors, dict(living.values_list("dwelling").annotate(Count("pk")))


def measured(acts: dict[str, Callable[[], object]], rounds: int) -> dict[str, dict[str, float]]:
    """Least milliseconds of CPU over interleaved rounds; SELECTs, their time and their buffers by EXPLAIN ANALYZE."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        pid = cursor.fetchone()[0]
    figures = {name: {"ms": float("inf"), **explained(act)} for name, act in acts.items()}
    for _round in range(rounds):
        for name, act in acts.items():
            start = cpu(pid)
            for _time in range(INNER):
                act()
            figures[name]["ms"] = min(figures[name]["ms"], (cpu(pid) - start) / INNER * 1000)
    return figures


def explained(act: Callable[[], object]) -> dict[str, float]:
    """SELECTs of one act, the milliseconds and the buffers of all."""
    act()
    with CaptureQueriesContext(connection) as captured:
        act()
    selects = [query["sql"] for query in captured.captured_queries if query["sql"].startswith("SELECT")]
    spent, buffers = 0.0, 0
    with connection.cursor() as cursor:
        for sql in selects:
            cursor.execute("EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) " + sql.replace("%", "%%"), [])
            plan = cursor.fetchone()[0][0]
            spent += plan["Execution Time"]
            buffers += plan["Plan"]["Shared Hit Blocks"] + plan["Plan"]["Shared Read Blocks"]
    return {"sql_ms": spent, "buffers": buffers, "selects": len(selects)}


def report(figures: dict[str, dict[str, float]], count: int, folder: Path) -> None:
    """Print the figures, beside those of the other size."""
    others = [path for path in sorted(folder.glob("bench-registry-*.json")) if not path.stem.endswith(f"-{count}")]
    other = json.loads(others[0].read_text(encoding="utf-8")) if others else {}
    print(f"{count:,} people" + (f", against {others[0].stem.rpartition('-')[2]}" if others else ""))
    for name, one in figures.items():
        line = f"{name:26} {one['ms']:7.1f} ms  sql {one['sql_ms']:7.1f} ms  {one['buffers']:7.0f} buffers"
        if name in other:
            ms, buffers = one["ms"] / other[name]["ms"], one["buffers"] / max(other[name]["buffers"], 1)
            line += f"   {ms:.2f}x ms  {buffers:.2f}x buffers"
        print(line + f"  {one['selects']:.0f} SELECTs")


if __name__ == "__main__":
    main()
