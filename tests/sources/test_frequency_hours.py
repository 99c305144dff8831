"""Hours and columns of frequency tables as people and spreadsheets write them."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from openpyxl import Workbook
from toy_frequency import DAY, UTM, said, times

from spatial.model.provenance import Ledger
from spatial.sources.frequency_table import read_frequency_table
from spatial.sources.frequency_table.hours import clock_seconds


def test_chinese_columns_in_a_workbook(tmp_path: Path):
    book = Workbook()
    sheet = book.active
    sheet.append(["线路", "站名", "经度", "纬度", "方式", "间隔", "首班", "末班"])
    sheet.append(["1号线", "甲", 116.4, 39.9, "地铁", 10, dt.time(6), dt.timedelta(hours=24, minutes=30)])
    sheet.append(["2号线", "甲", 116.4, 39.9, "有轨电车", 10, 0.25, dt.datetime(1900, 1, 1, 0, 30)])
    sheet.append(["3路", "甲", 116.4, 39.9, "公交车", 10, "6：00", "次日0:30"])
    path = tmp_path / "线路.xlsx"
    book.save(path)
    columns = dict(zip(("line", "stop", "lon", "lat", "mode", "headway_min", "first", "last"),
                       ("线路", "站名", "经度", "纬度", "方式", "间隔", "首班", "末班"), strict=True))  # fmt: skip
    ledger = Ledger()
    supply, _ = read_frequency_table(path, columns=columns, service_day=DAY, crs=UTM, ledger=ledger)
    for line in ("1号线", "2号线", "3路"):
        assert times(supply, "甲", line) == pytest.approx(np.arange(6, 24.51, 1 / 6))
    assert supply.routes["mode"].tolist() == ["metro", "tram", "bus"]
    assert said(ledger, "frequency.day_fractions")["count"] == 1


@pytest.mark.parametrize(
    ("text", "hour"),
    [("06:00", 6), ("6:00:30", 6 + 30 / 3600), ("6：05", 6 + 5 / 60), ("23时30分", 23.5), ("6点05分", 6 + 5 / 60),
     ("48:00", 48), ("翌日1:00", 25), ("1:00(次日)", 25), ("00:30+1", 24.5), ("1 day, 0:30:00", 24.5), ("0.5", 12),
     ("1900-01-01 00:29:59.997000", 24.5), ("1.0208333", 24.5), ("06:00:00.000500", 6)],
)  # fmt: skip
def test_clock_times(text: str, hour: float):
    assert clock_seconds(pd.Series([text]))[0].tolist() == [round(hour * 3600)]


@pytest.mark.parametrize("text", ["", "6", "0630", "6:0", "24", "6:60", "49:00", "次日24:30", "1.30", "2.5", "-6:00",
                                  "2024-05-15 06:00:00", "早上", "6:00-22:00", "2 days, 0:30:00"])  # fmt: skip
def test_what_is_no_clock_time(text: str):
    assert np.isnan(clock_seconds(pd.Series([text]))[0]).all()
