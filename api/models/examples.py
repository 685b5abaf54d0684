"""Example answers shown in the API documentation; a test checks that they are possible."""

from __future__ import annotations

from typing import Any

_DELIVERY_ID = "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21"
_TRAVELER_ID = "01981f6e-7a10-7aaa-8b1c-0f2e4d6c8a90"
_DISPUTE_ID = "01982a11-0b20-7d44-8c2f-6e5d4c3b2a10"
_EUR_42 = {"amount_minor": 4200, "currency": "EUR", "display": "EUR 42.00"}
_EUR_15 = {"amount_minor": 1500, "currency": "EUR", "display": "EUR 15.00"}
_EUR_27 = {"amount_minor": 2700, "currency": "EUR", "display": "EUR 27.00"}

DELIVERY: dict[str, Any] = {
    "delivery_id": _DELIVERY_ID,
    "status": "awaiting_pickup",
    "is_closed": False,
    "your_roles": ["customer", "sender"],
    "description": "A guitar in a hard case",
    "weight_grams": 6500,
    "declared_value": {"amount_minor": 90000, "currency": "EUR", "display": "EUR 900.00"},
    "suggested_price": _EUR_42,
    "price": _EUR_42,
    "held_payment": {"status": "held", "amount": _EUR_42},
    "pickup": {
        "address": "Kastanienallee 1, 10435 Berlin",
        "latitude": 52.5401,
        "longitude": 13.4105,
        "is_exact": True,
    },
    "destination": {
        "address": "Sendlinger Straße 8, 80331 München",
        "latitude": 48.1353,
        "longitude": 11.5690,
        "is_exact": True,
    },
    "recipient": {"name": "Mara Lindt", "phone": "+4915112345678", "email": None},
    "traveler_id": _TRAVELER_ID,
    "dispute": "none",
    "dispute_id": None,
    "needs_attention": False,
    "on_hold": False,
    "deadline": {
        "kind": "pickup",
        "owner": "traveler",
        "action": "collect the parcel and scan the sender's code",
        "due_at": "2026-05-04T09:30:00.000Z",
        "default": "the delivery is cancelled",
        "money_effect": "the held payment goes back to the customer in full",
    },
    "request_expires_at": "2026-05-08T09:00:00.000Z",
    "pickup_by": None,
    "deliver_by": "2026-05-09T18:00:00.000Z",
    "undeliverable_action": "neighbour",
    "proof_level": "standard",
    "created_at": "2026-05-01T09:00:00.000Z",
}

OFFER: dict[str, Any] = {
    "offer_id": "01981f70-11c0-7b52-a4d3-9e8f7a6b5c40",
    "delivery_id": _DELIVERY_ID,
    "traveler_id": _TRAVELER_ID,
    "status": "open",
    "price": _EUR_42,
    "proposed_by": "traveler",
    "awaits": "customer",
    "etag": '"4"',
}

EVENT: dict[str, Any] = {
    "sequence": 4,
    "kind": "picked_up",
    "at": "2026-05-02T08:10:00.000Z",
    "actor_role": "traveler",
    "status": "in_transit",
    "facts": {},
}

LEDGER: dict[str, Any] = {
    "transactions": [
        {
            "key": f"{_DELIVERY_ID}:charge:1",
            "kind": "charge",
            "at": "2026-05-01T09:30:00.000Z",
            "entries": [
                {"account": "provider_cash", "side": "debit", "amount": _EUR_42},
                {"account": f"escrow:{_DELIVERY_ID}", "side": "credit", "amount": _EUR_42},
            ],
        }
    ],
    "balances": [
        {"account": f"escrow:{_DELIVERY_ID}", "amount": _EUR_42},
        {"account": "provider_cash", "amount": _EUR_42},
    ],
}

TRACK: dict[str, Any] = {
    "delivery_id": _DELIVERY_ID,
    "status": "in_transit",
    "positions": [
        {
            "latitude": 51.3397,
            "longitude": 12.3731,
            "accuracy_m": 12.5,
            "taken_at": "2026-05-02T10:15:00.000Z",
        }
    ],
}

