"""The kinds of columns the tables are made of."""

from __future__ import annotations

from typing import Any

from sqlalchemy import BigInteger, Column, Double, Integer, LargeBinary, MetaData, Text, Uuid, text
from sqlalchemy.dialects.postgresql import TIMESTAMP

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "uq": "%(table_name)s_%(column_0_N_name)s_key",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
    }
)

NOW = text("now()")


def id_column(name: str, *more: Any, **options: Any) -> Column[str]:
    """Return a column of ids, read and written as text."""
    return Column(name, Uuid(as_uuid=False), *more, **{"nullable": False, **options})


def id_maybe(name: str, *more: Any) -> Column[str]:
    """Return a column of ids that may be missing."""
    return Column(name, Uuid(as_uuid=False), *more, nullable=True)


def text_column(name: str, **options: Any) -> Column[str]:
    """Return a column of text."""
    return Column(name, Text, **{"nullable": False, **options})


def text_maybe(name: str) -> Column[str]:
    """Return a column of text that may be missing."""
    return Column(name, Text, nullable=True)


def minor(name: str, **options: Any) -> Column[int]:
    """Return a column of amounts in minor units."""
    return Column(name, BigInteger, **{"nullable": False, **options})


def integer(name: str, **options: Any) -> Column[int]:
    """Return a column of counts."""
    return Column(name, Integer, **{"nullable": False, **options})


def degrees(name: str, **options: Any) -> Column[float]:
    """Return a column of degrees (WGS 84)."""
    return Column(name, Double, **{"nullable": False, **options})


def byte_string(name: str, **options: Any) -> Column[bytes]:
    """Return a column of bytes."""
    return Column(name, LargeBinary, **{"nullable": False, **options})


def moment(name: str, **options: Any) -> Column[Any]:
    """Return a column of moments, in UTC."""
    return Column(name, TIMESTAMP(timezone=True), **{"nullable": False, **options})
