"""Rotation wraps keys anew: what they encrypted stays readable, also while it goes on."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from infra.cli import main
from infra.database.engine import create_engine
from infra.database.migrate import migrate
from infra.database.schema import person
from infra.database.tokens import create_person
from infra.encryption.fields import Place
from infra.encryption.indexes import BlindIndex
from infra.encryption.keys import KeyUnknown
from infra.encryption.owned import KeyOwner, OwnedKeys, shred
from infra.encryption.parts import Encryption
from infra.encryption.people import opened_person, person_key_column
from infra.encryption.rings import FileKeys, HeldKeys, read_ring, with_new_key
from infra.encryption.rotation import key_use, rewrap_all
from infra.identifiers import new_id
from infra.local_stack.folder import StackFolder
from tests.conftest import make_database_url
from tests.keys import INDEX_KEY, VARIABLES

HERE = Place("person", "email", "1")
ADDRESS = "ada@example.org"


@pytest.fixture
def url(database_server: str) -> str:
    url = make_database_url(database_server, f"rotation_{new_id()[-12:]}")
    migrate(url)
    return url


@pytest.fixture
async def books(url: str) -> AsyncIterator[AsyncEngine]:
    engine = create_engine(url)
    yield engine
    await engine.dispose()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StackFolder:
    """A data folder whose keys are the only ones there are."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    folder = StackFolder(tmp_path)
    folder.keys.mkdir()
    return folder


async def test_the_command_rotates_while_others_read(
    url: str,
    books: AsyncEngine,
    folder: StackFolder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    owners = [KeyOwner.person(new_id()) for _ in range(3)]
    running = OwnedKeys(FileKeys(folder.encryption_keys()))
    async with books.begin() as connection:
        keys = [await running.made_for(connection, owner) for owner in owners]
        sealed = [key.seal(HERE, ADDRESS) for key in keys]
        await shred(connection, owners[2])
    encryption = Encryption(running, BlindIndex(INDEX_KEY))
    ada = await create_person(books, encryption, display_name="Ada", roles=(), email=ADDRESS)
    monkeypatch.setenv("DATABASE_URL", url)
    assert await said(folder, "rotate") == 0
    assert await said(folder, "list") == 0
    printed = capsys.readouterr().out
    assert "k2 is the current key.\n3 keys are wrapped anew." in printed
    assert "k2  current  wraps 3 keys\nk1  old  wraps 0 keys\n1 keys were destroyed" in printed
    async with books.begin() as connection:
        for owner, value in zip(owners[:2], sealed, strict=False):
            key = await running.of(connection, owner)
            assert key.open(HERE, value) == ADDRESS
        await running.made_for(connection, KeyOwner.person(new_id()))
        kept = select(person, person_key_column()).where(person.c.person_id == ada)
        row = (await connection.execute(kept)).one()._asdict()
    ring = read_ring(folder.encryption_keys().read_text())
    # Who reads with the new key alone reads everything.
    fresh = OwnedKeys(HeldKeys({"k2": ring["k2"]}))
    assert (await opened_person(fresh, row))["email"] == ADDRESS
    assert (await key_use(books)).wraps == {"k2": 4}


async def test_a_lost_key_is_named_and_nothing_is_touched(
    url: str,
    books: AsyncEngine,
    folder: StackFolder,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = with_new_key(with_new_key({}))
    async with books.begin() as connection:
        await OwnedKeys(HeldKeys(lost)).made_for(connection, KeyOwner.person(new_id()))
    ring = read_ring(folder.encryption_keys().read_text())
    with pytest.raises(KeyUnknown, match="lacks k2"):
        await rewrap_all(books, OwnedKeys(HeldKeys(ring)))
    monkeypatch.setenv("DATABASE_URL", url)
    assert await said(folder, "list") == 1
    assert "k2  lost  1 keys cannot be unwrapped" in capsys.readouterr().out
    shutil.rmtree(folder.keys)
    assert await said(folder, "rotate") == 1
    assert "start Sendalong there first" in capsys.readouterr().err


async def said(folder: StackFolder, action: str) -> int:
    return await asyncio.to_thread(main, ["keys", action, "--data", str(folder.path)])
