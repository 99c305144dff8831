"""The design of the district on its drawing board: streets, river, and what each block is planned and used for."""

from __future__ import annotations

from typing import NamedTuple

from generator.place import smooth

END = 2400.0  # the board reaches beyond the box of the files


class Street(NamedTuple):
    """A street's centre line on the board; `half_m` is half the width of its road land; `dual`: two carriageways."""

    name: str
    highway: str
    points: list[tuple[float, float]]
    half_m: float
    dual: bool = False
    bridge: tuple[float, float] | None = None


class Plot(NamedTuple):
    """A part of a block: its planned code and name, what stands there, since when, and its corners within the block.

    `far` and `coverage_pct` are what the plan allows. `name` is what stands in 用地性质; `called` names the place.
    """

    code: str
    name: str
    kind: str
    year: int
    u0: float
    v0: float
    u1: float
    v1: float
    far: float
    coverage_pct: float
    called: str = ""
    remark: str = ""


class Block(NamedTuple):
    """A rectangle of the board between streets, and its plots."""

    id: str
    x0: float
    y0: float
    x1: float
    y1: float
    plots: list[Plot]


# The river's centre line, from north to east, and the road along its south-western bank.
RIVER = [
    tuple(p)
    for p in smooth(
        [(235, 2500), (330, 1900), (430, 1480), (640, 1190), (1010, 930), (1290, 560), (1700, 340), (2500, 250)]
    )
]
RIVER_HALF_M = 34.0
BELT_HALF_M = 88.0  # river and green belt on both banks
BESIDE_ROAD = (850.0, 1476.0)  # from where to where, northward, the river runs beside its road
BANK_ROAD = [tuple(p) for p in smooth([(322, 1480), (390, 1300), (540, 1130), (740, 990), (900, 865), (1040, 672)])]

W0, W1, W2, W3, E4, E5, E6, E7 = -1460.0, -1040.0, -610.0, -190.0, 250.0, 660.0, 1040.0, 1500.0
W2N = -540.0  # north of 学府路 the second street stands 70 m further east
S0, S1, S2, M3, N4, N5, N6, N7 = -1460.0, -1050.0, -620.0, -200.0, 240.0, 670.0, 1090.0, 1480.0
OUT = 1930.0

STREETS = [
    Street("西环公路", "trunk", [(W0, -END), (W0, END)], 26, dual=True),
    Street("丰收路", "secondary", [(W1, -END), (W1, OUT)], 18),
    Street("育才路", "tertiary", [(W2, -OUT), (W2, N4)], 12),
    Street("创新路", "tertiary", [(W2N, N4), (W2N, OUT)], 12),
    Street("示例大道", "primary", [(W3, -END), (W3, END)], 25, dual=True),
    Street("湖滨路", "tertiary", [(E4, -OUT), (E4, N7)], 12),
    Street("柳湾路", "secondary", [(E5, -END), (E5, 1045)], 18),
    Street("柳湾路", "tertiary", [(E5, 1045), (E5 + 15, 1260), (E5 + 40, 1480), (E5 + 40, END)], 9, bridge=(85, 182)),
    Street("东环路", "secondary", [(E6, -END), (E6, 672)], 15),
    Street("南环路", "secondary", [(-END, S0), (END, S0)], 18),
    Street("文昌路", "secondary", [(-OUT, S1), (E6, S1)], 15),
    Street("建设路", "tertiary", [(-OUT, S2), (E6, S2)], 12),
    Street("锦绣大道", "primary", [(-END, M3), (E6, M3)], 25, dual=True),
    Street("学府路", "secondary", [(-OUT, N4), (E6, N4)], 15),
    Street("学府路", "unclassified", [(E6, N4), (1500, 225), (END, 60)], 6),
    Street("和平路", "tertiary", [(W0, N5), (E6, N5)], 12),
    Street("工业路", "tertiary", [(-OUT, N6), (W1, N6)], 12),
    Street("清澜路", "tertiary", [(W2N, N6), (E4, N6)], 12),
    Street("清澜路", "residential", [(E4, N6), (590, N6)], 9),
    Street("北环路", "secondary", [(-END, N7), (322, N7)], 18),
    Street("北环路", "tertiary", [(322, N7), (560, N7), (E5 + 40, 1480)], 9, bridge=(80, 180)),
    Street("北环路", "unclassified", [(E5 + 40, 1480), (1100, 1520), (1560, 1440), (END, 1500)], 6),
    Street("滨河路", "tertiary", BANK_ROAD, 10),
    # the fine grain of the centre
    Street("金融街", "residential", [(-400, M3), (-400, N4)], 9),
    Street("市民一路", "residential", [(W2, 20), (E4, 20)], 9),
    Street("商务街", "residential", [(30, M3), (30, N4)], 9),
    Street("百货街", "residential", [(-400, S2), (-400, M3)], 8),
    Street("市民二路", "residential", [(W3, -410), (E4, -410)], 9),
    Street("行政街", "residential", [(30, -410), (30, M3)], 8),
    Street("庆丰街", "residential", [(W1, -410), (W2, -410)], 8),
    Street("老街", "pedestrian", [(W1, S1 + 0.32 * (S2 - S1)), (W3, S1 + 0.32 * (S2 - S1))], 5),
    # surroundings
    Street("西二路", "tertiary", [(-OUT, -END), (-OUT, N7)], 10),
    Street("南二路", "tertiary", [(-END, -OUT), (E6, -OUT)], 12),
    Street("北二路", "tertiary", [(-END, OUT), (W3, OUT)], 12),
    Street("河东村路", "unclassified", [(1340, 215), (1345, -330), (1330, -830), (1370, -1460)], 5),
    Street("东湾路", "unclassified", [(E6, -830), (1330, -830), (1800, -800), (END, -900)], 5),
]

