"""Passkeys: what a device is asked, and whether its answer is what it has to be.

The device recognises the person, by finger, face or PIN, and signs; what it recognised them by never
leaves it. Source: Web Authentication, level 3.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from secrets import token_bytes
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from domain.identity.factors import FACTORS
from infra.base64url import from_base64url

NAME = "Sendalong"
"""What a device shows as the place that the passkey is for."""
CHALLENGE_BYTES = 32
CREDENTIAL_ID_BYTES_MAX = 1_023
"""Longest id of a credential. Source: Web Authentication, section 4."""
_MILLISECONDS = 1_000
_TRANSPORTS = frozenset({"ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"})
_BROKEN = (
    WebAuthnException,
    InvalidSignature,
    UnsupportedAlgorithm,
    struct.error,
    ValueError,
    KeyError,
    IndexError,
    TypeError,
    AttributeError,
)
"""What the library raises on answers of the worst kind; every one of them is a refusal."""


class PasskeyRefused(Exception):
    """The answer of a device does not prove what it has to."""


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """For whom a passkey is: a browser gives it to nobody else."""

    rp_id: str
    """Domain that passkeys are bound to; it cannot change later."""
    origins: tuple[str, ...]
    """Addresses of the pages, and names of the apps, that may ask for them."""

    @classmethod
    def at(cls, public_url: str, rp_id: str = "", origins: Iterable[str] = ()) -> RelyingParty:
        """Return the party that people reach at an address, unless another one is named."""
        address = urlsplit(public_url)
        own = f"{address.scheme}://{address.netloc}"
        return cls(rp_id or address.hostname or "localhost", tuple(origins) or (own,))


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """A passkey that a device has made."""

    credential_id: bytes
    public_key: bytes
    sign_count: int
    backed_up: bool


@dataclass(frozen=True, slots=True)
class SignedAnswer:
    """What a device has signed."""

    sign_count: int
    backed_up: bool
    proof: dict[str, str]
    """The signed bytes with their signature, by which anybody can check it again."""


def new_challenge(approved: bytes = b"") -> bytes:
    """Return a new random challenge; it ends with the fingerprint of what is approved by it."""
    return token_bytes(CHALLENGE_BYTES) + approved


def registration_options(
    party: RelyingParty, challenge: bytes, person_id: str, name: str, known: Iterable[bytes]
) -> dict[str, Any]:
    """Return what a device is asked for when it makes a passkey; `known` are the ones there are."""
    options = generate_registration_options(
        rp_id=party.rp_id,
        rp_name=NAME,
        user_id=UUID(person_id).bytes,
        user_name=name,
        user_display_name=name,
        challenge=challenge,
        timeout=FACTORS.challenge_s * _MILLISECONDS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED,
            require_resident_key=True,
            user_verification=UserVerificationRequirement.REQUIRED,
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=each) for each in known],
    )
    return _as_json(options)


def authentication_options(
    party: RelyingParty, challenge: bytes, allowed: Iterable[bytes] = ()
) -> dict[str, Any]:
    """Return what a device is asked to sign; with none `allowed`, any passkey of ours may answer."""
    options = generate_authentication_options(
        rp_id=party.rp_id,
        challenge=challenge,
        timeout=FACTORS.challenge_s * _MILLISECONDS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=each) for each in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return _as_json(options)


def challenge_in(credential: Mapping[str, Any]) -> bytes:
    """Return the challenge that an answer claims to be about; nothing about it is checked yet.

    Raises:
        PasskeyRefused: there is none in it.
    """
    try:
        said = json.loads(from_base64url(credential["response"]["clientDataJSON"]))
        return from_base64url(said["challenge"])
    except _BROKEN as error:
        raise PasskeyRefused("the answer names no challenge") from error


def credential_id_in(credential: Mapping[str, Any]) -> bytes:
    """Return the id of the credential that an answer claims to be of.

    Raises:
        PasskeyRefused: there is none in it.
    """
    try:
        credential_id = from_base64url(credential["rawId"])
    except _BROKEN as error:
        raise PasskeyRefused("the answer names no credential") from error
    if not 0 < len(credential_id) <= CREDENTIAL_ID_BYTES_MAX:
        raise PasskeyRefused("the id of the credential has no possible length")
    return credential_id


def verified_registration(
    party: RelyingParty, challenge: bytes, credential: Mapping[str, Any]
) -> NewPasskey:
    """Return the passkey that a device has made for this challenge, having recognised its person.

    Raises:
        PasskeyRefused: anything about the answer is not as it has to be.
    """
    try:
        made = verify_registration_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=list(party.origins),
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise PasskeyRefused(str(error)) from error
    return NewPasskey(
        made.credential_id,
        made.credential_public_key,
        made.sign_count,
        made.credential_backed_up,
    )


def verified_answer(
    party: RelyingParty, challenge: bytes, credential: Mapping[str, Any], public_key: bytes
) -> SignedAnswer:
    """Return what a device has signed with this key for this challenge, having recognised its person.

    How its counter moved is judged where the last one is kept.

    Raises:
        PasskeyRefused: anything about the answer is not as it has to be.
    """
    try:
        answer = verify_authentication_response(
            credential=dict(credential),
            expected_challenge=challenge,
            expected_rp_id=party.rp_id,
            expected_origin=list(party.origins),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
        response = credential["response"]
        named = ("clientDataJSON", "authenticatorData", "signature")
        proof = {"credential_id": str(credential["id"]), **{key: response[key] for key in named}}
    except _BROKEN as error:
        raise PasskeyRefused(str(error)) from error
    return SignedAnswer(answer.new_sign_count, answer.credential_backed_up, proof)


def user_handle_in(credential: Mapping[str, Any]) -> str | None:
    """Return the person whose passkey a device says it is, or none when it does not say.

    Raises:
        PasskeyRefused: it is no id of a person.
    """
    said = credential.get("response", {}).get("userHandle")
    if said is None:
        return None
    try:
        return str(UUID(bytes=from_base64url(said)))
    except _BROKEN as error:
        raise PasskeyRefused("the answer names no person") from error


def transports_in(credential: Mapping[str, Any]) -> list[str]:
    """Return the ways by which a device says that it can be reached; it helps browsers to ask."""
    said = credential.get("response", {}).get("transports")
    named = said if isinstance(said, list) else []
    return sorted(_TRANSPORTS.intersection(each for each in named if isinstance(each, str)))


def _as_json(options: Any) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(options_to_json(options))
    return made
