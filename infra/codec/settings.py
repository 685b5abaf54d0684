"""What can be set about the codec server."""

from __future__ import annotations

from typing import Annotated

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings, NoDecode

from infra.edge_settings import ORIGIN

TOKEN_CHARACTERS_MIN = 32
"""Least length of the token in the address: nothing to guess."""


class CodecSettings(BaseSettings):
    """The part of the settings that only the codec server reads."""

    codec_origins: Annotated[tuple[str, ...], NoDecode] = ()
    """Origins of the Web UI, whose pages may have payloads decoded; separated by commas."""
    codec_token: SecretStr = SecretStr("")
    """Lets in, as the first part of the path, a Web UI on this machine that has no sign-in; empty
    where staff send a token of their own."""

    @field_validator("codec_origins", mode="before")
    @classmethod
    def _read_codec_origins(cls, value: object) -> object:
        if not isinstance(value, str):
            return value
        origins = tuple(part.strip() for part in value.split(",") if part.strip())
        if any(ORIGIN.fullmatch(origin) is None for origin in origins):
            raise ValueError("name whole origins as https://ui.example, separated by commas")
        return origins

    @field_validator("codec_token")
    @classmethod
    def _require_long_token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value()
        if token and (len(token) < TOKEN_CHARACTERS_MIN or not token.isalnum()):
            raise ValueError(
                f"the token needs at least {TOKEN_CHARACTERS_MIN} letters or digits; leave it empty "
                "where staff sign in"
            )
        return value
