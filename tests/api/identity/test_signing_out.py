"""An admin signs somebody out everywhere, and the person reads why."""

from __future__ import annotations

from sqlalchemy.ext.asyncio import AsyncEngine

from infra.identifiers import new_id
from tests.api.client import code_of
from tests.api.identity.factors import set_up
from tests.api.identity.notices import notices_to
from tests.api.identity.people import Newcomers
from tests.api.identity.test_races import by_operator
from tests.api.story import done

WHY = {"reason": "Says that the phone was stolen."}


async def test_every_session_and_every_half_sign_in_ends(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    admin = await by_operator(engine, await newcomers.signed_in(), "admin")
    ada = await newcomers.signed_in()
    _, codes = await set_up(ada)
    half = done(await newcomers.sign_in(ada.email))["pre_auth_token"]
    path = f"/v1/people/{ada.person_id}/sessions/end"
    assert done(await admin.post(path, WHY)) == {"ended": 1}
    assert code_of(await ada.get("/v1/me")) == "unauthenticated"
    assert code_of(await newcomers.refresh(ada.refresh_token)) == "refresh_token_refused"
    body = {"pre_auth_token": half, "recovery_code": codes[0]}
    late = await newcomers.web.post("/v1/auth/second-factor", json=body)
    assert code_of(late) == "pre_auth_token_refused"
    assert (await notices_to(engine, ada.person_id))[-1] == ("account_signed_out", WHY)
    assert (await newcomers.noted(ada.person_id))[-1] == ("access_revoked", "sessions")
    assert (await newcomers.sign_in(ada.email)).status_code == 200


async def test_it_is_for_admins_and_for_people_who_are_there(
    newcomers: Newcomers, engine: AsyncEngine
) -> None:
    ada = await newcomers.signed_in()
    path = f"/v1/people/{ada.person_id}/sessions/end"
    for role in ("customer", "agent", "operator"):
        other = await by_operator(engine, await newcomers.signed_in(), role)
        assert code_of(await other.post(path, WHY)) == "not_your_role"
    admin = await by_operator(engine, await newcomers.signed_in(), "admin")
    missing = await admin.post(f"/v1/people/{new_id()}/sessions/end", WHY)
    assert code_of(missing) == "not_found"
    assert (await ada.get("/v1/me")).status_code == 200
