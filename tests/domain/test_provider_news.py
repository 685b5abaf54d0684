"""Events fold to the same last word in every order."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.provider_news import LastWord, Stage, tells_what_is_known

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)

words = st.builds(
    LastWord,
    stage=st.sampled_from(Stage),
    happened_at=st.integers(0, 3).map(lambda seconds: NOON + timedelta(seconds=seconds)),
    event_id=st.uuids().map(str),
    name=st.just("something.happened"),
)


@given(st.data())
def test_any_order_and_number_of_copies_ends_in_the_same_word(data: st.DataObject) -> None:
    events = data.draw(st.lists(words, min_size=1, max_size=8))
    copies = data.draw(st.permutations(events * data.draw(st.integers(1, 3))))
    folded = copies[0]
    for each in copies[1:]:
        folded = max(folded, each)
    assert folded == max(events)


def test_what_can_follow_is_the_later_word_whatever_the_clocks_say() -> None:
    succeeded = LastWord(Stage.SETTLED, NOON + timedelta(hours=1), "evt_2", "refund.updated")
    failed = LastWord(Stage.UNDONE, NOON, "evt_1", "refund.failed")
    assert max(succeeded, failed) == failed


def test_an_event_is_known_when_our_record_says_the_same() -> None:
    known = {
        (stage, state)
        for stage in Stage
        for state in ("intent", "sent", "succeeded", "failed", "unknown", "undone")
        if tells_what_is_known(stage, state)
    }
    assert known == {
        (Stage.SETTLED, "succeeded"),
        (Stage.DECLINED, "failed"),
        (Stage.UNDONE, "failed"),
        *((stage, "undone") for stage in (Stage.SETTLED, Stage.DECLINED, Stage.UNDONE)),
    }
