"""Legal entities and underground spaces: offices, schools, firms and shops in the doors that are no homes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from demo.organisations import DemoOrganisation, firm_for, organisations
from demo.registry.numbers import Numbers
from demo.registry.places import first_seen, later
from demo.registry.records import District, Entity, Space
from demo.territory import territory

ENTITIES, SPACES = 4000, 60  # of the whole district
_WORDS = "春和顺兴德福泰安祥瑞康宁吉庆丰润昌盛鼎恒源聚益民乐佳悦诚信广达新华东海江月云帆青禾柳塘潮盐鹭桐槐桥"
TRADES = (
    ("餐饮", ("面馆", "小吃店", "饭店", "早餐店", "馄饨店", "快餐店")),
    ("食品零售", ("便利店", "超市", "食品店", "水果店", "粮油店", "熟食店")),
    ("理发美容", ("理发店", "美容美发店")),
    ("服装鞋帽", ("服装店", "鞋店", "童装店", "裁缝铺")),
    ("日用五金", ("五金店", "日用品商店", "灯具店", "锁店")),
    ("修理洗涤", ("洗衣店", "电动车修理店", "家电维修部", "手机维修店", "汽车美容店")),
    ("文具图文", ("文具店", "图文打印店", "花店", "眼镜店", "茶叶店", "宠物用品店")),
)
FIELDS = (
    ("软件和信息服务", "信息科技"), ("货物运输", "物流"), ("批发", "商贸"), ("装修", "建筑装饰工程"),
    ("餐饮管理", "餐饮管理"), ("教育咨询", "教育咨询"), ("药品零售", "大药房"), ("房产中介", "房地产经纪"),
    ("家政", "家政服务"), ("广告", "文化传播"), ("保洁绿化", "环境服务"), ("电子商务", "电子商务"),
    ("机电安装", "机电工程"), ("水产品加工", "水产"), ("纺织品", "纺织"),
)  # fmt: skip
PUBLIC = (
    ("幼儿园", "学前教育"), ("小学", "小学教育"), ("中学", "中学教育"), ("学校", "中小学教育"),
    ("卫生服务站", "基层医疗"), ("卫生服务中心", "基层医疗"), ("图书馆", "公共图书"), ("文体中心", "文化体育"),
)  # fmt: skip
SOCIETIES = ("老年人协会", "志愿服务队", "书画协会")
# Registrar and kind, the first two characters of a credit code (GB 32100).
BEGINS = {"state": "11", "public": "12", "company": "91", "trader": "92", "society": "51", "service": "52",
          "foundation": "53", "committee": "55", "rural": "N2"}  # fmt: skip
KINDS = {"district_office": "state", "subdistrict_office": "state", "department": "state", "community": "committee",
         "property_firm": "company", "social_organisation": "service"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Body:
    """An entity that is yet to get its seat: where it has to be, and behind which sort of door."""

    name: str
    kind: str
    trade: str
    area: str = ""
    door: str = ""
    organisation: str = ""
    phone: str = ""


class Entities:
    """Adds bodies and basements; all chance comes from one generator."""

    def __init__(self, district: District, numbers: Numbers, rng: Random) -> None:
        self.district, self.numbers, self.rng = district, numbers, rng
        self._adults = [one for one in district.people if one.died_on is None and one.phone]
        self._doors: dict[str, list[int]] = {"shop": [], "office": []}
        for index, dwelling in enumerate(district.dwellings):
            if dwelling.use in self._doors and dwelling.ended_on is None:
                self._doors[dwelling.use].append(index)
        self._turns = dict.fromkeys(self._doors, 0)
        for doors in self._doors.values():
            rng.shuffle(doors)
        self._near: dict[str, list[int]] = {}  # area -> houses there
        self._houses = [
            index for index, one in enumerate(district.buildings) if district.compounds[one.compound].style != "hamlet"
        ]

    def build(self, share: float) -> tuple[int, list[int]]:
        """Add all of them; return the entity that lets public housing, and those that let flats."""
        wanted = max(round(ENTITIES * share), 40)
        special = [
            Body("澄湾区公共住房运营有限公司", "company", "公共住房租赁"),
            *(Body(f"澄湾{word}公寓管理有限公司", "company", "房屋租赁") for word in ("安居", "青年", "江畔", "驿站")),
            *_offices(), *_landmarks(), *_associations(),
        ]  # fmt: skip
        for body in special:
            self._add(body)
        seen = {body.name for body in special}
        while len(self.district.entities) < wanted:
            body = self._private()
            if body.name not in seen:
                seen.add(body.name)
                self._add(body)
        self._spaces(max(round(SPACES * share), 4))
        return 0, [1, 2, 3, 4]

    def _private(self) -> Body:
        rng = self.rng
        word = "".join(rng.sample(_WORDS, 2))
        if rng.random() < 0.62:
            trade, endings = rng.choice(TRADES)
            return Body(f"澄湾区{word}{rng.choice(endings)}", "trader", trade, door="shop")
        trade, field = rng.choice(FIELDS)
        door = "shop" if field in ("大药房", "房地产经纪") else "office"
        return Body(f"澄湾{word}{field}有限公司", "company", trade, door=door)

    def _add(self, body: Body) -> None:
        district, rng = self.district, self.rng
        building, dwelling = self._seat(body)
        answers = rng.choice(self._adults)
        stood = date(district.buildings[building].built_year + 1, 1, 1)
        opened = stood + timedelta(days=int((district.today - stood).days * (1 - rng.random() ** 2) * 0.98))
        seen = later(first_seen(rng, district.today), opened, district.today)
        closed = None
        if body.door and rng.random() < 0.05:
            closed = opened + timedelta(days=int((district.today - opened).days * rng.uniform(0.6, 0.99)))
        has_code = not body.door or rng.random() > 0.015
        district.entities.append(
            Entity(
                name=body.name,
                credit_code=self.numbers.credit_code(BEGINS[body.kind]) if has_code else "",
                kind=body.kind,
                trade=body.trade,
                representative=answers.name,
                phone=body.phone or answers.phone,
                staff="1" if body.kind == "trader" else rng.choice(("1", "1", "10", "10", "50", "300")),
                building=building,
                seen=seen,
                dwelling=dwelling,
                organisation=body.organisation,
                opened_on=opened,
                closed_on=closed,
            )
        )

    def _seat(self, body: Body) -> tuple[int, int | None]:
        """Building and door: shops and offices in turn, each twice or four times; then a house without a door."""
        if body.door:
            doors, most = self._doors[body.door], 2 if body.door == "shop" else 4
            turn = self._turns[body.door]
            if turn < len(doors) * most:
                self._turns[body.door] += 1
                dwelling = doors[turn % len(doors)]
                return self.district.dwellings[dwelling].building, dwelling
        return self.rng.choice(self._there(body.area) or self._houses), None

    def _there(self, area: str) -> list[int]:
        if area not in self._near:
            buildings = self.district.buildings
            self._near[area] = [one for one in self._houses if buildings[one].area_code.startswith(area)]
        return self._near[area]

    def _spaces(self, wanted: int) -> None:
        """Basements: most were inspected in time, some wait."""
        district, rng = self.district, self.rng
        deep = [index for index, one in enumerate(district.buildings) if one.floors_below]
        by_key = {one.organisation: index for index, one in enumerate(district.entities) if one.organisation}
        estates = {(one.grid_code, one.name): one for one in territory().estates}
        for building in sorted(rng.sample(deep, min(wanted, len(deep)))):
            house = district.buildings[building]
            compound = district.compounds[house.compound]
            firm = by_key.get(firm_for(estates[compound.area_code, compound.name]))
            kind = "shelter" if rng.random() < 0.35 else "basement"
            every = rng.choice((90, 180, 365))
            inspected = district.today - timedelta(days=int(every * rng.uniform(0.02, 1.18)) + 1)
            keeper = rng.choice(self._adults)
            number = re.sub(r"^.*?(\d+[幢号])$", r"\1", house.address)
            district.spaces.append(
                Space(
                    label=f"{compound.name.replace(' ', '')}{number}地下{'一二'[house.floors_below - 1]}层",
                    kind=kind,
                    use=rng.choice(("parking", "parking", "parking", "store", "plant", "shop", "empty", "living")),
                    level=house.floors_below,
                    area_m2=round(rng.uniform(180, 4200), 1),
                    building=building,
                    inspected_on=inspected,
                    inspect_due=inspected + timedelta(days=every),
                    seen=first_seen(rng, district.today),
                    keeper=firm,
                    keeper_name="" if firm is not None else keeper.name,
                    keeper_phone="" if firm is not None else keeper.phone,
                )
            )


def _offices() -> Iterator[Body]:
    """Bodies that act in the portal, where they are legal entities: no sections of a sub-district."""
    for one in organisations():
        if one.kind != "department" or one.parent in {"district", "ga", "cg", "zj"}:
            yield Body(one.name, KINDS[one.kind], _trade(one), one.area_code, "", one.key, one.phone)


def _trade(one: DemoOrganisation) -> str:
    return {"property_firm": "物业管理", "community": "居民自治", "social_organisation": "社会服务"}.get(
        one.kind, "公共管理"
    )


def _landmarks() -> Iterator[Body]:
    """Schools, clinics and markets that the territory knows by name."""
    for community in territory().communities:
        for landmark in community.landmarks:
            trade = next((trade for ending, trade in PUBLIC if landmark.endswith(ending)), "")
            if trade:
                yield Body(f"澄湾区{landmark.removeprefix('区')}", "public", trade, community.code)
            elif landmark.endswith(("菜场", "市场")):
                yield Body(f"澄湾{landmark}经营管理有限公司", "company", "农贸市场", community.code)


def _associations() -> Iterator[Body]:
    """Societies of each community, the cooperative of each village, one foundation."""
    for community in territory().communities:
        for ending in SOCIETIES:
            yield Body(f"澄湾区{community.name}{ending}", "society", "群众活动", community.code)
        yield Body(f"澄湾区{community.name}社区服务站", "service", "社区服务", community.code)
        if community.is_village:
            yield Body(f"澄湾区{community.name}股份经济合作社", "rural", "集体资产经营", community.code)
    yield Body("澄湾区社区发展基金会", "foundation", "资助社区服务")
