"""Whoever an account belongs to learns by mail of everything that changes who gets in."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.ids import PersonId
from infra.database.schema import notification, person
from infra.database.tokens import create_token
from infra.notifications.composing import ClaimedMessage, compose_account_notice
from tests.api.identity.factors import PATH, approve, let_steps_pass, named, next_code, send, set_up
from tests.api.identity.notices import kinds_to
from tests.api.identity.people import Newcomers
from tests.api.identity.test_passkeys import PATH as PASSKEYS
from tests.api.identity.test_passkeys import options_for, register
from tests.api.story import done
from tests.authenticator import Device

CODES = f"{PATH}/recovery-codes"


async def test_an_app_and_its_codes(newcomers: Newcomers, engine: AsyncEngine) -> None:
    ada = await newcomers.signed_in()
    app, codes = await set_up(ada)
    grant = await approve(ada, named("PUT", CODES), {"recovery_code": codes[0]})
    done(await send(ada, "PUT", CODES, grant))
    await let_steps_pass(engine, ada)
    grant = await approve(ada, named("DELETE", f"{PATH}/totp"), {"totp": next_code(app)})
    done(await send(ada, "DELETE", f"{PATH}/totp", grant))
    assert await kinds_to(engine, ada.person_id) == [
        "app_added", "recovery_code_used", "recovery_codes_made", "app_removed",
    ]  # fmt: skip
    assert await newcomers.noted(ada.person_id) == [
        ("access_granted", "totp"),
        ("account_changed", "recovery_code_used"),
        ("account_changed", "recovery_codes"),
        ("access_revoked", "totp"),
    ]


async def test_passkeys(newcomers: Newcomers, engine: AsyncEngine) -> None:
    ada, device = await newcomers.signed_in(), Device()
    made = done(await register(ada, device.create(await options_for(ada))))
    address = f"{PASSKEYS}/{made['passkey_id']}"
    asked = done(await ada.post("/v1/me/step-ups", named("DELETE", address)))
    signed = {"passkey": device.sign(asked["passkey"])}
    answer = await ada.post(f"/v1/me/step-ups/{asked['step_up_id']}/answer", signed)
    done(await send(ada, "DELETE", address, done(answer)["step_up"]))
    assert await kinds_to(engine, ada.person_id) == ["passkey_added", "passkey_removed"]


async def test_keys_of_programs_are_told_of_with_their_beginning(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    somebody = await newcomers.signed_in()
    made_here = await create_token(engine, PersonId(somebody.person_id))
    owner = replace(somebody, token=made_here)
    async with engine.begin() as connection:
        builds = update(person).values(roles=["customer", "integrator"])
        await connection.execute(builds.where(person.c.person_id == owner.person_id))
    made = done(await owner.post("/v1/me/api-keys", {"name": "Shop", "scopes": ["reads"]}))
    done(await owner.post(f"/v1/me/api-keys/{made['key_id']}/revoke"))
    told = await kinds_to(engine, owner.person_id)
    without_code = notification.c.verification_id.is_(None)
    query = select(notification).where(notification.c.person_id == owner.person_id, without_code)
    async with engine.connect() as connection:
        rows = (await connection.execute(query)).all()
    assert told == ["api_key_made", "api_key_revoked"]
    for row in rows:
        mail = compose_account_notice(
            ClaimedMessage(
                row.notification_id, None, row.channel, "ada@example.org", row.kind, row.audience,
                row.parameters, 1,
            ),
            "",
        )  # fmt: skip
        assert made["prefix"] in mail.body
        assert made["key"] not in mail.body
