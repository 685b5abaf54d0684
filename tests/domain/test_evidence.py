"""What a bank is told: what was proven, in its fields, and nothing by which to find somebody."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.contracts import CodePurpose
from domain.evidence import (
    TEXT_LENGTH_MAX,
    DeliveryProof,
    Exhibit,
    PositionsSeen,
    ProvenScan,
    StatementMade,
    evidence_of,
    without_contacts,
)
from domain.ids import DeliveryId
from domain.money import Money
from domain.policies import Policies

START = datetime(2026, 5, 1, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
PROOF = DeliveryProof(
    delivery_id=DeliveryId("0199a1b2-0000-7000-8000-0000003f9a2c"),
    opened_at=START,
    price=Money(4_200, "EUR"),
    weight_grams=2_500,
    distance_m=504_600,
    policies=Policies(),
    scans=(
        ProvenScan(CodePurpose.PICKUP, START + HOUR, "code"),
        ProvenScan(CodePurpose.HANDOVER, START + 30 * HOUR, "pin"),
    ),
    positions=PositionsSeen(120, START + HOUR, START + 29 * HOUR, 35),
    exhibits=(Exhibit(START + 31 * HOUR, "recipient", "photo", "The neck is broken.", "ab" * 32),),
    statements=(StatementMade(START + 32 * HOUR, "traveler", "cd" * 32),),
    verdict="release",
    timeline=((START, "request_opened"), (START + 30 * HOUR, "handed_over")),
)


def test_a_proven_delivery_is_told_in_the_fields_that_banks_read() -> None:
    told = evidence_of(PROOF)
    assert told.product_description == (
        "Carriage of one parcel of 2.5 kg over 505 km by a traveler for EUR 42.00, as the customer"
        " ordered on 2026-05-01 09:00 UTC."
    )
    assert (told.shipping_date, told.service_date) == ("2026-05-01", "2026-05-02")
    assert told.shipping_tracking_number == PROOF.delivery_id
    assert "48 hours" in told.cancellation_policy_disclosure
    assert "10.00 %" in told.cancellation_policy_disclosure
    assert told.uncategorized_text.splitlines() == [
        "Proof of custody:",
        (
            "2026-05-01 10:00 UTC the sender showed the one-time pickup code and the traveler entered"
            " it, as a scanned code; it was accepted."
        ),
        (
            "2026-05-02 15:00 UTC the recipient showed the one-time handover code and the traveler"
            " entered it, as a typed PIN; it was accepted."
        ),
        "",
        "Positions of the traveler:",
        (
            "120 from 2026-05-01 10:00 UTC to 2026-05-02 14:00 UTC; the closest was 35 m from the"
            " destination."
        ),
        "",
        "Shown in the platform's dispute:",
        f"2026-05-02 16:00 UTC photo by the recipient: The neck is broken., SHA-256 {'ab' * 32}",
        "",
        "Said in the platform's dispute:",
        f"2026-05-02 17:00 UTC message of the traveler, SHA-256 {'cd' * 32}",
        "",
        "Decision of the platform's dispute:",
        "release",
        "",
        "Timeline:",
        "2026-05-01 09:00 UTC request opened",
        "2026-05-02 15:00 UTC handed over",
    ]


def test_a_delivery_of_which_nothing_is_proven_claims_nothing() -> None:
    bare = replace(
        PROOF,
        price=None,
        scans=(),
        positions=PositionsSeen(0),
        exhibits=(),
        statements=(),
        verdict="",
    )
    told = evidence_of(bare)
    assert (told.shipping_date, told.service_date) == ("", "")
    assert told.uncategorized_text.startswith("Timeline:")
    assert "EUR" not in told.product_description


def test_the_most_telling_comes_first_and_the_rest_is_cut_off() -> None:
    many = replace(PROOF, timeline=PROOF.timeline * 2_000)
    told = evidence_of(many).uncategorized_text
    assert len(told) == TEXT_LENGTH_MAX
    assert told.startswith("Proof of custody:")


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("Call me at +34 600 000 001!", "Call me at (removed)!"),
        ("mail mara.lindt@example.org now", "mail (removed) now"),
        ("see https://example.org/me?x=1", "see (removed)"),
        ("card 4242 4242 4242 4242", "card (removed)"),
        ("2 of 3 strings broke at 10:30", "2 of 3 strings broke at 10:30"),
    ],
)
def test_nobody_can_be_reached_or_charged_by_what_a_party_wrote(words: str, left: str) -> None:
    assert without_contacts(words) == left
