"""Customers: who keeps payment methods."""

from __future__ import annotations

from stripe.params import (
    CustomerCreateParams,
    CustomerListParams,
    CustomerRetrieveParams,
    CustomerSearchParams,
    CustomerUpdateParams,
)

from tests.stripe_stand_in.listing import CURSORS, list_of, search_of
from tests.stripe_stand_in.records import merge_metadata
from tests.stripe_stand_in.refusals import Json
from tests.stripe_stand_in.routing import Call, Route

_TEXTS = ("description", "email", "name", "phone")


def _create_customer(call: Call) -> Json:
    given = call.parameters
    customer = call.state.records.add(
        "cus",
        "customer",
        {
            "address": None,
            "balance": 0,
            "currency": None,
            "default_source": None,
            "delinquent": False,
            "invoice_prefix": "STANDIN",
            "livemode": False,
            "metadata": given.get("metadata") or {},
            "preferred_locales": [],
            "shipping": None,
            "tax_exempt": "none",
            **{name: given.get(name) for name in _TEXTS},
        },
    )
    call.state.events.note("customer.created", customer)
    return customer


def _customer(call: Call) -> Json:
    return call.state.records.get("customer", call.ids[0])


def _update_customer(call: Call) -> Json:
    customer = _customer(call)
    merge_metadata(customer, call.parameters.get("metadata"))
    customer |= {name: call.parameters[name] for name in _TEXTS if name in call.parameters}
    return customer


def _list_customers(call: Call) -> Json:
    return list_of(call, call.state.records.of("customer"), "email")


def _search_customers(call: Call) -> Json:
    return search_of(call, call.state.records.of("customer"))


ROUTES = (
    Route(
        "POST /v1/customers",
        CustomerCreateParams,
        _create_customer,
        "customer",
        frozenset({*_TEXTS, "metadata"}),
    ),
    Route("GET /v1/customers/{customer}", CustomerRetrieveParams, _customer, "customer"),
    Route(
        "POST /v1/customers/{customer}",
        CustomerUpdateParams,
        _update_customer,
        "customer",
        frozenset({*_TEXTS, "metadata"}),
    ),
    Route(
        "GET /v1/customers",
        CustomerListParams,
        _list_customers,
        "customer",
        CURSORS | {"email"},
        many=True,
    ),
    Route(
        "GET /v1/customers/search",
        CustomerSearchParams,
        _search_customers,
        "customer",
        frozenset({"query", "limit", "page"}),
        many=True,
    ),
)
