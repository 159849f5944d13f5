"""A first guess at what the columns of a file are, by their names and what stands in them.

A guess is a beginning: whoever maps the file sees each and changes what is wrong.
"""

from __future__ import annotations

import re
from dataclasses import replace

from zhiyin.collect.files.choices import TIMES, Choice, Draft, roles_of
from zhiyin.collect.files.seen import Column, Look
from zhiyin.warehouse.tables import COLUMN_NAMES

_KEYS = {
    "id": r"(^|[ _.])(id|no|nr|number|key|code|uuid)$|[a-z]ID$|编号|单号|序号|流水号",
    "customer": r"customer|client|user|member|passenger|guest|buyer|subscriber|contact id"
                r"|case:concept:name|respondent|客户|用户|会员|旅客|乘客|顾客|买家",
    "time": r"date|time|(^|[ _])(at|on|day)$|timestamp|created|日期|时间|时刻",
    "order": r"order|invoice|purchase|订单|发票",
    "amount": r"amount|total|revenue|payment value|price|金额|总价|价格|实付",
    "text": r"comment|review|feedback|verbatim|remark|suggestion|opinion|message|description"
            r"|评论|评价内容|意见|建议|留言|原声|反馈|备注|理由",
    "nps": r"nps|recommend|推荐",
    "ces": r"effort|ces\b|easy|ease|费力|轻松",
    "csat": r"csat|satisf|满意",
    "rating": r"rating|score|stars?\b|grade|评分|打分|得分|星级|分数",
    "event": r"^(event|activity|action|concept:name|event name|行为|事件|动作)",
    "product": r"product|sku|stock ?code|item|商品|产品",
    "quantity": r"quantity|qty|数量|件数",
    "count": r"\bage\b|count|quantity|minutes|seconds|hours|days|distance|zip|phone|tenure|year"
             r"|month|\bsize\b|children|年龄|数量|次数|分钟|天数|月份|年份",
}  # fmt: skip
_FIND = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _KEYS.items()}

_OWN = {
    "touchpoint": r"^touch ?point|触点|环节",
    "channel": r"^channel|渠道",
    "language": r"^(lang|language)$|^语言",
    "device": r"^device|设备",
    "status": r"status|状态",
    "currency": r"currency|币种|货币",
    "category": r"categor|类别|类目|分类",
    "session": r"session|会话",
    "agent": r"^agent|坐席|客服",
    "team": r"^team|班组|团队",
    "queue": r"^queue|队列",
    "reason": r"reason|原因",
    "wait_seconds": r"wait.*sec|等待.*秒",
    "talk_seconds": r"talk.*sec|通话.*秒",
    "survey": r"^survey|问卷",
    "purpose": r"purpose|目的",
    "is_given": r"consent|given|同意",
}  # fmt: skip

_ENGLISH = {
    "城市": "city", "省份": "province", "地区": "region", "门店": "store", "店铺": "store",
    "等级": "tier", "会员等级": "tier", "舱位": "cabin", "性别": "gender", "年龄": "age",
    "产品": "product", "商品": "product", "类别": "category", "品牌": "brand", "航线": "route",
    "航班号": "flight", "部门": "department", "来源": "origin", "类型": "type",
    "年龄段": "age_group",
}  # fmt: skip

DIMENSION_WORDS = 60
"""A column of more different words breaks figures into crumbs."""


def guess(look: Look, *, source: str, timezone: str, table: str = "") -> Draft:
    """A mapping to begin with.

    Args:
        source: what the file's system will be called.
        timezone: of times that name no offset.
        table: what the rows are, where somebody has said so.
    """
    chosen = table or _table(look)
    taken: dict[str, Choice] = {}
    _single(look, chosen, taken, timezone)
    for column in look.columns:
        if column.name not in taken:
            taken[column.name] = _other(column, chosen, taken)
    choices = {column.name: taken[column.name] for column in look.columns}
    reading = {"sheet": look.sheet} if len(look.sheets) > 1 else {}
    return Draft(chosen, source, reading, True, choices, {})


def as_role(role: str, column: Column | None, *, timezone: str) -> Choice:
    """A column that somebody says is `role`, with the fields that it then has filled in."""
    if column is None:
        return Choice(role)
    if role in ("csat", "ces", "rating"):
        return _question(column, role)
    if role == "dimension":
        return Choice(role, name=_name_of(column))
    if role == "trait":
        return Choice(role, name=column.name)
    if role in TIMES:
        one = column.formats[0] if len(column.formats) == 1 else ""
        return Choice(role, timezone=timezone, format=one)
    return Choice(role)


def _says(column: Column, what: str) -> bool:
    return bool(
        _FIND[what].search(column.name.replace("_", " ")) or _FIND[what].search(column.name)
    )


def _table(look: Look) -> str:
    """What the rows are: questions first, then events, then what was bought."""
    columns = look.columns
    if any(_metric(column) for column in columns):
        return "answers"
    has_time = any(column.kind == "time" for column in columns)
    is_order = any(
        _says(c, "order") and _says(c, "id") and c.distinct == look.rows for c in columns
    )
    if has_time and any(_says(column, "event") for column in columns):
        return "events"
    has_amount = any(_says(c, "amount") and c.kind in ("int", "float") for c in columns)
    if has_amount and any(_says(c, "order") for c in columns):
        is_line = any(_says(c, "quantity") for c in columns)
        return "order_lines" if is_line else "orders"
    if has_time and is_order:
        return "orders"
    if any(_is_words(column) for column in columns):
        return "answers"
    if has_amount and has_time:
        return "orders"
    return "traits" if any(_says(column, "customer") for column in columns) else "answers"


