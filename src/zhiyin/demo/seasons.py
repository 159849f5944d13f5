"""When people fly: weekdays, holidays and the festivals of the lunar calendar."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
from lunar_python import Lunar

from zhiyin.demo.arrays import Bools, Floats
from zhiyin.demo.plan import Plan

CLASSES = ("business", "leisure", "student")


@dataclass(frozen=True, slots=True)
class Festival:
    """One festival's day in one year."""

    slug: str
    chinese: str
    on: date


@dataclass(frozen=True, slots=True, eq=False)
class Seasons:
    """Demand by day.

    Args:
        demand: [class, day], mean 1 over the history.
        crowded: [day], days on which airports are full.
    """

    festivals: tuple[Festival, ...]
    demand: Floats
    crowded: Bools

    @classmethod
    def of(cls, plan: Plan) -> Seasons:
        """The seasons of a plan's days."""
        days = [plan.date_of(day) for day in range(plan.days)]
        years = range(plan.first.year - 1, plan.until.year + 2)
        festivals = tuple(sorted((f for year in years for f in _of_year(year)), key=lambda f: f.on))
        near = {
            slug: np.array([_nearest(day, festivals, slug) for day in days])
            for slug in ("spring", "national", "labour", "qingming", "dragon-boat", "mid-autumn")
        }
        weekday = np.array([day.weekday() for day in days])
        year_day = np.array([day.timetuple().tm_yday for day in days])
        demand = np.stack(
            [_business(near, weekday), _leisure(near, weekday, year_day), _student(near, year_day)]
        )
        demand /= demand.mean(axis=1, keepdims=True)
        crowded = demand[1] > np.quantile(demand[1], 0.85)
        seen = tuple(f for f in festivals if plan.first <= f.on <= plan.until)
        return cls(seen, demand, crowded)


def _of_year(year: int) -> list[Festival]:
    def lunar(month: int, day: int) -> date:
        return _date(Lunar.fromYmd(year, month, day).getSolar().toYmd())

    clear = Lunar.fromYmd(year, 3, 1).getJieQiTable()["清明"].toYmd()
    return [
        Festival("new-year", "元旦", date(year, 1, 1)),
        Festival("spring", "春节", lunar(1, 1)),
        Festival("qingming", "清明节", _date(clear)),
        Festival("labour", "劳动节", date(year, 5, 1)),
        Festival("dragon-boat", "端午节", lunar(5, 5)),
        Festival("mid-autumn", "中秋节", lunar(8, 15)),
        Festival("national", "国庆节", date(year, 10, 1)),
    ]


def _date(text: str) -> date:
    return date.fromisoformat(text)


def _nearest(day: date, festivals: tuple[Festival, ...], slug: str) -> int:
    """Days since (negative: until) the nearest such festival."""
    apart = [(day - f.on) // timedelta(days=1) for f in festivals if f.slug == slug]
    return min(apart, key=abs)


def _business(near: dict[str, np.ndarray], weekday: np.ndarray) -> Floats:
    rate = np.where(weekday < 5, 1.15, 0.6)
    rate = np.where(np.abs(near["spring"]) <= 7, 0.3, rate)
    return np.where((near["national"] >= 0) & (near["national"] < 7), 0.4, rate)


def _leisure(near: dict[str, np.ndarray], weekday: np.ndarray, year_day: np.ndarray) -> Floats:
    rate = np.where(weekday >= 4, 1.15, 0.85)
    rate = rate * np.where((year_day >= 182) & (year_day <= 243), 1.6, 1.0)
    rate = rate * np.where((near["spring"] >= -15) & (near["spring"] <= 25), 1.7, 1.0)
    rate = rate * np.where((near["national"] >= -1) & (near["national"] < 8), 1.8, 1.0)
    for short in ("labour", "qingming", "dragon-boat", "mid-autumn"):
        rate = rate * np.where((near[short] >= -1) & (near[short] <= 3), 1.35, 1.0)
    return np.asarray(rate, dtype=np.float64)


def _student(near: dict[str, np.ndarray], year_day: np.ndarray) -> Floats:
    going = (near["spring"] >= -28) & (near["spring"] <= -5)
    coming = (near["spring"] >= 8) & (near["spring"] <= 25)
    summer = ((year_day >= 172) & (year_day <= 194)) | ((year_day >= 234) & (year_day <= 250))
    return np.where(going | coming, 2.8, np.where(summer, 2.4, 0.6))
