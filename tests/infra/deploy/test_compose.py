"""The compose file, read as data: what it promises can be checked without a container."""

from __future__ import annotations

import re
import subprocess
from base64 import b64encode
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import yaml

from domain.policies import standard_policies
from infra.database.roles import APPLICATION
from infra.local_stack.programs import temporal_binary
from infra.settings import Settings, load_settings

ROOT = Path(__file__).resolve().parents[3]
TEXT = (ROOT / "docker-compose.yml").read_text()
COMPOSE: dict[str, Any] = yaml.safe_load(TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
JOBS = {"temporal-schema", "temporal-namespace", "migrate"}
OURS = {"temporal-namespace", "migrate", "worker", "api", "codec"}
# A choice about tokens is no token.
SECRET = re.compile("PASSWORD|PWD|KEY|TOKEN(?!S)|SECRET")
VARIABLE = re.compile(r"\$\{(\w+)(:[?-])?")
LIBPQ = {"PGPASSWORD"}
"""Read by PostgreSQL's own client library."""


def settings_variables() -> set[str]:
    aliases = (field.validation_alias for field in Settings.model_fields.values())
    named = {alias for alias in aliases if isinstance(alias, str)}
    return named | {f"SENDALONG_{name.upper()}" for name in Settings.model_fields}


def required_settings() -> set[str]:
    """Return the variables of every setting, each under the one name by which it is set."""
    return {
        str(field.validation_alias or f"SENDALONG_{name.upper()}")
        for name, field in Settings.model_fields.items()
    }


def environment() -> Iterator[tuple[str, str, str]]:
    for service, content in SERVICES.items():
        for name, value in content["environment"].items():
            yield service, name, value


def example() -> dict[str, str]:
    lines = (ROOT / "infra/deploy/example.env").read_text().splitlines()
    return dict(line.split("=", 1) for line in lines if line and not line.startswith("#"))


@pytest.mark.parametrize("service", sorted(SERVICES))
def test_every_image_is_pinned(service: str) -> None:
    name, _, tag = SERVICES[service]["image"].rpartition(":")
    assert re.match(r"\d+\.\d+", tag), f"{name} has no exact version"
    assert "auto-setup" not in name


@pytest.mark.parametrize(("service", "part"), [("temporal", "Server"), ("temporal-ui", "UI")])
def test_the_servers_are_of_the_versions_that_the_local_stack_runs(service: str, part: str) -> None:
    told = subprocess.run(
        [temporal_binary(), "--version"], capture_output=True, text=True, check=True
    ).stdout
    version = re.search(rf"{part} ([\d.]+)", told)
    assert version is not None
    assert SERVICES[service]["image"].endswith(f":{version[1]}")
    assert (
        SERVICES["temporal-schema"]["image"].split(":")[1]
        == (SERVICES["temporal"]["image"].split(":")[1])
    )


def test_every_server_has_a_health_check_and_every_job_ends() -> None:
    for name, service in SERVICES.items():
        assert ("healthcheck" in service) == (name not in JOBS), name
        expected = "on-failure:5" if name in JOBS else "unless-stopped"
        assert service["restart"] == expected, name


def test_everybody_waits_for_what_is_needed_in_the_right_way() -> None:
    for name, service in SERVICES.items():
        for needed, terms in service.get("depends_on", {}).items():
            ends = "service_completed_successfully" if needed in JOBS else "service_healthy"
            assert terms == {"condition": ends}, f"{name} waits for {needed}"
    for name in ("worker", "api"):
        assert set(SERVICES[name]["depends_on"]) == {"migrate", "temporal-namespace"}


def test_no_secret_has_a_value_in_the_file() -> None:
    for service, name, value in environment():
        if SECRET.search(name):
            assert re.fullmatch(r"\$\{\w+:[?-][^}]*\}", value), f"{name} of {service}"
            assert ":-}" in value or ":?is not set" in value, f"{name} of {service}"
    assert not re.search(r"//[^/\s]+:[^/\s@]+@", TEXT), "an address holds a password"


def test_our_services_are_given_settings_that_exist() -> None:
    for service, name, _ in environment():
        if service in OURS:
            assert name in settings_variables() | LIBPQ, f"{name} of {service} is no setting"


@pytest.mark.parametrize("service", ["worker", "api"])
def test_worker_and_api_are_given_every_setting(service: str) -> None:
    assert set(SERVICES[service]["environment"]) == required_settings() | LIBPQ


def test_the_application_is_not_the_owner_of_its_database() -> None:
    addresses = {name: SERVICES[name]["environment"]["DATABASE_URL"] for name in ("worker", "api")}
    assert {urlsplit(address).username for address in addresses.values()} == {APPLICATION}
    assert urlsplit(SERVICES["migrate"]["environment"]["DATABASE_URL"]).username == "sendalong"
    made = (ROOT / "infra/deploy/postgres/databases.sql").read_text()
    assert f"ALTER ROLE {APPLICATION} LOGIN PASSWORD" in made
    assert f"GRANT CONNECT ON DATABASE sendalong TO {APPLICATION}" in made


def test_the_migration_is_given_the_database_and_no_secret_of_others() -> None:
    assert set(SERVICES["migrate"]["environment"]) == {"DATABASE_URL", *LIBPQ}


def test_the_example_is_a_choice_of_settings_that_works(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in example().items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("DATABASE_URL", "postgresql://sendalong@postgres/sendalong")
    key = b64encode(b"k" * 32).decode()
    monkeypatch.setenv("SENDALONG_HANDOVER_KEY", key)
    monkeypatch.setenv("SENDALONG_ENCRYPTION_KEYS", f"k1:{key}")
    monkeypatch.setenv("SENDALONG_INDEX_KEY", key)
    chosen = load_settings()
    assert (chosen.payments, chosen.sms, chosen.mail) == ("sandbox", "stored", "stored")
    assert chosen.policies == standard_policies()


def test_the_example_names_every_variable_and_no_other() -> None:
    used = {name for name, _ in VARIABLE.findall(TEXT)}
    assert set(example()) == used
    for name, value in example().items():
        assert not (SECRET.search(name) and value), f"{name} has a value"


def test_required_variables_are_the_ones_the_example_leaves_empty_first() -> None:
    required = {name for name, kind in VARIABLE.findall(TEXT) if kind == ":?"}
    assert required == {
        "POSTGRES_PASSWORD",
        "SENDALONG_DATABASE_PASSWORD",
        "SENDALONG_APPLICATION_PASSWORD",
        "TEMPORAL_DATABASE_PASSWORD",
        "SENDALONG_HANDOVER_KEY",
        "SENDALONG_SIGNING_KEYS",
        "SENDALONG_AUDIT_SIGNING_KEY",
        "SENDALONG_PROOF_SIGNING_KEYS",
        "SENDALONG_INDEX_KEY",
        "SENDALONG_CODEC_TOKEN",
    }


def test_ports_are_open_to_this_machine_only_and_for_people_only() -> None:
    assert {name for name, service in SERVICES.items() if "ports" in service} == {
        "temporal-ui",
        "api",
        "codec",
    }
    for service in SERVICES.values():
        for port in service.get("ports", []):
            assert port.startswith("127.0.0.1:")


def test_mounted_files_exist_and_cannot_be_written() -> None:
    for service in SERVICES.values():
        for volume in service.get("volumes", []):
            source, *rest = volume.split(":")
            if source.startswith("./"):
                assert (ROOT / source).is_file(), source
                assert rest[-1] == "ro"
            else:
                assert source in COMPOSE["volumes"]


def test_our_services_run_without_privileges_from_one_image() -> None:
    for name in OURS:
        service = SERVICES[name]
        assert service["build"]["dockerfile"] == "infra/deploy/Dockerfile"
        assert service["read_only"]
        assert service["cap_drop"] == ["ALL"]
        assert service["security_opt"] == ["no-new-privileges:true"]


def test_the_worker_has_longer_to_stop_than_its_activities() -> None:
    from worker import GRACE  # noqa: PLC0415

    assert SERVICES["worker"]["stop_grace_period"] == "30s"
    assert GRACE.total_seconds() < 30
