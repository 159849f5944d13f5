"""Names and dates of birth, and the call centre's own records of some of the customers.

The call centre writes people down again, as call centres do: other forms of the same address and
number, typing errors, a family's telephone, fields left out. Since both are made, it is known
which two are one person: the records ``QC…`` and ``CC…`` of the same number.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from zhiyin.demo.arrays import (
    Bools,
    Column,
    Ints,
    coded,
    compute,
    instants,
    joined,
    numbered,
    stream,
)
from zhiyin.demo.chunks import Chunk
from zhiyin.demo.people import LANGUAGE_EN, People
from zhiyin.demo.plan import DAY

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔温"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华建国红梅玉兰志强晓东海燕春生雪"
    "峰婷宇欣怡子轩浩然雨涵梓琪佳俊思远嘉豪若曦一诺天佑可馨书瑶泽宁安然"
)
SURNAMES_EN = (
    "Smith", "Jones", "Taylor", "Brown", "Wilson", "Davies", "Evans", "Thomas", "Johnson",
    "Roberts", "Walker", "Wright", "Robinson", "Thompson", "White", "Hughes", "Edwards",
    "Green", "Hall", "Wood", "Harris", "Lewis", "Martin", "Clarke", "Turner", "Hill", "Cooper",
    "Ward", "Moore", "Baker", "Sato", "Suzuki", "Tanaka", "Kim", "Lee", "Park", "Tan", "Lim",
    "Ng", "Nguyen",
)  # fmt: skip
GIVEN_EN = (
    "Olivia", "Amelia", "Grace", "Emily", "Sophie", "Lucy", "Anna", "Ella", "Alice", "Clara",
    "Ruth", "Hannah", "Julia", "Laura", "Emma", "Kate", "Jack", "Harry", "Oliver", "Thomas",
    "James", "William", "Daniel", "Samuel", "Adam", "Peter", "Mark", "Simon", "Paul", "David",
    "Robert", "Henry", "George", "Edward", "Martin", "Leo",
)  # fmt: skip
DOMAINS = ("mail.example.com", "example.org", "example.cn")
MIDDLE_YEAR = np.array([1984, 1986, 2003, 1955, 1978])
"""The middle year of birth of each persona."""

TRAITS = ("name", "birth_date", "email", "phone")
SHARE = 0.03
"""Of the customers, those whom the call centre has written down again."""


def names(seed: int, people: People) -> Column:
    """A name each. A family's members share the family name; given names have one or two signs."""
    rng = stream(seed, "names", people.chunk)
    size = len(people)
    rank = np.arange(1, len(SURNAMES) + 1)
    family = rng.choice(len(SURNAMES), size, p=(1 / rank) / (1 / rank).sum())[people.family]
    first, second = rng.integers(0, len(GIVEN), (2, size))
    chinese = joined(
        _words(family, SURNAMES),
        _words(first, GIVEN),
        _words(np.where(rng.random(size) < 0.75, second, len(GIVEN)), [*GIVEN, ""]),
    )
    english = joined(
        _words(rng.integers(0, len(GIVEN_EN), size), GIVEN_EN),
        " ",
        _words(family % len(SURNAMES_EN), SURNAMES_EN),
    )
    found: Column = compute.if_else(pa.array(people.language == LANGUAGE_EN), english, chinese)
    return found


def births(seed: int, people: People) -> Column:
    """A date of birth each, as 1984-05-31."""
    rng = stream(seed, "births", people.chunk)
    year = MIDDLE_YEAR[people.persona] + rng.integers(-8, 9, len(people))
    day = rng.integers(0, 365, len(people)).astype("timedelta64[D]")
    first = (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    found: Column = compute.cast(pa.array(first + day), pa.string())
    return found


def is_written_twice(chunk: Chunk, share: float = SHARE) -> Bools:
    """Whom the call centre has a record of."""
    rng = stream(chunk.world.plan.seed, "who is written twice", chunk.number)
    return np.asarray(rng.random(len(chunk.people)) < share)


def of(chunk: Chunk, since: Ints, share: float = SHARE) -> pa.Table:
    """The call centre's records, as rows of the table of traits.

    Args:
        since: when each customer came on file.
        share: of the customers, those who have such a record.
    """
    people, plan = chunk.people, chunk.world.plan
    picked = np.flatnonzero(is_written_twice(chunk, share))
    rng = stream(plan.seed, "second records", chunk.number)
    called = names(plan.seed, people).to_pylist()
    born = births(plan.seed, people).to_pylist()
    rows: list[tuple[int, int, str]] = []
    for place, i in enumerate(picked):
        name, birth = str(called[i]), str(born[i])
        number, u = int(people.number[i]), rng.random(7)
        written = (
            name if u[0] > 0.08 else _one_sign_off(rng, name),
            "" if u[1] < 0.25 else birth if u[2] > 0.06 else _swapped(birth),
            "" if u[3] < 0.35 else _miswritten_mail(rng, f"qc{number}@example.com"),
            "" if u[4] < 0.15 else _miswritten_phone(rng, str(people.phone[i])),
        )
        rows += [(place, trait, value) for trait, value in enumerate(written) if value]
    who = picked[[row[0] for row in rows]]
    trait = np.array([row[1] for row in rows], np.int64)
    written_at = np.minimum(since + 3 * DAY, plan.end - 3600)
    return pa.table(
        {
            "id": numbered("QR", people.number[who] * 10 + trait),
            "occurred_at": instants(written_at[who]),
            "customer": numbered("CC", people.number[who]),
            "name": coded(trait, TRAITS),
            "value": pa.array([row[2] for row in rows], pa.string()),
        }
    )


def _words(places: Ints, words: Sequence[str]) -> Column:
    return coded(places, list(words)).cast(pa.string())


def _miswritten_mail(rng: np.random.Generator, mail: str) -> str:
    how = rng.random()
    if how < 0.5:
        return mail.upper() if how < 0.25 else f" {mail} "
    if how < 0.65:
        return mail.replace("@example.com", "@" + DOMAINS[rng.integers(0, len(DOMAINS))])
    if how < 0.85:
        own, _at, domain = mail.partition("@")
        return f"{_one_sign_off(rng, own)}@{domain}"
    return mail.replace("@", "＠").translate(str.maketrans("0123456789", "０１２３４５６７８９"))


def _miswritten_phone(rng: np.random.Generator, phone: str) -> str:
    how = rng.random()
    if how < 0.3:
        return phone
    if how < 0.5:
        return f"+86 {phone[:3]} {phone[3:7]} {phone[7:]}"
    if how < 0.7:
        return f"{phone[:3]}-{phone[3:7]}-{phone[7:]}"
    if how < 0.8:
        return phone.translate(str.maketrans("0123456789", "０１２３４５６７８９"))
    return phone[:-2] + phone[-1] + phone[-2]


def _one_sign_off(rng: np.random.Generator, text: str) -> str:
    place = int(rng.integers(1, len(text)))
    if text.isascii():
        return text[:place] + text[place + 1 :]
    return text[:place] + GIVEN[rng.integers(0, len(GIVEN))] + text[place + 1 :]


def _swapped(date: str) -> str:
    """Day and month in each other's place, where that is a date; else the next year."""
    year, month, day = date.split("-")
    return f"{year}-{day}-{month}" if int(day) <= 12 else f"{int(year) + 1}-{month}-{day}"
