"""What holds for every operation of a payment provider: one key, one effect, one answer."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from activities.payment_ports import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    Case,
    ProviderUnderTest,
    Scene,
    charge_of,
    new_delivery,
    prepare,
)


async def effects(under_test: ProviderUnderTest, case: Case) -> int:
    """How often it moved money; what moves none by itself is looked for instead."""
    if case.operation.kind in (OperationKind.AUTHORISE, OperationKind.SAVE):
        return int(await under_test.provider.find(case.operation) is not None)
    return len(await under_test.moved(case.operation.operation_id))


async def test_it_succeeds_once_and_is_found_afterwards(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    assert await under_test.provider.find(case.operation) is None
    answer = await case.ask()
    assert answer.outcome is PaymentOutcome.SUCCEEDED
    assert answer.provider_id
    known = replace(case.operation, provider_id=answer.provider_id)
    assert await under_test.provider.find(case.operation) == answer
    assert await under_test.provider.find(known) == answer
    assert await effects(under_test, case) == 1


async def test_the_same_key_gives_the_same_answer(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answer = await case.ask()
    assert [await case.ask(), await case.ask()] == [answer, answer]
    assert await effects(under_test, case) == 1


async def test_the_same_key_with_other_parameters_is_refused(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answer = await case.ask()
    with pytest.raises(ProviderRefused):
        await case.ask_otherwise()
    assert await under_test.provider.find(case.operation) == answer
    assert await effects(under_test, case) == 1


async def test_the_same_key_at_once_has_one_effect(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answers = await asyncio.gather(*(case.ask() for _ in range(8)))
    assert set(answers) == {answers[0]}
    assert await effects(under_test, case) == 1


async def test_a_lost_answer_is_found_and_not_repeated(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.ANSWER_IS_LOST)
    with pytest.raises(OutcomeUnknown) as unknown:
        await case.ask()
    assert not unknown.value.key_spent
    found = await under_test.provider.find(case.operation)
    assert found is not None
    assert found.outcome is PaymentOutcome.SUCCEEDED
    assert await case.ask() == found
    assert await effects(under_test, case) == 1


async def test_an_unavailable_provider_has_done_nothing(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.UNAVAILABLE_ONCE)
    with pytest.raises(ProviderUnavailable):
        await case.ask()
    assert await under_test.provider.find(case.operation) is None
    assert await effects(under_test, case) == 0
    assert (await case.ask()).outcome is PaymentOutcome.SUCCEEDED
    assert await effects(under_test, case) == 1


async def test_a_refusal_is_final_and_has_done_nothing(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.REFUSES)
    for _ in range(2):
        with pytest.raises(ProviderRefused):
            await case.ask()
    assert await under_test.provider.find(case.operation) is None
    assert await effects(under_test, case) == 0


async def test_an_error_that_is_kept_under_the_key_is_told_apart_from_a_new_one(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.ERROR_IS_KEPT)
    for is_old in (False, True, True):
        with pytest.raises(OutcomeUnknown) as unknown:
            await case.ask()
        assert unknown.value.key_spent is is_old
    assert await under_test.provider.find(case.operation) is None
    assert await effects(under_test, case) == 0


async def test_what_was_done_behind_a_kept_error_is_found(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.ERROR_IS_KEPT_AFTERWARDS)
    with pytest.raises(OutcomeUnknown):
        await case.ask()
    found = await under_test.provider.find(case.operation)
    assert found is not None
    assert found.outcome is PaymentOutcome.SUCCEEDED
    assert await effects(under_test, case) == 1


async def test_an_operation_that_was_never_asked_for_is_not_found(
    under_test: ProviderUnderTest,
) -> None:
    assert await under_test.provider.find(charge_of(new_delivery())) is None
