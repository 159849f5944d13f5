"""The trip of `test_figures` for those who look at it another way: named in both languages."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec

from zhiyin.accounts.audit import COMMAND_LINE
from zhiyin.maps import actions
from zhiyin.maps.document import Map
from zhiyin.maps.tests import test_figures
from zhiyin.warehouse.owner import Owner

MAY = {"from": "2026-05-01", "until": "2026-05-31"}
"""As an address names the days."""

NAMES = {
    "search": ("Flight search", "航班查询"),
    "cart": ("=1+1 cart", "=1+1 购物车"),
    "pay": ("Payment", "支付"),
    "refund": ("Refund", "退款"),
    "pets": ("Pets <b>&", "宠物"),
}
STAGES = {"look": ("Look", "查看"), "buy": ("Buy", "购买"), "after": ("After-sale", "售后")}


def _texts(pair: tuple[str, str]) -> dict[str, str]:
    return dict(zip(("en", "zh-Hans"), pair, strict=True))


def trip() -> Map:
    """The map, with names that a spreadsheet and a browser could take for something else."""
    one = test_figures.TRIP
    return msgspec.structs.replace(
        one,
        name={"en": "Trip", "zh-Hans": "出行"},
        stages=tuple(
            msgspec.structs.replace(stage, name=_texts(STAGES[stage.id])) for stage in one.stages
        ),
        lanes=tuple(
            msgspec.structs.replace(lane, name={"en": "Own channels", "zh-Hans": "自有渠道"})
            for lane in one.lanes
        ),
        nodes=tuple(
            msgspec.structs.replace(node, name=_texts(NAMES[node.id])) for node in one.nodes
        ),
    )


def plant(empty: Path, folder: Path) -> Path:
    """Its log in a new folder, to be copied.

    Args:
        empty: a log with nothing in it.
    """
    shutil.copytree(empty, folder)
    with Owner(folder) as owner:
        test_figures._plant(owner)
    return folder


def keep(key: str = "trip") -> None:
    """The map in the workspace main, as its first version."""
    actions.create(by=COMMAND_LINE, workspace="main", key=key, map_=trip(), keeps=True)
