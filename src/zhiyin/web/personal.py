"""The one place where a value that says who a customer is becomes words on a page.

A member whose membership does not show personal data sees such values masked 脱敏: enough to tell
two customers apart, too little to reach either. What she cannot see she cannot guess at either:
no filter of hers names it, and the address of a customer holds her key in the place of an id.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from urllib.parse import parse_qsl

from django.http import HttpRequest
from django.urls import reverse

from zhiyin.accounts.access import Access
from zhiyin.kernel import masking
from zhiyin.kernel.errors import Problem
from zhiyin.kernel.filters import Filter, parse, render
from zhiyin.kernel.text import _
from zhiyin.unify import names, segments
from zhiyin.warehouse.holdings import PERSONAL

BY_KEY = "no"
"""In an address, ``no:17`` is the customer whose key is 17; ``email:ann@…`` goes by an id."""

_COLUMNS = frozenset().union(*PERSONAL.values())
# A name in backquotes may hold a quote; it stays as it is.
_LITERAL = re.compile(r"`[^`]*`|'(?:[^']|'')*'|\d{7,}")


def sees(request: HttpRequest) -> bool:
    """Whether whoever asks sees personal data; nobody does where no view has said so."""
    access = getattr(request, "access", None)
    return isinstance(access, Access) and access.sees_personal_data


def shown(value: object, *, sees_it: bool) -> str:
    """A name, id, telephone or address, whole or masked."""
    text = "" if value is None else str(value)
    if sees_it or not text:
        return text
    return masking.masked(text)


def words(value: object, *, sees_it: bool) -> str:
    """What somebody wrote, whole or with the personal data in it masked."""
    text = "" if value is None else str(value)
    return text if sees_it else masking.in_text(text)


def trait(name: str, value: str, *, sees_it: bool) -> str:
    """A trait's value; tier and language say nothing of who she is."""
    return value if names.is_plain(name) else shown(value, sees_it=sees_it)


def address(slug: str, key: int, id_: str, *, sees_it: bool) -> str:
    """The address of a customer's page, blank for one whom no id names.

    Args:
        id_: one of hers, with its kind before a colon or without.
    """
    if not id_:
        return ""
    by_key = not sees_it or id_.startswith(f"{BY_KEY}:")
    return reverse("customer", args=[slug, f"{BY_KEY}:{key}" if by_key else id_])


# What may be filtered by


def check_facts(columns: Iterable[str], *, sees_it: bool) -> None:
    """Refuse columns of facts that say who a customer is.

    Raises:
        Problem: ``personal.filter``.
    """
    _check((name for name in columns if says_who(name)), sees_it)


def check_variables(names_: Iterable[str], *, sees_it: bool) -> None:
    """Refuse to tell responses apart by what says who a customer is, ``trait.NAME`` included.

    Raises:
        Problem: ``personal.filter``.
    """
    told = [(name, name.removeprefix("trait.")) for name in names_]
    _check(
        (own for name, own in told if says_who(own) or (own != name and names.says_who(own))),
        sees_it,
    )


def check_customers(chosen: Filter | None, *, sees_it: bool) -> None:
    """Refuse a filter over customers that names ids, or traits that say who she is.

    Raises:
        Problem: ``personal.filter``.
    """
    named = chosen.columns() if chosen else ()
    _check((name for name in named if names.says_who(name)), sees_it)


def check_segment(workspace: str, text: str, *, sees_it: bool) -> None:
    """Refuse a segment, by its short name, or a rule that compares with what says who a customer
    is; of a kept list nothing is compared.

    Raises:
        Problem: ``personal.filter``, ``segments.none``; a rule that cannot be read.
    """
    check_customers(segments.rule_of(workspace, text), sees_it=sees_it)


def check_groups(workspace: str, whose: str, texts: Iterable[str], *, sees_it: bool) -> None:
    """Refuse groups of paths that are told apart by what says who a customer is.

    Raises:
        Problem: as `check_segment`.
    """
    for text in texts:
        if whose == "customers":
            check_segment(workspace, text, sees_it=sees_it)
        else:
            check_facts(parse(text).columns(), sees_it=sees_it)


def check_search(text: str, *, sees_it: bool) -> None:
    """Refuse to search what was written for whoever does not see it whole.

    Raises:
        Problem: ``personal.search``.
    """
    if text and not sees_it:
        raise Problem(
            "personal.search",
            _("Your membership does not show personal data, so what was written is not searched."),
            _("Filter by what says nothing of who a customer is: counts, times, scores, tier."),
        )


def may_open(query: str, *, sees_it: bool) -> bool:
    """Whether an address's query asks by nothing that says who a customer is.

    A saved query would show its reader the value that it was filtered by.
    """
    if sees_it:
        return True
    asked = parse_qsl(query)
    named = {name.removeprefix("is.") for name, _value in asked}
    of_customers: set[str] = set()
    try:
        for name, value in asked:
            is_group = name in ("one", "two")
            if is_group and ("whose", "customers") in asked:
                is_rule = not segments.is_name(value)
                of_customers |= parse(value).columns() if is_rule else frozenset()
            elif is_group or name in ("where", "which"):
                named |= parse(value).columns()
    except Problem:
        return False
    return not any(map(says_who, named)) and not any(map(names.says_who, of_customers))


def rule(text: str, *, sees_it: bool, of_customers: bool = False) -> str:
    """A saved filter as it is shown: without its values where it names personal data.

    Raises:
        Problem: a filter that cannot be read.
    """
    if sees_it or not text:
        return text
    held = parse(text)
    is_hers = names.says_who if of_customers else says_who
    if not any(is_hers(name) for name in held.columns()):
        return text
    return _LITERAL.sub(_without_value, render(held))


def _check(named: Iterable[str], sees_it: bool) -> None:
    refused = "" if sees_it else next(iter(sorted(named)), "")
    if refused:
        raise Problem(
            "personal.filter",
            _(
                "Your membership does not show personal data, so nothing is filtered by {column}.",
                column=refused,
            ),
            _("Filter by what says nothing of who a customer is: counts, times, scores, tier."),
        )


def says_who(name: str) -> bool:
    """Whether a column of facts says who a customer is."""
    return name.split(".")[0] in _COLUMNS


def _without_value(found: re.Match[str]) -> str:
    return found[0] if found[0].startswith("`") else f"'{masking.HIDDEN}'"
