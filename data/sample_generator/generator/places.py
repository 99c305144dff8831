"""Places as a map vendor exports them, most of them in shops; some stand in OSM too, under a like name."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import eviltransform
import numpy as np
import shapely

from generator.city import City
from generator.features import Mark
from generator.place import SEED, degrees, metres
from generator.shapes import Building
from generator.transit import STATIONS, calls, ground_point

COLUMNS = ["id", "name", "type", "typecode", "address", "lon", "lat"]
SHOPS, OSM_ONLY = 600, 26
IN_BOTH = {"food_shop": 13, "restaurant_or_cafe": 11, "pharmacy_or_clinic": 7}  # shops that OSM has too
FAR_AWAY = [(114.3120, 33.2210), (113.6480, 32.8870), (114.0610, 33.4405)]
BRANDS = [
    "美佳",
    "福满",
    "百惠",
    "鑫源",
    "惠民",
    "顺达",
    "好邻",
    "万家",
    "康源",
    "华联",
    "丰泽",
    "金桥",
    "聚福",
    "同心",
    "和顺",
    "永盛",
    "春晖",
    "晨光",
    "佳和",
    "天天",
    "家家",
    "乐购",
    "锦江",
    "清澜",
    "柳湾",
    "湖畔",
    "老街",
    "城南",
    "东湾",
    "育才",
    "大众",
    "四季",
    "阳光",
    "永和",
    "宏达",
    "利民",
    "吉祥",
    "兴隆",
    "安康",
    "仁和",
    "百姓",
    "益民",
    "保和",
    "德济",
    "一品",
    "小城",
    "老灶",
    "渔家",
    "山里",
    "田园",
    "麦香",
    "云上",
    "半岛",
    "初见",
    "拾光",
    "木子",
    "江南",
    "塞北",
    "秦川",
    "湘里",
]
_TYPES = Path(__file__).with_name("place_types.csv")


class Place(NamedTuple):
    """A row of the export; `at` is the true place in EPSG:4547, `osm` what OSM has of it ("" nothing)."""

    id: str
    name: str
    type: str
    typecode: str
    category: str
    at: tuple[float, float]
    address: str
    osm: str = ""


class Places(NamedTuple):
    """All rows in file order, the marks that OSM has beside its areas, and which rows and marks are one place."""

    rows: list[Place]
    marks: list[Mark]
    same: list[tuple[str, int]]  # row id, index of the mark
    faults: dict[str, list[int]]  # row numbers in the file, from 0 after the header


def make_places(city: City) -> Places:
    """Draw the places of the district and some of its surroundings, and plant the faults that real exports have."""
    rng = np.random.default_rng([SEED, 9001])
    spots = _shop_spots(city, rng)
    rows = [*_institutions(city, rng), *_shops(spots[:SHOPS], rng)]
    rows = [rows[int(n)] for n in rng.permutation(len(rows))]
    marks: list[Mark] = []
    same: list[tuple[str, int]] = []
    left = dict(IN_BOTH)
    for row in rows:
        if row.osm and left.get(row.category, 0):
            left[row.category] -= 1
            same.append((row.id, len(marks)))
            marks.append(_osm_mark(row, rng))
    for row in _shops(spots[SHOPS : SHOPS + 3 * OSM_ONLY], rng, first=5000):
        if row.osm and len(marks) < len(same) + OSM_ONLY:
            key, _, value = row.osm.partition("=")
            marks.append(Mark(*row.at, {key: value, "name": row.name}))
    rows, faults = _with_faults(rows)
    return Places(rows, marks, same, faults)


def _with_faults(rows: list[Place]) -> tuple[list[Place], dict[str, list[int]]]:
    """Three rows far away, two without a known type, four rows twice."""
    plain = [n for n, row in enumerate(rows) if row.category == "" and row.typecode.startswith(("07", "14", "17"))]
    for number, code in zip(plain[:2], ("", "880000"), strict=True):
        rows[number] = rows[number]._replace(typecode=code, type="" if not code else "其他;其他;其他")
    for n, (lon, lat) in enumerate(FAR_AWAY):
        row = rows[40 + 61 * n]
        east, north = metres([(lon, lat)])[0].tolist()
        far = row._replace(
            id=_id(9000 + n), name=f"{row.name}（外地店）", at=(east, north), address="示例区（虚构示例）以外"
        )
        rows.insert(100 + 170 * n, far)
    for n in range(4):
        rows.insert(150 + 140 * n, rows[30 + 97 * n])
    seen: dict[str, int] = {}
    twice = [n for n, row in enumerate(rows) if seen.setdefault(row.id, n) != n]
    far_rows = [n for n, row in enumerate(rows) if row.name.endswith("（外地店）")]
    unknown = [n for n, row in enumerate(rows) if row.typecode in ("", "880000")]
    return rows, {"duplicate": twice, "far_away": far_rows, "unknown_type": unknown}


def _osm_mark(row: Place, rng: np.random.Generator) -> Mark:
    """The same place as a mapper saw it: within 12 m, and often under its plain name."""
    angle, away = float(rng.uniform(0, 2 * np.pi)), float(rng.uniform(0, 12))
    key, _, value = row.osm.partition("=")
    tags = {key: value, "name": row.name.split("（")[0].split("(")[0]}
    return Mark(row.at[0] + away * np.cos(angle), row.at[1] + away * np.sin(angle), tags)


def _shop_spots(city: City, rng: np.random.Generator) -> list[tuple[tuple[float, float], str]]:
    """Where a shop may be: inside buildings that have shops, in random order, with the street's name."""
    spots = []
    near = city.ground.district.buffer(420)
    for building in city.site.buildings:
        if building.use == "retail_and_services" and near.contains(building.shape.centroid):
            spots += [(at, _street_of(city, at)) for at in _inside(building, rng)]
    return [spots[int(n)] for n in rng.permutation(len(spots))]


