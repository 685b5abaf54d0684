"""An approval is for one request of one session, word for word, once and for minutes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import pyotp
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.database.schema import step_up
from tests.api.client import Person, code_of
from tests.api.identity.factors import (
    PATH,
    STEP_UPS,
    approve,
    let_steps_pass,
    named,
    next_code,
    send,
    set_up,
)
from tests.api.identity.sessions import signed_in
from tests.api.story import Story, done

CODES = f"{PATH}/recovery-codes"
NEW_CODES = named("PUT", CODES)


@dataclass(frozen=True)
class Careful:
    """Somebody who is signed in and has an app."""

    person: Person
    app: pyotp.TOTP
    codes: list[str]


@pytest.fixture
async def careful(story: Story, engine: AsyncEngine) -> Careful:
    """Somebody whose session asks for approvals."""
    person = await signed_in(engine, await story.person("customer"))
    return Careful(person, *await set_up(person))


async def refused(person: Person, method: str, path: str, grant: str | None = None) -> str:
    answer = await send(person, method, path, grant)
    assert answer.status_code == 403
    return code_of(answer)


async def test_a_change_says_how_it_is_approved_and_then_goes_through_once(
    careful: Careful,
) -> None:
    person = careful.person
    asked = await send(person, "PUT", CODES)
    assert (asked.status_code, code_of(asked)) == (403, "step_up_required")
    assert asked.headers["www-authenticate"] == (
        'Step-Up at="/v1/me/step-ups", methods="totp recovery_code"'
    )
    grant = await approve(person, NEW_CODES, {"totp": next_code(careful.app)})
    codes = done(await send(person, "PUT", CODES, grant))["recovery_codes"]
    assert not set(codes) & set(careful.codes)
    assert await refused(person, "PUT", CODES, grant) == "step_up_required"


async def test_an_approval_is_for_no_other_request(careful: Careful) -> None:
    person = careful.person
    other_body = {**NEW_CODES, "body_sha256": named("PUT", CODES, {})["body_sha256"]}
    for wanted in (other_body, named("PUT", f"{PATH}/totp"), named("DELETE", CODES)):
        grant = await approve(person, wanted, {"recovery_code": careful.codes.pop()})
        assert await refused(person, "PUT", CODES, grant) == "step_up_required"


async def test_an_approval_is_for_no_other_session(careful: Careful, engine: AsyncEngine) -> None:
    elsewhere = await signed_in(engine, careful.person)
    asked = done(await careful.person.post(STEP_UPS, NEW_CODES))
    answer = {"totp": next_code(careful.app)}
    address = f"{STEP_UPS}/{asked['step_up_id']}/answer"
    assert (await elsewhere.post(address, answer)).status_code == 404
    grant = done(await careful.person.post(address, answer))["step_up"]
    assert await refused(elsewhere, "PUT", CODES, grant) == "step_up_required"
    assert (await send(careful.person, "PUT", CODES, grant)).status_code == 200


async def test_an_approval_ends_by_itself(careful: Careful, engine: AsyncEngine) -> None:
    person = careful.person
    grant = await approve(person, NEW_CODES, {"totp": next_code(careful.app)})
    late = done(await person.post(STEP_UPS, NEW_CODES))["step_up_id"]
    passed = update(step_up).values(expires_at=text("now()"))
    async with engine.begin() as connection:
        await connection.execute(passed.where(step_up.c.person_id == person.person_id))
    assert await refused(person, "PUT", CODES, grant) == "step_up_required"
    answer = await person.post(f"{STEP_UPS}/{late}/answer", {"recovery_code": careful.codes[0]})
    assert answer.status_code == 404


async def test_what_was_answered_is_not_answered_again(
    careful: Careful, engine: AsyncEngine
) -> None:
    asked = done(await careful.person.post(STEP_UPS, NEW_CODES))["step_up_id"]
    address = f"{STEP_UPS}/{asked}/answer"
    done(await careful.person.post(address, {"totp": next_code(careful.app)}))
    await let_steps_pass(engine, careful.person)
    again = await careful.person.post(address, {"totp": next_code(careful.app)})
    assert again.status_code == 404


@pytest.mark.parametrize("grant", ["", "su_", "su_" + "x" * 43, "x" * 5_000])
async def test_what_is_no_grant_approves_nothing(careful: Careful, grant: str) -> None:
    assert await refused(careful.person, "PUT", CODES, grant) == "step_up_required"


async def test_wrong_answers_approve_nothing_and_are_counted(careful: Careful) -> None:
    for path in (CODES, "/v1/disputes/1/verdict"):
        asked = done(await careful.person.post(STEP_UPS, named("PUT", path)))["step_up_id"]
        address = f"{STEP_UPS}/{asked}/answer"
        wrong = await careful.person.post(address, {"recovery_code": "0000-0000-0000-0000"})
        assert (wrong.status_code, code_of(wrong)) == (422, "second_factor_wrong")
    # A code on paper brings factors back and moves nothing else.
    misused = await careful.person.post(address, {"recovery_code": careful.codes[0]})
    assert (misused.status_code, code_of(misused)) == (422, "second_factor_wrong")
    both = {"recovery_code": careful.codes[0], "totp": "123456"}
    assert code_of(await careful.person.post(address, both)) == "fields_invalid"


async def test_a_first_factor_needs_a_session_that_has_just_begun(
    story: Story, engine: AsyncEngine
) -> None:
    somebody = await story.person("customer")
    old = await signed_in(engine, somebody, since=timedelta(minutes=16))
    assert await refused(old, "PUT", f"{PATH}/totp") == "sign_in_again"
    assert await refused(old, "PUT", CODES) == "second_factor_enrolment_required"
    without = await old.post(STEP_UPS, NEW_CODES)
    assert code_of(without) == "second_factor_enrolment_required"
    await set_up(await signed_in(engine, somebody))
    assert await refused(old, "PUT", f"{PATH}/totp") == "step_up_required"


async def test_a_lost_phone_is_replaced_with_a_code_on_paper(
    careful: Careful, engine: AsyncEngine
) -> None:
    person = careful.person
    wanted = named("PUT", f"{PATH}/totp")
    grant = await approve(person, wanted, {"recovery_code": careful.codes[0]})
    setup = done(await send(person, "PUT", f"{PATH}/totp", grant))
    app = pyotp.parse_uri(setup["otpauth_uri"])
    assert isinstance(app, pyotp.TOTP)
    confirmed = await person.post(f"{PATH}/totp/confirmation", {"code": app.now()})
    # The other codes on paper stay as they are.
    assert done(confirmed)["recovery_codes"] == []
    asked = done(await person.post(STEP_UPS, NEW_CODES))["step_up_id"]
    address = f"{STEP_UPS}/{asked}/answer"
    old = await person.post(address, {"totp": next_code(careful.app)})
    assert code_of(old) == "second_factor_wrong"
    await let_steps_pass(engine, person)
    done(await person.post(address, {"totp": next_code(app)}))


async def test_staff_keep_their_last_factor(story: Story) -> None:
    agent, customer = await story.person("agent"), await story.person("customer")
    for person, status in ((agent, 409), (customer, 200)):
        await set_up(person)
        gone = await send(person, "DELETE", f"{PATH}/totp")
        assert gone.status_code == status
    assert code_of(await send(agent, "DELETE", f"{PATH}/totp")) == "last_factor"
    assert done(await customer.get(PATH))["totp_since"] is None