R2, HOMES = "二类居住用地", "二类城镇住宅用地"
SITE = "见详细规划 / see detailed_plan.dxf"


# West of 示例大道: codes of GB 50137-2011.
WEST = [
    Block("B01", W0, N6, W1, N7, [
        Plot("M1", "一类工业用地", "factory", 2004, 0, 0, 0.6, 1, 1.4, 50, "华澜机械厂"),
        Plot("W1", "一类物流仓储用地", "warehouse", 2007, 0.6, 0, 1, 0.5, 1.2, 55, "清澜物流园"),
        Plot("M1", "一类工业用地", "factory", 2009, 0.6, 0.5, 1, 1, 1.4, 50, "示例电子厂")]),
    Block("B02", W0, N5, W1, N6, [
        Plot("M1", "一类工业用地", "factory", 1999, 0, 0.45, 1, 1, 1.3, 50, "示例纺织厂"),
        Plot("M1", "一类工业用地", "factory", 2005, 0, 0.12, 0.55, 0.45, 1.3, 50, "恒丰包装厂"),
        Plot("U12", "供电用地", "utility", 2003, 0.55, 0.12, 1, 0.45, 0.5, 30, "示例变电站"),
        Plot("G2", "防护绿地", "green", 2003, 0, 0, 1, 0.12, 0, 0)]),
    Block("B03", W1, N5, W2N, N7, [
        Plot("M1", "一类工业用地", "factory", 2006, 0, 0.52, 0.5, 1, 1.4, 50, "江澜汽配厂"),
        Plot("M1", "一类工业用地", "factory", 2011, 0.5, 0.52, 1, 1, 1.4, 50, "新源光电厂"),
        Plot("B29", "其他商务用地", "office_park", 2014, 0, 0.08, 0.55, 0.52, 1.8, 40, "示例科创园"),
        Plot("B2", "商务用地", "office_park", 2017, 0.55, 0.08, 1, 0.52, 2.0, 40, "清澜软件园"),
        Plot("G2", "防护绿地", "green", 2003, 0, 0, 1, 0.08, 0, 0)]),
    Block("B04", W2N, N6, W3, N7, [
        Plot("R2", R2, "tower", 2015, 0, 0, 1, 0.74, 2.4, 22, "清澜雅苑"),
        Plot("R2", R2, "construction", 2023, 0, 0.74, 0.55, 1, 2.4, 22),
        Plot("G1", "公园绿地", "park", 2015, 0.55, 0.74, 1, 1, 0, 0, "清澜公园")]),
    Block("B05", W2N, N5, W3, N6, [
        Plot("R2", R2, "tower", 2012, 0, 0, 1, 0.68, 2.2, 22, "和平花园"),
        Plot("A33", "中小学用地", "school", 2013, 0, 0.68, 0.66, 1, 0.8, 25, "示例区清澜小学"),
        Plot("B1", "商业用地", "shops", 2012, 0.66, 0.68, 1, 1, 1.2, 45, "清澜生活广场")]),
    Block("B06", W0, N4, W1, N5, [
        Plot("R2", R2, "middle", 2011, 0, 0, 1, 0.62, 1.9, 25, "丰收家园"),
        Plot("M1", "一类工业用地", "factory", 1998, 0, 0.62, 0.6, 1, 1.2, 50, "示例印刷厂"),
        Plot("S41", "公共交通场站用地", "depot", 2010, 0.6, 0.62, 1, 1, 0.4, 20, "丰收路公交停保场")]),
    Block("B07", W1, N4, W2N, N5, [
        Plot("R2", R2, "tower", 2008, 0, 0, 0.56, 1, 2.0, 22, "锦绣嘉园"),
        Plot("R2", R2, "tower", 2010, 0.56, 0.36, 1, 1, 2.2, 22, "学府名苑"),
        Plot("B11", "零售商业用地", "market", 2006, 0.56, 0, 1, 0.36, 1.3, 50, "学府路菜市场")]),
    Block("B08", W2N, N4, W3, N5, [
        Plot("R2", R2, "middle", 2009, 0, 0.34, 1, 1, 1.9, 25, "育才新村"),
        Plot("A33", "中小学用地", "school", 2009, 0, 0, 0.72, 0.34, 0.9, 25, "示例区第一中学"),
        Plot("B41", "加油加气站用地", "fuel", 2009, 0.72, 0, 1, 0.34, 0.3, 20, "示例大道加油站")]),
    Block("B09", W0, M3, W1, N4, [
        Plot("R2", R2, "tower", 2007, 0, 0.26, 1, 1, 2.0, 22, "金穗花园"),
        Plot("B1", "商业用地", "shops", 2007, 0, 0, 0.5, 0.26, 1.5, 45, "金穗商业广场"),
        Plot("R2B1", "居住兼容商业用地", "mixed", 2013, 0.5, 0, 1, 0.26, 2.8, 35, "丰收时代")]),
    Block("B10", W1, M3, W2, N4, [
        Plot("R2/B1 7:3", "居住商业混合用地", "mixed", 2013, 0, 0, 0.56, 0.3, 3.0, 35, "锦绣天地"),
        Plot("B14", "旅馆用地", "hotel", 2012, 0.56, 0, 1, 0.3, 2.5, 40, "示例宾馆"),
        Plot("R2", R2, "tower", 2009, 0, 0.3, 0.66, 1, 2.2, 22, "翠湖名都"),
        Plot("A33", "中小学用地", "school", 2010, 0.66, 0.56, 1, 1, 0.8, 25, "示例区锦绣小学"),
        Plot("G1", "公园绿地", "park", 2010, 0.66, 0.3, 1, 0.56, 0, 0, "锦绣公园")]),
    Block("B11", W2, M3, W3, N4, [
        Plot("B2", "商务用地", "office", 2016, 0, 0.5, 0.5, 1, 3.5, 40, "示例金融中心"),
        Plot("B2", "商务用地", "office", 2018, 0.5, 0.5, 1, 1, 4.0, 40, "清澜国际大厦"),
        Plot("B1/B2", "商业商务混合用地", "mall", 2015, 0, 0, 0.5, 0.5, 3.5, 50, "锦绣商城"),
        Plot("B1", "商业用地", "mall", 2017, 0.5, 0.2, 1, 0.5, 3.0, 55, "市民中心购物广场"),
        Plot("G3", "广场用地", "plaza", 2017, 0.5, 0, 1, 0.2, 0, 0, "锦绣广场")]),
    Block("B12", W0, S2, W1, M3, [
        Plot("R2", R2, "walkup", 2000, 0, 0, 1, 0.74, 1.6, 28, "西苑新村"),
        Plot("R2B1", "居住兼容商业用地", "mixed", 2014, 0, 0.74, 0.62, 1, 2.6, 35, "西苑时代"),
        Plot("S42", "社会停车场用地", "parking", 2014, 0.62, 0.74, 1, 1, 0.2, 10, "西苑停车场")]),
    Block("B13", W1, S2, W2, M3, [
        Plot("R2", R2, "middle", 2005, 0, 0, 0.66, 0.5, 1.8, 25, "建设花园"),
        Plot("R2", R2, "middle", 2006, 0, 0.5, 0.66, 1, 2.0, 25, "庆丰家园"),
        Plot("A33", "中小学用地", "school", 2004, 0.66, 0, 1, 0.5, 0.8, 25, "示例区建设小学"),
        Plot("A51", "医院用地", "clinic", 2008, 0.66, 0.5, 1, 0.72, 1.2, 30, "示例区中医院"),
        Plot("B1", "商业用地", "shops", 2012, 0.66, 0.72, 1, 1, 1.8, 45, "庆丰商业街")]),
    Block("B14", W2, S2, W3, M3, [
        Plot("R2", R2, "walkup", 1999, 0, 0, 0.5, 0.6, 1.7, 30, "百货新村"),
        Plot("R2B1", "居住兼容商业用地", "mixed", 2011, 0, 0.6, 0.5, 1, 2.8, 38, "百货时代"),
        Plot("B11", "零售商业用地", "mall", 2003, 0.5, 0.5, 1, 1, 2.5, 55, "示例百货大楼"),
        Plot("A22", "文化活动用地", "culture", 2001, 0.5, 0.2, 1, 0.5, 1.2, 35, "示例区文化馆"),
        Plot("G1", "公园绿地", "park", 2001, 0.5, 0, 1, 0.2, 0, 0, "建设街心公园")]),
    Block("B15", W0, S1, W1, S2, [
        Plot("R2", R2, "walkup", 1996, 0, 0.3, 1, 1, 1.6, 28, "文昌新村"),
        Plot("A33", "中小学用地", "school", 1996, 0, 0, 0.5, 0.3, 0.8, 25, "示例区文昌小学"),
        Plot("R2", R2, "walkup", 1998, 0.5, 0, 1, 0.3, 1.6, 28, "文昌二村")]),
    Block("B16", W1, S1, W2, S2, [
        Plot("R2", R2, "old", 1975, 0, 0.32, 1, 1, 1.2, 45),
        Plot("R2B1", "居住兼容商业用地", "old", 1970, 0, 0, 1, 0.32, 1.5, 50, "老街")]),
    Block("B17", W2, S1, W3, S2, [
        Plot("R2", R2, "old", 1978, 0, 0.32, 1, 1, 1.2, 45),
        Plot("B1", "商业用地", "old", 1970, 0, 0, 0.62, 0.32, 1.5, 50, "老街"),
        Plot("B11", "零售商业用地", "market", 1992, 0.62, 0, 1, 0.32, 1.2, 55, "老街农贸市场")]),
    Block("B18", W0, S0, W1, S1, [
        Plot("W1", "一类物流仓储用地", "warehouse", 2008, 0, 0, 0.6, 0.46, 1.2, 55, "西环物流园"),
        Plot("R2", R2, "vacant", 0, 0, 0.46, 0.6, 1, 2.2, 22),
        Plot("R2", R2, "middle", 2012, 0.6, 0.3, 1, 1, 1.9, 25, "安置小区"),
        Plot("G1", "公园绿地", "vacant", 0, 0.6, 0, 1, 0.3, 0, 0)]),
    Block("B19", W1, S0, W2, S1, [
        Plot("R2", R2, "walkup", 1998, 0, 0.34, 1, 1, 1.6, 28, "南苑新村"),
        Plot("A33", "中小学用地", "school", 1999, 0, 0, 0.42, 0.34, 0.9, 25, "示例区第二中学"),
        Plot("R2", R2, "middle", 2004, 0.42, 0, 1, 0.34, 1.8, 25, "南苑花园")]),
    Block("B20", W2, S0, W3, S1, [
        Plot("R2", R2, "tower", 2010, 0, 0.36, 1, 1, 2.2, 22, "文昌府"),
        Plot("A41", "体育场馆用地", "stadium", 2012, 0, 0, 0.62, 0.36, 0.8, 30, "示例区体育中心"),
        Plot("B1", "商业用地", "shops", 2012, 0.62, 0, 1, 0.36, 1.5, 45, "南环商业广场")]),
]  # fmt: skip


