"""What holds for every operation of a payment provider: one key, one effect, one answer."""

from __future__ import annotations

import asyncio

import pytest

from activities.ports import OutcomeUnknown, ProviderRefused, ProviderUnavailable
from domain.transitions import OperationKind, PaymentOutcome
from tests.infra.payments.conformance.contract import (
    Case,
    ProviderUnderTest,
    Scene,
    new_delivery,
    prepare,
)

every_operation = pytest.mark.parametrize("kind", list(OperationKind))


async def effects(under_test: ProviderUnderTest, case: Case) -> int:
    return len(await under_test.moved(case.operation_id))


@every_operation
async def test_it_succeeds_once_and_is_found_afterwards(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    assert await under_test.provider.find(case.operation_id) is None
    answer = await case.ask()
    assert answer.outcome is PaymentOutcome.SUCCEEDED
    assert answer.provider_id
    assert await under_test.provider.find(case.operation_id) == answer
    assert await effects(under_test, case) == 1


@every_operation
async def test_the_same_key_gives_the_same_answer(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answer = await case.ask()
    assert [await case.ask(), await case.ask()] == [answer, answer]
    assert await effects(under_test, case) == 1


@every_operation
async def test_the_same_key_with_other_parameters_is_refused(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answer = await case.ask()
    with pytest.raises(ProviderRefused):
        await case.ask_otherwise()
    assert await under_test.provider.find(case.operation_id) == answer
    assert await effects(under_test, case) == 1


@every_operation
async def test_the_same_key_at_once_has_one_effect(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.GOES_WELL)
    answers = await asyncio.gather(*(case.ask() for _ in range(8)))
    assert set(answers) == {answers[0]}
    assert await effects(under_test, case) == 1


@every_operation
async def test_a_lost_answer_is_found_and_not_repeated(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.ANSWER_IS_LOST)
    with pytest.raises(OutcomeUnknown):
        await case.ask()
    found = await under_test.provider.find(case.operation_id)
    assert found is not None
    assert found.outcome is PaymentOutcome.SUCCEEDED
    assert await case.ask() == found
    assert await effects(under_test, case) == 1


@every_operation
async def test_an_unavailable_provider_has_done_nothing(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.UNAVAILABLE_ONCE)
    with pytest.raises(ProviderUnavailable):
        await case.ask()
    assert await under_test.provider.find(case.operation_id) is None
    assert await effects(under_test, case) == 0
    assert (await case.ask()).outcome is PaymentOutcome.SUCCEEDED
    assert await effects(under_test, case) == 1


@every_operation
async def test_a_refusal_is_final_and_has_done_nothing(
    under_test: ProviderUnderTest, kind: OperationKind
) -> None:
    case = await prepare(kind, under_test, Scene.REFUSES)
    for _ in range(2):
        with pytest.raises(ProviderRefused):
            await case.ask()
    assert await under_test.provider.find(case.operation_id) is None
    assert await effects(under_test, case) == 0


async def test_an_operation_that_was_never_asked_for_is_not_found(
    under_test: ProviderUnderTest,
) -> None:
    assert await under_test.provider.find(f"{new_delivery()}:charge:0") is None
