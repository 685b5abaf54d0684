"""Settings are read once, checked at once, and never print a secret."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import replace
from typing import Any

import pytest
from pydantic import ValidationError

from domain.policies import standard_policies
from infra.settings import chosen_payments, load_settings

KEY = b64encode(b"k" * 32).decode()


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    monkeypatch.setenv("DATABASE_URL", "postgresql://app:secret@db.example/app")
    monkeypatch.setenv("SENDALONG_HANDOVER_KEY", KEY)
    for name in ("TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "SENDALONG_POLICIES"):
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_two_settings_are_enough() -> None:
    settings = load_settings()
    assert settings.database_url == "postgresql://app:secret@db.example/app"
    assert settings.handover_key_bytes == b"k" * 32
    assert (settings.payments, settings.sms, settings.mail) == ("sandbox", "stored", "stored")
    assert settings.policies.windows.inspection_s == 48 * 3_600


@pytest.mark.parametrize(
    ("named", "chosen"),
    [
        ({"PAYMENTS": "stripe"}, "stripe"),
        ({"SENDALONG_PAYMENTS": "stripe"}, "stripe"),
        ({"SENDALONG_PAYMENTS": "sandbox", "PAYMENTS": "stripe"}, "sandbox"),
        ({"SENDALONG_PAYMENTS": "", "PAYMENTS": "stripe"}, "stripe"),
        ({}, "sandbox"),
    ],
)
def test_the_payment_provider_is_chosen_by_either_name(
    environment: pytest.MonkeyPatch, named: dict[str, str], chosen: str
) -> None:
    for name in ("SENDALONG_PAYMENTS", "PAYMENTS"):
        environment.delenv(name, raising=False)
    for name, value in named.items():
        environment.setenv(name, value)
    environment.setenv("SENDALONG_STRIPE_SECRET_KEY", "sk_test_1")
    environment.setenv("SENDALONG_STRIPE_URL", "http://127.0.0.1:12111")
    assert load_settings().payments == chosen
    assert chosen_payments() == chosen


@pytest.mark.parametrize(
    ("held", "file", "index_key", "complaint"),
    [
        ("", "", KEY, "set one of SENDALONG_ENCRYPTION_KEYS and SENDALONG_ENCRYPTION_KEYS_FILE"),
        (f"k1:{KEY}", "encryption.keys", KEY, "set one of"),
        (KEY, "", KEY, "entry 1 of the key ring needs an id"),
        (f"k1:{KEY}", "", "", "SENDALONG_INDEX_KEY needs exactly 32 bytes"),
    ],
)
def test_nothing_runs_without_keys_to_encrypt_with(
    environment: pytest.MonkeyPatch, held: str, file: str, index_key: str, complaint: str
) -> None:
    environment.setenv("SENDALONG_ENCRYPTION_KEYS", held)
    environment.setenv("SENDALONG_ENCRYPTION_KEYS_FILE", file)
    environment.setenv("SENDALONG_INDEX_KEY", index_key)
    with pytest.raises(ValidationError, match=complaint) as refused:
        load_settings()
    assert KEY not in str(refused.value)


def test_secrets_are_not_printed() -> None:
    printed = repr(load_settings(twilio_auth_token="very secret"))
    assert "very secret" not in printed
    assert ":secret@" not in printed
    assert KEY not in printed


def test_single_figures_of_the_policies_can_be_replaced(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SENDALONG_POLICIES", '{"windows": {"inspection_s": 3}}')
    policies = load_settings().policies
    assert policies.windows.inspection_s == 3
    assert policies.windows.request_s == 7 * 86_400
    untouched = replace(standard_policies(), windows=policies.windows)
    assert policies == untouched, "what is not named is as for all new deliveries"


@pytest.mark.parametrize(
    ("policies", "complaint"),
    [
        ('{"windows": {"inspection": 3}}', "policies.windows has no figure inspection"),
        ('{"window": {}}', "policies has no figure window"),
        ('{"windows": {"inspection_s": "soon"}}', "valid integer"),
        ('{"verdict_default": "coin_toss"}', "Input should be"),
    ],
)
def test_a_figure_that_does_not_exist_is_refused(
    environment: pytest.MonkeyPatch, policies: str, complaint: str
) -> None:
    environment.setenv("SENDALONG_POLICIES", policies)
    with pytest.raises(ValidationError, match=complaint):
        load_settings()


@pytest.mark.parametrize("key", ["", "no base64!", b64encode(b"short").decode()])
def test_a_weak_handover_key_is_refused(environment: pytest.MonkeyPatch, key: str) -> None:
    environment.setenv("SENDALONG_HANDOVER_KEY", key)
    with pytest.raises(ValidationError) as refused:
        load_settings()
    assert "handover_key" in str(refused.value)
    assert not key or key not in str(refused.value)


@pytest.mark.parametrize("missing", ["DATABASE_URL", "SENDALONG_HANDOVER_KEY"])
def test_what_has_no_default_must_be_set(environment: pytest.MonkeyPatch, missing: str) -> None:
    environment.delenv(missing)
    with pytest.raises(ValidationError):
        load_settings()


def test_an_override_wins() -> None:
    settings = load_settings(database_url="postgresql://other/db", temporal_address="127.0.0.1:1")
    assert settings.database_url == "postgresql://other/db"
    assert "temporal_address" in settings.model_fields_set


LIVE, TEST = "sk_live_0123456789", "rk_test_0123456789"
STAND_IN = "http://127.0.0.1:12111"


@pytest.mark.parametrize(
    ("choice", "complaint"),
    [
        ({}, "secret or restricted key"),
        ({"stripe_secret_key": "pk_live_published"}, "secret or restricted key"),
        ({"stripe_secret_key": LIVE, "stripe_url": STAND_IN}, "live key"),
        (
            {"stripe_secret_key": LIVE, "stripe_url": STAND_IN, "stripe_test_mode": True},
            "live key",
        ),
        ({"stripe_secret_key": TEST}, "moves no real money"),
    ],
)
def test_a_key_of_stripe_that_does_not_fit_its_address_is_refused(
    choice: dict[str, Any], complaint: str
) -> None:
    with pytest.raises(ValidationError, match=complaint) as refused:
        load_settings(payments="stripe", **choice)
    assert choice.get("stripe_secret_key", "no key") not in str(refused.value)


@pytest.mark.parametrize(
    ("choice", "is_live"),
    [
        ({"stripe_secret_key": LIVE}, True),
        ({"stripe_secret_key": TEST, "stripe_url": STAND_IN}, False),
        ({"stripe_secret_key": TEST, "stripe_test_mode": True}, False),
    ],
)
def test_a_key_of_stripe_that_fits_its_address_is_taken(
    choice: dict[str, Any], is_live: bool
) -> None:
    settings = load_settings(payments="stripe", **choice)
    assert settings.stripe_is_live is is_live
    assert choice["stripe_secret_key"] not in repr(settings)


def test_a_key_of_stripe_is_checked_even_where_stripe_is_not_chosen() -> None:
    with pytest.raises(ValidationError):
        load_settings(stripe_secret_key=LIVE, stripe_url=STAND_IN)
    assert not load_settings().stripe_is_live


TWILIO = {
    "twilio_account_sid": "AC1",
    "twilio_auth_token": "secret",
    "twilio_from": "+34600000001",
}
SENDGRID = {"sendgrid_api_key": "SG.1", "sendgrid_from": "post@example.org"}


@pytest.mark.parametrize(
    ("choice", "credentials"), [({"sms": "twilio"}, TWILIO), ({"mail": "sendgrid"}, SENDGRID)]
)
def test_a_real_sender_needs_its_credentials(
    choice: dict[str, Any], credentials: dict[str, str]
) -> None:
    load_settings(**choice, **credentials)
    for missing in credentials:
        with pytest.raises(ValidationError, match=f"SENDALONG_{missing.upper()} is not set"):
            load_settings(**choice, **{**credentials, missing: ""})


@pytest.mark.parametrize(
    ("url", "is_taken"),
    [
        ("https://send.example", True),
        ("http://127.0.0.1:8080", True),
        ("http://localhost:8080", True),
        ("http://send.example", False),
        ("http://127.0.0.1.example", False),
        ("send.example", False),
    ],
)
def test_links_to_codes_are_sent_for_safe_addresses_only(url: str, is_taken: bool) -> None:
    assert load_settings(public_url=url).public_url == url
    if is_taken:
        assert load_settings(public_url=url, sms="twilio", **TWILIO).public_url == url
    else:
        with pytest.raises(ValidationError, match="SENDALONG_PUBLIC_URL must start with https"):
            load_settings(public_url=url, sms="twilio", **TWILIO)


@pytest.mark.parametrize("name", ["POLICIES", "PAYMENTS", "STRIPE_TEST_MODE", "PUBLIC_URL"])
def test_an_empty_variable_is_as_good_as_none(environment: pytest.MonkeyPatch, name: str) -> None:
    expected = load_settings()
    environment.setenv(f"SENDALONG_{name}", "")
    assert load_settings() == expected


@pytest.mark.parametrize("keys", ["no base64!", b64encode(b"short").decode(), f"{KEY} {KEY}"])
def test_keys_that_cannot_sign_are_refused(environment: pytest.MonkeyPatch, keys: str) -> None:
    environment.setenv("SENDALONG_SIGNING_KEYS", keys)
    with pytest.raises(ValidationError) as refused:
        load_settings()
    assert "signing_keys" in str(refused.value)
    assert keys not in str(refused.value)


def test_the_api_says_that_it_cannot_sign_without_a_key(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("SENDALONG_SIGNING_KEYS", raising=False)
    with pytest.raises(ValueError, match="SENDALONG_SIGNING_KEYS is not set"):
        load_settings().required_signing_keys()


def test_single_figures_of_accounts_can_be_replaced(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("SENDALONG_IDENTITY", '{"sessions": {"access_s": 300}}')
    sessions = load_settings().identity.sessions
    assert (sessions.access_s, sessions.grace_s) == (300, 10)
    environment.setenv("SENDALONG_IDENTITY", '{"sessions": {"acces_s": 300}}')
    with pytest.raises(ValidationError, match=r"identity\.sessions has no figure acces_s"):
        load_settings()