# East of 示例大道: codes of the national classification of 2023.
EAST = [
    Block("B21", W3, N6, E4, N7, [
        Plot("070102", HOMES, "construction", 2023, 0, 0.45, 1, 1, 2.4, 22),
        Plot("070102", HOMES, "tower", 2017, 0, 0, 0.72, 0.45, 2.4, 22, "河滨雅居"),
        Plot("1401", "公园绿地", "park", 2018, 0.72, 0, 1, 0.45, 0, 0, "北湾公园")]),
    Block("B22", W3, N5, E4, N6, [
        Plot("070102", HOMES, "tower", 2014, 0, 0, 1, 0.66, 2.3, 22, "湖滨花园"),
        Plot("080403", "中小学用地", "school", 2015, 0, 0.66, 0.68, 1, 0.8, 25, "示例区湖滨小学"),
        Plot("080404", "幼儿园用地", "kindergarten", 2015, 0.68, 0.66, 1, 1, 0.8, 30, "湖滨幼儿园")]),
    Block("B23", W3, N4, E4, N5, [
        Plot("070102", HOMES, "tower", 2011, 0, 0.34, 1, 1, 2.2, 22, "示例大道公馆"),
        Plot("0902", "商务金融用地", "office", 2016, 0, 0, 0.5, 0.34, 3.0, 40, "湖滨商务中心"),
        Plot("090104", "旅馆用地", "hotel", 2018, 0.5, 0, 1, 0.34, 2.8, 40, "湖滨大酒店")]),
    Block("B24", W3, M3, E4, N4, [
        Plot("0902", "商务金融用地", "office", 2018, 0, 0.5, 0.5, 1, 4.5, 40, "示例双子塔"),
        Plot("0902", "商务金融用地", "office", 2020, 0.5, 0.5, 1, 1, 4.0, 40, "湖滨国际中心"),
        Plot("1403", "广场用地", "plaza", 2017, 0, 0, 0.5, 0.2, 0, 0, "市民广场"),
        Plot("0901", "商业用地", "mall", 2017, 0, 0.2, 0.5, 0.5, 3.0, 55, "万象天街"),
        Plot("05", "商业服务业用地", "mall", 2019, 0.5, 0, 1, 0.5, 2.5, 55, "湖滨天地")]),
    Block("B25", W3, S2, E4, M3, [
        Plot("0801", "机关团体用地", "civic", 2013, 0, 0.5, 0.5, 1, 1.5, 30, "示例区市民中心"),
        Plot("070102/0901", "住宅商业混合用地", "mixed", 2016, 0.5, 0.5, 1, 1, 3.0, 35, "湖畔里"),
        Plot("070102", HOMES, "middle", 2012, 0, 0, 0.6, 0.5, 2.0, 25, "行政嘉园"),
        Plot("080403", "中小学用地", "school", 2013, 0.6, 0, 1, 0.5, 0.8, 25, "示例区实验小学")]),
    Block("B26", W3, S1, E4, S2, [
        Plot("070102", HOMES, "tower", 2010, 0, 0.28, 1, 1, 2.2, 22, "东苑华庭"),
        Plot("0901", "商业用地", "shops", 2010, 0, 0, 0.55, 0.28, 1.6, 45, "东苑商业街"),
        Plot("080602", "基层医疗卫生设施用地", "clinic", 2011, 0.55, 0, 1, 0.28, 1.0, 30, "柳湾社区卫生服务中心")]),
    Block("B27", W3, S0, E4, S1, [
        Plot("070102", HOMES, "tower", 2016, 0, 0.34, 1, 1, 2.3, 22, "柳岸花城"),
        Plot("080403", "中小学用地", "school", 2017, 0, 0, 0.58, 0.34, 0.9, 25, "示例区柳岸中学"),
        Plot("1401", "公园绿地", "park", 2017, 0.58, 0, 1, 0.34, 0, 0, "柳岸公园")]),
    Block("B28", E4, N5, E6, N6, [
        Plot("070102", HOMES, "tower", 2018, 0, 0, 0.519, 1, 2.4, 20, "滨河湾"),
        Plot("070101", "一类城镇住宅用地", "villa", 2016, 0.519, 0, 1, 1, 1.0, 30, "滨河墅")]),
    Block("B29", E4, N6, 640, N7, [
        Plot("070102", HOMES, "middle", 2019, 0, 0, 1, 0.62, 1.8, 25, "北湾里"),
        Plot("1302", "排水用地", "utility", 2013, 0, 0.62, 1, 1, 0.4, 30, "清澜河污水处理厂")]),
    Block("B30", E4, N4, E5, N5, [
        Plot("080601", "医院用地", "hospital", 2013, 0, 0.44, 0.62, 1, 1.8, 30, "示例区人民医院"),
        Plot("080301", "图书与展览用地", "culture", 2017, 0.62, 0.44, 1, 1, 1.2, 35, "示例区图书馆"),
        Plot("070102", HOMES, "middle", 2015, 0, 0, 1, 0.44, 2.0, 25, "湖畔名邸")]),
    Block("B31", E5, N4, E6, N5, [
        Plot("070102", HOMES, "tower", 2019, 0, 0, 1, 0.56, 2.4, 22, "东湾学府"),
        Plot("070102", HOMES, "middle", 2020, 0, 0.56, 1, 1, 1.8, 25, "东湾里")]),
    Block("B32", E4, M3, E5, N4, [
        Plot("1401", "公园绿地", "lake_park", 2014, 0, 0, 1, 1, 0, 0, "锦湖公园")]),
    Block("B33", E5, M3, E6, N4, [
        Plot("070102", HOMES, "tower", 2018, 0, 0.32, 1, 1, 2.4, 22, "锦湖东岸"),
        Plot("0901", "商业用地", "mall", 2021, 0, 0, 0.42, 0.32, 2.5, 50, "柳湾天地"),
        Plot("120802", "公共交通场站用地", "depot", 2021, 0.42, 0, 0.66, 0.32, 0.4, 20, "柳湾公交枢纽"),
        Plot("120803", "社会停车场用地", "parking", 2021, 0.66, 0, 1, 0.32, 0.2, 10, "柳湾停车场")]),
    Block("B34", E4, S2, E5, M3, [
        Plot("070102", HOMES, "vacant", 0, 0, 0, 0.7, 1, 2.5, 20, "", SITE),
        Plot("0901", "商业用地", "vacant", 0, 0.7, 0.4, 1, 1, 2.5, 45, "", SITE),
        Plot("16", "留白用地", "vacant", 0, 0.7, 0, 1, 0.4, 0, 0, "", SITE)]),
    Block("B35", E5, S2, E6, M3, [
        Plot("0902", "商务金融用地", "vacant", 0, 0, 0.62, 1, 1, 3.0, 40, "", SITE),
        Plot("070102", HOMES, "vacant", 0, 0, 0, 1, 0.62, 2.5, 20, "", SITE)]),
    Block("B36", E4, S1, E5, S2, [
        Plot("070102", HOMES, "vacant", 0, 0, 0, 1, 0.64, 2.2, 20, "", SITE),
        Plot("080403", "中小学用地", "vacant", 0, 0, 0.64, 1, 1, 0.8, 25, "", SITE)]),
    Block("B37", E5, S1, E6, S2, [
        Plot("070102", HOMES, "vacant", 0, 0, 0, 1, 0.7, 2.2, 20, "", SITE),
        Plot("1401", "公园绿地", "vacant", 0, 0, 0.7, 1, 1, 0, 0, "", SITE)]),
    Block("B38", E4, S0, E5, S1, [
        Plot("070102", HOMES, "tower", 2013, 0, 0, 0.62, 1, 2.2, 22, "柳湾花园"),
        Plot("16", "留白用地", "vacant", 0, 0.62, 0, 1, 0.5, 0, 0),
        Plot("1001", "工业用地", "factory", 2008, 0.62, 0.5, 1, 1, 1.2, 50, "柳湾粮油厂")]),
    Block("B39", E5, S0, E6, S1, [
        Plot("070102", HOMES, "middle", 2017, 0, 0.46, 1, 1, 1.9, 25, "柳湾新苑"),
        Plot("1101", "物流仓储用地", "warehouse", 2012, 0, 0, 0.62, 0.46, 1.2, 55, "东环物流园"),
        Plot("1303", "供电用地", "utility", 2012, 0.62, 0, 1, 0.46, 0.5, 30, "柳湾变电站")]),
    Block("B40", E6, S0, 1620, M3, [
        Plot("0102", "水浇地", "roadside", 2007, 0, 0, 0.4, 0.22, 0, 0),
        Plot("0102", "水浇地", "field", 0, 0, 0, 1, 0.36, 0, 0),
        Plot("070301", "一类农村宅基地", "village", 1965, 0.2, 0.5, 0.8, 0.82, 0.8, 35, "河东村"),
        Plot("0102", "水浇地", "field", 0, 0, 0.36, 1, 1, 0, 0)]),
    Block("B41", E6, M3, 1620, 900, [
        Plot("0102", "水浇地", "roadside", 2016, 0, 0, 1, 0.4, 0, 0),
        Plot("0103", "旱地", "field", 0, 0, 0.4, 1, 1, 0, 0)]),
    Block("B42", 250, 560, 1750, 1720, [
        Plot("070301", "一类农村宅基地", "village", 1968, 0.315, 0.625, 0.56, 0.775, 0.8, 35, "北岸村"),
        Plot("0103", "旱地", "field", 0, 0, 0, 1, 1, 0, 0)]),
]  # fmt: skip


