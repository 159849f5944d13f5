"""Who a customer is in words: her name, and how to address her."""

from __future__ import annotations

from collections.abc import Mapping

from zhiyin.kernel.text import Text, _
from zhiyin.warehouse.customers import column

NAME = ("name", "full_name", "fullname", "full name", "姓名", "客户姓名")
GIVEN = ("first_name", "firstname", "given_name", "givenname")
FAMILY = ("last_name", "lastname", "family_name", "familyname", "surname")
GENDER = ("gender", "sex", "title", "salutation", "性别", "称谓")
LANGUAGE = ("language", "locale", "lang", "语言")
TIER = ("tier", "loyalty_tier", "level", "member_level", "membership", "等级", "会员等级")
PHONE = ("phone", "phone_number", "mobile", "tel", "telephone", "手机", "手机号", "电话")
MAIL = ("email", "e-mail", "mail", "邮箱", "电子邮箱")

_SIR = frozenset({"m", "male", "man", "mr", "mr.", "男", "先生"})
_MADAM = frozenset(
    {"f", "female", "woman", "ms", "ms.", "mrs", "mrs.", "miss", "女", "女士", "小姐"}
)
_TWO_SIGNS = frozenset(
    {
        "欧阳", "司马", "上官", "诸葛", "夏侯", "东方", "皇甫",
        "尉迟", "公孙", "慕容", "令狐", "司徒", "长孙", "宇文",
    }
)  # fmt: skip
"""Family names of two characters."""


def trait(traits: Mapping[str, str], names: tuple[str, ...]) -> str:
    """The first of these traits that she has, whatever its capitals; blank for none."""
    held = {name.lower(): value for name, value in traits.items()}
    return next((held[name] for name in names if held.get(name)), "")


def is_plain(name: str) -> bool:
    """Whether a trait of this name says nothing of who she is, and masking leaves it."""
    return name.lower() in (*TIER, *LANGUAGE)


def says_who(column_name: str) -> bool:
    """Whether a column of customers, as filters call it, says who she is."""
    found = column(column_name)
    return found.form == "key" or (found.form == "trait" and not is_plain(found.of))


def name_of(traits: Mapping[str, str]) -> str:
    """Her whole name, blank where nobody knows it."""
    whole = trait(traits, NAME)
    if whole:
        return whole
    given, family = trait(traits, GIVEN), trait(traits, FAMILY)
    if _is_chinese(family + given):
        return family + given
    return f"{given} {family}".strip()


def address_of(traits: Mapping[str, str]) -> Text | None:
    """How to address her; None where that cannot be told from what is on file."""
    family, gender = _family_of(traits), trait(traits, GENDER).lower()
    if not family or gender not in _SIR | _MADAM:
        return None
    if gender in _SIR:
        return _("Mr {family}", family=family)
    return _("Ms {family}", family=family)


def _family_of(traits: Mapping[str, str]) -> str:
    family = trait(traits, FAMILY)
    whole = trait(traits, NAME)
    if family or not whole:
        return family
    if _is_chinese(whole):
        return whole[:2] if whole[:2] in _TWO_SIGNS and len(whole) > 2 else whole[:1]
    return whole.split()[-1]


def _is_chinese(text: str) -> bool:
    return bool(text) and all("\u4e00" <= sign <= "\u9fff" for sign in text)
