"""The command line lists what needs attention and settles it in the name of staff."""

from __future__ import annotations

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from domain.attention import SUGGESTED_REPAIRS, AttentionItem, AttentionKind
from domain.ids import DeliveryId
from infra.cli import main
from infra.database.attention import DatabaseAttention, listed
from infra.identifiers import new_id
from tests.conftest import MakePerson

KIND = AttentionKind.HELD_TOO_LONG


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database_url)


async def told_by(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str]:
    """Run a command as a person does; return its exit code and what it told."""
    code = await asyncio.to_thread(main, ["attention", *words])
    told = capsys.readouterr()
    return code, told.out + told.err


async def test_items_are_listed_and_settled(
    engine: AsyncEngine,
    make_person: MakePerson,
    database: None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    delivery_id = DeliveryId(new_id())
    item = AttentionItem(f"held:{delivery_id}", KIND, "held payment", "It is old.", delivery_id)
    await DatabaseAttention(engine).raise_item(item)
    (kept,) = await listed(engine, settled=False, kind=KIND, delivery_id=delivery_id, count_max=9)
    only = ("list", "--delivery", delivery_id)

    code, told = await told_by(capsys, *only, "--kind", KIND)
    assert code == 0
    assert told.splitlines()[:3] == [
        f"{kept.item_id} held_too_long of delivery {delivery_id}",
        "    held payment: It is old.",
        f"    {SUGGESTED_REPAIRS[KIND]}",
    ]
    assert await told_by(capsys, *only, "--kind", "chargeback") == (0, "Nothing needs attention.\n")
    assert await told_by(capsys, *only, "--settled") == (0, "Nothing is settled.\n")

    customer, agent = await make_person("customer"), await make_person("agent")
    settle = ("settle", kept.item_id, "--remark", "Released by hand.", "--by")
    assert await told_by(capsys, *settle, customer) == (
        1,
        f"{customer} is no agent or operator.\n",
    )
    assert await told_by(capsys, *settle, agent) == (0, f"{kept.item_id} is settled.\n")
    assert await told_by(capsys, *settle, agent) == (1, f"There is no open item {kept.item_id}.\n")
    _, told = await told_by(capsys, *only, "--settled")
    assert told.splitlines()[2].endswith(f"by {agent}: Released by hand.")


@pytest.mark.parametrize(
    "words",
    [
        ("settle", "x", "--remark", "Done.", "--by", "0199c0de-0000-7000-8000-000000000001"),
        ("settle", "0199c0de-0000-7000-8000-000000000001", "--remark", "Done."),
        ("settle", "0199c0de-0000-7000-8000-000000000001", "--remark", " ", "--by", "x"),
        ("list", "--kind", "everything"),
    ],
)
def test_words_that_mean_nothing_are_refused(
    words: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["attention", *words])
    assert "usage: sendalong attention" in capsys.readouterr().err