def _inside(building: Building, rng: np.random.Generator) -> Iterator[tuple[float, float]]:
    """Places along a building, a shop's width apart; small houses have one shop, malls some twenty."""
    shape, area = building.shape, building.shape.area
    wanted = 1 if area < 320 else min(20, max(2, int(area / 130)))
    x0, y0, x1, y1 = shape.bounds
    inner = shape.buffer(-1.2)
    for _ in range(6 * wanted):
        x, y = float(rng.uniform(x0, x1)), float(rng.uniform(y0, y1))
        if inner.contains(shapely.Point(x, y)):
            yield round(x, 2), round(y, 2)
            wanted -= 1
        if not wanted:
            return


def _street_of(city: City, at: tuple[float, float]) -> str:
    shapes = [line.shape for line in city.streets]
    return city.streets[int(np.argmin(shapely.distance(shapes, shapely.Point(at))))].tags["name"]


def _shops(spots: list[tuple[tuple[float, float], str]], rng: np.random.Generator, *, first: int = 0) -> list[Place]:
    with _TYPES.open(encoding="utf-8") as file:
        types = list(csv.DictReader(file))
    weights = np.array([float(kind["weight"]) for kind in types])
    used: set[str] = set()
    rows = []
    for number, (at, street) in enumerate(spots, start=first):
        kind = types[int(rng.choice(len(types), p=weights / weights.sum()))]
        branch = ""
        if rng.random() < 0.45:
            branch = f"（{street}店）" if rng.random() < 0.5 else f"({street}店)"
        name = f"{BRANDS[int(rng.integers(len(BRANDS)))]}{kind['suffix']}"
        while name + branch in used or (not branch and name in used):
            name = f"{BRANDS[int(rng.integers(len(BRANDS)))]}{BRANDS[int(rng.integers(len(BRANDS)))]}{kind['suffix']}"
        used |= {name + branch, name}
        rows.append(
            Place(_id(number), name + branch, kind["type"], kind["typecode"], kind["category"], at,
                  _address(street, rng), kind["osm"])
        )  # fmt: skip
    return rows


def _id(number: int) -> str:
    """Like the vendor's ids, and different for every number."""
    letters = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
    value, text = (number * 7919 + 104_729) % 34**5, ""
    for _ in range(5):
        value, rest = divmod(value, 34)
        text = letters[rest] + text
    return f"B0FX{text}"


def _address(street: str, rng: np.random.Generator) -> str:
    return f"示例区（虚构示例）{street}{int(rng.integers(1, 480))}号"


