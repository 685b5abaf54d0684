"""How values on the command line are read; what is none of them is a mistake of one line."""

from __future__ import annotations

import argparse
import re
from base64 import b64decode
from datetime import datetime
from uuid import UUID

from domain.money import AMOUNT_MINOR_MAX

TOKEN_DAYS_MAX = 3_650
PORT_MAX = 65_535
NAME_CHARACTERS_MAX = 100
PHONE = re.compile(r"\+[1-9]\d{6,14}", re.ASCII)
"""A number in E.164 form."""
EMAIL = re.compile(
    r"(?=.{1,254}\Z)[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@([A-Za-z0-9-]{1,63}\.)+[A-Za-z0-9-]{2,63}"
)
"""An address to which a message can be sent: no display name, no list."""
ROWS_MAX = 10_000
REMARK_CHARACTERS_MAX = 2_000
SPEED_MAX = 1_000
AUDIT_KEY_BYTES = 32


def port(text: str) -> int:
    """Read a port.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _whole_number(text, 1, PORT_MAX)


def days(text: str) -> int:
    """Read a life of a token in days.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _whole_number(text, 1, TOKEN_DAYS_MAX)


def minor(text: str) -> int:
    """Read an amount in minor units.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _whole_number(text, 1, AMOUNT_MINOR_MAX)


def rows(text: str) -> int:
    """Read a length of a list.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _whole_number(text, 1, ROWS_MAX)


def speed(text: str) -> int:
    """Read how many times faster than people robots act.

    Raises:
        ArgumentTypeError: it is none.
    """
    return _whole_number(text, 1, SPEED_MAX)


def known_id(text: str) -> str:
    """Read an id.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        return str(UUID(text))
    except ValueError as error:
        raise argparse.ArgumentTypeError("must be an id, as lists show it") from error


def moment(text: str) -> datetime:
    """Read a moment.

    Raises:
        ArgumentTypeError: it is none, or says no time zone.
    """
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        read = None
    if read is None or read.tzinfo is None:
        raise argparse.ArgumentTypeError("must be a moment, as 2026-05-01T00:00:00Z")
    return read


def audit_key(text: str) -> bytes:
    """Read a public key of the audit.

    Raises:
        ArgumentTypeError: it is none.
    """
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != AUDIT_KEY_BYTES:
        raise argparse.ArgumentTypeError("must be a public key, as `audit roots` shows it")
    return key


def remark(text: str) -> str:
    """Read a remark.

    Raises:
        ArgumentTypeError: it is none.
    """
    said = text.strip()
    if not 1 <= len(said) <= REMARK_CHARACTERS_MAX or not said.isprintable():
        raise argparse.ArgumentTypeError(
            f"must be 1 to {REMARK_CHARACTERS_MAX} characters that can be printed"
        )
    return said


def name(text: str) -> str:
    """Read a person's name.

    Raises:
        ArgumentTypeError: it is none.
    """
    shown = text.strip()
    if not 1 <= len(shown) <= NAME_CHARACTERS_MAX or not shown.isprintable():
        raise argparse.ArgumentTypeError(
            f"must be 1 to {NAME_CHARACTERS_MAX} characters that can be printed"
        )
    return shown


def phone(text: str) -> str:
    """Read a phone number.

    Raises:
        ArgumentTypeError: it is none.
    """
    if PHONE.fullmatch(text) is None:
        raise argparse.ArgumentTypeError("must be a number in E.164 form, as +34600000001")
    return text


def email(text: str) -> str:
    """Read an e-mail address.

    Raises:
        ArgumentTypeError: it is none.
    """
    if EMAIL.fullmatch(text) is None:
        raise argparse.ArgumentTypeError("must be an e-mail address, as ada@example.org")
    return text


def _whole_number(text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise argparse.ArgumentTypeError(f"must be a whole number from {least} to {most}")
    return int(text)