def _single(look: Look, table: str, taken: dict[str, Choice], timezone: str) -> None:
    """Columns of which there is one: the id, the time, the customer, the table's own."""
    order = [c for c in look.columns if _says(c, "order") and c.kind in ("text", "int")]
    order.sort(key=lambda c: not _says(c, "id"))
    if table in ("order_lines", "refunds") and order:
        taken[order[0].name] = Choice("order_id")
    elif found := _id(look, table, order):
        taken[found.name] = Choice("id")
    if at := _time(look, taken):
        taken[at.name] = as_role("at", at, timezone=timezone)
    who = [
        c for c in look.columns
        if c.name not in taken and _says(c, "customer") and c.distinct > 2 and c.kind != "time"
    ]  # fmt: skip
    who.sort(key=lambda c: (not _says(c, "id"), -c.distinct))
    if who:
        taken[who[0].name] = Choice("customer")
    if table in ("orders", "order_lines") and order and order[0].name not in taken:
        taken[order[0].name] = Choice("about", kind="order")
    patterns = {"name": _KEYS["event"] if table == "events" else "$^", "amount": _KEYS["amount"],
                "product": _KEYS["product"], "quantity": _KEYS["quantity"], **_OWN}  # fmt: skip
    roles = roles_of(table)
    for role, pattern in patterns.items():
        if role not in roles:
            continue
        wanted = ("int", "float") if role in ("amount", "quantity") else None
        for column in look.columns:
            fits = wanted is None or column.kind in wanted
            if (
                fits
                and column.name not in taken
                and re.search(pattern, column.name.replace("_", " "), re.I)
            ):
                taken[column.name] = Choice(role)
                break


def _id(look: Look, table: str, order: list[Column]) -> Column | None:
    """The first column that is called an id, is nobody's, and never says the same twice."""
    unique = [
        column
        for column in look.columns
        if column.filled == look.rows == column.distinct and column.kind in ("text", "int")
    ]
    if table == "orders" and order and order[0] in unique:
        return order[0]
    named = [c for c in unique if _says(c, "id") and not _says(c, "customer")]
    return named[0] if named else None


def _time(look: Look, taken: dict[str, Choice]) -> Column | None:
    times = [c for c in look.columns if c.kind == "time" and c.name not in taken]
    full = [c for c in times if c.filled == look.rows] or times
    named = [c for c in full if _says(c, "time")]
    return next(iter(named or full), None)


def _metric(column: Column) -> str:
    """The metric of a column of scores; blank where it holds none."""
    low, high = column.low, column.high
    is_scale = column.kind == "int" and low is not None and high is not None
    if not is_scale or low is None or high is None or low < 0 or high > 10 or column.distinct < 3:
        return ""
    if _says(column, "nps"):
        return "nps"
    if _says(column, "ces") and high in (5, 7):
        return "ces"
    if _says(column, "csat") and high <= 5:
        return "csat"
    if _says(column, "rating") and high > 1:
        return "csat" if high <= 5 and low >= 1 else "rating"
    if _says(column, "count") or _says(column, "id") or column.distinct > 11:
        return ""
    # Whole numbers up to the end of a usual scale, nearly every step of it used.
    if high == 5 and column.distinct >= 4:
        return "csat"
    return "rating" if high in (7, 10) and column.distinct >= high - 2 else ""


def _question(column: Column, metric: str) -> Choice:
    one = Choice(metric)
    low, high = column.low or 0, column.high or 0
    if metric == "csat":
        # Zero is on no scale from 1 to 5: it says that the question did not apply.
        return replace(one, not_applicable="0") if low == 0 else one
    if metric == "ces":
        easier = re.search(r"eas[ye]|轻松", column.name, re.IGNORECASE)
        return replace(one, low="1", high=f"{high:g}", direction="up" if easier else "down")
    if metric == "rating":
        return replace(one, low="0" if low == 0 else "1", high=f"{high:g}")
    return one


def _is_words(column: Column) -> bool:
    """Whether people wrote what stands there."""
    # One word without a blank is a code, unless it is Chinese, which has none.
    if column.kind != "text" or not any(
        re.search(r"\s|[\u3400-\u9fff]", e) for e in column.examples
    ):
        return False
    long = column.letters > 25 and column.distinct > max(column.filled // 2, 1)
    return long or (_says(column, "text") and column.letters > 4)


def _other(column: Column, table: str, taken: dict[str, Choice]) -> Choice:
    if column.kind == "empty":
        return Choice()
    if table == "answers":
        if metric := _metric(column):
            return _question(column, metric)
        if _is_words(column):
            return Choice("text")
    if table == "verbatims" and _is_words(column) and not _has(taken, "text"):
        return Choice("text")
    if table == "traits":
        return Choice("trait", name=column.name)
    if (
        column.kind in ("text", "bool")
        and column.distinct <= DIMENSION_WORDS
        and not (_says(column, "id") and column.distinct == column.filled)
    ):
        return _dimension(column, taken)
    return Choice("property") if table == "events" else Choice()


def _dimension(column: Column, taken: dict[str, Choice]) -> Choice:
    name = _name_of(column)
    used = {one.name for one in taken.values() if one.role == "dimension"}
    # One without a name that fits needs a name that people choose.
    return Choice("dimension", name=name) if name and name not in used else Choice()


def _name_of(column: Column) -> str:
    """A name for a dimension; blank where the column's gives none."""
    name = _ENGLISH.get(column.name) or re.sub(r"[^a-z0-9]+", "_", column.name.lower()).strip("_")
    if not re.match(r"[a-z]", name):
        return ""
    return f"{name[:55]}_said" if name in COLUMN_NAMES else name[:60]


def _has(taken: dict[str, Choice], role: str) -> bool:
    return any(one.role == role for one in taken.values())
