"""Codes of authenticator apps, as the apps make them."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree as ET

import pyotp
import pytest

from domain.identity.factors import FACTORS
from infra.identity.recovery_codes import hash_of, new_codes
from infra.identity.totp import app_address, matching_step, new_secret, picture_of

NOW = 1_800_000_000
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"


@pytest.mark.parametrize(
    ("second", "code"),
    [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")],
)
def test_codes_are_those_of_the_standard(second: int, code: str) -> None:
    # Source: RFC 6238, appendix B, the last six of the eight digits.
    assert matching_step(RFC_SECRET, code, second) == second // 30


@pytest.mark.parametrize("off_s", [-30, 0, 30])
def test_a_clock_may_be_one_step_off(off_s: int) -> None:
    secret = new_secret()
    code = pyotp.TOTP(secret).at(NOW + off_s)
    assert matching_step(secret, code, NOW) == (NOW + off_s) // FACTORS.step_s


@pytest.mark.parametrize("off_s", [-300, -60, 60, 300])
def test_a_clock_five_minutes_off_proves_nothing(off_s: int) -> None:
    near = {pyotp.TOTP(RFC_SECRET).at(NOW + step) for step in (-30, 0, 30)}
    code = pyotp.TOTP(RFC_SECRET).at(NOW + off_s)
    assert code not in near
    assert matching_step(RFC_SECRET, code, NOW) is None


def test_what_an_app_scans_says_everything() -> None:
    secret = new_secret()
    address = urlsplit(app_address(secret, "ada@example.org"))
    assert (address.scheme, address.netloc) == ("otpauth", "totp")
    assert address.path == "/Sendalong:ada%40example.org"
    assert parse_qs(address.query) == {"secret": [secret], "issuer": ["Sendalong"]}
    drawn = ET.fromstring(picture_of(address.geturl()))  # noqa: S314 -- It is ours.
    assert drawn.tag.endswith("svg")


def test_recovery_codes_are_read_as_people_write_them() -> None:
    codes = new_codes()
    assert len(set(codes)) == FACTORS.recovery_codes
    code = codes[0]
    assert all(len(group) == 4 for group in code.split("-"))
    kept = hash_of("person", code)
    for typed in (code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code} "):
        assert hash_of("person", typed) == kept
    assert hash_of("person", code.replace("0", "o").replace("1", "l")) == kept
    assert hash_of("somebody else", code) != kept
