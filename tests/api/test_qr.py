"""Pictures of codes: small enough for a camera, and the same for the same code only."""

from __future__ import annotations

import pytest

from api.qr import png_of, qr_of, svg_of
from domain.contracts import CodePurpose
from domain.handover.codes import derive_code
from domain.handover.rotating import rotating_code
from domain.handover.signed import signed_code
from domain.ids import DeliveryId, DeviceId

DELIVERY = DeliveryId("01981f6e-7a10-7c31-9d2e-5b6f0a4c8e21")
DEVICE = DeviceId("01981f6e-7a10-7c31-9d2e-5b6f0a4c8e22")
OPAQUE = derive_code(b"k" * 32, DELIVERY, CodePurpose.PICKUP, b"nonce").text
ROTATING = rotating_code(b"s" * 32, DELIVERY, CodePurpose.PICKUP, 2**32 - 1)
SIGNED = signed_code(DELIVERY, CodePurpose.PICKUP, DEVICE, 2**32 - 1, b"\xff" * 64)


@pytest.mark.parametrize(("text", "version_max"), [(OPAQUE, 3), (ROTATING, 3), (SIGNED, 7)])
def test_every_version_of_a_code_is_a_small_picture(text: str, version_max: int) -> None:
    picture = qr_of(text)
    assert int(picture.version) <= version_max
    assert (picture.mode, picture.error) == ("alphanumeric", "M")


def test_pictures_are_the_same_for_the_same_code_only() -> None:
    for draw in (png_of, svg_of):
        assert draw(OPAQUE) == draw(OPAQUE) != draw(ROTATING)
