"""What was seen comes back out of the id of an Update, and is compared."""

from __future__ import annotations

import pytest

from domain.errors import Refusal
from domain.ids import OfferId
from domain.preconditions import Seen, conditional_id, require_unchanged, seen_in

REQUEST = "0123456789abcdef" * 4
OFFER = OfferId("01981f70-11c0-7b52-a4d3-9e8f7a6b5c40")


@pytest.mark.parametrize("seen", [None, Seen(0), Seen(12), Seen(3, OFFER)])
def test_an_id_says_what_was_seen(seen: Seen | None) -> None:
    assert seen_in(conditional_id(REQUEST, seen)) == seen


@pytest.mark.parametrize(
    "update_id",
    ["", REQUEST, "5", "open", f"{REQUEST}.", f"{REQUEST}.x", f"{REQUEST}.1.2", f"{OFFER}"],
)
def test_any_other_id_says_nothing(update_id: str) -> None:
    assert seen_in(update_id) is None


def test_another_state_is_refused_by_what_it_is() -> None:
    require_unchanged(Seen(4), 4)
    with pytest.raises(Refusal) as delivery:
        require_unchanged(Seen(4), 5)
    with pytest.raises(Refusal) as offer:
        require_unchanged(Seen(4, OFFER), None)
    assert (delivery.value.code, offer.value.code) == ("delivery_changed", "offer_changed")
