"""Parcels that change hands at the levels above the standard, with phones that keep keys."""

from __future__ import annotations

from base64 import b64encode
from io import BytesIO

from PIL import Image

from infra.demo.scenes import BERLIN, MUNICH
from infra.robo.scenario import Ending, Scenario, Step, asks, becomes, looks, phones
from infra.robo.scenarios.usual import (
    ACCOUNT,
    ARRIVED,
    CONTENT,
    EARNED,
    FEE,
    OFFERED,
    accepted,
    position,
    requested,
)

_PAID = Ending(status="completed", escrow="released", traveler=EARNED, platform=FEE)
_EVERYBODY = ("customer", "recipient", "traveler")
_PICTURE_PIXELS = 64


def _agreed_at(level: str) -> tuple[Step, ...]:
    opened = requested(proof_level=level)
    return (ACCOUNT, opened, OFFERED, accepted(), becomes("awaiting_pickup"))


def _taken_into_use(who: str) -> Step:
    return phones(who, "takes a phone into use", "activate")


def _held(who: str, purpose: str) -> Step:
    return asks(
        who,
        f"lets the phone hold the {purpose} code, and gets its secret once",
        f"codes/{purpose}/holding",
        keeps={f"{purpose}_secret": "secret"},
        signed=True,
        answer_lost=True,
    )


def _shown(who: str, purpose: str) -> Step:
    told, keeps = f"shows the {purpose} code of this moment", {f"{purpose}_code": "code"}
    return phones(who, told, f"show {purpose}", keeps=keeps)


def _scanned(purpose: str, tells: str, at: dict[str, object], *, refused: str = "") -> Step:
    body = {"code": f"{{{purpose}_code}}", "position": position(at)}
    return asks("traveler", tells, purpose, body, signed=True, refused=refused)


def _at_maximum(who: str, purpose: str, at: dict[str, object], tells: str) -> tuple[Step, ...]:
    """Return a handover between somebody and the traveler, with everything that it needs."""
    there = {"position": position(at)}
    return (
        asks(
            who, f"lets the phone hold the {purpose} code", f"codes/{purpose}/holding", signed=True
        ),
        *(
            phones(
                each, f"shows by a passkey to be at the {purpose}", f"present {purpose}", body=there
            )
            for each in (who, "traveler")
        ),
        asks(
            "traveler",
            "takes a photo of the parcel",
            "proofs",
            {"kind": "photo", "leg": purpose, "picture": _picture()},
        ),
        _shown(who, purpose),
        _scanned(purpose, tells, at),
    )


def _picture() -> dict[str, str]:
    """Return the photo of a parcel that is grey all over."""
    written = BytesIO()
    Image.new("RGB", (_PICTURE_PIXELS, _PICTURE_PIXELS), "grey").save(written, "JPEG")
    return {"media_type": "image/jpeg", "content": b64encode(written.getvalue()).decode()}


PROVEN_SCENARIOS = (
    Scenario(
        "high-proof",
        "Codes rotate on one phone, scans are signed by another one at the right place, and nothing else "
        "will do.",
        (
            *_agreed_at("high"),
            *(_taken_into_use(who) for who in _EVERYBODY),
            _held("customer", "pickup"),
            _shown("customer", "pickup"),
            asks(
                "traveler",
                "scans it with a phone that does not sign",
                "pickup",
                {"code": "{pickup_code}", "position": position(BERLIN)},
                refused="device_missing",
            ),
            _scanned(
                "pickup",
                "scans it in Munich, where the parcel is not",
                MUNICH,
                refused="place_too_far",
            ),
            _shown("customer", "pickup"),
            _scanned("pickup", "scans it at the door and takes the parcel along", BERLIN),
            looks("customer", "sees it carried", "", "status", "in_transit"),
            *ARRIVED,
            _held("recipient", "handover"),
            _shown("recipient", "handover"),
            _scanned("handover", "scans it and hands the parcel over", MUNICH),
            *CONTENT,
        ),
        _PAID,
    ),
    Scenario(
        "maximum-proof",
        "Phones sign the codes, both sides show by passkeys that they are there, and photos are taken.",
        (
            *_agreed_at("maximum"),
            *(_taken_into_use(who) for who in _EVERYBODY),
            *(phones(who, "sets up a passkey", "enrol") for who in _EVERYBODY),
            *_at_maximum(
                "customer", "pickup", BERLIN, "scans it at the door and takes the parcel along"
            ),
            *ARRIVED,
            *_at_maximum("recipient", "handover", MUNICH, "scans it and hands the parcel over"),
            *CONTENT,
        ),
        _PAID,
    ),
)
