"""The subcommands on a real database; `up` is tested with the local stack."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest

from infra.cli import main
from infra.cli.arguments import parser
from infra.database.tokens import token_hash
from infra.encryption.indexes import IndexPurpose
from infra.local_stack.folder import StackFolder
from tests.conftest import MakeParcel, make_database_url
from tests.keys import ENCRYPTION

DELIVERY_WITHOUT_EVENTS = """
WITH someone AS (
    INSERT INTO person (person_id, display_name, roles)
    VALUES (gen_random_uuid(), 'Ada', '{customer}') RETURNING person_id
), wanted AS (
    INSERT INTO parcel (delivery_id, customer_id, sender_id, recipient_name, description,
        weight_grams, currency, pickup_address, pickup_latitude, pickup_longitude,
        destination_address, destination_latitude, destination_longitude,
        suggested_price_minor, request_expires_at, policies)
    SELECT gen_random_uuid(), person_id, person_id, 'Rosa', 'A box', 1, 'EUR', 'Here', 1, 1,
        'There', 2, 2, 1, now(), '{}' FROM someone RETURNING delivery_id, customer_id
)
INSERT INTO delivery (delivery_id, customer_id, sender_id, status, escrow, dispute, currency,
    head_sequence, head_hash, opened_at, updated_at)
SELECT delivery_id, customer_id, customer_id, 'requested', 'none', 'none', 'EUR', 3, sha256(''),
    now(), now() FROM wanted
"""
UNKNOWN = "00000000-0000-7000-8000-000000000000"
LIBPQ_PREFIX = "postgresql+psycopg://"


@pytest.fixture(autouse=True)
def _no_other_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("SENDALONG_DATA", str(tmp_path / "data"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


@pytest.fixture
def database(database_url: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Let the commands use the migrated database, and return its address."""
    monkeypatch.setenv("DATABASE_URL", database_url)
    return database_url.replace(LIBPQ_PREFIX, "postgresql://")


def columns(database: str, query: str, value: object) -> tuple[object, ...]:
    with psycopg.connect(database) as session:
        row = session.execute(query, (value,)).fetchone()
    assert row is not None
    return row


