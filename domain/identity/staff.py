"""When what somebody may do as staff counts: from which addresses, and with which credentials."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from ipaddress import IPv4Network, IPv6Network, ip_address

from domain.identity.credentials import Credential


class Withheld(StrEnum):
    """Why somebody who works for the platform is nobody special in a request."""

    ADDRESS = "address"
    CREDENTIAL = "credential"
    FACTOR = "factor"
    """The session has shown no second factor: that is all that its person may do about it."""


@dataclass(frozen=True, slots=True)
class StaffRules:
    """Where staff work from, and with what."""

    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    """Networks of the staff; none for anywhere."""
    personal_tokens: bool = False
    """Whether tokens made on the machine carry the powers of staff."""

    def withheld(
        self, credential: Credential, address: str, *, is_named: bool = False
    ) -> Withheld | None:
        """Say why the powers of staff do not count, or none when they do.

        `is_named` says that the scopes of an API key name the very action, which is for staff only.
        """
        if not self._is_fit(credential, is_named=is_named):
            return Withheld.CREDENTIAL
        return None if self._is_inside(address) else Withheld.ADDRESS

    def _is_fit(self, credential: Credential, *, is_named: bool) -> bool:
        if credential is Credential.SESSION:
            return True
        if credential is Credential.PERSONAL:
            return self.personal_tokens
        return credential is Credential.API_KEY and is_named

    def _is_inside(self, address: str) -> bool:
        if not self.networks:
            return True
        try:
            found = ip_address(address)
        except ValueError:
            return False
        return any(found in network for network in self.networks)
