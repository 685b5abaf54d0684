"""The words of every message."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from itertools import product

import pytest

from domain.contracts import PLATFORM, DisputeReason, Role, Standing
from domain.deadlines import DeadlineKind
from domain.ids import DeliveryId, OfferId, PersonId
from domain.messages import CODE_SHOWN, Notice, notices_for
from domain.money import AMOUNT_MINOR_MAX, Money
from domain.policies import VerdictOutcome
from domain.status import DisputeStatus, OfferStatus
from domain.transitions import EventKind, OfferChange, Transition
from domain.wording import SMS_CHARACTERS_MAX, NoWords, moment, render

LONGEST_LINK = f"https://{'a' * 60}.example/v1/links/{'H' * 53}"
HIGHEST = Money(AMOUNT_MINOR_MAX, "EUR")
TRAVELER = PersonId("traveler")
STANDING = Standing(
    status="delivered",
    escrow="held",
    traveler_id=TRAVELER,
    price=HIGHEST,
    deadline_kind=DeadlineKind.INSPECTION,
    deadline_at=datetime(2026, 12, 27, 12, tzinfo=UTC),
)
FACTS = {
    "refund_minor": str(AMOUNT_MINOR_MAX),
    "release_minor": str(AMOUNT_MINOR_MAX),
    "amount": str(HIGHEST),
}


OFFERS = tuple(
    OfferChange(OfferId(str(i)), PersonId(f"other-{i}"), OfferStatus.REFUSED, HIGHEST, by)
    for i, by in enumerate((Role.TRAVELER, Role.CUSTOMER))
)
WITH_OFFERS = {
    EventKind.OFFER_ACCEPTED,
    EventKind.OFFER_COUNTERED,
    EventKind.REQUEST_EXPIRED,
    EventKind.CANCELLED,
}


def notices_of(event: EventKind) -> list[Notice]:
    """Return every notice of an event, in every variant that changes who is told or the words."""
    base = Transition(
        delivery_id=DeliveryId("0199a1b2-0000-7000-8000-0000003f9a2c"),
        key="key",
        event=event,
        actor=PLATFORM,
        at=datetime(2026, 10, 1, tzinfo=UTC),
        standing=STANDING,
        offers=OFFERS if event in WITH_OFFERS else (),
    )
    variants = product(DisputeStatus, VerdictOutcome, DisputeReason)
    return [
        notice
        for dispute, outcome, reason in variants
        for notice in notices_for(
            replace(
                base,
                standing=replace(STANDING, dispute=dispute),
                facts={**FACTS, "outcome": outcome, "reason": reason},
            )
        )
    ]


@pytest.mark.parametrize("event", EventKind)
def test_every_message_is_short_plain_and_complete(event: EventKind) -> None:
    for notice in notices_of(event):
        text = render(notice.kind, notice.audience, notice.parameters, LONGEST_LINK)
        assert text.body.startswith("Sendalong 3F9A2C: ")
        assert text.body.isascii()
        assert text.body.isprintable()
        assert len(text.body) <= SMS_CHARACTERS_MAX
        assert not set("{}") & set(text.body + text.subject)
        has_link = LONGEST_LINK in text.body
        assert has_link == ((notice.kind, notice.audience) in CODE_SHOWN)


@pytest.mark.parametrize("event", EventKind)
def test_words_stay_true_without_any_value(event: EventKind) -> None:
    for notice in notices_of(event):
        text = render(notice.kind, notice.audience, {})
        assert not set("{}") & set(text.body + text.subject)
        assert "None" not in text.body


def test_the_customer_learns_the_window_and_what_happens_after_it() -> None:
    text = render(
        EventKind.HANDED_OVER,
        Role.CUSTOMER,
        {"reference": "3F9A2C", "price": "EUR 42.00", "due_at": "2026-10-07T12:00:00+00:00"},
    )
    assert text.subject == "Sendalong 3F9A2C: Your parcel was handed over"
    assert text.body == (
        "Sendalong 3F9A2C: Your parcel was handed over. If all is well, confirm it in Sendalong. "
        "If not, open a dispute there by 7 Oct 2026, 12:00 UTC. After that EUR 42.00 is released "
        "to the traveler."
    )


@pytest.mark.parametrize(
    ("outcome", "words"),
    [
        ("release", "EUR 42.00 goes to the traveler's side and there is no refund"),
        ("refund", "EUR 42.00 goes back to you in full"),
        ("split", "you get EUR 12.00 back and EUR 30.00 goes to the traveler's side"),
    ],
)
def test_a_verdict_says_what_the_customer_gets(outcome: str, words: str) -> None:
    amounts = {"price": "EUR 42.00", "refund": "EUR 12.00", "release": "EUR 30.00"}
    text = render(EventKind.VERDICT_GIVEN, Role.CUSTOMER, {"outcome": outcome, **amounts})
    assert words in text.body


@pytest.mark.parametrize(
    ("cause", "words"),
    [
        ("customer", "You cancelled"),
        ("traveler", "The traveler cancelled"),
        ("agent", "Support cancelled"),
        ("platform", "A deadline passed"),
    ],
)
def test_a_cancellation_says_who_cancelled(cause: str, words: str) -> None:
    text = render(EventKind.CANCELLED, Role.CUSTOMER, {"cause": cause})
    assert f"{words}, so your delivery is closed and you pay nothing." in text.body


def test_moments_are_written_in_utc() -> None:
    tokyo = timezone(timedelta(hours=9))
    assert moment(datetime(2026, 3, 1, 8, 5, tzinfo=tokyo)) == "28 Feb 2026, 23:05 UTC"


def test_an_audience_that_is_not_told_has_no_words() -> None:
    with pytest.raises(NoWords):
        render(EventKind.ATTENTION_RAISED, Role.CUSTOMER, {})
