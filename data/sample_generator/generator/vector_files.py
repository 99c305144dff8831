"""Shapefiles as offices hand them out: the regulatory plan in GBK, and three control lines in Gauss-Krüger."""

from __future__ import annotations

from pathlib import Path

import geopandas as gpd
import shapely

from generator import layout
from generator.layout import E6, END, N7, OUT
from generator.parcels import Ground, Parcel
from generator.place import FICTIONAL, GRID_M, PLAN_EPSG, PREFIXED_EPSG, on_ground, prefixed

DAY = "2024-05-01"
M2_OF_A_MU = 10_000 / 15
LDID_BYTE, CODE_PAGE_UNKNOWN = 29, 0


def write_plan(path: Path, parcels: list[Parcel]) -> None:
    """The regulatory plan: attributes in GBK, and nothing that says so (no .cpg, language byte 0)."""
    plots = [parcel.plot for parcel in parcels]
    columns = {
        "用地代码": [plot.code for plot in plots],
        "用地性质": [plot.name for plot in plots],
        "容积率": [float(plot.far) for plot in plots],
        "建筑密度": [float(plot.coverage_pct) for plot in plots],
        "备注": [f"{FICTIONAL}；{plot.remark}" if plot.remark else FICTIONAL for plot in plots],
    }
    frame = gpd.GeoDataFrame(columns, geometry=[parcel.shape for parcel in parcels], crs=PLAN_EPSG)
    _write(path, frame, named=False)


class Boundaries:
    """The three control lines in EPSG:4547, as they truly lie."""

    def __init__(self, ground: Ground) -> None:
        bank = [(x - 14, y - 12) for x, y in reversed(layout.BANK_ROAD)]
        edge = [(-2350, -OUT), (E6 + 16, -OUT), (E6 + 16, 640), *bank, (300, N7 + 20), (262, OUT), (-2350, OUT)]
        patch = [(800, N7 + 22), (1010, N7 + 30), (1005, N7 + 92), (805, N7 + 84)]
        self.development = [_exact(on_ground(shapely.Polygon(corners))) for corners in (edge, patch)]
        river = ground.river.buffer(46, join_style="mitre").intersection(ground.box)
        woods = on_ground(shapely.Point(1310, layout.S0 + 210).buffer(105))
        self.redline = [_exact(shapely.simplify(river, 0.5)), _exact(woods)]
        self.farmland = _farmland(ground)


def _farmland(ground: Ground) -> list[shapely.Polygon]:
    """Fields under protection, a few metres inside the plots; they reach under the sheds along the road."""
    found = []
    kept_off = shapely.union_all([ground.river.buffer(50), on_ground(shapely.Point(1310, layout.S0 + 210).buffer(110))])
    sheds = on_ground(shapely.box(E6, -END, E6 + 95, END))
    for parcel in ground.parcels:
        if parcel.plot.kind not in ("field", "roadside") or parcel.shape.area < 40_000:
            continue
        shape = parcel.shape.buffer(-8).difference(kept_off)
        shape = shape.difference(sheds) if parcel.plot.kind == "roadside" else shape
        found += [_exact(part) for part in shapely.get_parts(shapely.simplify(shape, 0.5)) if part.area > 20_000]
    return found


def _exact(shape: shapely.Geometry) -> shapely.Polygon:
    return shapely.normalize(shapely.set_precision(shape, GRID_M))


def write_boundaries(folder: Path, lines: Boundaries) -> None:
    """Development boundary with the zone prefix, red line with its axes swapped, farmland as it should be."""
    growth = gpd.GeoDataFrame(
        {
            "名称": ["示例区城镇开发边界", "北岸村旅游服务点"],
            "类型": ["城镇集中建设区", "城镇弹性发展区"],
            "备注": FICTIONAL,
        },
        geometry=[shapely.transform(shape, prefixed) for shape in lines.development],
        crs=PREFIXED_EPSG,
    )
    _write(folder / "development_boundary.shp", growth, named=True)
    red = gpd.GeoDataFrame(
        {"名称": ["清澜河水源涵养区", "河东林地"], "类型": ["水源涵养", "水土保持"], "备注": FICTIONAL},
        geometry=[shapely.transform(shape, lambda xy: xy[:, ::-1]) for shape in lines.redline],
        crs=PLAN_EPSG,
    )
    _write(folder / "ecological_redline.shp", red, named=True)
    count = len(lines.farmland)
    fields = gpd.GeoDataFrame(
        {
            "名称": [f"永久基本农田{n + 1:02d}" for n in range(count)],
            "面积_亩": [round(field.area / M2_OF_A_MU, 1) for field in lines.farmland],
            "备注": [FICTIONAL] * count,
        },
        geometry=lines.farmland,
        crs=PLAN_EPSG,
    )
    _write(folder / "basic_farmland.shp", fields, named=True)


def _write(path: Path, frame: gpd.GeoDataFrame, *, named: bool) -> None:
    for part in (".shp", ".shx", ".dbf", ".prj", ".cpg"):
        path.with_suffix(part).unlink(missing_ok=True)
    frame.to_file(path, engine="pyogrio", encoding="GBK", layer_options={"DBF_DATE_LAST_UPDATE": DAY})
    if not named:
        path.with_suffix(".cpg").unlink(missing_ok=True)
        table = bytearray(path.with_suffix(".dbf").read_bytes())
        table[LDID_BYTE] = CODE_PAGE_UNKNOWN
        path.with_suffix(".dbf").write_bytes(bytes(table))
