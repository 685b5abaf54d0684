"""People with second factors, and the approvals they give."""

from __future__ import annotations

import json
import time
from hashlib import sha256
from typing import Any

import httpx
import pyotp
from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.factors import FACTORS
from infra.database.schema import totp_factor
from tests.api.client import Person
from tests.api.story import done

PATH = "/v1/me/second-factors"
STEP_UPS = "/v1/me/step-ups"


async def set_up(person: Person) -> tuple[pyotp.TOTP, list[str]]:
    """Set up an app with its current code, and return it with the codes on paper."""
    setup = done(await person.http.put(f"{PATH}/totp", headers=person.headers))
    app = pyotp.parse_uri(setup["otpauth_uri"])
    assert isinstance(app, pyotp.TOTP)
    answer = await person.post(f"{PATH}/totp/confirmation", {"code": app.now()})
    return app, done(answer)["recovery_codes"]


def next_code(app: pyotp.TOTP) -> str:
    """Return the code after the current one: taken already, and not spent by the setup."""
    return app.at(time.time() + FACTORS.step_s)


async def let_steps_pass(engine: AsyncEngine, person: Person) -> None:
    """Forget which code was taken last, as if enough time had passed for the next one."""
    forgotten = update(totp_factor).values(last_step=0)
    async with engine.begin() as connection:
        await connection.execute(forgotten.where(totp_factor.c.person_id == person.person_id))


def named(method: str, path: str, body: Any = None) -> dict[str, str]:
    """Return how a request is named to the one who approves it."""
    content = b"" if body is None else json.dumps(body).encode()
    return {"method": method, "path": path, "body_sha256": sha256(content).hexdigest()}


async def approve(person: Person, wanted: dict[str, str], answer: dict[str, Any]) -> str:
    """Approve a request and return the grant."""
    asked = done(await person.post(STEP_UPS, wanted))
    given = await person.post(f"{STEP_UPS}/{asked['step_up_id']}/answer", answer)
    return str(done(given)["step_up"])


async def send(person: Person, method: str, path: str, grant: str | None = None) -> httpx.Response:
    """Send a request without a body, with a grant if there is one."""
    headers = {**person.headers, **({"Step-Up": grant} if grant else {})}
    return await person.http.request(method, path, headers=headers)
