"""The proof that a chain stood in a signed root as it stands now: for people without the database."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass

from domain.auditing.merkle import head_leaf, root_of_path
from domain.auditing.roots import SignedRoot, read_statement


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """One leaf of one root with the way up to it; its signature is checked with the public key."""

    chain: str
    """For example `delivery:<id>`."""
    length: int
    """Events of the chain when the root was made."""
    head: str
    """Hash of the last of them, in hexadecimal."""
    position: int
    """Place of the leaf in the tree."""
    path: tuple[str, ...]
    """Siblings from the leaf up, in hexadecimal."""
    root: SignedRoot
    """The root with its signature."""

    @property
    def holds(self) -> bool:
        """Whether the path leads to the root that the statement states."""
        statement = read_statement(self.root.statement)
        leaf = head_leaf(self.chain, self.length, bytes.fromhex(self.head))
        path = [bytes.fromhex(sibling) for sibling in self.path]
        found = root_of_path(leaf, self.position, statement.chains, path)
        return found is not None and found.hex() == statement.root

    def __str__(self) -> str:
        """Return the proof as JSON."""
        return json.dumps(asdict(self), indent=2, sort_keys=True)
