"""Components around the estates: lamps, covers, bins, seats, lifts; some were looked at, some should have been."""

import uuid
from datetime import datetime, timedelta
from random import Random

from django.utils import timezone

from demo.organisations import firm_for
from demo.staff import staff_by_role
from demo.territory import territory
from governance.access.models import User
from governance.access.viewer import SYSTEM, Viewer, viewer_for
from governance.organisations.models import Organisation
from grid.code_files import SHIPPED
from grid.models import CodeItem, Component, ComponentState, EntryKind
from grid.services.codes import code_item_add, code_list_load
from grid.services.components import ComponentDraft, component_inspect, components_write, publish_entered

# kind, name, how many at an estate at most, who manages it, turn of inspection in days
KINDS = (
    ("01037", "路灯", 5, "sz", 90),
    ("01003", "雨水井盖", 4, "sz", 60),
    ("03005", "垃圾箱", 3, "hw", None),
    ("01046", "健身器材", 2, "", 30),
    ("04007", "街头座椅", 2, "yl", None),
    ("01054", "充电桩", 2, "", 30),
    ("01076", "电梯", 2, "", 15),
)
METRE = 1 / 111_195  # degrees
STATES = (ComponentState.INTACT,) * 14 + (ComponentState.DAMAGED,)


def load_components(offices: dict[str, Organisation], people: dict[str, User], at: datetime) -> None:
    """Load the code list that comes with Liren, a kind of the district's own, and some eight hundred components."""
    codes = code_list_load(shipped=SHIPPED["gbt47678-5-2026"], actor=SYSTEM, at=at)
    code_item_add(
        code_list=codes,
        kind="component",
        major="01",
        name="电动自行车换电柜",
        name_en="Battery exchange cabinet",
        actor=SYSTEM,
        at=at,
    )
    items = {item.code: item for item in CodeItem.objects.filter(code_list=codes, kind="component")}
    chance, drafts = Random("components"), []
    day = timezone.localdate(at)
    for estate in territory().estates:
        for code, name, most, manager, every in KINDS:
            if code == "01076" and not estate.has_lifts:
                continue
            for number in range(1, chance.randint(1, most) + 1):
                lng, lat = estate.point
                firm = offices.get(firm_for(estate))
                drafts.append(
                    ComponentDraft(
                        item=items[code],
                        name=f"{estate.name}{name}{number}"[:30],
                        state=chance.choice(STATES),
                        started_on=day - timedelta(days=chance.randint(40, 1500)),
                        area_code=estate.grid_code,
                        lng=round(lng + chance.uniform(-60, 60) * METRE, 6),
                        lat=round(lat + chance.uniform(-60, 60) * METRE, 6),
                        place=estate.site,
                        manager=offices.get(manager) or firm or offices["cg"],
                        maintainer=firm,
                        source="普查",
                        inspect_every=every,
                    )
                )
    keys = [uuid.UUID(int=chance.getrandbits(128)) for _draft in drafts]
    rows = components_write(
        drafts=drafts, keys=keys, kind=EntryKind.IMPORTED, text="", actor=SYSTEM, at=at - timedelta(days=30)
    )
    publish_entered(rows, actor=SYSTEM, at=at)
    worker = next(person for person in staff_by_role("grid_worker") if person.is_demo_login)
    turns = [row for row in rows if row.inspect_every]
    _inspected(turns, viewer_for(people[worker.key], at), chance, at)


def _inspected(rows: list[Component], inspector: Viewer, chance: Random, at: datetime) -> None:
    """Most were inspected in time: their next turn lies ahead; the worker of one grid has noted some by hand."""
    day = timezone.localdate(at)
    for row in rows:
        every = row.inspect_every or 1
        row.inspected_on = day - timedelta(days=chance.randint(0, every + every // 12))
        row.inspect_due = row.inspected_on + timedelta(days=every)
    Component.objects.bulk_update(rows, ["inspected_on", "inspect_due"], batch_size=500)
    near = Component.objects.visible_to(inspector).exclude(inspect_every=None).order_by("identity")[:3]
    for row in near:
        component_inspect(
            component=row, state=row.state, text="看过，正常", actor=inspector, at=at - timedelta(hours=5)
        )