BLOCKS = WEST + EAST

# Beyond the district: what stands there now; no plan is given for it.
AROUND = [
    Block("A01", -OUT, M3, W0, N4, [Plot("", "", "middle", 2010, 0.1, 0, 1, 1, 0, 0, "西城花园")]),
    Block("A02", -OUT, S2, W0, M3, [Plot("", "", "walkup", 1999, 0.1, 0, 1, 1, 0, 0, "西城新村")]),
    Block("A03", -OUT, N6, W0, N7, [Plot("", "", "factory", 2003, 0.1, 0, 1, 1, 0, 0, "西城机械厂")]),
    Block("A04", -OUT, N4, W0, N6, [Plot("", "", "factory", 2006, 0.1, 0.5, 1, 1, 0, 0, "西城钢构厂")]),
    Block("A05", -OUT, S1, W0, S2, [Plot("", "", "walkup", 1997, 0.3, 0, 1, 1, 0, 0, "西城二村")]),
    Block("A06", W1, -OUT, W2, S0, [Plot("", "", "walkup", 2001, 0, 0, 1, 1, 0, 0, "南城新村")]),
    Block("A07", W2, -OUT, W3, S0, [Plot("", "", "middle", 2011, 0, 0, 1, 1, 0, 0, "南城花园")]),
    Block("A08", W3, -OUT, E4, S0, [Plot("", "", "tower", 2018, 0, 0.2, 1, 1, 0, 0, "南城府")]),
    Block("A09", E4, -OUT, E5, S0, [Plot("", "", "village", 1970, 0.1, 0.3, 0.9, 0.9, 0, 0, "南湾村")]),
    Block("A10", W1, N7, W2N, OUT, [Plot("", "", "factory", 2012, 0, 0, 1, 1, 0, 0, "北城工业园")]),
    Block("A11", W2N, N7, W3, OUT, [Plot("", "", "middle", 2014, 0, 0, 1, 0.8, 0, 0, "北城家园")]),
    Block("A12", W0, -OUT, W1, S0, [Plot("", "", "warehouse", 2010, 0, 0.4, 1, 1, 0, 0, "南城仓储")]),
    Block("A13", E5, -OUT, E6, S0, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
    Block("A14", E6, -END, END, 400, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
    Block("A15", W3, N7, 300, END, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
    Block("B42", 250, 300, END, END, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
    Block("A16", -END, N7, -OUT, END, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
    Block("A17", -END, -END, -OUT, N7, [Plot("", "", "field", 0, 0, 0, 1, 1, 0, 0)]),
]  # fmt: skip


def district_outline() -> list[tuple[float, float]]:
    """The district's boundary on the board: along 西环公路, 南环路 and 北环路, and through fields in the east."""
    east = smooth([(E7, S0), (1530, -1150), (1460, -900), (1500, -620), (1470, -250), (1525, 60), (1480, 380),
                   (1530, 720), (1440, 1010), (1500, 1280), (1380, 1560), (1080, 1610), (820, 1570), (600, 1600),
                   (400, 1580)])  # fmt: skip
    river_end = [(370, 1540), (322, N7)]
    return [(W0, S0), *[tuple(p) for p in east], *river_end, (W0, N7)]
