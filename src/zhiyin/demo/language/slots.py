"""What fills the blanks: cities, flight numbers, times and money, the same through one text."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date

from zhiyin.demo.language.chance import Dice
from zhiyin.demo.language.phrases import Phrase, lexicon

CITIES: dict[str, tuple[str, str]] = {
    "SHA": ("虹桥", "Hongqiao"), "PVG": ("浦东", "Pudong"), "HGH": ("杭州", "Hangzhou"),
    "NKG": ("南京", "Nanjing"), "XMN": ("厦门", "Xiamen"), "PEK": ("北京", "Beijing"),
    "TAO": ("青岛", "Qingdao"), "SHE": ("沈阳", "Shenyang"), "NRT": ("东京", "Tokyo"),
    "CAN": ("广州", "Guangzhou"), "SZX": ("深圳", "Shenzhen"), "HAK": ("海口", "Haikou"),
    "WUH": ("武汉", "Wuhan"), "SIN": ("新加坡", "Singapore"), "CTU": ("成都", "Chengdu"),
    "CKG": ("重庆", "Chongqing"), "KMG": ("昆明", "Kunming"), "XIY": ("西安", "Xi'an"),
}  # fmt: skip
_CODES = tuple(CITIES)
_MONTHS = (
    "Jan",
    "Feb",
    "March",
    "April",
    "May",
    "June",
    "July",
    "Aug",
    "Sept",
    "Oct",
    "Nov",
    "Dec",
)
_DIGITS = "零一二三四五六七八九十"
_WORDS = (
    "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten",
    "eleven", "twelve",
)  # fmt: skip
_TENS = {20: "twenty", 30: "thirty", 40: "forty", 50: "fifty"}
_SURNAMES_ZH = tuple(
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
)
_SURNAMES_EN = (
    "Tan", "Lim", "Brown", "Sato", "Kim", "Miller", "Garcia", "Novak", "Rossi", "Khan", "Wilson",
    "Dubois", "Berg", "Silva", "Murphy", "Lee",
)  # fmt: skip
_NAMES_EN = ("Grace", "Leo", "Cindy", "Vivian", "Kevin", "Joy", "Eric", "Fiona", "Tina", "Jason")
FLIGHT_CODE = "QC"


class Slots:
    """The words of one text: drawn once where the context is silent, then kept.

    `lang` is ``zh`` or ``en``: the language of the clause, not of the text.
    """

    __slots__ = ("_kept", "_numbers", "context", "dice", "formal")

    def __init__(self, dice: Dice, context: Mapping[str, object], *, formal: bool = False) -> None:
        self.dice = dice
        self.formal = formal
        self.context = context
        self._kept: dict[tuple[str, str], str] = {}
        self._numbers: dict[str, int] = {}

    def words(self, lang: str) -> Callable[[str], str | Phrase]:
        """Fills blanks in that language."""
        kept = self._kept
        makers = _MAKERS
        phrases_of = lexicon(lang)

        def word(name: str) -> str | Phrase:
            phrase = phrases_of.get(name)
            if phrase is not None:
                return phrase
            known = kept.get((lang, name))
            if known is None:
                known = kept[lang, name] = makers[name](self, lang)
            return known

        return word

    def keep(self, name: str, text: str, lang: str) -> None:
        """From now on that blank is this text."""
        self._kept[lang, name] = text

    def number(self, name: str, low: int, high: int, step: int = 1) -> int:
        """What the context says, or a number of that range, kept for the text."""
        value = self._numbers.get(name)
        if value is None:
            given = self.context.get(name)
            if isinstance(given, (int, float)) and not isinstance(given, bool):
                value = round(given)
            else:
                value = self.dice.between(low // step, high // step) * step
            self._numbers[name] = value
        return value

    def city(self, name: str, lang: str) -> str:
        """The city of `origin` or `destination`, the two never the same."""
        given = self.context.get(name)
        if given is None:
            given = _CODES[self.number("_" + name, 0, len(_CODES) - 1)]
            other = self.context.get("destination" if name == "origin" else "origin")
            if name == "destination":
                other = other or _CODES[self.number("_origin", 0, len(_CODES) - 1)]
            if given == other or {given, other} == {"SHA", "PVG"}:
                given = _CODES[(_CODES.index(str(given)) + 7) % len(_CODES)]
        pair = CITIES.get(str(given))
        return str(given) if pair is None else pair[lang == "en"]


def spelled(number: int) -> str:
    """A number under 1,000 as it is said in Chinese."""
    if number <= 10:
        return _DIGITS[number] if number != 2 else "两"
    if number < 100:
        tens, ones = divmod(number, 10)
        return ("" if tens == 1 else _DIGITS[tens]) + "十" + (_DIGITS[ones] if ones else "")
    hundreds, rest = divmod(number, 100)
    return ("两" if hundreds == 2 else _DIGITS[hundreds]) + "百" + ("多" if rest else "")


def lasting(minutes: int, lang: str, dice: Dice) -> str:
    """A duration as people say it: exact, in words, or about."""
    return _lasting_zh(minutes, dice) if lang == "zh" else _lasting_en(minutes, dice)


def _lasting_zh(minutes: int, dice: Dice) -> str:
    if minutes < 55:
        ways = [f"{minutes}分钟", f"{spelled(minutes)}分钟"]
        if minutes >= 13 and minutes % 10 > 2:
            ways.append(f"{spelled(minutes // 10 * 10)}多分钟")
        if 25 <= minutes <= 35:
            ways.append("半个小时")
        if minutes > 38:
            ways += ["大半个小时", "快一个钟头"]
        return dice.one(ways)
    hours, rest = divmod(minutes, 60)
    if rest >= 50:
        more = spelled(hours + 1)
        return dice.one((f"快{more}个小时", f"将近{more}小时", f"差不多{more}个钟头"))
    if 22 <= rest <= 38:
        return dice.one((f"{spelled(hours)}个半小时", f"{hours}个半小时"))
    if rest < 5:
        return dice.one((f"{hours}个小时", f"{spelled(hours)}个小时", f"{spelled(hours)}小时"))
    exact = f"{hours}小时{rest}分" if hours < 4 else f"{hours}个多小时"
    return dice.one(
        (exact, f"{spelled(hours)}个多小时", f"{hours}个多小时", f"{spelled(hours)}个多钟头")
    )


def _lasting_en(minutes: int, dice: Dice) -> str:
    if minutes < 55:
        ways = [f"{minutes} minutes", f"{minutes} mins", f"{minutes} min"]
        tens = minutes // 10 * 10
        if tens in _TENS:
            ways.append(f"{_TENS[tens]}{'-odd' if minutes % 10 else ''} minutes")
        if 25 <= minutes <= 35:
            ways.append("half an hour")
        if minutes > 40:
            ways.append("the best part of an hour")
        return dice.one(ways)
    hours, rest = divmod(minutes, 60)
    if rest >= 50:
        more = _WORDS[hours + 1] if hours < 12 else str(hours + 1)
        return f"nearly {more} hours" if hours else "almost an hour"
    name = _WORDS[hours] if hours <= 12 else str(hours)
    plural = "s" if hours > 1 else ""
    if 22 <= rest <= 38:
        return (
            "an hour and a half"
            if hours == 1
            else dice.one((f"{name} and a half hours", f"{hours}.5 hours"))
        )
    if rest < 5:
        return dice.one((f"{name} hour{plural}", f"{hours} hour{plural}", f"{hours} hr{plural}"))
    return dice.one(
        (f"over {name} hour{plural}", f"{hours}h{rest:02d}", f"more than {name} hour{plural}")
    )


def money(yuan: int, lang: str, dice: Dice) -> str:
    """An amount as people write it."""
    if lang == "zh":
        ways = [f"{yuan}元", f"{yuan}块", f"{yuan}块钱"]
        if 100 < yuan < 1000 and yuan % 100:
            ways.append(f"{spelled(yuan // 100 * 100)}多块")
        return dice.one(ways)
    return dice.one((f"{yuan} yuan", f"RMB {yuan}", f"¥{yuan}", f"{yuan} RMB", f"{yuan} yuan"))


def _day(slots: Slots, lang: str) -> str:
    given = slots.context.get("date")
    if isinstance(given, date):
        month, day = given.month, given.day
    else:
        month, day = slots.number("_month", 1, 12), slots.number("_day", 1, 28)
    if lang == "zh" and slots.formal:
        return f"{month}月{day}日"
    if lang == "zh":
        return slots.dice.one((f"{month}月{day}号", f"{month}月{day}日", f"{month}.{day}"))
    name = _MONTHS[month - 1]
    return slots.dice.one((f"{day} {name}", f"{name} {day}", f"the {day}{_ending(day)} of {name}"))


def _ending(day: int) -> str:
    return "th" if 10 < day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day % 10, "th")


def _flight(slots: Slots, _lang: str) -> str:
    given = slots.context.get("flight")
    return str(given) if given else f"{FLIGHT_CODE}{slots.number('_flight', 1201, 9899)}"


def _days(slots: Slots, lang: str) -> str:
    days = slots.number("days", 24, 40)
    weeks = days // 7
    if lang == "zh":
        ways = [f"{days}天", f"{spelled(days)}天"]
        if days > 20 and days % 10:
            ways.append(f"{spelled(days // 10 * 10)}多天")
        if weeks > 1:
            ways.append(f"{spelled(weeks)}个{'多' if days % 7 else ''}星期")
        if 26 <= days <= 34:
            ways.append("一个月" if days >= 30 else "快一个月")
        return slots.dice.one(ways)
    ways = [f"{days} days"]
    if 1 < weeks <= 12:
        ways += [
            f"{weeks} weeks" if not days % 7 else f"over {weeks} weeks",
            f"{'more than ' if days % 7 else ''}{_WORDS[weeks]} weeks",
        ]
    if 28 <= days <= 33:
        ways.append("a month")
    return slots.dice.one(ways)


def _seat(slots: Slots, lang: str) -> str:
    row = slots.number("_row", 12, 38)
    if lang == "zh":
        return slots.dice.one((f"{row}排", f"{row}{slots.dice.one('ABCJKL')}", f"第{row}排"))
    return slots.dice.one((f"row {row}", f"{row}{slots.dice.one('ABCDEF')}"))


def _people(slots: Slots, lang: str) -> str:
    count = slots.number("people", 8, 46)
    return f"{count}个人" if lang == "zh" else f"{count} of us"


_MAKERS: dict[str, Callable[[Slots, str], str]] = {
    "from": lambda s, lang: s.city("origin", lang),
    "to": lambda s, lang: s.city("destination", lang),
    "flight": _flight,
    "date": _day,
    "delay": lambda s, lang: lasting(s.number("minutes", 75, 330), lang, s.dice),
    "wait": lambda s, lang: lasting(s.number("wait", 25, 75), lang, s.dice),
    "hold": lambda s, lang: lasting(s.number("hold", 14, 52), lang, s.dice),
    "quick": lambda s, lang: (
        f"{s.number('_quick', 2, 9)}分钟" if lang == "zh" else f"{s.number('_quick', 2, 9)} minutes"
    ),
    "some": lambda s, lang: lasting(s.number("_some", 12, 28), lang, s.dice),
    "days": _days,
    "amount": lambda s, lang: money(s.number("amount", 380, 2480, 10), lang, s.dice),
    "fee": lambda s, lang: money(s.number("fee", 50, 420, 5), lang, s.dice),
    "total": lambda s, lang: money(s.number("_total", 1200, 5600, 10), lang, s.dice),
    "seat": _seat,
    "gate": lambda s, _: f"{s.dice.one('ABCD')}{s.number('_gate', 2, 68)}",
    "belt": lambda s, _: str(s.number("_belt", 2, 24)),
    "kilos": lambda s, _: str(s.number("_kilos", 2, 6)),
    "miles": lambda s, _: str(s.number("_miles", 8, 46) * 1000),
    "few_miles": lambda s, _: str(s.number("_few", 300, 1900)),
    "times": lambda s, lang: (
        spelled(s.number("_times", 3, 7)) if lang == "zh" else _WORDS[s.number("_times", 3, 7)]
    ),
    "people": _people,
    "age": lambda s, _: str(s.number("_age", 3, 7)),
    "alone": lambda s, _: str(s.number("_alone", 6, 11)),
    "old": lambda s, _: str(s.number("_old", 66, 82)),
    "total_people": lambda s, _: str(s.number("_total_people", 4, 18) * 1000),
    "worker": lambda s, _: str(s.number("_worker", 1001, 9899)),
    "order": lambda s, _: str(s.number("_order", 1001, 9998)),
    "queue": lambda s, _: str(s.number("_queue", 2, 46)),
    "surname": lambda s, lang: s.dice.one(_SURNAMES_ZH if lang == "zh" else _SURNAMES_EN),
    "caller": lambda s, _: str(s.words("zh")("surname")) + s.dice.one(("先生", "女士")),
    "name": lambda s, _: s.dice.one(_NAMES_EN),
    "years": lambda s, lang: (
        spelled(s.number("_years", 3, 9)) if lang == "zh" else _WORDS[s.number("_years", 3, 9)]
    ),
}
BLANKS = frozenset(_MAKERS)
"""The blanks that are not words of the lexicon."""
