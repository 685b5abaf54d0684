"""The public keys of access tokens, as they are answered."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models.types import Answer


class PublicKeyView(Answer):
    """One public key. Source: RFC 7517 and RFC 8037."""

    crv: str = Field(description="The curve, always `Ed25519`.")
    kty: str = Field(description="The kind of key, always `OKP`.")
    x: str = Field(description="The key itself, in base64url.")
    kid: str = Field(description="Its id, which the header of a token names.")
    alg: str = Field(description="The algorithm, always `EdDSA`.")
    use: str = Field(description="What it is for, always `sig`.")


class KeySetView(Answer):
    """Every key that an access token may be signed with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "keys": [
                        {
                            "crv": "Ed25519",
                            "kty": "OKP",
                            "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
                            "kid": "kPrK_qmxVWaYVA9w",
                            "alg": "EdDSA",
                            "use": "sig",
                        }
                    ]
                }
            ]
        }
    )

    keys: list[PublicKeyView]
