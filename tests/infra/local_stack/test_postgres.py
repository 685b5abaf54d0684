"""The embedded PostgreSQL; the tests share a cluster, which takes a second to make."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psutil
import psycopg
import pytest

from infra.local_stack.errors import StackError
from infra.local_stack.migration import migrate_database
from infra.local_stack.postgres import EmbeddedPostgres
from tests.folders import stack_folder


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with stack_folder() as folder:
        yield folder / "postgres"


def embedded(folder: Path) -> EmbeddedPostgres:
    return EmbeddedPostgres(folder, folder.with_name("postgres.new"))


@pytest.fixture
async def postgres(folder: Path) -> AsyncIterator[EmbeddedPostgres]:
    server = embedded(folder)
    await server.start()
    with connection(server) as session:
        session.execute("CREATE TABLE IF NOT EXISTS kept AS SELECT 7 AS value")
    yield server
    await server.stop()


def connection(server: EmbeddedPostgres) -> psycopg.Connection[tuple[int]]:
    address = server.url.replace("+psycopg", "").replace("/sendalong?", "/postgres?")
    return psycopg.connect(address, autocommit=True)


def kept(server: EmbeddedPostgres) -> int:
    with connection(server) as session:
        row = session.execute("SELECT value FROM kept").fetchone()
    assert row is not None
    return row[0]


async def test_a_server_is_made_and_started(postgres: EmbeddedPostgres) -> None:
    assert await postgres.is_ready()
    assert psutil.pid_exists(postgres.process_id)


async def test_what_was_written_is_there_after_a_new_start(postgres: EmbeddedPostgres) -> None:
    await postgres.stop()
    await postgres.start()
    assert kept(postgres) == 7


async def test_it_listens_on_no_port(postgres: EmbeddedPostgres) -> None:
    connections = psutil.Process(postgres.process_id).net_connections(kind="inet")
    assert connections == []


async def test_after_a_kill_it_recovers(postgres: EmbeddedPostgres) -> None:
    before = postgres.process_id
    await postgres.kill()
    await postgres.start()
    assert postgres.process_id != before
    assert kept(postgres) == 7


async def test_a_death_is_noticed(postgres: EmbeddedPostgres) -> None:
    psutil.Process(postgres.process_id).kill()
    await postgres.ended()
    assert str(postgres.death()).startswith("PostgreSQL ended by itself: ")


async def test_a_server_that_a_killed_supervisor_left_is_adopted(
    postgres: EmbeddedPostgres, folder: Path
) -> None:
    heir = embedded(folder)
    assert heir.adopt()
    assert heir.process_id == postgres.process_id
    await heir.stop()
    await postgres.ended()
    assert not heir.adopt()


async def test_a_pid_file_that_names_another_program_is_forgotten(
    postgres: EmbeddedPostgres, folder: Path
) -> None:
    await postgres.stop()
    lines = [str(os.getpid()), str(folder), "1", "5432", str(folder), "", "0 0", "ready"]
    (folder / "postmaster.pid").write_text("\n".join(lines))
    server = embedded(folder)
    await server.start()
    assert server.process_id != os.getpid()
    assert kept(server) == 7
    await server.stop()


async def test_stopping_twice_is_as_good_as_once(postgres: EmbeddedPostgres) -> None:
    process = psutil.Process(postgres.process_id)
    await postgres.stop()
    await postgres.stop()
    assert not process.is_running() or process.status() == psutil.STATUS_ZOMBIE


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a folder away")
async def test_a_cluster_of_another_user_is_left_alone(tmp_path: Path) -> None:
    folder = tmp_path / "postgres"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("18\n")
    with pytest.raises(StackError, match="belongs to user root; go on as that user"):
        await embedded(folder).start()


@pytest.fixture
def broken(folder: Path) -> Iterator[Path]:
    with stack_folder() as own:
        broken = own / "postgres"
        broken.mkdir()
        (broken / "PG_VERSION").write_text("18\n")
        os.chown(broken, folder.stat().st_uid, folder.stat().st_gid)
        yield broken


async def test_a_broken_cluster_gives_one_line(broken: Path) -> None:
    with pytest.raises(StackError, match=r"^PostgreSQL cannot start: pg_ctl ended with exit code"):
        await embedded(broken).start()


def test_a_database_that_does_not_answer_gives_one_line(tmp_path: Path) -> None:
    with pytest.raises(StackError, match=r"^The database cannot be used: ") as failure:
        migrate_database(f"postgresql://postgres@/sendalong?host={tmp_path}")
    assert "\n" not in str(failure.value)
    with pytest.raises(StackError, match="must start with postgresql"):
        migrate_database("mysql://localhost/sendalong")
