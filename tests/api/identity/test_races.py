"""Of many that want the same thing at the same moment one gets it, and nobody is left without a way in."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Iterable
from dataclasses import replace
from typing import Any

import httpx
import pytest
from sqlalchemy import func, insert, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.codes import CodeUse
from domain.identity.factors import FACTORS
from domain.ids import PersonId
from infra.database.schema import linked_identity, passkey, person, session, verification_code
from infra.database.tokens import create_token
from infra.identifiers import new_id
from tests.api.client import Person, code_of
from tests.api.identity.factors import PATH, approve, named, next_code, send, set_up
from tests.api.identity.people import PASSWORD, Newcomers, SignedIn, code_of_mail, new_address
from tests.api.identity.test_own_password import NEW, forgotten, reset
from tests.api.identity.test_passkeys import PATH as PASSKEYS
from tests.api.identity.test_passkeys import options_for, register
from tests.api.identity.test_second_steps import owing, show
from tests.api.story import done
from tests.authenticator import Device
from tests.waiting import until

CODES = f"{PATH}/recovery-codes"
TOO_LATE = {"code_wrong", "code_already_used"}
"""What somebody is told whose code was used up at the same moment."""


async def together(requests: Iterable[Awaitable[httpx.Response]]) -> tuple[list[Any], list[str]]:
    """Send requests at once; return what was done, and the codes of what was refused."""
    answers = await asyncio.gather(*requests)
    made = [answer.json() for answer in answers if answer.is_success]
    return made, [code_of(answer) for answer in answers if not answer.is_success]


async def test_an_address_becomes_one_account(newcomers: Newcomers) -> None:
    email = new_address()
    begun = [(await newcomers.register(email)).json()["verification_id"] for _ in range(3)]
    made, refused = await together(newcomers.verify(each) for each in [*begun, *begun])
    assert len(made) == 1
    assert set(refused) <= TOO_LATE


async def test_an_account_moves_once(newcomers: Newcomers) -> None:
    ada, email = await newcomers.signed_in(), new_address()
    wanted = {"email": email, "current_password": PASSWORD}
    begun = done(await ada.change("PUT", "/v1/me/email", wanted))
    code = code_of_mail(begun["verification_id"], CodeUse.EMAIL_CHANGE)
    body = {"verification_id": begun["verification_id"], "code": code}
    made, refused = await together(
        ada.change("PUT", "/v1/me/email/verification", body) for _ in range(4)
    )
    assert [each["email"] for each in made] == [email]
    assert set(refused) <= TOO_LATE


async def test_a_code_that_is_used_up_meanwhile_is_used_and_not_locked(
    newcomers: Newcomers,
) -> None:
    verification_id = (await newcomers.register(new_address())).json()["verification_id"]
    row = verification_code.c.verification_id == verification_id
    async with newcomers.engine.begin() as connection:
        await connection.execute(update(verification_code).where(row).values(used_at=func.now()))
        late = asyncio.ensure_future(newcomers.verify(verification_id))
        await until(lambda: somebody_waits(newcomers.engine))
    assert code_of(await late) == "code_already_used"


async def somebody_waits(engine: AsyncEngine) -> bool:
    """Tell whether a try of a code waits for somebody else's lock."""
    waiting = text(
        "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        " AND query LIKE '%UPDATE verification_code SET failures%')"
    )
    async with engine.connect() as connection:
        return bool(await connection.scalar(waiting))


async def test_one_address_goes_to_one_of_two_accounts(newcomers: Newcomers) -> None:
    both, email = [await newcomers.signed_in() for _ in range(2)], new_address()
    moves = []
    for each in both:
        wanted = {"email": email, "current_password": PASSWORD}
        begun = done(await each.change("PUT", "/v1/me/email", wanted))
        code = code_of_mail(begun["verification_id"], CodeUse.EMAIL_CHANGE)
        moves.append((each, {"verification_id": begun["verification_id"], "code": code}))
    path = "/v1/me/email/verification"
    made, refused = await together(each.change("PUT", path, body) for each, body in moves)
    assert (len(made), refused) == (1, ["code_wrong"])


