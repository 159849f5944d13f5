"""How figures are written, the same on pages, in the terminal and in mails.

One decimal for shares, points and seconds, two for means and money; a real minus sign;
thousands apart; a plus where the sign is the message. Nothing is rounded before it is written.
"""

from __future__ import annotations

from zhiyin.kernel.text import _, language

MISSING = "–"
MINUS = "−"

_ONE_DECIMAL = ("points", "percent", "seconds")


def figure(value: float | None, unit: str, *, signed: bool = False) -> str:
    """A value in its unit: ``+31.4`` points, ``74.3`` per cent, ``4.12`` on a scale.

    A thousand of something and more has no decimals.
    """
    if value is None:
        return MISSING
    is_many = unit == "count" and abs(value) >= 1000
    digits = 0 if is_many else 1 if unit in _ONE_DECIMAL else 2
    sign = "+" if signed or unit == "points" else ""
    written = f"{value:{sign},.{digits}f}"
    if float(written.replace(",", "")) == 0:
        written = written.lstrip("+-")
    return written.replace("-", MINUS)


def interval(low: float | None, high: float | None, unit: str, *, signed: bool = False) -> str:
    """The ends of an interval: ``[27.1, 35.7]``."""
    if low is None or high is None:
        return MISSING
    return f"[{figure(low, unit, signed=signed)}, {figure(high, unit, signed=signed)}]"


def chance(value: float | None) -> str:
    """A p- or q-value: ``.043``, ``< .001``, ``> .999``."""
    if value is None:
        return MISSING
    if value < 0.001:
        return "< .001"
    if 0.999 < value < 1:
        return "> .999"
    return f"{value:.3f}".lstrip("0") if value < 1 else "1"


def count(value: int | None) -> str:
    """A number of people or answers: ``1,482``."""
    return MISSING if value is None else f"{value:,}"


_SIGNS = {"CNY": "¥", "USD": "$", "EUR": "€", "GBP": "£", "JPY": "¥", "HKD": "HK$", "TWD": "NT$"}


def short(value: float | None) -> str:
    """A number of people where there is little room: ``96.4k``, ``1.2M``; in Chinese ``9.6万``.

    >>> short(9_870), short(96_400), short(12_340_000), short(412)
    ('9.9k', '96.4k', '12.3M', '412')
    """
    if value is None:
        return MISSING
    steps = ((1e8, "亿"), (1e4, "万")) if language() == "zh-hans" else (
        (1e9, "B"), (1e6, "M"), (1e3, "k")
    )  # fmt: skip
    for size, name in steps:
        # What is rounded up to the next step is written in it.
        if abs(value) >= size * 0.9995:
            return f"{value / size:,.1f}{name}".replace("-", MINUS)
    return f"{value:,.0f}".replace("-", MINUS)


def short_money(value: float | None, currency: str) -> str:
    """An amount where there is little room: ``¥4.8M``; in Chinese ``¥480.0万``.

    >>> short_money(4_800_000, "CNY"), short_money(-1_200, "SEK")
    ('¥4.8M', '−SEK 1.2k')
    """
    if value is None:
        return MISSING
    minus = MINUS if value < 0 else ""
    return f"{minus}{_SIGNS.get(currency, f'{currency} ')}{short(abs(value))}"


def lasted(seconds: float | None) -> str:
    """A length of time in its two largest units.

    >>> lasted(187_201.4), lasted(200), lasted(0)
    ('2d 4h', '3m 20s', '0s')
    """
    if seconds is None:
        return MISSING
    left = round(seconds)
    days, left = divmod(left, 86_400)
    hours, left = divmod(left, 3_600)
    minutes, left = divmod(left, 60)
    parts = [
        *([_("{n}d", n=days)] if days else []),
        *([_("{n}h", n=hours)] if hours else []),
        *([_("{n}m", n=minutes)] if minutes else []),
        *([_("{n}s", n=left)] if left else []),
    ]
    return " ".join(str(part) for part in parts[:2]) or str(_("{n}s", n=0))


def times(low: float | None, high: float | None) -> str:
    """An interval of lengths of time in seconds; open above where its end is not known.

    >>> times(3_600, 90_000), times(3_600, None), times(None, None)
    ('[1h, 1d 1h]', '[1h, …)', '')
    """
    if low is None:
        return ""
    return f"[{lasted(low)}, …)" if high is None else f"[{lasted(low)}, {lasted(high)}]"