def test_a_token_lets_a_new_person_in(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["token", "--name", "Ada", "--role", "traveler", "--role", "customer"]
    assert main([*asked, "--phone", "+34600000001", "--email", "ada@example.org"]) == 0
    told = capsys.readouterr()
    token, person_id = told.out.strip(), told.err.split()[1]
    found = columns(
        database,
        "SELECT p.person_id::text, roles, email_lookup,"
        " payout_account LIKE 'acct_sandbox_%%' FROM access_token t JOIN person p USING (person_id)"
        " WHERE token_hash = %s AND expires_at > now() + interval '89 days'",
        token_hash(token),
    )
    roles = ["customer", "traveler"]
    lookup = ENCRYPTION.index.of(IndexPurpose.EMAIL, "ada@example.org").hex()
    assert found == (person_id, roles, lookup, True)


def test_an_agent_has_skills(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    skills = ["--skill", "damaged", "--skill", "appeals"]
    assert main(["token", "--name", "Eve", "--role", "agent", *skills]) == 0
    person_id = capsys.readouterr().err.split()[1]
    asked_for = "SELECT skills FROM person WHERE person_id = %s"
    assert columns(database, asked_for, person_id) == (["appeals", "damaged"],)


def test_a_person_gets_another_token(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    main(["token", "--name", "Bo"])
    person_id = capsys.readouterr().err.split()[1]
    assert main(["token", "--person", person_id, "--days", "1"]) == 0
    count = "SELECT count(*) FROM access_token WHERE person_id = %s"
    assert columns(database, count, person_id) == (2,)


def test_the_tokens_of_a_person_are_revoked(
    database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    main(["token", "--name", "Bo"])
    person_id = capsys.readouterr().err.split()[1]
    main(["token", "--person", person_id])
    capsys.readouterr()
    assert main(["token", "--revoke", person_id]) == 0
    assert capsys.readouterr().out == "2 revoked\n"
    count = "SELECT count(*) FROM access_token WHERE person_id = %s AND revoked_at IS NULL"
    assert columns(database, count, person_id) == (0,)
    assert main(["token", "--revoke", UNKNOWN]) == 1
    assert capsys.readouterr().err.startswith("There is no person")


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize(
    ("person", "answer"), [("nobody", "nobody is no id"), (UNKNOWN, "There is no person")]
)
def test_nobody_gets_no_token(person: str, answer: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["token", "--person", person]) == 1
    told = capsys.readouterr()
    assert told.out == ""
    assert told.err.startswith(answer)


@pytest.mark.usefixtures("database")
def test_migrating_a_migrated_database_says_where_it_is(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["migrate"]) == 0
    assert "up to date at revision 0" in capsys.readouterr().out


async def test_stored_messages_of_a_delivery_are_listed(
    database: str, make_parcel: MakeParcel, capsys: pytest.CaptureFixture[str]
) -> None:
    delivery_id = await make_parcel()
    store_message(database, delivery_id)
    command = [sys.executable, "-m", "infra.cli", "messages", delivery_id]
    told = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: ASYNC221
    assert told.stdout == (
        "sms to recipient at +34600000001: On its way\n    Hello.\n    Your parcel is here.\n"
    )
    assert not capsys.readouterr().out


def store_message(database: str, delivery_id: str) -> None:
    with psycopg.connect(database) as session:
        session.execute(
            "INSERT INTO delivery (delivery_id, customer_id, sender_id, status, escrow, dispute,"
            " currency, head_sequence, head_hash, opened_at, updated_at)"
            " SELECT delivery_id, customer_id, sender_id, 'requested', 'none', 'none', 'EUR', 0,"
            " sha256(''), now(), now() FROM parcel WHERE delivery_id = %s",
            (delivery_id,),
        )
        session.execute(
            "WITH told AS (INSERT INTO notification"
            " (delivery_id, event_sequence, audience, channel, address, kind)"
            " VALUES (%s, 1, 'recipient', 'sms', '+34600000001', 'request_opened')"
            " RETURNING notification_id)"
            " INSERT INTO stored_message (message_id, channel, address, subject, body)"
            " SELECT notification_id, 'sms', '+34600000001', 'On its way',"
            " E'Hello.\\nYour parcel is here.\\n' FROM told",
            (delivery_id,),
        )


@pytest.mark.usefixtures("database")
def test_a_delivery_without_messages(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["messages", UNKNOWN]) == 0
    assert capsys.readouterr().out.startswith("No message is stored")
    assert main(["messages", "--to", "nobody@example.org"]) == 0
    assert capsys.readouterr().out.startswith("No message is stored")
    assert main(["messages", "x"]) == 1


def test_check_tells_sound_books_from_broken_ones(
    database_server: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    url = make_database_url(database_server, f"check_{uuid4().hex}")
    monkeypatch.setenv("DATABASE_URL", url)
    assert main(["migrate"]) == 0
    assert main(["check"]) == 0
    assert "I7 holds" in capsys.readouterr().out
    with psycopg.connect(url) as session:
        session.execute(DELIVERY_WITHOUT_EVENTS)
    assert main(["check"]) == 1
    assert "I7 BROKEN" in capsys.readouterr().out


@pytest.mark.parametrize(
    "command", [["token", "--name", "Ada"], ["messages", UNKNOWN], ["migrate"], ["check"]]
)
def test_without_a_database_one_line_says_what_to_do(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(command) == 1
    told = capsys.readouterr().err
    assert "Sendalong is not running on" in told
    assert told.count("\n") == 1


@pytest.mark.parametrize("url", ["postgresql://127.0.0.1:1/x", "mysql://127.0.0.1/x"])
def test_a_database_that_cannot_be_used_gives_one_line(
    url: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", url)
    for command in (["token", "--name", "Ada"], ["migrate"]):
        assert main(command) == 1
        told = capsys.readouterr().err
        assert told.startswith("The database cannot be used: ")
        assert told.count("\n") == 1


@pytest.fixture
def filled(tmp_path: Path) -> StackFolder:
    folder = StackFolder(tmp_path / "data")
    folder.take()
    folder.handover_key()
    folder.leave()
    return folder


def test_reset_empties_the_folder(filled: StackFolder, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset", "--yes"]) == 0
    assert not filled.keys.exists()
    assert capsys.readouterr().out.endswith("is empty.\n")


@pytest.mark.parametrize(("answer", "is_kept"), [("", True), ("n", True), ("y", False)])
def test_reset_asks(
    answer: str, is_kept: bool, filled: StackFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("builtins.input", lambda _: answer)
    assert main(["reset"]) == (1 if is_kept else 0)
    assert filled.keys.exists() is is_kept


def test_reset_without_a_terminal_changes_nothing(
    filled: StackFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end_of_input(_: str) -> str:
        raise EOFError

    monkeypatch.setattr("builtins.input", end_of_input)
    assert main(["reset"]) == 1
    assert filled.keys.exists()


def test_reset_refuses_while_a_stack_runs(
    filled: StackFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    filled.take()
    assert main(["reset", "--yes"]) == 1
    assert "already running" in capsys.readouterr().err
    assert filled.keys.exists()
    filled.leave()


def test_reset_of_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["reset"]) == 0
    assert "nothing to remove" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong",
    [
        [],
        ["fly"],
        ["up", "--port-api", "0"],
        ["up", "--port-api", "８０８０"],
        ["token"],
        ["token", "--name", "Ada", "--role", "king"],
        ["token", "--name", "Ada", "--days", "0"],
        ["token", "--name", "Ada", "--person", "x"],
        ["token", "--revoke", UNKNOWN, "--name", "Ada"],
        ["token", "--name", " "],
        ["token", "--name", "A\nda"],
        ["token", "--name", "A" * 101],
        ["token", "--name", "Ada", "--phone", "600000001"],
        ["token", "--name", "Ada", "--phone", "+34 600 000 001"],
        ["token", "--name", "Ada", "--email", "ada"],
        ["token", "--name", "Ada", "--email", "Ada <ada@example.org>"],
        ["messages"],
    ],
)
def test_a_mistake_on_the_command_line_is_explained(
    wrong: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(wrong)
    assert ended.value.code == 2
    assert "error: " in capsys.readouterr().err


def test_help_names_every_command_and_loads_nothing_heavy() -> None:
    code = (
        "import sys; from infra.cli.arguments import parser; text = parser().format_help();"
        "heavy = {'sqlalchemy', 'temporalio', 'pydantic', 'httpx'} & set(sys.modules);"
        "sys.exit(f'{heavy}' if heavy else print(text))"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    for command in ("up", "demo", "reset", "migrate", "token", "messages", "check"):
        assert f"    {command} " in told.stdout
    assert parser().prog == "sendalong"


@pytest.mark.usefixtures("filled")
def test_ctrl_c_is_no_traceback(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: str) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("builtins.input", interrupt)
    assert main(["reset"]) == 130