async def test_a_code_of_a_reset_sets_one_password(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    verification_id = await forgotten(newcomers, ada.email)
    code = code_of_mail(verification_id, CodeUse.PASSWORD_RESET)
    said = await asyncio.gather(
        *(reset(newcomers, verification_id, code, f"{NEW} {n}") for n in range(4))
    )
    assert said.count("done") == 1
    assert set(said) <= {"done", *TOO_LATE}


async def test_no_session_of_the_old_password_outlives_a_reset(newcomers: Newcomers) -> None:
    """Who signs in with it at that very moment is refused, or signed out by it."""
    ada = await newcomers.signed_in()
    verification_id = await forgotten(newcomers, ada.email)
    code = code_of_mail(verification_id, CodeUse.PASSWORD_RESET)
    thief = asyncio.gather(*(newcomers.sign_in(ada.email) for _ in range(4)))
    said, answers = await asyncio.gather(reset(newcomers, verification_id, code), thief)
    assert said == "done"
    for answer in answers:
        if answer.is_success:
            stolen = newcomers.somebody(ada.email, answer)
            assert code_of(await stolen.get("/v1/me")) == "unauthenticated"
    query = select(session.c.session_id).where(
        session.c.person_id == ada.person_id, session.c.revoked_at.is_(None)
    )
    async with newcomers.engine.connect() as connection:
        assert (await connection.execute(query)).all() == []


async def test_a_code_opens_one_of_two_sign_ins(newcomers: Newcomers) -> None:
    email = await newcomers.registered()
    app, codes = await set_up(await newcomers.signed_in(email))
    factors: list[dict[str, str]] = [{"totp": next_code(app)}, {"recovery_code": codes[0]}]
    for factor in factors:
        owed = [(await owing(newcomers, email))["pre_auth_token"] for _ in range(3)]
        made, refused = await together(show(newcomers, token, **factor) for token in owed)
        assert len(made) == 1, factor
        assert set(refused) <= {"second_factor_wrong", "second_factor_blocked"}


async def test_a_sign_in_is_finished_once(newcomers: Newcomers) -> None:
    email = await newcomers.registered()
    _, codes = await set_up(await newcomers.signed_in(email))
    token = (await owing(newcomers, email))["pre_auth_token"]
    made, refused = await together(show(newcomers, token, recovery_code=code) for code in codes[:3])
    assert len(made) == 1
    assert set(refused) <= {
        "pre_auth_token_refused", "second_factor_wrong", "second_factor_blocked",
    }  # fmt: skip


async def test_an_approval_is_used_by_one_request(newcomers: Newcomers) -> None:
    ada = await newcomers.signed_in()
    app, _ = await set_up(ada)
    grant = await approve(ada, named("PUT", CODES), {"totp": next_code(app)})
    made, refused = await together(send(ada, "PUT", CODES, grant) for _ in range(4))
    # The one that was carried out says which codes are good: no second set was made after it.
    assert (len(made), set(refused)) == (1, {"step_up_required"})


async def by_operator(engine: AsyncEngine, who: SignedIn, *roles: str) -> Person:
    """Return somebody with roles and a credential that is not asked for approvals."""
    async with engine.begin() as connection:
        changed = update(person).values(roles=list(roles))
        await connection.execute(changed.where(person.c.person_id == who.person_id))
    return replace(who, token=await create_token(engine, PersonId(who.person_id)))


@pytest.mark.parametrize("has_app", [True, False])
async def test_staff_are_never_left_without_a_factor(
    newcomers: Newcomers, engine: AsyncEngine, has_app: bool
) -> None:
    agent = await by_operator(engine, await newcomers.signed_in(), "agent")
    ways = []
    for _ in range(1 if has_app else 2):
        made = done(await register(agent, Device().create(await options_for(agent))))
        ways.append(f"{PASSKEYS}/{made['passkey_id']}")
    if has_app:
        await set_up(agent)
        ways.append(f"{PATH}/totp")
    left, refused = await together(send(agent, "DELETE", way) for way in ways)
    assert (len(left), refused) == (1, ["last_factor"])


async def test_factors_that_come_at_once_bring_one_set_of_recovery_codes(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await by_operator(engine, await newcomers.signed_in(), "customer")
    begun = [Device().create(await options_for(ada)) for _ in range(3)]
    made, _ = await together(register(ada, each) for each in begun)
    assert made
    brought = [each["recovery_codes"] for each in made if each["recovery_codes"]]
    assert len(brought) == 1
    left = done(await ada.get(PATH))["recovery_codes_left"]
    assert left == FACTORS.recovery_codes


async def test_nobody_gets_more_passkeys_than_may_be(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await by_operator(engine, await newcomers.signed_in(), "customer")
    begun = [Device().create(await options_for(ada)) for _ in range(2)]
    rows = [
        {
            "passkey_id": new_id(), "person_id": ada.person_id, "name": "Old", "public_key": b"x",
            "credential_id": new_id().encode(), "sign_count": 0, "backed_up": False,
        }
        for _ in range(FACTORS.passkeys_max)
    ]  # fmt: skip
    async with engine.begin() as connection:
        await connection.execute(insert(passkey), rows)
    made, refused = await together(register(ada, each) for each in begun)
    assert (made, refused) == ([], ["passkey_refused"] * 2)


async def test_who_unlinks_every_provider_at_once_still_gets_in_by_mail(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    links = [
        {
            "identity_id": new_id(), "issuer": "https://accounts.example", "subject": new_id(),
            "provider": "local", "person_id": ada.person_id,
        }
        for _ in range(2)
    ]  # fmt: skip
    async with engine.begin() as connection:
        await connection.execute(insert(linked_identity), links)
    ways = [f"/v1/me/identities/{each['identity_id']}" for each in links]
    made, refused = await together(send(ada, "DELETE", way) for way in [*ways, *ways])
    assert (len(made), refused) == (2, ["not_found"] * 2)
    verification_id = await forgotten(newcomers, ada.email)
    code = code_of_mail(verification_id, CodeUse.PASSWORD_RESET)
    assert await reset(newcomers, verification_id, code) == "done"
    assert (await newcomers.sign_in(ada.email, NEW)).status_code == 200
