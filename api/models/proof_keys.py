"""The public keys of proof documents, as they are answered."""

from __future__ import annotations

from pydantic import ConfigDict, Field

from api.models.types import Answer


class DocumentKeyView(Answer):
    """One public key."""

    key_id: str = Field(description="Its id, which documents name.")
    algorithm: str = Field(description="Always `Ed25519`.")
    public_key: str = Field(description="The key itself, in base64.")


class DocumentKeysView(Answer):
    """Every key that proof documents may be signed with."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "keys": [
                        {
                            "key_id": "1f8a2b3c4d5e6f70",
                            "algorithm": "Ed25519",
                            "public_key": "11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=",
                        }
                    ]
                }
            ]
        }
    )

    keys: list[DocumentKeyView]