_CODE_TEXT = "SA1PAGMB63T2CB6DDHJOLNXQUTEOEHK2V4Q7J3M6Y5DNLA"
LINKED_CODE: dict[str, Any] = {
    "purpose": "handover",
    "code": _CODE_TEXT,
    "pin": "483920",
    "valid_until": "2026-05-31T09:30:00.000Z",
}
CODE: dict[str, Any] = {
    **LINKED_CODE,
    "delivery_id": _DELIVERY_ID,
    "link": "https://sendalong.example/v1/links/HAGMB63T2CB6DDHJOLNXQUTEOEHK2V4Q7J3M6Y5DNLA",
}

EVIDENCE: dict[str, Any] = {
    "evidence_id": "01982a12-0b20-7d44-8c2f-6e5d4c3b2a11",
    "author_role": "customer",
    "kind": "photo",
    "description": "The neck is broken at the third fret.",
    "content_sha256": None,
    "has_file": False,
    "created_at": "2026-05-03T19:00:00.000Z",
}
MESSAGE: dict[str, Any] = {
    "message_id": "01982a13-0b20-7d44-8c2f-6e5d4c3b2a12",
    "author_role": "traveler",
    "text": "I packed it well, see the photo at pickup.",
    "created_at": "2026-05-03T19:05:00.000Z",
}
DISPUTE_SUMMARY: dict[str, Any] = {
    "dispute_id": _DISPUTE_ID,
    "delivery_id": _DELIVERY_ID,
    "status": "decided",
    "reason": "damaged",
    "opened_by_role": "customer",
    "opened_at": "2026-05-03T18:55:00.000Z",
    "outcome": "split",
    "refund": _EUR_15,
    "release": _EUR_27,
    "note": "Damaged, but usable.",
    "decided_at": "2026-05-04T10:00:00.000Z",
}
DISPUTE: dict[str, Any] = {
    **DISPUTE_SUMMARY,
    "held": _EUR_42,
    "evidence": [EVIDENCE],
    "messages": [MESSAGE],
}
VERDICT: dict[str, Any] = {
    "dispute_id": _DISPUTE_ID,
    "delivery_id": _DELIVERY_ID,
    "outcome": "split",
    "refund": _EUR_15,
    "release": _EUR_27,
}

PAYMENT_ACTION: dict[str, Any] = {
    "kind": "use_stripe_sdk",
    "client_secret": "pi_3Example_secret_Example",
}

NEW_PAYOUT_ACCOUNT: dict[str, Any] = {
    "country": "DE",
    "return_url": "https://app.example/payouts/done",
    "refresh_url": "https://app.example/payouts/again",
}

ONBOARDING_LINK: dict[str, Any] = {
    "url": "https://connect.stripe.com/setup/e/acct_1Example/Example",
    "expires_at": "2026-05-01T09:35:00.000Z",
}

PAYOUT_ACCOUNT: dict[str, Any] = {
    "may_receive": False,
    "may_pay_out": False,
    "details_submitted": False,
    "due": ["external_account", "individual.dob"],
}

ATTENTION_ITEM: dict[str, Any] = {
    "item_id": "01982b31-4c50-7e66-9a3d-7f6e5d4c3b22",
    "kind": "missing_in_ledger",
    "delivery_id": _DELIVERY_ID,
    "subject": "refund re_3Q1abc",
    "problem": "The provider's line txn_3Q1abc moved EUR -15.00 and nothing is booked.",
    "suggested_repair": "Find out at the provider who moved it.",
    "raised_at": "2026-05-03T10:17:04.000Z",
    "last_seen_at": "2026-05-03T12:17:05.000Z",
    "settled_at": None,
    "settled_by": None,
    "settlement": None,
}
NEW_SETTLEMENT: dict[str, Any] = {
    "remark": "Goodwill that was refunded from the provider's dashboard; booked as a correction."
}
