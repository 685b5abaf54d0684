"""People who register, read their mail and sign in."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.identity.codes import CodeUse, derive_verification_code
from infra.database.schema import audit_entry, notification
from infra.identifiers import new_id
from infra.notifications.composing import ACCOUNT_HOLDER
from tests.api.client import Person
from tests.api.conftest import HANDOVER_KEY
from tests.opened import notices

PASSWORD = "four words in a row"


@dataclass(frozen=True)
class SignedIn(Person):
    """Somebody with an account and a session."""

    email: str
    session_id: str
    refresh_token: str

    async def change(self, method: str, path: str, body: Any = None) -> httpx.Response:
        """Send a change that can be repeated as it is."""
        return await self.http.request(method, path, json=body, headers=self.headers)


@dataclass(frozen=True)
class Newcomers:
    """Makes accounts the way people do."""

    web: httpx.AsyncClient
    engine: AsyncEngine

    async def register(self, email: str, **more: Any) -> httpx.Response:
        body = {
            "email": email,
            "password": PASSWORD,
            "display_name": "Ada Lovelace",
            "roles": ["customer"],
            **more,
        }
        return await self.web.post("/v1/auth/registrations", json=body)

    async def registered(self, email: str | None = None, **more: Any) -> str:
        """Return the address of somebody who has an account now."""
        email = email or new_address()
        begun = (await self.register(email, **more)).json()
        opened = await self.verify(begun["verification_id"])
        assert opened.status_code == 201, opened.text
        return email

    async def verify(self, verification_id: str, code: str | None = None) -> httpx.Response:
        code = code or code_of_mail(verification_id, CodeUse.REGISTRATION)
        body = {"verification_id": verification_id, "code": code}
        return await self.web.post("/v1/auth/registrations/verification", json=body)

    async def sign_in(self, email: str, password: str = PASSWORD, **more: Any) -> httpx.Response:
        body = {"email": email, "password": password, **more}
        return await self.web.post("/v1/auth/sign-in", json=body)

    async def signed_in(self, email: str | None = None, **more: Any) -> SignedIn:
        """Return somebody who has signed in, with a new account unless an address is given."""
        email = email or await self.registered(**more)
        return self.somebody(email, await self.sign_in(email))

    def somebody(self, email: str, answer: httpx.Response) -> SignedIn:
        """Return who an answer with tokens is for."""
        assert answer.status_code == 200, answer.text
        said = answer.json()
        return SignedIn(
            http=self.web,
            person_id=said["person_id"],
            token=said["access_token"],
            email=email,
            session_id=said["session_id"],
            refresh_token=said["refresh_token"],
        )

    async def refresh(self, token: str) -> httpx.Response:
        return await self.web.post("/v1/auth/refresh", json={"refresh_token": token})

    async def told(self, address: str) -> list[str]:
        """Return the kinds of messages to an address, in the order in which they were written."""
        about_accounts = notification.c.audience == ACCOUNT_HOLDER
        found = await notices(self.engine, about_accounts)
        return [row["kind"] for row in found if row["address"] == address]

    async def noted(self, subject_id: str) -> list[tuple[str, str]]:
        """Return what the audit says of a person or a session: the kind, and of what or why."""
        query = (
            select(audit_entry.c.kind, audit_entry.c.body)
            .where(audit_entry.c.subject_id == subject_id)
            .order_by(audit_entry.c.sequence)
        )
        async with self.engine.connect() as connection:
            rows = (await connection.execute(query)).all()
        facts = [(row.kind, json.loads(row.body)["facts"]) for row in rows]
        return [(kind, said.get("what") or said["reason"]) for kind, said in facts]


def new_address() -> str:
    """Return an address that nobody has."""
    return f"ada.{new_id()[-12:]}@example.org"


def code_of_mail(verification_id: str, use: CodeUse) -> str:
    """Return the code that the mail holds."""
    return derive_verification_code(HANDOVER_KEY, verification_id, use)


def wrong(code: str) -> str:
    """Return another code of the same shape."""
    return code[:-1] + ("1" if code[-1] != "1" else "2")
