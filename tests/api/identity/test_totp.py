"""An authenticator app is set up, its codes work once, and guessing them is bounded per person."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable

import httpx
import pyotp
import pytest
from sqlalchemy import text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from api.access.database import Database
from api.access.second_factors import check_recovery_code, check_totp
from api.edge.problems import Problem
from api.queries.identity.factors import holder_of
from domain.identity.factors import FACTORS
from infra.database.schema import factor_tries, totp_factor
from infra.identity.sealing import Seal
from tests.api.client import Person, code_of
from tests.api.identity.factors import PATH, next_code, set_up
from tests.api.identity.people import wrong
from tests.api.identity.sessions import signed_in
from tests.api.identity.test_passkeys import options_for, register
from tests.api.story import Story, done
from tests.authenticator import Device
from tests.keys import ENCRYPTION


@pytest.fixture
async def person(story: Story) -> Person:
    """Somebody without a second factor."""
    return await story.person("customer")


@pytest.fixture
def database(engine: AsyncEngine) -> Database:
    """The database as the edge sees it."""
    return Database(engine, ENCRYPTION.keys)


@pytest.fixture
def seal(engine: AsyncEngine) -> Seal:
    """What the API under test seals with."""
    return Seal(engine, ENCRYPTION.keys)


async def refusal(attempt: Awaitable[None]) -> str:
    with pytest.raises(Problem) as refused:
        await attempt
    return str(refused.value.code)


async def test_an_app_counts_from_its_first_right_code(person: Person) -> None:
    assert done(await person.get(PATH)) == {
        "required": False, "totp_since": None, "passkeys": 0, "recovery_codes_left": 0,
    }  # fmt: skip
    early = await person.post(f"{PATH}/totp/confirmation", {"code": "123456"})
    assert (early.status_code, code_of(early)) == (409, "second_factor_not_begun")
    begun = await person.http.put(f"{PATH}/totp", headers=person.headers)
    assert begun.headers["cache-control"] == "no-store"
    assert done(begun)["qr_svg"].startswith("<svg")
    assert done(await person.get(PATH))["totp_since"] is None
    _, codes = await set_up(person)
    assert len(codes) == FACTORS.recovery_codes
    now = done(await person.get(PATH))
    assert now["totp_since"]
    assert now["recovery_codes_left"] == FACTORS.recovery_codes


async def test_a_wrong_code_confirms_nothing(person: Person) -> None:
    setup = (await person.http.put(f"{PATH}/totp", headers=person.headers)).json()
    app = pyotp.parse_uri(setup["otpauth_uri"])
    assert isinstance(app, pyotp.TOTP)
    off = await person.post(f"{PATH}/totp/confirmation", {"code": app.at(time.time() - 300)})
    assert (off.status_code, code_of(off)) == (422, "second_factor_wrong")
    assert done(await person.get(PATH))["totp_since"] is None


async def test_a_code_works_once_and_none_before_it_works_after_it(
    person: Person, database: Database, seal: Seal
) -> None:
    app, _ = await set_up(person)
    holder = await holder_of(database, person.person_id)
    code, now = next_code(app), app.now()
    await check_totp(database, seal, holder, code)
    for spent in (code, now, app.at(time.time() - FACTORS.step_s)):
        assert await refusal(check_totp(database, seal, holder, spent)) == "second_factor_wrong"


async def test_of_equal_codes_at_once_one_works(
    person: Person, database: Database, seal: Seal
) -> None:
    app, _ = await set_up(person)
    holder = await holder_of(database, person.person_id)
    code = next_code(app)
    tries = (check_totp(database, seal, holder, code) for _ in range(3))
    outcomes = await asyncio.gather(*tries, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes].count(type(None)) == 1


async def test_a_recovery_code_works_once(person: Person, database: Database) -> None:
    _, codes = await set_up(person)
    holder = await holder_of(database, person.person_id)
    await check_recovery_code(database, holder, codes[3].lower())
    assert await refusal(check_recovery_code(database, holder, codes[3])) == "second_factor_wrong"
    assert (await holder_of(database, person.person_id)).recovery_codes == len(codes) - 1


async def test_wrong_codes_cost_growing_waits_whatever_is_guessed(
    person: Person, database: Database, seal: Seal, engine: AsyncEngine
) -> None:
    app, codes = await set_up(person)
    holder = await holder_of(database, person.person_id)
    free = FACTORS.waits_s.count(0)
    guesses = (check_totp(database, seal, holder, "000000") for _ in range(free * 3))
    outcomes = await asyncio.gather(*guesses, return_exceptions=True)
    said = [str(outcome.code) for outcome in outcomes if isinstance(outcome, Problem)]
    assert sorted(set(said)) == ["second_factor_blocked", "second_factor_wrong"]
    # The try that began the first wait was looked at too; nothing after it was.
    assert said.count("second_factor_wrong") == free + 1
    right = (check_totp(database, seal, holder, next_code(app)),
             check_recovery_code(database, holder, codes[0]))  # fmt: skip
    for attempt in right:
        with pytest.raises(Problem) as refused:
            await attempt
        wait_s = int((refused.value.headers or {})["Retry-After"])
        assert 0 < wait_s <= FACTORS.waits_s[free]
    waited = update(factor_tries).values(blocked_until=text("now()"))
    async with engine.begin() as connection:
        await connection.execute(waited.where(factor_tries.c.person_id == person.person_id))
    await check_totp(database, seal, holder, next_code(app))
    await check_recovery_code(database, holder, codes[0])


async def begun(person: Person) -> pyotp.TOTP:
    """Return an app that was set up and has not shown a code yet."""
    setup = done(await person.http.put(f"{PATH}/totp", headers=person.headers))
    app = pyotp.parse_uri(setup["otpauth_uri"])
    assert isinstance(app, pyotp.TOTP)
    return app


async def confirm(person: Person, code: str) -> httpx.Response:
    return await person.post(f"{PATH}/totp/confirmation", {"code": code})


async def test_a_setup_ends_by_itself_and_with_its_session(
    person: Person, engine: AsyncEngine
) -> None:
    first, second = await signed_in(engine, person), await signed_in(engine, person)
    app = await begun(first)
    assert code_of(await confirm(second, app.now())) == "second_factor_not_begun"
    late = update(totp_factor).values(pending_until=text("now()"))
    async with engine.begin() as connection:
        await connection.execute(late.where(totp_factor.c.person_id == person.person_id))
    assert code_of(await confirm(first, app.now())) == "second_factor_not_begun"
    app = await begun(first)
    done(await confirm(first, app.now()))


async def test_a_setup_ends_when_another_factor_is_there(
    person: Person, engine: AsyncEngine
) -> None:
    """Else a session without a factor could put its app in the place of the person's."""
    thief, owner = await signed_in(engine, person), await signed_in(engine, person)
    app = await begun(thief)
    done(await register(owner, Device().create(await options_for(owner))))
    assert code_of(await confirm(thief, app.now())) == "second_factor_not_begun"
    assert done(await owner.get(PATH))["totp_since"] is None


async def test_tries_to_confirm_a_setup_are_bounded(person: Person) -> None:
    app = await begun(person)
    said = [code_of(await confirm(person, wrong(app.now()))) for _ in range(6)]
    free = FACTORS.waits_s.count(0)
    assert said == ["second_factor_wrong"] * (free + 1) + ["second_factor_blocked"] * (5 - free)
    assert code_of(await confirm(person, app.now())) == "second_factor_blocked"


async def test_of_two_confirmations_at_once_one_counts(person: Person) -> None:
    app = await begun(person)
    answers = await asyncio.gather(*(confirm(person, app.now()) for _ in range(4)))
    made = [answer for answer in answers if answer.status_code == 201]
    assert len(made) == 1
    refused = {code_of(answer) for answer in answers if answer not in made}
    assert refused <= {"second_factor_wrong", "second_factor_not_begun", "second_factor_blocked"}
    left = done(await person.get(PATH))["recovery_codes_left"]
    assert left == len(done(made[0])["recovery_codes"]) == FACTORS.recovery_codes