_OF_KIND = {
    "park": ("风景名胜;公园广场;公园", "110101", "park"),
    "lake_park": ("风景名胜;公园广场;公园", "110101", "park"),
    "belt": ("风景名胜;公园广场;公园", "110101", "park"),
    "hospital": ("医疗保健服务;综合医院;综合医院", "090100", ""),
    "market": ("购物服务;综合市场;蔬菜市场", "060705", "food_shop"),
    "factory": ("公司企业;工厂;工厂", "170300", ""),
    "warehouse": ("公司企业;公司;公司", "170200", ""),
    "office": ("商务住宅;楼宇;商务写字楼", "120201", ""),
    "office_park": ("商务住宅;产业园区;产业园区", "120100", ""),
    "mall": ("购物服务;商场;购物中心", "060101", ""),
    "shops": ("购物服务;商场;商场", "060100", ""),
    "hotel": ("住宿服务;宾馆酒店;宾馆酒店", "100100", ""),
    "fuel": ("汽车服务;加油站;加油站", "010100", ""),
    "civic": ("政府机构及社会团体;政府机关;区县级政府及事业单位", "130105", ""),
    "stadium": ("体育休闲服务;运动场馆;综合体育馆", "080101", ""),
    "parking": ("交通设施服务;停车场;公共停车场", "150904", ""),
    "plaza": ("风景名胜;公园广场;城市广场", "110105", ""),
    "kindergarten": ("科教文化服务;学校;幼儿园", "141204", "kindergarten"),
    **dict.fromkeys(("tower", "middle", "walkup", "villa", "mixed"), ("商务住宅;住宅区;住宅小区", "120302", "")),
}


def _of_plot(kind: str, name: str) -> tuple[str, str, str] | None:
    """The vendor's type of what stands on a plot; schools, clinics and culture by their name."""
    if kind == "school":
        middle = "中学" in name
        return (
            ("科教文化服务;学校;中学", "141202", "school") if middle else ("科教文化服务;学校;小学", "141203", "school")
        )
    if kind == "clinic":
        if "社区卫生" in name:
            return "医疗保健服务;综合医院;卫生院", "090102", "pharmacy_or_clinic"
        return "医疗保健服务;专科医院;专科医院", "090200", ""
    if kind == "culture":
        library = "图书馆" in name
        return ("科教文化服务;图书馆;图书馆", "140500", "") if library else ("科教文化服务;文化宫;文化宫", "140800", "")
    return _OF_KIND.get(kind)


def _institutions(city: City, rng: np.random.Generator) -> list[Place]:
    """Schools, parks, hospitals, compounds, factories, companies, stops: one row each."""
    found: list[tuple[str, tuple[str, str, str], tuple[float, float]]] = []
    named: set[str] = set()
    for parcel in sorted(city.ground.parcels, key=lambda parcel: -parcel.shape.area):
        kind = _of_plot(parcel.plot.kind, parcel.plot.called)
        if kind and parcel.plot.called and parcel.plot.called not in named:
            named.add(parcel.plot.called)
            point = parcel.shape.representative_point()
            found.append((parcel.plot.called, kind, (round(point.x, 2), round(point.y, 2))))
    for building in city.site.buildings:
        inside = city.ground.district.contains(building.shape)
        if building.building == "kindergarten" and "name" in building.tags and inside:
            point = building.shape.representative_point()
            found.append((building.tags["name"], _OF_KIND["kindergarten"], (round(point.x, 2), round(point.y, 2))))
    offices = [b for b in city.site.buildings if b.use == "work" and city.ground.district.contains(b.shape)]
    for number in range(46):
        building = offices[int(rng.integers(len(offices)))]
        brand = BRANDS[number % len(BRANDS)]
        at = next(_inside(building, rng))
        found.append((f"示例{brand}科技有限公司", ("公司企业;公司;公司", "170200", ""), at))
    metro = "交通设施服务;地铁站;地铁站", "150500", ""
    found += [(station.name, metro, ground_point(*station.at)) for station in STATIONS]
    stops = {call.stop: call.at for call in calls() if call.mode == "公交"}
    found += [
        (f"{name}(公交站)", ("交通设施服务;公交车站;公交车站相关", "150700", ""), at) for name, at in stops.items()
    ]
    return [
        Place(_id(2000 + n), name, kind[0], kind[1], kind[2], at, _address(_street_of(city, at), rng))
        for n, (name, kind, at) in enumerate(found)
    ]


def gcj02(at: tuple[float, float]) -> tuple[float, float]:
    """EPSG:4547 as the vendor's longitude and latitude (GCJ-02), by an independent package."""
    lon, lat = degrees([at])[0].tolist()
    shifted_lat, shifted_lon = eviltransform.wgs2gcj(lat, lon)
    return shifted_lon, shifted_lat


def write_places(path: Path, rows: list[Place]) -> None:
    """The export: GBK, comma separated, six decimals."""
    with path.open("w", encoding="gbk", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for row in rows:
            lon, lat = gcj02(row.at)
            writer.writerow([row.id, row.name, row.type, row.typecode, row.address, f"{lon:.6f}", f"{lat:.6f}"])
