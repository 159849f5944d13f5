"""A second system's records of some of the company's customers, as a call centre would write them.

The company of `zhiyin demo` has one record a customer. Here each customer gets a name and a date
of birth, and some get a second record, with what people do to addresses and numbers when they
write them down: other forms of the same, typing errors, a family's telephone, fields left out.
Since it is made, it is known which two are one person.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from zhiyin.demo.arrays import stream
from zhiyin.demo.people import People

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金韦贾夏付方邹熊白孟秦邱侯江尹薛闫段雷"
    "龙黎史陶贺毛郝顾龚邵万覃武钱戴严莫孔向常汤康易乔温"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英文华建国红梅玉兰志强晓东海燕春生雪"
    "峰婷宇欣怡子轩浩然雨涵梓琪佳俊思远嘉豪若曦一诺天佑可馨书瑶泽宁安然"
)
DOMAINS = ("example.com", "mail.example.com", "example.org", "example.cn")


@dataclass(frozen=True, slots=True, eq=False)
class SecondRecords:
    """Traits of first and second records, and which two are one person.

    Args:
        traits: ``id``, ``customer``, ``name``, ``value``: rows for the log's table of traits.
        pairs: (first, second): ids of one person's two records.
    """

    traits: pa.Table
    pairs: tuple[tuple[str, str], ...]


def second_records(people: People, *, seed: int = 7, share: float = 0.25) -> SecondRecords:
    """Name, birth, city, e-mail and telephone of all, and second records of a `share` of them."""
    rng = stream(seed, "second records", people.chunk)
    size = len(people)
    names = _names(rng, people)
    births = _births(rng, people)
    cities = np.array([f"city {home}" for home in people.home])
    phones = people.phone_on_file.astype(str)
    mails = np.array([f"qc{n}@example.com" for n in people.number])
    rows: list[tuple[str, str, str]] = []

    def write(customer: str, name: str, birth: str, city: str, mail: str, phone: str) -> None:
        for trait, value in (("name", name), ("birth_date", birth), ("city", city),
                             ("email", mail), ("phone", phone)):  # fmt: skip
            if value:
                rows.append((customer, trait, value))

    for i in range(size):
        write(f"QC{people.number[i]}", names[i], births[i], cities[i], mails[i], phones[i])
    pairs = []
    for place in np.flatnonzero(rng.random(size) < share):
        i = int(place)
        first, second = f"QC{people.number[i]}", f"CC{people.number[i]}"
        pairs.append((first, second))
        u = rng.random(8)
        mail = "" if u[0] < 0.35 else _miswritten_mail(rng, mails[i])
        phone = "" if u[1] < 0.15 else _miswritten_phone(rng, str(people.phone[i]))
        name = names[i] if u[2] > 0.08 else _one_sign_off(rng, names[i])
        birth = "" if u[3] < 0.25 else births[i] if u[4] > 0.06 else _swapped(births[i])
        city = cities[i] if u[5] > 0.2 else ""
        write(second, name, birth, city, mail, phone)
    table = pa.table(
        {
            "id": [f"SR-{n}" for n in range(len(rows))],
            "customer": [row[0] for row in rows],
            "name": [row[1] for row in rows],
            "value": [row[2] for row in rows],
        }
    )
    return SecondRecords(table, tuple(pairs))


def _names(rng: np.random.Generator, people: People) -> list[str]:
    """A family's members share the family name; given names have one or two signs."""
    size = len(people)
    rank = np.arange(1, len(SURNAMES) + 1)
    common = (1 / rank) / (1 / rank).sum()
    family = rng.choice(len(SURNAMES), size, p=common)[people.family]
    one, two = rng.integers(0, len(GIVEN), (2, size))
    has_two = rng.random(size) < 0.75
    return [
        SURNAMES[f] + GIVEN[a] + (GIVEN[b] if both else "")
        for f, a, b, both in zip(family, one, two, has_two, strict=True)
    ]


def _births(rng: np.random.Generator, people: People) -> list[str]:
    middle = np.array([1984, 1986, 2003, 1955, 1978])[people.persona]
    year = middle + rng.integers(-8, 9, len(people))
    day = rng.integers(0, 365, len(people)).astype("timedelta64[D]")
    dates: npt.NDArray[np.datetime64] = (
        (year - 1970).astype("datetime64[Y]").astype("datetime64[D]")
    )
    return [str(date) for date in dates + day]


def _miswritten_mail(rng: np.random.Generator, mail: str) -> str:
    how = rng.random()
    if how < 0.5:
        return mail.upper() if how < 0.25 else f" {mail} "
    if how < 0.65:
        return mail.replace("@example.com", "@" + DOMAINS[rng.integers(1, len(DOMAINS))])
    if how < 0.85:
        return _one_sign_off(rng, mail[:10]) + mail[10:]
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
    year, month, day = date.split("-")
    return f"{year}-{day}-{month}"
