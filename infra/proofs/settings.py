"""What can be set about proof documents: the key that signs them."""

from __future__ import annotations

from pydantic import SecretStr, field_validator
from pydantic_settings import BaseSettings

from infra.proofs.signing import DocumentSigner, read_document_signer


class ProofSettings(BaseSettings):
    """The part of the settings that is about proof documents."""

    proof_signing_keys: SecretStr = SecretStr("")
    """Sign proof documents: base64 of 32 random bytes each, with a space in between. The first one
    signs, all of them are published; the API does not start without one."""

    @field_validator("proof_signing_keys")
    @classmethod
    def _require_usable_proof_keys(cls, value: SecretStr) -> SecretStr:
        if value.get_secret_value():
            read_document_signer(value.get_secret_value())
        return value

    def required_document_signer(self) -> DocumentSigner:
        """Return what signs proof documents.

        Raises:
            ValueError: there is no key.
        """
        text = self.proof_signing_keys.get_secret_value()
        if not text:
            raise ValueError(
                "SENDALONG_PROOF_SIGNING_KEYS is not set: the API signs proof documents with it. Set "
                "base64 of 32 random bytes."
            )
        return read_document_signer(text)
