"""The command line verifies the audit and says by its exit code what came of it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.auditing.findings import Judgement
from infra.audit.roots import DatabaseRoots
from infra.audit.signing import RootSigner, shown_key
from infra.cli import main
from tests.conftest import make_database_url
from tests.infra.audit.conftest import vault
from tests.infra.audit.tampering import tampered
from tests.infra.database.conftest import begin_story
from tests.infra.database.story import Story
from tests.keys import AUDIT_SEED

__all__ = ["vault"]


@pytest.fixture
async def story(vault: AsyncEngine, monkeypatch: pytest.MonkeyPatch) -> Story:
    """A delivery that a root knows."""
    url = vault.url.render_as_string(hide_password=False)
    monkeypatch.setenv("DATABASE_URL", url)
    story = await begin_story(vault)
    await story.held()
    await DatabaseRoots(vault, RootSigner(AUDIT_SEED)).sign()
    return story


async def told(capsys: pytest.CaptureFixture[str], *words: str | Path) -> tuple[int, str]:
    code = await asyncio.to_thread(main, ["audit", *map(str, words)])
    said = capsys.readouterr()
    return code, said.out + said.err


async def test_the_exit_code_says_what_came_of_it(
    vault: AsyncEngine,
    story: Story,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    database_server: str,
) -> None:
    assert (await told(capsys, "verify"))[0] == Judgement.CLEAN
    assert (await told(capsys, "verify", "--delivery", story.delivery_id))[0] == Judgement.CLEAN
    async with tampered(vault, "UPDATE event SET body = '{}' WHERE sequence = 2"):
        code, said = await told(capsys, "verify")
    assert code == Judgement.TAMPERED
    assert "event 2: it was changed after it was written" in said
    monkeypatch.setenv("DATABASE_URL", make_database_url(database_server, "nowhere"))
    code, said = await told(capsys, "verify")
    assert (code, said.startswith("NOT CHECKED")) == (Judgement.UNCHECKED, True)


async def test_a_key_that_is_named_is_trusted(
    story: Story,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    monkeypatch.delenv("SENDALONG_AUDIT_SIGNING_KEY")
    nowhere = ("--data", tmp_path)
    assert (await told(capsys, *nowhere, "verify"))[0] == Judgement.UNCHECKED
    key = shown_key(RootSigner(AUDIT_SEED).public)
    assert (await told(capsys, *nowhere, "verify", "--key", key))[0] == Judgement.CLEAN
    assert story.delivery_id


async def test_roots_are_kept_elsewhere_and_compared(
    vault: AsyncEngine, story: Story, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    kept = tmp_path / "roots"
    _, said = await told(capsys, "roots")
    kept.write_text("\n".join(line for line in said.splitlines() if line.startswith("{")))
    assert (await told(capsys, "verify", "--against", kept))[0] == Judgement.CLEAN
    kept.write_text(kept.read_text().replace("chains", "Chains"))
    code, said = await told(capsys, "verify", "--against", kept)
    assert (code, "holds no roots" in said) == (Judgement.UNCHECKED, True)
    assert story.delivery_id


async def test_the_proof_is_printed(story: Story, capsys: pytest.CaptureFixture[str]) -> None:
    code, said = await told(capsys, "proof", story.delivery_id)
    assert code == 0
    assert json.loads(said)["chain"] == f"delivery:{story.delivery_id}"
    code, said = await told(capsys, "proof", "01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21")
    assert (code, said.startswith("No signed root knows")) == (1, True)
