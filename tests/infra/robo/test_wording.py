"""Texts of steps are filled with what was kept and with moments."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from infra.robo.wording import NothingKept, filled, member_of

AHEAD = timedelta(days=5)


def test_what_was_kept_is_filled_in_at_any_depth() -> None:
    content = {"path": "/v1/{delivery}", "items": [{"by": "{customer}"}], "price_minor": 4_200}
    memory = {"delivery": "d1", "customer": "c1"}
    assert filled(content, memory, AHEAD) == {
        "path": "/v1/d1",
        "items": [{"by": "c1"}],
        "price_minor": 4_200,
    }


def test_moments_lie_in_the_delivery_s_present_or_in_everybody_s() -> None:
    now = datetime.now(UTC)
    its_own = datetime.fromisoformat(filled("{+P4DT1H}", {}, AHEAD))
    ours = datetime.fromisoformat(filled("{now-PT30M}", {}, AHEAD))
    assert abs(its_own - now - timedelta(days=9, hours=1)) < timedelta(minutes=1)
    assert abs(now - ours - timedelta(minutes=30)) < timedelta(minutes=1)


def test_a_name_that_nobody_kept_is_a_mistake() -> None:
    with pytest.raises(NothingKept, match="offer"):
        filled("offers/{offer}", {}, AHEAD)


def test_a_member_is_found_by_its_path() -> None:
    answer = {"items": [{"offer_id": "o1"}], "held": None}
    assert member_of(answer, "items.0.offer_id") == "o1"
    assert member_of(answer, "items.1.offer_id") is None
    assert member_of(answer, "held.status") is None
