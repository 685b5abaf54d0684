"""Powers of staff count from their own networks only, and with credentials made for them."""

from __future__ import annotations

from ipaddress import ip_network

import pytest

from domain.identity.credentials import Credential, credential_in
from domain.identity.staff import StaffRules, Withheld

OFFICE = StaffRules((ip_network("10.1.0.0/16"), ip_network("2001:db8::/48")))


@pytest.mark.parametrize("address", ["10.1.2.3", "2001:db8::7"])
def test_a_session_from_inside_counts(address: str) -> None:
    assert OFFICE.withheld(Credential.SESSION, address) is None


@pytest.mark.parametrize("address", ["10.2.0.1", "2001:db9::1", "", "testclient", "10.1.2.3/8"])
def test_from_anywhere_else_it_does_not(address: str) -> None:
    assert OFFICE.withheld(Credential.SESSION, address) is Withheld.ADDRESS


def test_without_networks_staff_work_from_anywhere() -> None:
    assert StaffRules().withheld(Credential.SESSION, "") is None


def test_a_token_made_on_the_machine_counts_where_it_is_allowed() -> None:
    assert StaffRules().withheld(Credential.PERSONAL, "") is Withheld.CREDENTIAL
    assert StaffRules(personal_tokens=True).withheld(Credential.PERSONAL, "") is None


def test_a_key_of_a_program_counts_for_what_it_names_only() -> None:
    rules = StaffRules(personal_tokens=True)
    assert rules.withheld(Credential.API_KEY, "") is Withheld.CREDENTIAL
    assert rules.withheld(Credential.API_KEY, "", is_named=True) is None
    outside = OFFICE.withheld(Credential.API_KEY, "192.0.2.1", is_named=True)
    assert outside is Withheld.ADDRESS


def test_nobody_acts_as_staff_in_the_place_of_somebody() -> None:
    rules = StaffRules(personal_tokens=True)
    assert rules.withheld(Credential.ACTING, "", is_named=True) is Withheld.CREDENTIAL


@pytest.mark.parametrize(
    ("token", "kind"),
    [
        ("sa_abc", Credential.PERSONAL),
        ("sak_abc", Credential.API_KEY),
        ("sac_abc", Credential.ACTING),
        ("eyJh.eyJz.c2ln", Credential.SESSION),
        ("something-older", Credential.PERSONAL),
    ],
)
def test_a_credential_is_known_by_its_beginning(token: str, kind: Credential) -> None:
    assert credential_in(token) is kind
