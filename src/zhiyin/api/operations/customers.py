"""Customers: found, read and counted."""

from __future__ import annotations

from django.http import HttpResponse
from ninja import Query, Router
from pydantic import Field

from zhiyin.accounts.rights import Right
from zhiyin.api.answers import page, read, send
from zhiyin.api.callers import Asked, may
from zhiyin.api.documents.customers import (
    CountDocument,
    CustomerDocument,
    LinesPage,
    PeoplePage,
)
from zhiyin.api.operations.parameters import (
    Asking,
    Paging,
    customers_asked,
    customers_filter,
    gives,
)
from zhiyin.kernel.text import _
from zhiyin.unify import customer as one_customer
from zhiyin.unify import documents as written
from zhiyin.unify import lines, people

router = Router(tags=["customers"], by_alias=True)


class CustomersAsked(Paging):
    """Which customers."""

    where: str | None = Field(
        default=None, max_length=10_000, description=str(_("A filter over customers: orders >= 2."))
    )
    segment: str | None = Field(default=None, max_length=60, description=str(_("A saved segment.")))


class OneAsked(Asking):
    """One customer."""

    id: str = Field(
        min_length=1, max_length=500,
        description=str(
            _("Any id of hers, an order, a telephone, an e-mail address or a whole name.")
        ),
    )  # fmt: skip


class CustomerAsked(OneAsked):
    """One customer, and how much of her time line."""

    limit: int = Field(
        default=20, ge=0, le=500, description=str(_("How many lines, newest first."))
    )


class LinesAsked(Paging):
    """A time line."""

    id: str = Field(min_length=1, max_length=500)


class RuleAsked(Asking):
    """A rule."""

    where: str | None = Field(default=None, max_length=10_000)


@router.get(
    "/customers", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(PeoplePage), operation_id="customers",
    summary=str(_("Customers of whom a filter holds")),
)  # fmt: skip
def customers(request: Asked, asked: Query[CustomersAsked]) -> HttpResponse:
    """Each once, in an order that stays, whatever comes in meanwhile."""
    caller = request.auth
    chosen = customers_asked(request, asked.where, asked.segment)
    after = read(asked.cursor, int)
    found = people.following(
        caller.log, caller.workspace, chosen, after=-1 if after is None else after,
        limit=asked.limit,
    )  # fmt: skip
    last = found.people[-1].key if found.has_more else None
    return page([written.person(one) for one in found.people], last)


@router.get(
    "/customers/count", auth=may(Right.SEE_CUSTOMERS), response=gives(CountDocument),
    operation_id="count_customers", summary=str(_("How many customers a filter chooses")),
)  # fmt: skip
def count(request: Asked, asked: Query[RuleAsked]) -> HttpResponse:
    """The document of `zhiyin segment count --json`."""
    caller = request.auth
    chosen = customers_filter(request, asked.where)
    return send(written.counted(chosen, people.count(caller.log, caller.workspace, chosen)))


@router.get(
    "/customer", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(CustomerDocument), operation_id="customer",
    summary=str(_("One customer with the head of her time line")),
)  # fmt: skip
def customer(request: Asked, asked: Query[CustomerAsked]) -> HttpResponse:
    """The document of `zhiyin customer --json`."""
    caller = request.auth
    key = one_customer.find(caller.log, caller.slug, asked.id)
    held = one_customer.rows_of(caller.log, caller.slug, key)
    found = one_customer.read(caller.log, caller.workspace, key, held=held)
    everything = lines.Chosen(kinds=tuple(lines.KINDS))
    shown = (
        lines.read(caller.log, caller.workspace, key, everything, limit=asked.limit, held=held)
        if asked.limit
        else lines.Page((), None)
    )
    return send(written.customer(found, shown.lines))


@router.get(
    "/customer/timeline", auth=may(Right.SEE_CUSTOMERS, personal=True),
    response=gives(LinesPage), operation_id="timeline",
    summary=str(_("All that happened with one customer, newest first")),
)  # fmt: skip
def timeline(request: Asked, asked: Query[LinesAsked]) -> HttpResponse:
    """Over all channels."""
    caller = request.auth
    key = one_customer.find(caller.log, caller.slug, asked.id)
    shown = lines.read(
        caller.log, caller.workspace, key, lines.Chosen(kinds=tuple(lines.KINDS)),
        before=lines.read_place(read(asked.cursor, str) or ""), limit=asked.limit,
    )  # fmt: skip
    older = lines.write_place(shown.older) if shown.older else None
    return page([written.line(one) for one in shown.lines], older)
